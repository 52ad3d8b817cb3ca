package org.rtcn.common.nn;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Multi-head scaled dot-product self-attention (Vaswani et al. 2017, section 3.2): {@code softmax(Q
 * Kᵀ / √(d/h)) V} per head, heads joined and mapped once more. Rows are tokens of all examples one
 * after the other, {@code [batch · tokens][dim]}. The maps are native; what lies between them is
 * done head by head where {@link HostFloats} serve, else by native operations.
 */
final class SelfAttention {
  private final Scratch scratch;
  private final int tokens;
  private final int dim;
  private final int heads;
  private final Host host;
  private boolean onHost;
  private INDArray split;
  private INDArray weights;
  private INDArray joined;

  SelfAttention(Scratch scratch, int tokens, int dim, int heads) {
    this.scratch = scratch;
    this.tokens = tokens;
    this.dim = dim;
    this.heads = heads;
    this.host = new Host();
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
    joined = scratch.array("attention.joined", rows, dim);
    onHost = HostFloats.serve(x);
    if (onHost) {
      host.forward(projected, joined);
    } else {
      nativeForward(projected, batch, headDim);
    }
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
    INDArray dProjected = scratch.array("attention.dProjected", rows, 3L * dim);
    if (onHost) {
      host.backward(dJoined, dProjected);
    } else {
      nativeBackward(dJoined, dProjected, batch, headDim);
    }
    Linear.backward(x, inWeights, dProjected, dx, dInWeights, dInBias);
  }

  private void nativeForward(INDArray projected, long batch, int headDim) {
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
    joined
        .reshape('c', batch, tokens, heads, headDim)
        .assign(context.reshape('c', batch, heads, tokens, headDim).permute(0, 2, 1, 3));
  }

  private void nativeBackward(INDArray dJoined, INDArray dProjected, long batch, int headDim) {
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
    dProjected.reshape('c', batch, tokens, 3, heads, headDim).assign(dSplit.permute(1, 3, 0, 2, 4));
  }

  /** The attention weights of the last pass, {@code [batch · heads][query][key]}. */
  INDArray weights() {
    return onHost
        ? Nd4j.create(
            host.weights, new long[] {host.weights.length / tokens / tokens, tokens, tokens})
        : weights;
  }

  private INDArray head(INDArray stacked, int which, long batch) {
    return stacked.get(NDArrayIndex.point(which)).reshape('c', batch * heads, tokens, dim / heads);
  }

  /**
   * What lies between the maps, in the JVM's memory; reads and writes rows as the maps have them.
   */
  private final class Host {
    private final float scale = (float) (1 / Math.sqrt(dim / (double) heads));
    private float[] projected;
    private float[] weights;
    private float[] context;
    private float[] dContext;
    private float[] dProjected;
    private float[] dWeights;

    void forward(INDArray queryKeyValue, INDArray out) {
      projected = HostFloats.read(queryKeyValue, projected);
      int rows = projected.length / (3 * dim);
      int headDim = dim / heads;
      weights = HostFloats.ofLength(weights, (long) rows * heads * tokens);
      context = HostFloats.ofLength(context, (long) rows * dim);
      Arrays.fill(context, 0);
      int w = 0;
      for (int first = 0; first < rows; first += tokens) {
        for (int h = 0; h < heads; h++) {
          int query = first * 3 * dim + h * headDim;
          int key = query + dim;
          int value = key + dim;
          for (int t = 0; t < tokens; t++) {
            for (int u = 0; u < tokens; u++) {
              weights[w + u] =
                  scale
                      * HostFloats.dot(
                          projected, query + t * 3 * dim, projected, key + u * 3 * dim, headDim);
            }
            softmax(weights, w);
            int to = (first + t) * dim + h * headDim;
            for (int u = 0; u < tokens; u++) {
              HostFloats.axpy(weights[w + u], projected, value + u * 3 * dim, context, to, headDim);
            }
            w += tokens;
          }
        }
      }
      HostFloats.write(context, out);
    }

    private void softmax(float[] row, int from) {
      float highest = row[from];
      for (int u = 1; u < tokens; u++) {
        highest = Math.max(highest, row[from + u]);
      }
      float sum = 0;
      for (int u = 0; u < tokens; u++) {
        row[from + u] = (float) Math.exp(row[from + u] - highest);
        sum += row[from + u];
      }
      float inverse = 1 / sum;
      for (int u = 0; u < tokens; u++) {
        row[from + u] *= inverse;
      }
    }

    void backward(INDArray dOut, INDArray dQueryKeyValue) {
      dContext = HostFloats.read(dOut, dContext);
      dProjected = HostFloats.ofLength(dProjected, projected.length);
      dWeights = HostFloats.ofLength(dWeights, tokens);
      Arrays.fill(dProjected, 0);
      int rows = projected.length / (3 * dim);
      int headDim = dim / heads;
      int w = 0;
      for (int first = 0; first < rows; first += tokens) {
        for (int h = 0; h < heads; h++) {
          int query = first * 3 * dim + h * headDim;
          int key = query + dim;
          int value = key + dim;
          for (int t = 0; t < tokens; t++) {
            int from = (first + t) * dim + h * headDim;
            float sum = 0;
            for (int u = 0; u < tokens; u++) {
              int row = u * 3 * dim;
              float p = weights[w + u];
              HostFloats.axpy(p, dContext, from, dProjected, value + row, headDim);
              float d = HostFloats.dot(dContext, from, projected, value + row, headDim);
              dWeights[u] = d;
              sum += d * p;
            }
            // Softmax: dS = P (dP - sum(dP P)).
            for (int u = 0; u < tokens; u++) {
              int row = u * 3 * dim;
              float d = scale * weights[w + u] * (dWeights[u] - sum);
              int own = query + t * 3 * dim;
              HostFloats.axpy(d, projected, key + row, dProjected, own, headDim);
              HostFloats.axpy(d, projected, own, dProjected, key + row, headDim);
            }
            w += tokens;
          }
        }
      }
      HostFloats.write(dProjected, dQueryKeyValue);
    }
  }
}
