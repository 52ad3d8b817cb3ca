package org.rtcn.common.optimise;

import java.util.Objects;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Linear warm-up to the peak and half a cosine down to a twentieth of it (Loshchilov and Hutter
 * 2017, without restarts), one after the other or both from the start. After {@code
 * totalIterations} it stays there. With {@code totalIterations} 0 the rate is constant.
 */
public final class LearningRateSchedule implements ISchedule {
  private static final long serialVersionUID = 1L;
  private static final double FLOOR = 0.05;

  @JsonProperty private double peak;
  @JsonProperty private double warmUpIterations;
  @JsonProperty private int fallsFrom;
  @JsonProperty private int totalIterations;

  /** For DL4J's JSON. */
  LearningRateSchedule() {}

  private LearningRateSchedule(
      double peak, double warmUpIterations, int fallsFrom, int totalIterations) {
    this.peak = peak;
    this.warmUpIterations = warmUpIterations;
    this.fallsFrom = fallsFrom;
    this.totalIterations = totalIterations;
  }

  /** The same rate throughout. */
  public static LearningRateSchedule constant(double rate) {
    return new LearningRateSchedule(rate, 0, 0, 0);
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
    return new LearningRateSchedule(peak, warmUpIterations, warmUpIterations, totalIterations);
  }

  /**
   * Half a cosine over the whole training, times a warm-up over its first iterations.
   *
   * @param warmUpShare of all iterations
   */
  public static LearningRateSchedule cosineThroughout(
      double peak, double warmUpShare, int totalIterations) {
    double warmUp = Math.max(1, warmUpShare * totalIterations);
    return new LearningRateSchedule(peak, warmUp, 0, totalIterations);
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    if (totalIterations == 0) {
      return peak;
    }
    double risen =
        iteration < warmUpIterations
            ? Math.min(peak, peak * (iteration + 1) / warmUpIterations)
            : peak;
    double fallen =
        Math.max(0, Math.min(1, (iteration - fallsFrom) / (double) (totalIterations - fallsFrom)));
    return risen * (FLOOR + (1 - FLOOR) * 0.5 * (1 + Math.cos(Math.PI * fallen)));
  }

  @Override
  public ISchedule clone() {
    return new LearningRateSchedule(peak, warmUpIterations, fallsFrom, totalIterations);
  }

  // By value: DL4J gives layers of equal updaters one updater block, one pass over all parameters.

  @Override
  public boolean equals(Object other) {
    return other instanceof LearningRateSchedule schedule
        && schedule.peak == peak
        && schedule.warmUpIterations == warmUpIterations
        && schedule.fallsFrom == fallsFrom
        && schedule.totalIterations == totalIterations;
  }

  @Override
  public int hashCode() {
    return Objects.hash(peak, warmUpIterations, fallsFrom, totalIterations);
  }
}
