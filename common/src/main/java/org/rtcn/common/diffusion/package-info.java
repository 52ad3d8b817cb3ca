/**
 * Denoising diffusion of heartbeats (DDPM: Ho, Jain, Abbeel 2020; DDIM: Song, Meng, Ermon 2020).
 *
 * <p>Reading order: {@link org.rtcn.common.diffusion.NoiseSchedule} (the numbers), {@link
 * org.rtcn.common.diffusion.ForwardProcess} ({@code q}), {@link
 * org.rtcn.common.diffusion.ReverseProcess} ({@code p}), {@link
 * org.rtcn.common.diffusion.DdpmConfig} (every choice), {@link
 * org.rtcn.common.diffusion.DdpmTraining} → {@link org.rtcn.common.diffusion.DdpmModel} → {@link
 * org.rtcn.common.diffusion.DdpmSampler}.
 *
 * <p>Steps t count from 0 (nearly clean) to T - 1 (nearly pure noise).
 */
package org.rtcn.common.diffusion;
