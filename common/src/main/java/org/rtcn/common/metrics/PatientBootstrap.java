package org.rtcn.common.metrics;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.rtcn.common.random.RandomStreams;

/**
 * Percentile bootstrap over patients (Efron 1979): patients are drawn with replacement, and all
 * cases of a drawn patient come along. Beats of one patient resemble each other; resampling beats
 * would pretend to far more evidence than there is.
 *
 * <p>Resample {@code r} is drawn from the stream (seed, "patient-bootstrap", r) over the patients
 * in the order of their names, so that intervals depend neither on the order of rows nor on which
 * figures are asked for, and differences between models are paired. Where the same cases were
 * predicted by several trainings (seeds), the figure is the mean over them, and the trainings are
 * drawn with replacement as well, from the stream (seed, "seed-bootstrap", r).
 *
 * @param seed root seed
 * @param resamples number of resamples, 1 or more
 * @param confidence coverage, for example 0.95
 */
public record PatientBootstrap(long seed, int resamples, double confidence)
    implements Serializable {

  /**
   * Figures of the cases at the given positions, which repeat as often as they were drawn; NaN
   * where a figure is not defined on them.
   */
  @FunctionalInterface
  public interface Statistics {
    double[] of(int[] positions);
  }

  /** One figure of the cases at the given positions; NaN: undefined. */
  @FunctionalInterface
  public interface Statistic {
    double of(int[] positions);
  }

  /** Figures of one of several trainings at the given positions. */
  @FunctionalInterface
  interface TrainingStatistics {
    double[] of(int training, int[] positions);
  }

  public PatientBootstrap {
    if (resamples < 1) {
      throw new IllegalArgumentException(
          "Invalid number of bootstrap resamples " + resamples + ": must be 1 or more");
    }
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "Invalid confidence " + confidence + ": must lie between 0 and 1, for example 0.95");
    }
  }

  /**
   * Intervals of several figures over the same resamples.
   *
   * @param patients the patient of each case
   * @param statistics the figures, of positions into {@code patients}
   * @return one interval per figure, in the order of the figures
   */
  public List<Interval> intervals(List<String> patients, Statistics statistics) {
    double[][] figures = resampled(patients, 1, (training, at) -> statistics.of(at));
    int units = (int) patients.stream().distinct().count();
    return IntStream.range(0, figures.length).mapToObj(s -> interval(figures[s], units)).toList();
  }

  /**
   * Figures as they are and on every resample.
   *
   * @param trainings how many have predicted the same cases
   * @return {@code [figure][1 + resamples]}; the first of each is on the data as they are. Without
   *     patients there is no other
   */
  double[][] resampled(List<String> patients, int trainings, TrainingStatistics statistics) {
    int[][] cases = casesByPatient(patients);
    int[] every = IntStream.range(0, trainings).toArray();
    double[] values = mean(every, allPositions(patients.size()), statistics);
    double[][] figures = new double[values.length][cases.length == 0 ? 1 : 1 + resamples];
    put(figures, 0, values);
    // Each resample has a stream of its own, so that threads change nothing but the time.
    IntStream.range(0, cases.length == 0 ? 0 : resamples)
        .parallel()
        .forEach(
            r ->
                put(
                    figures,
                    1 + r,
                    mean(drawnTrainings(trainings, r), resample(cases, r), statistics)));
    return figures;
  }

  private static void put(double[][] figures, int at, double[] values) {
    for (int s = 0; s < values.length; s++) {
      figures[s][at] = values[s];
    }
  }

  private int[] drawnTrainings(int trainings, int r) {
    SplittableRandom random = RandomStreams.of(seed, "seed-bootstrap", r);
    return IntStream.range(0, trainings).map(i -> random.nextInt(trainings)).sorted().toArray();
  }

  /** The mean over trainings, of which some stand there several times, in their order. */
  private static double[] mean(int[] trainings, int[] positions, TrainingStatistics statistics) {
    double[] sum = new double[0];
    double[] last = new double[0];
    for (int i = 0; i < trainings.length; i++) {
      if (i == 0 || trainings[i] != trainings[i - 1]) {
        last = statistics.of(trainings[i], positions);
      }
      sum = i == 0 ? new double[last.length] : sum;
      for (int s = 0; s < sum.length; s++) {
        sum[s] += last[s] / trainings.length;
      }
    }
    return sum;
  }

  /**
   * The patients of resample {@code r}, in the order of the draws, some several times: what every
   * figure's interval over these patients rests on.
   *
   * @param patients in any order; duplicates count once
   */
  public List<String> drawn(Collection<String> patients, int r) {
    List<String> ordered = List.copyOf(new TreeSet<>(patients));
    List<String> drawn = new ArrayList<>(ordered.size());
    SplittableRandom random = stream(r);
    for (int i = 0; i < ordered.size(); i++) {
      drawn.add(ordered.get(random.nextInt(ordered.size())));
    }
    return drawn;
  }

  private SplittableRandom stream(int r) {
    return RandomStreams.of(seed, "patient-bootstrap", r);
  }

  /** The interval of one figure. */
  public Interval interval(List<String> patients, Statistic statistic) {
    return intervals(patients, positions -> new double[] {statistic.of(positions)}).get(0);
  }

  /**
   * The interval of what {@link #resampled} gives for one figure.
   *
   * @param units number of patients
   */
  Interval interval(double[] figure, int units) {
    if (figure.length == 1) {
      return Interval.valueOnly(figure[0], units);
    }
    double[] defined =
        Arrays.stream(figure, 1, figure.length).filter(x -> !Double.isNaN(x)).sorted().toArray();
    double tail = (1 - confidence) / 2;
    return Interval.bootstrapped(
        figure[0],
        quantile(defined, tail),
        quantile(defined, 1 - tail),
        units,
        figure.length - 1,
        figure.length - 1 - defined.length);
  }

  private int[] resample(int[][] cases, int r) {
    SplittableRandom random = stream(r);
    int[] draws = new int[cases.length];
    int size = 0;
    for (int i = 0; i < draws.length; i++) {
      draws[i] = random.nextInt(cases.length);
      size += cases[draws[i]].length;
    }
    int[] positions = new int[size];
    int at = 0;
    for (int draw : draws) {
      System.arraycopy(cases[draw], 0, positions, at, cases[draw].length);
      at += cases[draw].length;
    }
    return positions;
  }

  private static int[][] casesByPatient(List<String> patients) {
    Map<String, int[]> byName = new TreeMap<>();
    Map<String, Integer> sizes = new TreeMap<>();
    patients.forEach(patient -> sizes.merge(patient, 1, Integer::sum));
    sizes.forEach((patient, size) -> byName.put(patient, new int[size]));
    Map<String, Integer> next = new TreeMap<>();
    for (int i = 0; i < patients.size(); i++) {
      int slot = next.merge(patients.get(i), 1, Integer::sum) - 1;
      byName.get(patients.get(i))[slot] = i;
    }
    return byName.values().toArray(int[][]::new);
  }

  private static int[] allPositions(int size) {
    int[] positions = new int[size];
    Arrays.setAll(positions, i -> i);
    return positions;
  }

  /**
   * Quantile with linear interpolation between order statistics (type 7 of Hyndman and Fan).
   *
   * @return NaN of no values
   */
  public static double quantile(double[] sorted, double q) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    double h = q * (sorted.length - 1);
    int below = (int) Math.floor(h);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (h - below) * (sorted[above] - sorted[below]);
  }
}
