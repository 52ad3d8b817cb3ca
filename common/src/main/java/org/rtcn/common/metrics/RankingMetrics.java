package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How well a score ranks positives above negatives, whatever the threshold. Cases with equal scores
 * count as one step of the curve, so that the order of rows never matters.
 */
public final class RankingMetrics {
  private RankingMetrics() {}

  /**
   * A point of the ROC curve.
   *
   * @param threshold cases with this score or more are called positive
   * @param falsePositiveRate 1 - specificity
   * @param truePositiveRate sensitivity
   */
  public record RocPoint(double threshold, double falsePositiveRate, double truePositiveRate) {}

  /**
   * Area under the ROC curve: the probability that a random positive scores above a random
   * negative, ties counting one half (Mann-Whitney).
   *
   * @return NaN where there is no positive or no negative
   */
  public static double areaUnderRoc(boolean[] positive, double[] score) {
    int[] order = descending(positive, score);
    double area = 0;
    long positives = 0;
    long negatives = 0;
    for (int i = 0; i < order.length; ) {
      int end = endOfTie(order, score, i);
      long tiedPositives = 0;
      for (int j = i; j < end; j++) {
        tiedPositives += positive[order[j]] ? 1 : 0;
      }
      long tiedNegatives = end - i - tiedPositives;
      area += tiedNegatives * (positives + 0.5 * tiedPositives);
      positives += tiedPositives;
      negatives += tiedNegatives;
      i = end;
    }
    return positives == 0 || negatives == 0 ? Double.NaN : area / ((double) positives * negatives);
  }

  /**
   * Average precision: the sum over thresholds of (gain in recall) x precision, without
   * interpolation.
   *
   * @return NaN where there is no positive
   */
  public static double averagePrecision(boolean[] positive, double[] score) {
    int[] order = descending(positive, score);
    double sum = 0;
    long positives = 0;
    for (int i = 0; i < order.length; ) {
      int end = endOfTie(order, score, i);
      long before = positives;
      for (int j = i; j < end; j++) {
        positives += positive[order[j]] ? 1 : 0;
      }
      sum += (positives - before) * ((double) positives / end);
      i = end;
    }
    return positives == 0 ? Double.NaN : sum / positives;
  }

  /**
   * The ROC curve from (0, 0) to (1, 1), one point per distinct score.
   *
   * @return empty where there is no positive or no negative
   */
  public static List<RocPoint> rocCurve(boolean[] positive, double[] score) {
    int[] order = descending(positive, score);
    long allPositives = 0;
    for (boolean isPositive : positive) {
      allPositives += isPositive ? 1 : 0;
    }
    long allNegatives = positive.length - allPositives;
    if (allPositives == 0 || allNegatives == 0) {
      return List.of();
    }
    List<RocPoint> points = new ArrayList<>();
    points.add(new RocPoint(Double.POSITIVE_INFINITY, 0, 0));
    long positives = 0;
    for (int i = 0; i < order.length; ) {
      int end = endOfTie(order, score, i);
      for (int j = i; j < end; j++) {
        positives += positive[order[j]] ? 1 : 0;
      }
      points.add(
          new RocPoint(
              score[order[i]],
              (double) (end - positives) / allNegatives,
              (double) positives / allPositives));
      i = end;
    }
    return List.copyOf(points);
  }

  /**
   * The highest sensitivity among the thresholds of at least this specificity.
   *
   * @return NaN where there is no positive or no negative
   */
  public static double sensitivityAtSpecificity(
      boolean[] positive, double[] score, double specificity) {
    return rocCurve(positive, score).stream()
        .filter(point -> 1 - point.falsePositiveRate() >= specificity - 1e-12)
        .mapToDouble(RocPoint::truePositiveRate)
        .max()
        .orElse(Double.NaN);
  }

  private static int endOfTie(int[] order, double[] score, int from) {
    int end = from + 1;
    while (end < order.length && score[order[end]] == score[order[from]]) {
      end++;
    }
    return end;
  }

  private static int[] descending(boolean[] positive, double[] score) {
    if (positive.length != score.length) {
      throw new IllegalArgumentException(
          "Invalid scores: " + score.length + " scores but " + positive.length + " truths");
    }
    for (int i = 0; i < score.length; i++) {
      if (Double.isNaN(score[i])) {
        throw new IllegalArgumentException("Invalid score NaN of case " + i + ": must be a number");
      }
    }
    int[] order = new int[score.length];
    // A rank per value, then a counting sort: no boxing, no comparator.
    double[] sorted = score.clone();
    Arrays.sort(sorted);
    int[] next = new int[score.length];
    for (int i = 0; i < score.length; i++) {
      int first = firstIndexOf(sorted, score[i]);
      order[score.length - 1 - (first + next[first]++)] = i;
    }
    return order;
  }

  private static int firstIndexOf(double[] sorted, double value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
