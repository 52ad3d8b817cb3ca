package org.rtcn.common.explain;

/**
 * Stretches of a beat by their time from the R peak. Fixed times, our own choice: they suit resting
 * heart rates, where QRS ends about 50 ms and T begins about 160 ms after R. Fiducials found in
 * each beat would move with the very changes that are looked for.
 */
public enum Segment {
  /** P wave and PQ interval. */
  P(0, "P", Double.NEGATIVE_INFINITY, -60),
  /** The ventricles' depolarisation. */
  QRS(1, "QRS", -60, 60),
  /** J point and ST segment. */
  ST(2, "ST", 60, 160),
  /** T wave, to the end of the window. */
  T(3, "T", 160, Double.POSITIVE_INFINITY);

  /** Borders are ramps this long to either side: a step would be a wave of its own. */
  private static final double RAMP_MS = 10;

  private final int index;
  private final String label;
  private final double fromMs;
  private final double toMs;

  Segment(int index, String label, double fromMs, double toMs) {
    this.index = index;
    this.label = label;
    this.fromMs = fromMs;
    this.toMs = toMs;
  }

  /** Its place in arrays, from 0. */
  public int index() {
    return index;
  }

  /** As a cardiologist writes it. */
  public String label() {
    return label;
  }

  /** Its start in ms from R; infinite where it reaches to the window's end. */
  public double fromMs() {
    return fromMs;
  }

  /** Its end. */
  public double toMs() {
    return toMs;
  }

  /** The segment of an instant, in ms from R. */
  public static Segment at(double ms) {
    for (Segment segment : values()) {
      if (ms < segment.toMs) {
        return segment;
      }
    }
    return T;
  }

  /** How much of an instant belongs to this segment, 0 to 1; over all segments it sums to 1. */
  double share(double ms) {
    return ramp(ms - fromMs) - ramp(ms - toMs);
  }

  private static double ramp(double behindMs) {
    return 0.5 + 0.5 * Math.max(-1, Math.min(1, behindMs / RAMP_MS));
  }
}
