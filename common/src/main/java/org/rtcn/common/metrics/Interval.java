package org.rtcn.common.metrics;

import java.util.Optional;

/**
 * A figure with its interval: exact where the figure is a proportion ({@link ProportionInterval}),
 * from the patient bootstrap otherwise.
 *
 * @param value the figure on the data as they are; NaN where it is not defined
 * @param low lower end; NaN where nothing defines it
 * @param high upper end; NaN where nothing defines it
 * @param units number of resampled units (patients)
 * @param resamples resamples that were drawn
 * @param undefinedResamples resamples on which the figure was not defined (for example because a
 *     class was not drawn); they are left out of the interval, and this number says so
 * @param counts the counts behind a proportion; absent where the figure is none
 */
public record Interval(
    double value,
    double low,
    double high,
    int units,
    int resamples,
    int undefinedResamples,
    Optional<Counts> counts) {

  /**
   * Counts behind a proportion.
   *
   * @param hits cases that count
   * @param of cases that could
   */
  public record Counts(long hits, long of) {}

  /** An interval from a bootstrap. */
  static Interval bootstrapped(
      double value, double low, double high, int units, int resamples, int undefinedResamples) {
    return new Interval(value, low, high, units, resamples, undefinedResamples, Optional.empty());
  }

  /** An exact interval of a proportion. */
  static Interval exact(double low, double high, int units, Counts counts) {
    double value = counts.of() == 0 ? Double.NaN : (double) counts.hits() / counts.of();
    return new Interval(value, low, high, units, 0, 0, Optional.of(counts));
  }

  /** A figure without an interval. */
  public static Interval valueOnly(double value, int units) {
    return bootstrapped(value, Double.NaN, Double.NaN, units, 0, 0);
  }

  /** Whether the figure is defined on the data as they are. */
  public boolean isDefined() {
    return !Double.isNaN(value);
  }

  /** How the interval was made: {@code exact}, {@code bootstrap} or {@code none}. */
  public String method() {
    return !hasBounds() ? "none" : counts.isPresent() ? "exact" : "bootstrap";
  }

  /** Whether there is an interval. */
  public boolean hasBounds() {
    return !Double.isNaN(low) && !Double.isNaN(high);
  }
}
