package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
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
   * What lies between the maps: products of small matrices where they lie, head by head, and
   * softmax of all heads together in the JVM's memory.
   */
  private final class Host {
    private final int headDim = dim / heads;
    private final int pitch = 3 * dim;
    private final float scale = (float) (1 / Math.sqrt(headDim));
    private INDArray projected;
    private float[] weights;
    private float[] dWeights;
    private FloatPointer weightsThere;
    private FloatPointer dWeightsThere;

    void forward(INDArray queryKeyValue, INDArray out) {
      projected = queryKeyValue;
      int rows = Math.toIntExact(queryKeyValue.size(0));
      weights = HostFloats.ofLength(weights, (long) rows * heads * tokens);
      weightsThere = HostFloats.ofLength(weightsThere, weights.length);
      FloatPointer all = HostFloats.pointer(queryKeyValue);
      FloatPointer query = new FloatPointer(all);
      FloatPointer other = new FloatPointer(all);
      FloatPointer to = new FloatPointer(HostFloats.pointer(out));
      FloatPointer p = weightsThere;
      try {
        int at = 0;
        for (int first = 0; first < rows; first += tokens) {
          for (int h = 0; h < heads; h++) {
            long start = (long) first * pitch + (long) h * headDim;
            query.position(start);
            other.position(start + dim);
            p.position(at);
            HostGemm.of(false, true, tokens, tokens, headDim)
                .multiply(scale, query, pitch, other, pitch, 0, p, tokens);
            at += tokens * tokens;
          }
        }
        p.position(0).get(weights, 0, weights.length);
        softmax();
        p.put(weights, 0, weights.length);
        at = 0;
        for (int first = 0; first < rows; first += tokens) {
          for (int h = 0; h < heads; h++) {
            other.position((long) first * pitch + (long) h * headDim + 2L * dim);
            to.position((long) first * dim + (long) h * headDim);
            p.position(at);
            HostGemm.of(false, false, tokens, headDim, tokens)
                .multiply(1, p, tokens, other, pitch, 0, to, dim);
            at += tokens * tokens;
          }
        }
      } finally {
        Reference.reachabilityFence(queryKeyValue);
        Reference.reachabilityFence(out);
      }
    }

    private void softmax() {
      for (int from = 0; from < weights.length; from += tokens) {
        float highest = weights[from];
        for (int u = from + 1; u < from + tokens; u++) {
          highest = Math.max(highest, weights[u]);
        }
        for (int u = from; u < from + tokens; u++) {
          weights[u] = Math.max(weights[u] - highest, -20f);
        }
      }
      HostFloats.expm1(weights, weights.length);
      for (int from = 0; from < weights.length; from += tokens) {
        float sum = tokens;
        for (int u = from; u < from + tokens; u++) {
          sum += weights[u];
        }
        float inverse = 1 / sum;
        for (int u = from; u < from + tokens; u++) {
          weights[u] = (weights[u] + 1f) * inverse;
        }
      }
    }

    void backward(INDArray dOut, INDArray dQueryKeyValue) {
      int rows = Math.toIntExact(dOut.size(0));
      dWeights = HostFloats.ofLength(dWeights, weights.length);
      dWeightsThere = HostFloats.ofLength(dWeightsThere, weights.length);
      FloatPointer in = new FloatPointer(HostFloats.pointer(projected));
      FloatPointer out = new FloatPointer(HostFloats.pointer(dQueryKeyValue));
      FloatPointer from = new FloatPointer(HostFloats.pointer(dOut));
      FloatPointer p = weightsThere;
      FloatPointer dP = dWeightsThere;
      try {
        int at = 0;
        for (int first = 0; first < rows; first += tokens) {
          for (int h = 0; h < heads; h++) {
            long value = (long) first * pitch + (long) h * headDim + 2L * dim;
            from.position((long) first * dim + (long) h * headDim);
            in.position(value);
            out.position(value);
            p.position(at);
            dP.position(at);
            HostGemm.of(true, false, tokens, headDim, tokens)
                .multiply(1, p, tokens, from, dim, 0, out, pitch);
            HostGemm.of(false, true, tokens, tokens, headDim)
                .multiply(1, from, dim, in, pitch, 0, dP, tokens);
            at += tokens * tokens;
          }
        }
        dP.position(0).get(dWeights, 0, dWeights.length);
        softmaxBackward();
        dP.put(dWeights, 0, dWeights.length);
        at = 0;
        for (int first = 0; first < rows; first += tokens) {
          for (int h = 0; h < heads; h++) {
            long query = (long) first * pitch + (long) h * headDim;
            dP.position(at);
            in.position(query + dim);
            out.position(query);
            HostGemm.of(false, false, tokens, headDim, tokens)
                .multiply(scale, dP, tokens, in, pitch, 0, out, pitch);
            in.position(query);
            out.position(query + dim);
            HostGemm.of(true, false, tokens, headDim, tokens)
                .multiply(scale, dP, tokens, in, pitch, 0, out, pitch);
            at += tokens * tokens;
          }
        }
      } finally {
        p.position(0);
        dP.position(0);
        Reference.reachabilityFence(projected);
        Reference.reachabilityFence(dOut);
        Reference.reachabilityFence(dQueryKeyValue);
      }
    }

    /** {@code dS = P (dP - sum(dP P))}. */
    private void softmaxBackward() {
      for (int from = 0; from < weights.length; from += tokens) {
        float sum = 0;
        for (int u = from; u < from + tokens; u++) {
          sum += dWeights[u] * weights[u];
        }
        for (int u = from; u < from + tokens; u++) {
          dWeights[u] = weights[u] * (dWeights[u] - sum);
        }
      }
    }
  }
}
