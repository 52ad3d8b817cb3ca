package org.rtcn.common.nn;

import java.util.Objects;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up from 0 to the peak, then half a cosine down to a twentieth of it (Loshchilov and
 * Hutter 2017, without restarts). After {@code totalIterations} it stays there. With {@code
 * totalIterations} 0 the rate is constant.
 */
public final class LearningRateSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;
  private static final double FLOOR = 0.05;

  @JsonProperty private double peak;
  @JsonProperty private int warmUpIterations;
  @JsonProperty private int totalIterations;

  /** For DL4J's JSON. */
  LearningRateSchedule() {}

  private LearningRateSchedule(double peak, int warmUpIterations, int totalIterations) {
    this.peak = peak;
    this.warmUpIterations = warmUpIterations;
    this.totalIterations = totalIterations;
  }

  /** The same rate throughout. */
  public static LearningRateSchedule constant(double rate) {
    return new LearningRateSchedule(rate, 0, 0);
  }

  /**
   * Warm-up, then half a cosine.
   *
   * @throws IllegalArgumentException if the warm-up is not shorter than the whole
   */
  public static LearningRateSchedule cosine(
      double peak, int warmUpIterations, int totalIterations) {
    if (warmUpIterations < 0 || totalIterations <= warmUpIterations) {
      throw new IllegalArgumentException(
          "Invalid schedule: warm-up of "
              + warmUpIterations
              + " iterations in "
              + totalIterations
              + "; it must be shorter than the training");
    }
    return new LearningRateSchedule(peak, warmUpIterations, totalIterations);
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    if (totalIterations == 0) {
      return peak;
    }
    if (iteration < warmUpIterations) {
      return peak * (iteration + 1) / warmUpIterations;
    }
    double progress =
        Math.min(1, (iteration - warmUpIterations) / (double) (totalIterations - warmUpIterations));
    return peak * (FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  }

  @Override
  public ISchedule clone() {
    return new LearningRateSchedule(peak, warmUpIterations, totalIterations);
  }

  // By value: DL4J gives layers of equal updaters one updater block, one pass over all parameters.

  @Override
  public boolean equals(Object other) {
    return other instanceof LearningRateSchedule schedule
        && schedule.peak == peak
        && schedule.warmUpIterations == warmUpIterations
        && schedule.totalIterations == totalIterations;
  }

  @Override
  public int hashCode() {
    return Objects.hash(peak, warmUpIterations, totalIterations);
  }
}
