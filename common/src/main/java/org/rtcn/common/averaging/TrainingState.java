package org.rtcn.common.averaging;

import java.io.Serializable;
import java.util.List;

/**
 * Where a training stands: with the seed and the examples all that it needs to go on. Arrays are
 * not copied, and nobody writes to them. A class, no record: Kryo 4 cannot fill records.
 */
public final class TrainingState implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What the vectors are called in a checkpoint, in their order. */
  static final List<String> NAMES = List.of("weights", "moment1", "moment2", "average");

  private final int step;
  private final float[] weights;
  private final float[] moment1;
  private final float[] moment2;
  private final float[] average;

  /**
   * A state.
   *
   * @param step steps that each worker has made
   * @param weights the network's flat vector
   * @param moment1 Adam's running mean of the gradients; empty for an updater without moments
   * @param moment2 that of their squares; empty likewise
   * @param average running mean of the weights; empty where none is kept
   */
  public TrainingState(
      int step, float[] weights, float[] moment1, float[] moment2, float[] average) {
    this.step = step;
    this.weights = weights;
    this.moment1 = moment1;
    this.moment2 = moment2;
    this.average = average;
  }

  static TrainingState of(int step, float[][] vectors) {
    return new TrainingState(step, vectors[0], vectors[1], vectors[2], vectors[3]);
  }

  /** In the order of {@link #NAMES}. */
  float[][] vectors() {
    return new float[][] {weights, moment1, moment2, average};
  }

  /** Whether the other state is of a network of the same size. */
  boolean fits(TrainingState other) {
    float[][] own = vectors();
    float[][] others = other.vectors();
    boolean fits = true;
    for (int v = 0; v < own.length; v++) {
      fits &= own[v].length == others[v].length;
    }
    return fits;
  }

  public int step() {
    return step;
  }

  public float[] weights() {
    return weights;
  }

  public float[] moment1() {
    return moment1;
  }

  public float[] moment2() {
    return moment2;
  }

  public float[] average() {
    return average;
  }
}
