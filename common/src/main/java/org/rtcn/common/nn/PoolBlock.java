package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * Layer normalisation of every token, their mean or the class token, and dropout: what the softmax
 * head reads.
 */
final class PoolBlock implements Block {
  private final BlockSpec.Pool spec;
  private final Kernels kernels;
  private final Scratch scratch;
  private final Kernels.Normalisation norm;
  private boolean dropped;

  PoolBlock(BlockSpec.Pool spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.norm = kernels.normalisation();
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(Parameter.bias("g", 1, spec.dim()), Parameter.bias("n", 0, spec.dim()));
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {batch, spec.dim()};
  }

  @Override
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    dropped = mode == Mode.TRAINING && spec.dropout() > 0;
    Array normed = scratch.array("normed", x.shape());
    norm.forward(rows(x), parameters.get("g"), parameters.get("n"), rows(normed));
    if (spec.pooling() == Pooling.CLASS_TOKEN) {
      kernels.copy(normed.at(1, 0), y);
    } else {
      kernels.meanTokens(normed, y);
    }
    if (dropped) {
      kernels.dropout(y, scratch.array("mask", y.shape()), spec.dropout());
    }
  }

  @Override
  public void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    Array share = scratch.array("share", dy.shape());
    boolean classToken = spec.pooling() == Pooling.CLASS_TOKEN;
    kernels.scale(dy, classToken ? 1 : 1.0 / spec.tokens(), share);
    if (dropped) {
      kernels.multiply(share, scratch.array("mask", dy.shape()), share);
    }
    Array spread = scratch.array("spread", x.shape());
    if (classToken) {
      kernels.fill(spread, 0);
      kernels.copy(share, spread.at(1, 0));
    } else {
      kernels.spreadTokens(share, spread);
    }
    norm.backward(
        rows(spread), parameters.get("g"), rows(dx), gradients.get("g"), gradients.get("n"));
  }

  private Array rows(Array x) {
    return x.reshape(x.size(0) * spec.tokens(), spec.dim());
  }

  @Override
  public void close() {
    scratch.close();
  }
}
