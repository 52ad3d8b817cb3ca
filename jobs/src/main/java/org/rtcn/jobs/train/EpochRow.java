package org.rtcn.jobs.train;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * One row of the learning curve.
 *
 * @param epoch from 1
 * @param step steps of each worker done when the epoch ended
 * @param loss mean loss over the epoch's training batches, as they were perturbed and weighted
 * @param learningRate at the epoch's last step
 * @param validationLoss mean over classes of the mean log loss of their validation patients; null
 *     without validation
 * @param validationBalancedAccuracy mean over classes of the share of validation patients called
 *     rightly; null without validation
 * @param examplesPerSecond over all workers, since training was started or resumed
 * @param gigaflopsPerSecond the same in 10⁹ floating-point operations
 * @param elapsedS since training was started or resumed, seconds
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record EpochRow(
    int epoch,
    int step,
    double loss,
    double learningRate,
    Double validationLoss,
    Double validationBalancedAccuracy,
    double examplesPerSecond,
    double gigaflopsPerSecond,
    double elapsedS) {}
