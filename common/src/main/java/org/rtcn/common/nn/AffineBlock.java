package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;

/**
 * The affine map {@code y = x W + b} that starts as zero: a part of a network that says nothing
 * until it has learned to. What was never seen in training, such as the flag of a missing age,
 * keeps the weight 0.
 */
final class AffineBlock implements Block {
  private final BlockSpec.Affine spec;
  private final Kernels kernels;

  AffineBlock(BlockSpec.Affine spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
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
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    kernels.affine(x, parameters.get("W"), parameters.get("b"), y);
  }

  @Override
  public void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    kernels.affineBackward(x, parameters.get("W"), dy, dx, gradients.get("W"), gradients.get("b"));
  }
}
