package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Marks beats that don't belong to the basic rhythm, from their intervals and their shape against
 * those of up to {@value #NEIGHBOURS} beats on either side:
 *
 * <ul>
 *   <li>early (less than 0.85 of the usual interval) and unlike most neighbours: a ventricular
 *       extrasystole;
 *   <li>unlike nearly all neighbours, early or not;
 *   <li>very early (less than 0.78) in an otherwise regular rhythm: an atrial extrasystole. In an
 *       irregular rhythm, atrial fibrillation above all, being early means nothing.
 * </ul>
 *
 * The rules are a design decision of ours; the tests hold their sensitivity and precision on
 * annotated recordings.
 */
final class EctopicMarker {
  private static final int NEIGHBOURS = 8;
  private static final double EARLY = 0.85;
  private static final double VERY_EARLY = 0.78;
  private static final double UNLIKE = 0.75;
  private static final double QUITE_UNLIKE = 0.45;

  /** Median deviation of the intervals over their median, below which a rhythm is regular. */
  private static final double REGULAR = 0.06;

  private final double fsHz;

  EctopicMarker(double fsHz) {
    this.fsHz = fsHz;
  }

  /**
   * Marks the ectopic ones.
   *
   * @param leads {@code [lead][sample]}, cleaned
   * @param peaks R peaks, ascending
   */
  boolean[] mark(float[][] leads, int[] peaks) {
    boolean[] ectopic = new boolean[peaks.length];
    if (peaks.length < 4) {
      return ectopic;
    }
    double[] scratch = new double[2 * NEIGHBOURS];
    for (int b = 0; b < peaks.length; b++) {
      int from = Math.max(0, b - NEIGHBOURS);
      int to = Math.min(peaks.length - 1, b + NEIGHBOURS);
      int size = 0;
      for (int k = from; k < to; k++) {
        scratch[size++] = peaks[k + 1] - peaks[k];
      }
      double usual = median(scratch, size);
      for (int k = 0; k < size; k++) {
        scratch[k] = Math.abs(scratch[k] - usual);
      }
      boolean regular = median(scratch, size) < REGULAR * usual;
      double before = b == 0 ? usual : peaks[b] - peaks[b - 1];
      size = 0;
      for (int k = from; k <= to; k++) {
        if (k != b) {
          scratch[size++] = likeness(leads, peaks[b], peaks[k]);
        }
      }
      double likeness = median(scratch, size);
      ectopic[b] =
          likeness < QUITE_UNLIKE
              || (likeness < UNLIKE && before < EARLY * usual)
              || (regular && before < VERY_EARLY * usual);
    }
    return ectopic;
  }

  /** Correlation of the waves 80 ms around two peaks over all leads, at the best delay to 24 ms. */
  private double likeness(float[][] leads, int peak, int other) {
    int point = Math.max(1, (int) Math.round(0.008 * fsHz));
    int n = leads[0].length;
    double best = -1;
    for (int delay = -3 * point; delay <= 3 * point; delay += point) {
      double product = 0;
      double own = 0;
      double others = 0;
      for (float[] row : leads) {
        for (int j = -10 * point; j <= 10 * point; j += point) {
          int at = peak + j + delay;
          int with = other + j;
          if (at >= 0 && at < n && with >= 0 && with < n) {
            product += row[at] * row[with];
            own += row[at] * row[at];
            others += row[with] * row[with];
          }
        }
      }
      best = Math.max(best, product / Math.sqrt(own * others + 1e-12));
    }
    return best;
  }

  private static double median(double[] values, int size) {
    Arrays.sort(values, 0, size);
    return values[size / 2];
  }
}
