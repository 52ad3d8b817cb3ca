package org.rtcn.jobs.gate;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.rtcn.common.drift.Bins;
import org.rtcn.common.drift.Drift;
import org.rtcn.common.drift.SignalFigure;

/**
 * What a night is known by: how many of its recordings, or inputs, lie in which bin. Nights are
 * added up bin by bin.
 *
 * @param name for example {@code amplitude_mv}
 * @param kind how it is judged
 * @param bins names of the bins: classes, or the middles of measures
 * @param counts by bin
 */
record Figure(String name, Kind kind, List<String> bins, List<Long> counts) {
  static final String REJECTS = "rejects";
  static final String UNANSWERED = "unanswered";
  static final String PREDICTED = "predicted";
  static final String PROBABILITY = "probability_mi";
  private static final Bins PROBABILITIES = Bins.linear(0, 1, 50);

  /** How a figure is judged. */
  enum Kind {
    /** The share of the second bin, by a limit of its own; no other night is needed. */
    SHARE,
    /** Classes: half the sum of the differences of their shares. */
    CLASSES,
    /** A measure in bins: the largest difference of the cumulative distributions. */
    MEASURE
  }

  /** So many of all are faulty. */
  static Figure share(String name, long faulty, long all) {
    return new Figure(name, Kind.SHARE, List.of("good", "faulty"), List.of(all - faulty, faulty));
  }

  static Figure classes(String name, List<String> classes, long[] counts) {
    return new Figure(name, Kind.CLASSES, classes, listed(counts));
  }

  static Figure measure(String name, long[] counts) {
    Bins bins = binsOf(name);
    return new Figure(
        name,
        Kind.MEASURE,
        IntStream.range(0, bins.count())
            .mapToObj(bin -> Float.toString((float) bins.middle(bin)))
            .toList(),
        listed(counts));
  }

  /** The bins of a measure by its name. */
  static Bins binsOf(String name) {
    return name.equals(PROBABILITY)
        ? PROBABILITIES
        : Arrays.stream(SignalFigure.values())
            .filter(figure -> figure.figureName().equals(name))
            .findAny()
            .orElseThrow()
            .bins();
  }

  /** Whether it says something of the model's answers, not of the recordings. */
  boolean isOfAnswers() {
    return name.equals(PREDICTED) || name.equals(PROBABILITY);
  }

  private static List<Long> listed(long[] counts) {
    return Arrays.stream(counts).boxed().toList();
  }

  long n() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /** The share of a share, the median of a measure, of classes the share of the largest; or NaN. */
  double value() {
    if (n() == 0) {
      return Double.NaN;
    }
    return switch (kind) {
      case SHARE -> (double) counts.get(1) / n();
      case CLASSES -> (double) Collections.max(counts) / n();
      case MEASURE -> binsOf(name).median(on(bins));
    };
  }

  /** Both nights together. */
  Figure plus(Figure other) {
    List<String> all = List.copyOf(union(other));
    long[] sum = on(all);
    long[] others = other.on(all);
    for (int bin = 0; bin < sum.length; bin++) {
      sum[bin] += others[bin];
    }
    return new Figure(name, kind, all, listed(sum));
  }

  /** How far both lie apart; both must have counts. */
  Drift from(Figure other) {
    List<String> all = List.copyOf(union(other));
    return kind == Kind.MEASURE
        ? Drift.ofDistributions(on(all), other.on(all))
        : Drift.ofShares(on(all), other.on(all));
  }

  /** Classes may differ between nights, the bins of a measure never do. */
  private Collection<String> union(Figure other) {
    if (bins.equals(other.bins)) {
      return bins;
    }
    TreeSet<String> all = new TreeSet<>(bins);
    all.addAll(other.bins);
    return all;
  }

  private long[] on(List<String> all) {
    return all.stream()
        .mapToLong(bin -> bins.contains(bin) ? counts.get(bins.indexOf(bin)) : 0)
        .toArray();
  }
}
