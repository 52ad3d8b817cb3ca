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

  /** Waves are compared at points so far apart. */
  private static final double POINT_SECONDS = 0.008;

  /** Points on either side of a peak, and delays in either direction. */
  private static final int REACH = 10;

  private static final int MOST_DELAY = 3;
  private static final int COMPARED = 2 * REACH + 1;
  private static final int DELAYS = 2 * MOST_DELAY + 1;
  private static final int POINTS = COMPARED + DELAYS - 1;

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
    int step = Math.max(1, (int) Math.round(POINT_SECONDS * fsHz));
    Wave[] waves = new Wave[peaks.length];
    for (int b = 0; b < waves.length; b++) {
      waves[b] = Wave.of(leads, peaks[b], step);
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
          scratch[size++] =
              waves[b] == null || waves[k] == null
                  ? likeness(leads, peaks[b], peaks[k], step)
                  : waves[b].likeness(waves[k]);
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

  /**
   * The waves around a peak, at the points that correlations look at; lead by lead.
   *
   * @param points of each lead {@value #POINTS} values
   * @param energies per delay, the sum of the squares of what is compared at it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Wave(float[] points, double[] energies) {

    /** Null where the recording ends too near. */
    static Wave of(float[][] leads, int peak, int step) {
      int first = peak - (REACH + MOST_DELAY) * step;
      if (first < 0 || peak + (REACH + MOST_DELAY) * step >= leads[0].length) {
        return null;
      }
      float[] points = new float[leads.length * POINTS];
      for (int lead = 0; lead < leads.length; lead++) {
        for (int i = 0; i < POINTS; i++) {
          points[lead * POINTS + i] = leads[lead][first + i * step];
        }
      }
      double[] energies = new double[DELAYS];
      for (int delay = 0; delay < DELAYS; delay++) {
        for (int from = delay; from < points.length; from += POINTS) {
          for (int i = from; i < from + COMPARED; i++) {
            energies[delay] += points[i] * points[i];
          }
        }
      }
      return new Wave(points, energies);
    }

    /** As {@link EctopicMarker#likeness}, to the bit. */
    double likeness(Wave other) {
      float[] a = points;
      float[] b = other.points;
      // The delays side by side: one sum would wait for itself at each step.
      double p0 = 0;
      double p1 = 0;
      double p2 = 0;
      double p3 = 0;
      double p4 = 0;
      double p5 = 0;
      double p6 = 0;
      for (int from = 0; from < a.length; from += POINTS) {
        for (int i = from; i < from + COMPARED; i++) {
          float with = b[i + MOST_DELAY];
          p0 += a[i] * with;
          p1 += a[i + 1] * with;
          p2 += a[i + 2] * with;
          p3 += a[i + 3] * with;
          p4 += a[i + 4] * with;
          p5 += a[i + 5] * with;
          p6 += a[i + 6] * with;
        }
      }
      double best = -1;
      double[] products = {p0, p1, p2, p3, p4, p5, p6};
      for (int delay = 0; delay < DELAYS; delay++) {
        double scale = Math.sqrt(energies[delay] * other.energies[MOST_DELAY] + 1e-12);
        best = Math.max(best, products[delay] / scale);
      }
      return best;
    }
  }

  /** Correlation of the waves 80 ms around two peaks over all leads, at the best delay to 24 ms. */
  private static double likeness(float[][] leads, int peak, int other, int step) {
    int n = leads[0].length;
    double best = -1;
    for (int delay = -MOST_DELAY * step; delay <= MOST_DELAY * step; delay += step) {
      double product = 0;
      double own = 0;
      double others = 0;
      for (float[] row : leads) {
        for (int j = -REACH * step; j <= REACH * step; j += step) {
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
