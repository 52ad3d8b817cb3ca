package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rtcn.common.ecg.Label;

/**
 * From which probability of infarction on a case counts as detected. Chosen on validation patients,
 * never on those that are measured.
 *
 * @param probability between 0 and 1, both excluded
 */
public record DetectionThreshold(double probability) {
  private static final double EDGE = 1e-6;

  /**
   * @throws IllegalArgumentException if the threshold is not between 0 and 1
   */
  public DetectionThreshold {
    if (!(probability > 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "Invalid detection threshold " + probability + ": must lie between 0 and 1");
    }
  }

  /**
   * The threshold of highest sensitivity + specificity (Youden 1950). Every gap between
   * neighbouring scores is tried at its middle; of equally good ones the nearest to 0.5 is taken.
   *
   * @return 0.5 where there is no infarct or nothing else
   */
  public static DetectionThreshold highestYouden(boolean[] infarct, double[] score) {
    double[] sorted = score.clone();
    Arrays.sort(sorted);
    List<Double> candidates = new ArrayList<>(List.of(0.5));
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] > sorted[i - 1]) {
        candidates.add((sorted[i] + sorted[i - 1]) / 2);
      }
    }
    double best = 0.5;
    double highest = Double.NEGATIVE_INFINITY;
    for (double candidate : candidates) {
      long truePositives = 0;
      long positives = 0;
      long trueNegatives = 0;
      for (int i = 0; i < score.length; i++) {
        positives += infarct[i] ? 1 : 0;
        truePositives += infarct[i] && score[i] >= candidate ? 1 : 0;
        trueNegatives += !infarct[i] && score[i] < candidate ? 1 : 0;
      }
      long negatives = score.length - positives;
      if (positives == 0 || negatives == 0) {
        return new DetectionThreshold(0.5);
      }
      double youden = (double) truePositives / positives + (double) trueNegatives / negatives;
      boolean nearer = Math.abs(candidate - 0.5) < Math.abs(best - 0.5);
      if (youden > highest + 1e-12 || (youden > highest - 1e-12 && nearer)) {
        highest = youden;
        best = candidate;
      }
    }
    return new DetectionThreshold(Math.max(EDGE, Math.min(1 - EDGE, best)));
  }

  /**
   * Moves the log odds of infarction so that this threshold comes to lie at {@link
   * Decision#THRESHOLD}; sites keep their shares of the infarcts.
   */
  public PredictionRule rule(List<String> classes) {
    boolean[] infarct = new boolean[classes.size()];
    for (int c = 0; c < infarct.length; c++) {
      infarct[c] = Label.valueOf(classes.get(c)).isInfarction();
    }
    double shift = Math.log(probability / (1 - probability));
    return row -> row.withProbabilities(moved(row.probabilityArray(), infarct, shift));
  }

  private static double[] moved(double[] p, boolean[] infarct, double shift) {
    double mi = 0;
    double rest = 0;
    for (int c = 0; c < p.length; c++) {
      mi += infarct[c] ? p[c] : 0;
      rest += infarct[c] ? 0 : p[c];
    }
    double total = mi + rest;
    double odds =
        Math.exp(Math.log(Math.max(EDGE * EDGE, mi) / Math.max(EDGE * EDGE, rest)) - shift);
    double movedMi = odds / (1 + odds);
    double[] moved = new double[p.length];
    for (int c = 0; c < p.length; c++) {
      double group = infarct[c] ? mi : rest;
      double to = infarct[c] ? movedMi : 1 - movedMi;
      moved[c] = group > 0 ? p[c] / group * to : to;
    }
    return total > 0 ? moved : p;
  }
}
