package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares of several workers, each times the examples that its worker holds, in double precision. A
 * class, no record: Kryo 4 cannot fill records.
 */
final class WeightedSum implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The first worker in it, by which sums are put into order. */
  final int worker;

  private final double[] parameters;
  private final double[] updaterState;
  private final Map<Integer, String> locations = new HashMap<>();
  private double loss;
  private double examples;

  private WeightedSum(int worker, int parameters, int updaterState) {
    this.worker = worker;
    this.parameters = new double[parameters];
    this.updaterState = new double[updaterState];
  }

  /** The sum in the order of the workers, so that it repeats to the bit. */
  static WeightedSum ofShares(Iterable<WorkerShare> shares) {
    List<WorkerShare> ordered = new ArrayList<>();
    shares.forEach(ordered::add);
    ordered.sort(Comparator.comparingInt(share -> share.worker));
    WorkerShare first = ordered.get(0);
    WeightedSum sum =
        new WeightedSum(first.worker, first.parameters.length, first.updaterState.length);
    for (WorkerShare share : ordered) {
      for (int i = 0; i < sum.parameters.length; i++) {
        sum.parameters[i] += share.examples * (double) share.parameters[i];
      }
      for (int i = 0; i < sum.updaterState.length; i++) {
        sum.updaterState[i] += share.examples * (double) share.updaterState[i];
      }
      sum.locations.put(share.worker, share.location);
      sum.loss += share.examples * share.loss;
      sum.examples += share.examples;
    }
    return sum;
  }

  /** The sum of sums, in the order of their first workers. */
  static WeightedSum ofSums(List<WeightedSum> sums) {
    List<WeightedSum> ordered = new ArrayList<>(sums);
    ordered.sort(Comparator.comparingInt(sum -> sum.worker));
    WeightedSum first = ordered.get(0);
    for (WeightedSum next : ordered.subList(1, ordered.size())) {
      for (int i = 0; i < first.parameters.length; i++) {
        first.parameters[i] += next.parameters[i];
      }
      for (int i = 0; i < first.updaterState.length; i++) {
        first.updaterState[i] += next.updaterState[i];
      }
      first.locations.putAll(next.locations);
      first.loss += next.loss;
      first.examples += next.examples;
    }
    return first;
  }

  /** Worker to the place where it has worked. */
  Map<Integer, String> locations() {
    return locations;
  }

  double loss() {
    return loss / examples;
  }

  float[] parameters() {
    return mean(parameters);
  }

  float[] updaterState() {
    return mean(updaterState);
  }

  private float[] mean(double[] sum) {
    float[] mean = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      mean[i] = (float) (sum[i] / examples);
    }
    return mean;
  }
}
