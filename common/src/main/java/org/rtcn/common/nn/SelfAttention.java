package org.rtcn.common.nn;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al. 2017, section 3.2): {@code softmax(Q
 * Kᵀ / √(d/h)) V} per head, heads joined and mapped once more. Rows are tokens of all examples one
 * after the other, {@code [batch · tokens][dim]}.
 */
final class SelfAttention {
  private final Scratch scratch;
  private final int tokens;
  private final int dim;
  private final int heads;
  private INDArray split;
  private INDArray weights;
  private INDArray joined;

  SelfAttention(Scratch scratch, int tokens, int dim, int heads) {
    this.scratch = scratch;
    this.tokens = tokens;
    this.dim = dim;
    this.heads = heads;
  }

  /**
   * @param inWeights {@code [dim][3 dim]}: query, key, value side by side
   * @param outWeights {@code [dim][dim]}
   */
  void forward(
      INDArray x,
      INDArray inWeights,
      INDArray inBias,
      INDArray outWeights,
      INDArray outBias,
      INDArray y) {
    long rows = x.size(0);
    long batch = rows / tokens;
    int headDim = dim / heads;
    INDArray projected = scratch.array("attention.projected", rows, 3L * dim);
    Linear.forward(x, inWeights, inBias, projected);
    split = scratch.array("attention.split", 3, batch, heads, tokens, headDim);
    split.assign(projected.reshape('c', batch, tokens, 3, heads, headDim).permute(2, 0, 3, 1, 4));
    INDArray query = head(split, 0, batch);
    INDArray key = head(split, 1, batch);
    INDArray value = head(split, 2, batch);

    weights = scratch.array("attention.weights", batch * heads, tokens, tokens);
    Ops.matmul(query, key, weights, false, true);
    weights.muli(1 / Math.sqrt(headDim));
    Ops.softmax(weights, weights);

    INDArray context = scratch.array("attention.context", batch * heads, tokens, headDim);
    Ops.matmul(weights, value, context, false, false);
    joined = scratch.array("attention.joined", batch, tokens, heads, headDim);
    joined.assign(context.reshape('c', batch, heads, tokens, headDim).permute(0, 2, 1, 3));
    joined = joined.reshape('c', rows, dim);
    Linear.forward(joined, outWeights, outBias, y);
  }

  void backward(
      INDArray x,
      INDArray inWeights,
      INDArray outWeights,
      INDArray dy,
      INDArray dx,
      INDArray dInWeights,
      INDArray dInBias,
      INDArray dOutWeights,
      INDArray dOutBias) {
    long rows = x.size(0);
    long batch = rows / tokens;
    int headDim = dim / heads;
    INDArray dJoined = scratch.array("attention.dJoined", rows, dim);
    Linear.backward(joined, outWeights, dy, dJoined, dOutWeights, dOutBias);
    INDArray dContext = scratch.array("attention.dContext", batch, heads, tokens, headDim);
    dContext.assign(dJoined.reshape('c', batch, tokens, heads, headDim).permute(0, 2, 1, 3));
    dContext = dContext.reshape('c', batch * heads, tokens, headDim);

    INDArray dSplit = scratch.array("attention.dSplit", 3, batch, heads, tokens, headDim);
    INDArray query = head(split, 0, batch);
    INDArray key = head(split, 1, batch);
    INDArray value = head(split, 2, batch);
    Ops.matmul(weights, dContext, head(dSplit, 2, batch), true, false);

    INDArray dWeights = scratch.array("attention.dWeights", batch * heads, tokens, tokens);
    Ops.matmul(dContext, value, dWeights, false, true);
    // Softmax: dS = P (dP - sum(dP P)), here over rows of [batch · heads · tokens][tokens].
    INDArray p = weights.reshape('c', batch * heads * tokens, tokens);
    INDArray dP = dWeights.reshape('c', batch * heads * tokens, tokens);
    INDArray product = scratch.array("attention.product", batch * heads * tokens, tokens);
    dP.muli(p, product);
    Ops.minusColumn(dP, product.sum(1), dP);
    dP.muli(p).muli(1 / Math.sqrt(headDim));

    Ops.matmul(dWeights, key, head(dSplit, 0, batch), false, false);
    Ops.matmul(dWeights, query, head(dSplit, 1, batch), true, false);
    INDArray dProjected = scratch.array("attention.dProjected", batch, tokens, 3, heads, headDim);
    dProjected.assign(dSplit.permute(1, 3, 0, 2, 4));
    Linear.backward(x, inWeights, dProjected.reshape('c', rows, 3L * dim), dx, dInWeights, dInBias);
  }

  /** The attention weights of the last pass, {@code [batch · heads][query][key]}. */
  INDArray weights() {
    return weights;
  }

  private INDArray head(INDArray stacked, int which, long batch) {
    return stacked.get(NDArrayIndex.point(which)).reshape('c', batch * heads, tokens, dim / heads);
  }
}
