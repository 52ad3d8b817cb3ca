package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;

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
  void forward(Array x, Array y, Map<String, Array> parameters, Mode mode);

  /**
   * Computes {@code dx}, and the gradients of the parameters, after {@link #forward} with the same
   * {@code x} and {@code y}.
   *
   * @param dy dense, C order; not changed
   * @param dx receives the gradient of {@code x}; a {@link StemBlock} also takes null, where nobody
   *     wants it
   * @param gradients receives the gradients by parameter name (overwritten, not added to)
   */
  void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients);

  /** Frees what it keeps from batch to batch. */
  default void close() {}

  /** Whether dropout is active. */
  enum Mode {
    TRAINING,
    INFERENCE
  }
}
