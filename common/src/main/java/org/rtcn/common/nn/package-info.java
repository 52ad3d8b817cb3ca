/**
 * The networks. RTCN: residual convolutional stages, then a Transformer encoder, over S-transform
 * images. {@link org.rtcn.common.nn.UNet}: the denoiser of the diffusion model, of the same parts.
 *
 * <p>The building blocks ({@link org.rtcn.common.nn.Block}) are written by hand, forward and
 * backward, on ND4J arrays, and checked against finite differences and reference implementations.
 * DL4J sees each as one layer of a ComputationGraph ({@link org.rtcn.common.nn.BlockLayer}). Layers
 * made with DL4J's SameDiff bridge are not used: in 1.0.0-M2.1 they hand down twice the gradient,
 * and every operation allocates a new array for its result.
 */
package org.rtcn.common.nn;
