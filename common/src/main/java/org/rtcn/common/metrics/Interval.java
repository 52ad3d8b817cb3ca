package org.rtcn.common.metrics;

/**
 * A figure with its bootstrap interval.
 *
 * @param value the figure on the data as they are; NaN where it is not defined
 * @param low lower end; NaN where no resample defines the figure
 * @param high upper end; NaN where no resample defines the figure
 * @param units number of resampled units (patients)
 * @param resamples resamples that were drawn
 * @param undefinedResamples resamples on which the figure was not defined (for example because a
 *     class was not drawn); they are left out of the interval, and this number says so
 */
public record Interval(
    double value, double low, double high, int units, int resamples, int undefinedResamples) {

  /** A figure without an interval. */
  public static Interval valueOnly(double value, int units) {
    return new Interval(value, Double.NaN, Double.NaN, units, 0, 0);
  }

  /** Whether the figure is defined on the data as they are. */
  public boolean isDefined() {
    return !Double.isNaN(value);
  }

  /** Whether there is an interval. */
  public boolean hasBounds() {
    return !Double.isNaN(low) && !Double.isNaN(high);
  }
}
