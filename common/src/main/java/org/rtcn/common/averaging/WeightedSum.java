package org.rtcn.common.averaging;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Shares of several workers, each multiplied by its weight, in double precision. Not a record: Kryo
 * 4 cannot fill records.
 */
public final class WeightedSum implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The first worker in it, by which sums are put into order. */
  private final int worker;

  private final int step;
  private final double[][] vectors;
  private final Map<Integer, String> places = new HashMap<>();
  private double loss;
  private double weight;

  private WeightedSum(Share first) {
    worker = first.worker;
    step = first.end.step();
    float[][] own = first.end.vectors();
    vectors = new double[own.length][];
    for (int v = 0; v < own.length; v++) {
      vectors[v] = new double[own[v].length];
    }
  }

  /**
   * The sum in the order of the workers, so that it repeats to the bit.
   *
   * @throws IllegalStateException if there is no share
   */
  public static WeightedSum ofShares(Iterable<Share> shares) {
    List<Share> ordered = new ArrayList<>();
    shares.forEach(ordered::add);
    if (ordered.isEmpty()) {
      throw new IllegalStateException("Cannot average: no worker had data");
    }
    ordered.sort(Comparator.comparingInt(share -> share.worker));
    WeightedSum sum = new WeightedSum(ordered.get(0));
    ordered.forEach(sum::add);
    return sum;
  }

  private void add(Share share) {
    float[][] own = share.end.vectors();
    for (int v = 0; v < own.length; v++) {
      for (int i = 0; i < own[v].length; i++) {
        vectors[v][i] += share.weight * (double) own[v][i];
      }
    }
    places.put(share.worker, share.place);
    loss += share.weight * share.loss;
    weight += share.weight;
  }

  /**
   * The sum of sums, in the order of their first workers.
   *
   * @throws IllegalStateException if there is none
   */
  public static WeightedSum ofSums(List<WeightedSum> sums) {
    if (sums.isEmpty()) {
      throw new IllegalStateException("Cannot average: no worker had data");
    }
    List<WeightedSum> ordered = new ArrayList<>(sums);
    ordered.sort(Comparator.comparingInt(sum -> sum.worker));
    WeightedSum first = ordered.get(0);
    ordered.subList(1, ordered.size()).forEach(first::add);
    return first;
  }

  private void add(WeightedSum other) {
    for (int v = 0; v < vectors.length; v++) {
      for (int i = 0; i < vectors[v].length; i++) {
        vectors[v][i] += other.vectors[v][i];
      }
    }
    places.putAll(other.places);
    loss += other.loss;
    weight += other.weight;
  }

  /** Worker to the place where it has worked. */
  public Map<Integer, String> places() {
    return places;
  }

  /** The mean of the workers' losses. */
  public double loss() {
    return loss / weight;
  }

  /** Where all go on. */
  public TrainingState mean() {
    float[][] mean = new float[vectors.length][];
    for (int v = 0; v < vectors.length; v++) {
      mean[v] = new float[vectors[v].length];
      for (int i = 0; i < mean[v].length; i++) {
        mean[v][i] = (float) (vectors[v][i] / weight);
      }
    }
    return TrainingState.of(step, mean);
  }
}
