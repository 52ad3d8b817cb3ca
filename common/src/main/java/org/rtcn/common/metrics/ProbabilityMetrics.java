package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.List;

/** How trustworthy the probabilities are, not only their order. Rows are cases, columns classes. */
public final class ProbabilityMetrics {
  /** Below this a probability counts as this: one certain error would make the loss infinite. */
  private static final double SMALLEST = Math.ulp(1.0);

  private ProbabilityMetrics() {}

  /**
   * One bin of the reliability diagram.
   *
   * @param low lower edge, excluded
   * @param high upper edge, included
   * @param count cases whose highest probability lies in the bin
   * @param confidence their mean highest probability; NaN if the bin is empty
   * @param accuracy the fraction of them classified correctly; NaN if the bin is empty
   */
  public record ReliabilityBin(
      double low, double high, long count, double confidence, double accuracy) {}

  /** Mean of -ln p(true class), in nats. */
  public static double logLoss(int[] truth, double[][] probabilities) {
    check(truth, probabilities);
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      sum -= Math.log(Math.max(SMALLEST, probabilities[i][truth[i]]));
    }
    return truth.length == 0 ? Double.NaN : sum / truth.length;
  }

  /** Brier score of k classes (Brier 1950): the mean squared distance from the truth, 0 to 2. */
  public static double brier(int[] truth, double[][] probabilities) {
    check(truth, probabilities);
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
      for (int c = 0; c < probabilities[i].length; c++) {
        double error = probabilities[i][c] - (c == truth[i] ? 1 : 0);
        sum += error * error;
      }
    }
    return truth.length == 0 ? Double.NaN : sum / truth.length;
  }

  /** Brier score of one probability: the mean of (score - truth)², 0 to 1. */
  public static double binaryBrier(boolean[] positive, double[] score) {
    double sum = 0;
    for (int i = 0; i < score.length; i++) {
      double error = score[i] - (positive[i] ? 1 : 0);
      sum += error * error;
    }
    return score.length == 0 ? Double.NaN : sum / score.length;
  }

  /**
   * Expected calibration error: the mean over cases of |accuracy - confidence| of the case's bin,
   * with {@code bins} bins of equal width on the highest probability (Guo 2017).
   */
  public static double expectedCalibrationError(int[] truth, double[][] probabilities, int bins) {
    double sum = 0;
    for (ReliabilityBin bin : reliability(truth, probabilities, bins)) {
      if (bin.count() > 0) {
        sum += bin.count() * Math.abs(bin.accuracy() - bin.confidence());
      }
    }
    return truth.length == 0 ? Double.NaN : sum / truth.length;
  }

  /** The bins of the reliability diagram, from 0 to 1. */
  public static List<ReliabilityBin> reliability(
      int[] truth, double[][] probabilities, int binCount) {
    check(truth, probabilities);
    if (binCount < 1) {
      throw new IllegalArgumentException("Invalid number of bins " + binCount + ": must be >= 1");
    }
    long[] count = new long[binCount];
    double[] confidence = new double[binCount];
    long[] right = new long[binCount];
    for (int i = 0; i < truth.length; i++) {
      int best = mostProbable(probabilities[i]);
      double p = probabilities[i][best];
      int bin = Math.max(0, Math.min(binCount - 1, (int) Math.ceil(p * binCount) - 1));
      count[bin]++;
      confidence[bin] += p;
      right[bin] += best == truth[i] ? 1 : 0;
    }
    List<ReliabilityBin> bins = new ArrayList<>(binCount);
    for (int b = 0; b < binCount; b++) {
      bins.add(
          new ReliabilityBin(
              (double) b / binCount,
              (b + 1.0) / binCount,
              count[b],
              count[b] == 0 ? Double.NaN : confidence[b] / count[b],
              count[b] == 0 ? Double.NaN : (double) right[b] / count[b]));
    }
    return bins;
  }

  /** Index of the highest probability; the first of equals. */
  public static int mostProbable(double[] probabilities) {
    int best = 0;
    for (int c = 1; c < probabilities.length; c++) {
      if (probabilities[c] > probabilities[best]) {
        best = c;
      }
    }
    return best;
  }

  private static void check(int[] truth, double[][] probabilities) {
    if (truth.length != probabilities.length) {
      throw new IllegalArgumentException(
          "Invalid probabilities: "
              + probabilities.length
              + " rows but "
              + truth.length
              + " truths");
    }
  }
}
