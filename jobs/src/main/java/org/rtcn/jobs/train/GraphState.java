package org.rtcn.jobs.train;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.averaging.TrainingState;

/** Between a DL4J graph and plain arrays. */
final class GraphState {
  private GraphState() {}

  /** Where a graph stands. */
  static TrainingState of(ComputationGraph graph) {
    return of(
        graph.getConfiguration().getIterationCount(),
        graph.params(),
        graph.getUpdater(true).getStateViewArray());
  }

  /**
   * The state of a network.
   *
   * @param updater Adam's two moments, one after the other; null for an updater without
   */
  static TrainingState of(int step, INDArray parameters, INDArray updater) {
    float[] moments = updater == null ? new float[0] : updater.toFloatVector();
    int half = moments.length / 2;
    return new TrainingState(
        step,
        parameters.toFloatVector(),
        Arrays.copyOf(moments, half),
        Arrays.copyOfRange(moments, half, moments.length),
        new float[0]);
  }

  /** Makes a graph stand so. */
  static void write(TrainingState state, ComputationGraph graph) {
    writeWeights(state.weights(), graph);
    int half = state.moment1().length;
    if (half > 0) {
      float[] moments = Arrays.copyOf(state.moment1(), 2 * half);
      System.arraycopy(state.moment2(), 0, moments, half, half);
      graph.getUpdater(true).setStateViewArray(row(moments));
    }
    graph.getConfiguration().setIterationCount(state.step());
  }

  /** Gives a graph other weights. */
  static void writeWeights(float[] weights, ComputationGraph graph) {
    graph.setParams(row(weights));
  }

  private static INDArray row(float[] values) {
    return Nd4j.create(values, new long[] {1, values.length}, 'c');
  }
}
