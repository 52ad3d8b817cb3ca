package org.rtcn.common.diffusion;

/**
 * Where training stands.
 *
 * @param step steps done
 * @param steps steps in all
 * @param loss mean squared error, averaged since the last report
 * @param stepsPerSecond since the start
 */
public record TrainingProgress(int step, int steps, double loss, double stepsPerSecond) {}
