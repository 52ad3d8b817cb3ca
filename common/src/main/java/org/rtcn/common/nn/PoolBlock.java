package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Layer normalisation of every token, their mean or the class token, and dropout: what the softmax
 * head reads.
 */
final class PoolBlock implements Block {
  private final BlockSpec.Pool spec;
  private final Scratch scratch;
  private final LayerNormalisation norm;
  private boolean dropped;

  PoolBlock(BlockSpec.Pool spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
    this.norm = new LayerNormalisation(scratch, "norm");
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
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    dropped = mode == Mode.TRAINING && spec.dropout() > 0;
    INDArray normed = scratch.array("normed", x.shape());
    norm.forward(rows(x), parameters.get("g"), parameters.get("n"), rows(normed));
    y.assign(
        spec.pooling() == Pooling.CLASS_TOKEN
            ? normed.get(NDArrayIndex.all(), NDArrayIndex.point(0))
            : normed.mean(1));
    if (dropped) {
      Ops.dropout(y, scratch.array("mask", y.shape()), spec.dropout());
    }
  }

  @Override
  public void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    INDArray share = scratch.array("share", dy.shape());
    boolean classToken = spec.pooling() == Pooling.CLASS_TOKEN;
    dy.divi(classToken ? 1 : spec.tokens(), share);
    if (dropped) {
      share.muli(scratch.array("mask", dy.shape()));
    }
    INDArray spread = scratch.array("spread", x.shape());
    if (classToken) {
      spread.assign(0);
      spread.get(NDArrayIndex.all(), NDArrayIndex.point(0)).assign(share);
    } else {
      spread.assign(share.reshape('c', dy.size(0), 1, spec.dim()).broadcast(x.shape()));
    }
    norm.backward(
        rows(spread), parameters.get("g"), rows(dx), gradients.get("g"), gradients.get("n"));
  }

  private INDArray rows(INDArray x) {
    return x.reshape('c', x.size(0) * spec.tokens(), spec.dim());
  }
}
