package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What was measured of infarction against none at one level.
 *
 * @param matrix truth against answer; its answers are those of {@link Decision}
 * @param roc the ROC curve of the probability of infarction; empty where one kind has no case
 * @param reliability cases of neighbouring probability, about as many in each bin
 * @param curve the decision curve
 */
public record Detection(
    ConfusionMatrix matrix,
    List<RankingMetrics.RocPoint> roc,
    List<CountBin> reliability,
    List<NetBenefit> curve) {
  private static final int MOST_BINS = 10;
  private static final int CASES_PER_BIN = 8;

  /** Threshold probabilities of the decision curve, in steps of one percent. */
  private static final int LAST_PERCENT = 99;

  public Detection {
    roc = List.copyOf(roc);
    reliability = List.copyOf(reliability);
    curve = List.copyOf(curve);
  }

  /**
   * Cases of neighbouring probability.
   *
   * @param cases how many
   * @param infarcts how many of them have an infarct
   * @param lowest the lowest probability of infarction among them
   * @param highest the highest
   * @param meanProbability mean probability of infarction
   * @param low lower end of the interval of their share of infarcts
   * @param high its upper end
   */
  public record CountBin(
      long cases,
      long infarcts,
      double lowest,
      double highest,
      double meanProbability,
      double low,
      double high) {
    /** The share of infarcts. */
    public double share() {
      return (double) infarcts / cases;
    }
  }

  /**
   * A point of the decision curve (Vickers and Elkin 2006): what deciding at this threshold is
   * worth, in true positives per case, where a false alarm costs threshold / (1 - threshold) of
   * them.
   *
   * @param threshold probability from which on a case is treated
   * @param model of the model
   * @param all of treating everybody
   */
  public record NetBenefit(double threshold, double model, double all) {}

  static Detection of(Cases cases, double confidence) {
    boolean[] infarct = cases.isInfarct();
    double[] score = cases.infarctScores();
    return new Detection(
        cases.detectionMatrix(),
        RankingMetrics.rocCurve(infarct, score),
        byCount(confidence, cases.patients(), infarct, score),
        decisionCurve(infarct, score));
  }

  private static List<CountBin> byCount(
      double confidence, List<String> patients, boolean[] infarct, double[] score) {
    int n = score.length;
    int[] order =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> score[i]).thenComparing(i -> i))
            .mapToInt(Integer::intValue)
            .toArray();
    int wanted = Math.max(1, Math.min(MOST_BINS, n / CASES_PER_BIN));
    List<CountBin> bins = new ArrayList<>();
    int from = 0;
    for (int bin = 1; bin <= wanted && from < n; bin++) {
      int to = Math.max(from + 1, (int) ((long) bin * n / wanted));
      // Cases of one probability stay together.
      while (to < n && score[order[to]] == score[order[to - 1]]) {
        to++;
      }
      bins.add(bin(confidence, patients, infarct, score, order, from, to));
      from = to;
    }
    return bins;
  }

  private static CountBin bin(
      double confidence,
      List<String> patients,
      boolean[] infarct,
      double[] score,
      int[] order,
      int from,
      int to) {
    boolean[] counted = new boolean[score.length];
    long infarcts = 0;
    double sum = 0;
    for (int i = from; i < to; i++) {
      counted[order[i]] = true;
      infarcts += infarct[order[i]] ? 1 : 0;
      sum += score[order[i]];
    }
    double[] interval = ProportionInterval.of(confidence, patients, counted, infarct);
    return new CountBin(
        to - from,
        infarcts,
        score[order[from]],
        score[order[to - 1]],
        sum / (to - from),
        interval[0],
        interval[1]);
  }

  private static List<NetBenefit> decisionCurve(boolean[] infarct, double[] score) {
    List<NetBenefit> curve = new ArrayList<>();
    for (int percent = 1; percent <= LAST_PERCENT; percent++) {
      double threshold = percent / 100.0;
      double odds = threshold / (1 - threshold);
      double model = 0;
      double all = 0;
      for (int i = 0; i < score.length; i++) {
        double worth = infarct[i] ? 1 : -odds;
        model += score[i] >= threshold ? worth : 0;
        all += worth;
      }
      curve.add(new NetBenefit(threshold, model / score.length, all / score.length));
    }
    return curve;
  }
}
