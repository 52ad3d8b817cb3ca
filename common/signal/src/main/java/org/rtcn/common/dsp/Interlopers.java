package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Detections that stand between two beats which follow each other on time, in a regular rhythm:
 * noise, most of them. Such a one is kept if it is as steep as the beats around, or shaped like
 * them, or if its shape recurs: extrasystoles of one focus resemble each other, whether
 * interpolated, in couplets or in runs at twice the rate; bursts of noise do not.
 */
final class Interlopers {
  /** Two beats on either side are on time if they are no further apart than this many intervals. */
  private static final double ON_TIME = 1.2;

  /**
   * A rhythm is regular if half of its intervals differ from their median by no more than this
   * share. In atrial fibrillation any beat may stand between two others.
   */
  private static final double REGULAR = 0.12;

  /** Least median correlation with the beats around. */
  private static final double LEAST_LIKENESS = 0.7;

  /** Least correlation with as many of them as a shape needs to recur. */
  private static final double RECURRING = 0.95;

  private static final int RECURRENCES = 3;

  /** Beats to either side that tell rhythm and shape: a burst of noise is shorter. */
  private static final int NEIGHBOURS = 40;

  private static final double SHAPE_SECONDS = 0.08;
  private static final double LAG_SECONDS = 0.04;

  private final QrsFeature feature;
  private final double fsHz;

  /**
   * @param fsHz rate of the feature
   */
  Interlopers(QrsFeature feature, double fsHz) {
    this.feature = feature;
    this.fsHz = fsHz;
  }

  /** What is left of detections without them. */
  int[] dropped(int[] chosen) {
    int count = chosen.length;
    if (count < 5) {
      return chosen;
    }
    int[] kept = new int[count];
    int keptCount = 0;
    for (int i = 0; i < count; i++) {
      boolean isInside = i > 0 && i < count - 1;
      if (!isInside || !isInterloper(chosen, i, kept[keptCount - 1])) {
        kept[keptCount++] = chosen[i];
      }
    }
    return Arrays.copyOf(kept, keptCount);
  }

  private boolean isInterloper(int[] chosen, int i, int before) {
    int from = Math.max(0, i - NEIGHBOURS);
    int to = Math.min(chosen.length - 1, i + NEIGHBOURS);
    double[] scratch = new double[to - from];
    for (int k = from; k < to; k++) {
      scratch[k - from] = chosen[k + 1] - chosen[k];
    }
    double typical = median(scratch, scratch.length);
    if (chosen[i + 1] - before >= ON_TIME * typical) {
      return false;
    }
    for (int k = 0; k < scratch.length; k++) {
      scratch[k] = Math.abs(scratch[k] - typical);
    }
    if (median(scratch, scratch.length) >= REGULAR * typical) {
      return false;
    }
    int size = 0;
    for (int k = from; k < to; k++) {
      if (k != i) {
        scratch[size++] = feature.values()[chosen[k]];
      }
    }
    return feature.values()[chosen[i]] < median(scratch, size)
        && !hasShapeOfBeat(chosen, i, from, to, scratch);
  }

  /** Its waves are compared with each neighbour's at the best delay. */
  private boolean hasShapeOfBeat(int[] chosen, int of, int from, int to, double[] scratch) {
    int lag = samples(LAG_SECONDS);
    int lagStep = Math.max(1, samples(0.004));
    int size = 0;
    for (int k = from; k < to; k++) {
      if (k != of) {
        double best = -1;
        for (int delay = -lag; delay <= lag; delay += lagStep) {
          best = Math.max(best, correlation(chosen[of], delay, chosen[k]));
        }
        scratch[size++] = best;
      }
    }
    Arrays.sort(scratch, 0, size);
    return scratch[size / 2] >= LEAST_LIKENESS
        || (size >= RECURRENCES && scratch[size - RECURRENCES] > RECURRING);
  }

  /** Mean of the leads' own by their votes: no lead counts more for its gain. */
  private double correlation(int one, int delay, int other) {
    int half = samples(SHAPE_SECONDS);
    int step = Math.max(1, samples(0.008));
    int n = feature.values().length;
    double sum = 0;
    double total = 1e-12;
    for (int lead = 0; lead < feature.waves().length; lead++) {
      double[] row = feature.waves()[lead];
      double product = 0;
      double squares = 0;
      double others = 0;
      for (int j = -half; j <= half; j += step) {
        int at = one + j + delay;
        int with = other + j;
        if (at >= 0 && at < n && with >= 0 && with < n) {
          product += row[at] * row[with];
          squares += row[at] * row[at];
          others += row[with] * row[with];
        }
      }
      double weight = feature.vote(lead, one);
      sum += weight * product / Math.sqrt(squares * others + 1e-12);
      total += weight;
    }
    return sum / total;
  }

  /** Sorts the first {@code size} values. */
  private static double median(double[] values, int size) {
    Arrays.sort(values, 0, size);
    return values[size / 2];
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * fsHz);
  }
}
