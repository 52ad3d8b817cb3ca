package org.rtcn.common.nn;

import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al. 2017, section 3.2): one linear map
 * to queries, keys and values, {@link Kernels.Attention}, one linear map of the joined heads. Rows
 * are tokens of all examples one after the other, {@code [batch · tokens][dim]}.
 */
final class SelfAttention {
  private final Kernels kernels;
  private final Scratch scratch;
  private final int dim;
  private final Kernels.Attention attention;

  SelfAttention(Kernels kernels, int tokens, int dim, int heads) {
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.dim = dim;
    this.attention = kernels.attention(tokens, dim, heads);
  }

  /**
   * Attends.
   *
   * @param inWeights {@code [dim][3 dim]}: query, key, value side by side
   * @param outWeights {@code [dim][dim]}
   */
  void forward(Array x, Array inWeights, Array inBias, Array outWeights, Array outBias, Array y) {
    Array projected = scratch.array("projected", x.size(0), 3L * dim);
    kernels.affine(x, inWeights, inBias, projected);
    Array joined = joined(x);
    attention.forward(projected, joined);
    kernels.affine(joined, outWeights, outBias, y);
  }

  /** After {@link #forward} with the same {@code x}. */
  void backward(
      Array x,
      Array inWeights,
      Array outWeights,
      Array dy,
      Array dx,
      Array dInWeights,
      Array dInBias,
      Array dOutWeights,
      Array dOutBias) {
    Array dJoined = scratch.array("dJoined", x.size(0), dim);
    kernels.affineBackward(joined(x), outWeights, dy, dJoined, dOutWeights, dOutBias);
    Array dProjected = scratch.array("dProjected", x.size(0), 3L * dim);
    attention.backward(dJoined, dProjected);
    kernels.affineBackward(x, inWeights, dProjected, dx, dInWeights, dInBias);
  }

  private Array joined(Array x) {
    return scratch.array("joined", x.size(0), dim);
  }

  /** The attention weights of the last pass, {@code [batch · heads][query][key]}. */
  double[] weights() {
    return attention.weights();
  }

  /** Frees the arrays. */
  void close() {
    scratch.close();
  }
}
