package org.rtcn.common.nn;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Layer normalisation over the columns of each row (Ba, Kiros, Hinton 2016): {@code y = g (x -
 * mean) / sqrt(var + ε) + b}, the variance being the biased one, ε = 1e-5.
 */
final class LayerNormalisation {
  static final double EPSILON = 1e-5;

  private final Scratch scratch;
  private final String name;
  private INDArray normalised;
  private INDArray inverseDeviation;

  LayerNormalisation(Scratch scratch, String name) {
    this.scratch = scratch;
    this.name = name;
  }

  void forward(INDArray x, INDArray gain, INDArray bias, INDArray y) {
    normalised = scratch.array(name + ".normalised", x.shape());
    inverseDeviation = scratch.array(name + ".deviation", x.size(0));
    Ops.minusColumn(x, x.mean(1), normalised);
    normalised.muli(normalised, y);
    inverseDeviation.assign(y.mean(1)).addi(EPSILON);
    Transforms.sqrt(inverseDeviation, false).rdivi(1.0);
    Ops.timesColumn(normalised, inverseDeviation, normalised);
    Ops.timesRow(normalised, gain, y);
    Ops.addRow(y, bias);
  }

  /** {@code dx} must not be {@code dy}. */
  void backward(INDArray dy, INDArray gain, INDArray dx, INDArray dGain, INDArray dBias) {
    INDArray product = scratch.array(name + ".product", dy.shape());
    dy.muli(normalised, product);
    dGain.assign(product.sum(0));
    dBias.assign(dy.sum(0));
    Ops.timesRow(dy, gain, dx);
    dx.muli(normalised, product);
    INDArray meanProduct = product.mean(1);
    Ops.minusColumn(dx, dx.mean(1), dx);
    Ops.timesColumn(normalised, meanProduct, product);
    dx.subi(product);
    Ops.timesColumn(dx, inverseDeviation, dx);
  }
}
