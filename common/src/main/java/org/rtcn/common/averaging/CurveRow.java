package org.rtcn.common.averaging;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * One row of a learning curve.
 *
 * @param step steps of each worker done
 * @param loss mean over the training batches since the row before, as they were perturbed and
 *     weighted
 * @param learningRate at the last of those steps
 * @param validationLoss mean over classes of the mean log loss of their validation patients; null
 *     without validation
 * @param validationBalancedAccuracy mean over classes of the share of validation patients called
 *     rightly; null without validation
 * @param examplesPerSecond over all workers, since training was started or resumed
 * @param gigaflopsPerSecond the same in 10⁹ floating-point operations; 0 if not known
 * @param elapsedS since training was started or resumed, seconds
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record CurveRow(
    int step,
    double loss,
    double learningRate,
    Double validationLoss,
    Double validationBalancedAccuracy,
    double examplesPerSecond,
    double gigaflopsPerSecond,
    double elapsedS) {}
