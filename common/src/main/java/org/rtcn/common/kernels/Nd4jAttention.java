package org.rtcn.common.kernels;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Attention head by head where {@link HostFloats} serve, else by native operations. */
final class Nd4jAttention implements Kernels.Attention {
  private final Scratch scratch;
  private final int tokens;
  private final int dim;
  private final int heads;
  private final Host host;
  private boolean onHost;
  private INDArray split;
  private INDArray weights;

  Nd4jAttention(Kernels kernels, int tokens, int dim, int heads) {
    this.scratch = new Scratch(kernels);
    this.tokens = tokens;
    this.dim = dim;
    this.heads = heads;
    this.host = new Host();
  }

  @Override
  public void forward(Array projected, Array joined) {
    onHost = HostFloats.serve(Nd4jArray.of(projected));
    if (onHost) {
      host.forward(Nd4jArray.of(projected), Nd4jArray.of(joined));
    } else {
      nativeForward(Nd4jArray.of(projected), Nd4jArray.of(joined));
    }
  }

  @Override
  public void backward(Array dJoined, Array dProjected) {
    if (onHost) {
      host.backward(Nd4jArray.of(dJoined), Nd4jArray.of(dProjected));
    } else {
      nativeBackward(Nd4jArray.of(dJoined), Nd4jArray.of(dProjected));
    }
  }

  private INDArray array(String name, long... shape) {
    return Nd4jArray.of(scratch.array(name, shape));
  }

  private void nativeForward(INDArray projected, INDArray joined) {
    long batch = projected.size(0) / tokens;
    int headDim = dim / heads;
    split = array("split", 3, batch, heads, tokens, headDim);
    split.assign(projected.reshape('c', batch, tokens, 3, heads, headDim).permute(2, 0, 3, 1, 4));
    INDArray query = head(split, 0, batch);
    INDArray key = head(split, 1, batch);
    INDArray value = head(split, 2, batch);

    weights = array("weights", batch * heads, tokens, tokens);
    Nd4jKernels.matmul(query, key, weights, false, true);
    weights.muli(1 / Math.sqrt(headDim));
    Nd4j.exec(
        DynamicCustomOp.builder("softmax")
            .addInputs(weights)
            .addOutputs(weights)
            .addIntegerArguments(weights.rank() - 1)
            .build());

    INDArray context = array("context", batch * heads, tokens, headDim);
    Nd4jKernels.matmul(weights, value, context, false, false);
    joined
        .reshape('c', batch, tokens, heads, headDim)
        .assign(context.reshape('c', batch, heads, tokens, headDim).permute(0, 2, 1, 3));
  }

  private void nativeBackward(INDArray dJoined, INDArray dProjected) {
    long batch = dJoined.size(0) / tokens;
    int headDim = dim / heads;
    INDArray dContext = array("dContext", batch, heads, tokens, headDim);
    dContext.assign(dJoined.reshape('c', batch, tokens, heads, headDim).permute(0, 2, 1, 3));
    dContext = dContext.reshape('c', batch * heads, tokens, headDim);

    INDArray dSplit = array("dSplit", 3, batch, heads, tokens, headDim);
    INDArray query = head(split, 0, batch);
    INDArray key = head(split, 1, batch);
    INDArray value = head(split, 2, batch);
    Nd4jKernels.matmul(weights, dContext, head(dSplit, 2, batch), true, false);

    INDArray dWeights = array("dWeights", batch * heads, tokens, tokens);
    Nd4jKernels.matmul(dContext, value, dWeights, false, true);
    // Softmax: dS = P (dP - sum(dP P)), here over rows of [batch · heads · tokens][tokens].
    INDArray p = weights.reshape('c', batch * heads * tokens, tokens);
    INDArray dP = dWeights.reshape('c', batch * heads * tokens, tokens);
    INDArray product = array("product", batch * heads * tokens, tokens);
    dP.muli(p, product);
    Broadcast.sub(dP, product.sum(1), dP, 0);
    dP.muli(p).muli(1 / Math.sqrt(headDim));

    Nd4jKernels.matmul(dWeights, key, head(dSplit, 0, batch), false, false);
    Nd4jKernels.matmul(dWeights, query, head(dSplit, 1, batch), true, false);
    dProjected.reshape('c', batch, tokens, 3, heads, headDim).assign(dSplit.permute(1, 3, 0, 2, 4));
  }

  @Override
  public double[] weights() {
    if (!onHost) {
      return weights.dup('c').data().asDouble();
    }
    double[] values = new double[host.weights.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = host.weights[i];
    }
    return values;
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
