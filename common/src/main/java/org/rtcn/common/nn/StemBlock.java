package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/** 3 × 3 convolution (1 × 3 where images have one voice) and ReLU. */
final class StemBlock implements Block {
  private final BlockSpec.Stem spec;
  private final Kernels kernels;
  private final Scratch scratch;

  StemBlock(BlockSpec.Stem spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
  }

  @Override
  public List<Parameter> parameters() {
    int rows = BlockSpec.kernelRows(3, spec.height());
    return List.of(
        Parameter.weight(
            "W", Math.sqrt(2.0 / (3.0 * rows * spec.in())), spec.out(), spec.in(), rows, 3),
        Parameter.bias("b", 0, spec.out()));
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {
      batch,
      spec.out(),
      BlockSpec.strided(spec.height(), spec.stride()),
      BlockSpec.strided(spec.width(), spec.stride())
    };
  }

  @Override
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    kernels.conv2d(x, parameters.get("W"), parameters.get("b"), y, spec.stride());
    kernels.relu(y, y);
  }

  @Override
  public void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    Array masked = scratch.array("masked", dy.shape());
    kernels.reluBackward(y, dy, masked);
    kernels.conv2dBackward(
        x,
        parameters.get("W"),
        parameters.get("b"),
        masked,
        dx,
        gradients.get("W"),
        gradients.get("b"),
        spec.stride());
  }

  @Override
  public void close() {
    scratch.close();
  }
}
