package org.rtcn.common.diffusion;

import java.io.Serializable;
import java.util.List;

/**
 * Where a training stands: all that it needs to go on, beside the untrained model and the beats.
 * Arrays are not copied.
 */
public final class DdpmState implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int step;
  private final float[] weights;
  private final float[] average;
  private final float[] moment1;
  private final float[] moment2;
  private final double lossSum;
  private final int lossCount;

  DdpmState(
      int step,
      float[] weights,
      float[] average,
      float[] moment1,
      float[] moment2,
      double lossSum,
      int lossCount) {
    this.step = step;
    this.weights = weights;
    this.average = average;
    this.moment1 = moment1;
    this.moment2 = moment2;
    this.lossSum = lossSum;
    this.lossCount = lossCount;
  }

  /** The state before the first step. */
  public static DdpmState before(DdpmModel untrained) {
    float[] weights = untrained.weights();
    return new DdpmState(
        0, weights, weights, new float[weights.length], new float[weights.length], 0, 0);
  }

  /**
   * The mean of workers that made the same number of steps; of one worker, that worker's state.
   *
   * @param workers in the order of their numbers, so that the mean repeats to the bit
   */
  public static DdpmState mean(List<DdpmState> workers) {
    DdpmState first = workers.get(0);
    if (workers.size() == 1) {
      return first;
    }
    return new DdpmState(
        first.step,
        meanOf(workers.stream().map(DdpmState::weights).toList()),
        meanOf(workers.stream().map(DdpmState::average).toList()),
        meanOf(workers.stream().map(DdpmState::moment1).toList()),
        meanOf(workers.stream().map(DdpmState::moment2).toList()),
        workers.stream().mapToDouble(DdpmState::lossSum).sum() / workers.size(),
        first.lossCount);
  }

  private static float[] meanOf(List<float[]> vectors) {
    float[] mean = new float[vectors.get(0).length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (float[] vector : vectors) {
        sum += vector[i];
      }
      mean[i] = (float) (sum / vectors.size());
    }
    return mean;
  }

  /** The same with the loss counted anew from here. */
  public DdpmState lossReported() {
    return new DdpmState(step, weights, average, moment1, moment2, 0, 0);
  }

  /** Steps that each worker has made. */
  public int step() {
    return step;
  }

  /** The mean loss since it was last reported; NaN right after. */
  public double loss() {
    return lossSum / lossCount;
  }

  /** Steps since the loss was last reported. */
  public int lossCount() {
    return lossCount;
  }

  double lossSum() {
    return lossSum;
  }

  float[] weights() {
    return weights;
  }

  float[] average() {
    return average;
  }

  float[] moment1() {
    return moment1;
  }

  float[] moment2() {
    return moment2;
  }

  /** Whether every number of it is. */
  public boolean isFinite() {
    for (float[] vector : List.of(weights, average, moment1, moment2)) {
      for (float value : vector) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return Double.isFinite(lossSum);
  }
}
