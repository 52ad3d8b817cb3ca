package org.rtcn.common.metrics;

import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * A figure that is a share of cases: which cases it is of, and which of them are hits.
 *
 * @param counted whether a case can be a hit
 * @param hit whether it is one
 */
@SuppressWarnings("ArrayRecordComponent") // internal, never compared
record Proportion(boolean[] counted, boolean[] hit) {

  /**
   * The share that a figure is.
   *
   * @param c index of the figure's class; of no account for figures that are not of one class
   * @param constantClass index of the class that the constant answer names
   * @param constantInfarct whether the constant answer is an infarct
   * @return nothing where the figure is no share of cases
   */
  static Optional<Proportion> of(
      FigureName name, Cases cases, int c, int constantClass, boolean constantInfarct) {
    int[] truth = cases.truth();
    int[] answer = cases.predicted();
    boolean[] infarct = cases.isInfarct();
    boolean[] detected = cases.detected();
    int n = truth.length;
    return switch (name) {
      case ACCURACY -> of(n, i -> true, i -> truth[i] == answer[i]);
      case MAJORITY_ACCURACY -> of(n, i -> true, i -> truth[i] == constantClass);
      case SENSITIVITY -> of(n, i -> truth[i] == c, i -> answer[i] == c);
      case SPECIFICITY -> of(n, i -> truth[i] != c, i -> answer[i] != c);
      case PPV -> of(n, i -> answer[i] == c, i -> truth[i] == c);
      case NPV -> of(n, i -> answer[i] != c, i -> truth[i] != c);
      case CLASS_ACCURACY -> of(n, i -> true, i -> (truth[i] == c) == (answer[i] == c));
      case DETECTION_ACCURACY -> of(n, i -> true, i -> infarct[i] == detected[i]);
      case DETECTION_SENSITIVITY -> of(n, i -> infarct[i], i -> detected[i]);
      case DETECTION_SPECIFICITY -> of(n, i -> !infarct[i], i -> !detected[i]);
      case DETECTION_PPV -> of(n, i -> detected[i], i -> infarct[i]);
      case DETECTION_NPV -> of(n, i -> !detected[i], i -> !infarct[i]);
      case DETECTION_MAJORITY_ACCURACY -> of(n, i -> true, i -> infarct[i] == constantInfarct);
      default -> Optional.empty();
    };
  }

  private static Optional<Proportion> of(int cases, IntPredicate counted, IntPredicate hit) {
    boolean[] isCounted = new boolean[cases];
    boolean[] isHit = new boolean[cases];
    for (int i = 0; i < cases; i++) {
      isCounted[i] = counted.test(i);
      isHit[i] = isCounted[i] && hit.test(i);
    }
    return Optional.of(new Proportion(isCounted, isHit));
  }

  /** The share with its exact interval. */
  Interval interval(double confidence, List<String> patients, int units) {
    long of = 0;
    long hits = 0;
    for (int i = 0; i < counted.length; i++) {
      of += counted[i] ? 1 : 0;
      hits += hit[i] ? 1 : 0;
    }
    double[] ends = ProportionInterval.of(confidence, patients, counted, hit);
    return Interval.exact(ends[0], ends[1], units, new Interval.Counts(hits, of));
  }
}
