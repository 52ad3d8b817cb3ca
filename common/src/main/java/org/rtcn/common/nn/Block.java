package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One differentiable part of a network: knows its forward pass and, from what that pass left
 * behind, its backward pass. Holds scratch arrays, so one instance serves one thread.
 */
interface Block {
  /** The parameters, in the order in which they lie in the flat vector. */
  List<Parameter> parameters();

  /** The shape of the output for {@code batch} examples. */
  long[] outputShape(long batch);

  /**
   * Computes {@code y} from {@code x}.
   *
   * @param x dense, C order
   * @param y dense, C order, of {@link #outputShape}
   */
  void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode);

  /**
   * Computes {@code dx}, and the gradients of the parameters, after {@link #forward} with the same
   * {@code x} and {@code y}.
   *
   * @param dy dense, C order; not changed
   * @param dx receives the gradient of {@code x}; only a {@link StemBlock} takes null, and then
   *     leaves it out
   * @param gradients receives the gradients by parameter name (overwritten, not added to)
   */
  void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients);

  /** Whether dropout is active. */
  enum Mode {
    TRAINING,
    INFERENCE
  }
}
