package org.rtcn.common.metrics;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A decision rule for classes of very unequal size: an offset is added to each class's log
 * probability before the most probable class is taken. The offsets are those that would make the
 * probabilities right if every class were equally frequent, which is what balanced accuracy asks
 * for. Chosen on validation patients ({@link #fit}) or computed from the classes' shares in
 * training ({@link #between}); never on those that are measured.
 *
 * @param offsets one per class, sum 0, nats
 */
public record ClassOffsets(List<Double> offsets) implements Serializable {
  /**
   * Offsets are pulled to 0 as if by this many cases: with a handful of validation patients the
   * network's own probabilities are the better guess.
   */
  static final double PULL = 1.0;

  private static final int MOST_STEPS = 500;

  public ClassOffsets {
    offsets = List.copyOf(offsets);
  }

  /**
   * The offsets of smallest class-balanced log loss, with a penalty on their squares. Classes
   * without a case keep what the penalty leaves them: nothing.
   *
   * @param truth index of the true class per case
   * @param probabilities {@code [case][class]}
   */
  public static ClassOffsets fit(int[] truth, double[][] probabilities) {
    int k = probabilities.length == 0 ? 0 : probabilities[0].length;
    long[] support = new long[k];
    for (int t : truth) {
      support[t]++;
    }
    long present = 0;
    for (long s : support) {
      present += s > 0 ? 1 : 0;
    }
    double[] offset = new double[k];
    if (present < 2) {
      return of(offset);
    }
    double[] gradient = new double[k];
    // The loss is smooth and convex, its curvature at most 1/2 per unit weight: plain descent with
    // this step cannot diverge, and k is a handful.
    double total = truth.length;
    double step = 1 / (0.5 * total + PULL);
    for (int s = 0; s < MOST_STEPS; s++) {
      for (int c = 0; c < k; c++) {
        gradient[c] = PULL * offset[c];
      }
      for (int i = 0; i < truth.length; i++) {
        double weight = total / (present * support[truth[i]]);
        double[] p = shifted(probabilities[i], offset);
        for (int c = 0; c < k; c++) {
          boolean absent = support[c] == 0;
          gradient[c] += absent ? 0 : weight * (p[c] - (c == truth[i] ? 1 : 0));
        }
      }
      double largest = 0;
      for (int c = 0; c < k; c++) {
        offset[c] -= step * gradient[c];
        largest = Math.max(largest, Math.abs(step * gradient[c]));
      }
      if (largest < 1e-9) {
        break;
      }
    }
    return of(offset);
  }

  /**
   * The offsets that turn probabilities for one prior into those for another: log(to / from).
   * Dividing by the training shares is the case of equal {@code to} (Saerens, Latinne and
   * Decaestecker, Neural Computation 2002; 14:21). No patient is needed for it.
   *
   * @param from shares of the classes that the probabilities are for
   * @param to shares that they shall be for
   * @throws IllegalArgumentException if a share is not positive
   */
  public static ClassOffsets between(List<Double> from, List<Double> to) {
    double[] offset = new double[from.size()];
    for (int c = 0; c < offset.length; c++) {
      if (!(from.get(c) > 0) || !(to.get(c) > 0)) {
        throw new IllegalArgumentException(
            "Invalid shares of classes " + from + " and " + to + ": must be positive");
      }
      offset[c] = Math.log(to.get(c) / from.get(c));
    }
    return of(offset);
  }

  /** The rule as a variant of predictions needs it. */
  public PredictionRule rule() {
    return row -> row.withProbabilities(apply(row.probabilityArray()));
  }

  private static ClassOffsets of(double[] offset) {
    double mean = 0;
    for (double o : offset) {
      mean += o / offset.length;
    }
    List<Double> list = new ArrayList<>();
    for (double o : offset) {
      list.add(o - mean);
    }
    return new ClassOffsets(list);
  }

  /** The shifted probabilities, sum 1. */
  public double[] apply(double[] probabilities) {
    return shifted(probabilities, offsets.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double[] shifted(double[] probabilities, double[] offset) {
    double[] p = new double[probabilities.length];
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < p.length; c++) {
      p[c] = Math.log(Math.max(TemperatureScaling.SMALLEST, probabilities[c])) + offset[c];
      max = Math.max(max, p[c]);
    }
    double sum = 0;
    for (int c = 0; c < p.length; c++) {
      p[c] = Math.exp(p[c] - max);
      sum += p[c];
    }
    for (int c = 0; c < p.length; c++) {
      p[c] /= sum;
    }
    return p;
  }
}
