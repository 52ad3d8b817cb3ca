package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The affine map {@code y = x W + b} that starts as zero: a part of a network that says nothing
 * until it has learned to. What was never seen in training, such as the flag of a missing age,
 * keeps the weight 0.
 */
final class AffineBlock implements Block {
  private final BlockSpec.Affine spec;

  AffineBlock(BlockSpec.Affine spec) {
    this.spec = spec;
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        Parameter.weight("W", 0, spec.in(), spec.out()), Parameter.bias("b", 0, spec.out()));
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {batch, spec.out()};
  }

  @Override
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    Linear.forward(x, parameters.get("W"), parameters.get("b"), y);
  }

  @Override
  public void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    Linear.backward(x, parameters.get("W"), dy, dx, gradients.get("W"), gradients.get("b"));
  }
}
