package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** 3 × 3 convolution (1 × 3 where images have one voice) and ReLU. */
final class StemBlock implements Block {
  private final BlockSpec.Stem spec;
  private final Scratch scratch;

  StemBlock(BlockSpec.Stem spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
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
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    Ops.conv2d(x, parameters.get("W"), parameters.get("b"), y, spec.stride());
    Ops.relu(y, y);
  }

  @Override
  public void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    INDArray masked = scratch.array("masked", dy.shape());
    Ops.reluBackward(y, dy, masked, scratch.array("positive", dy.shape()));
    Ops.conv2dBackward(
        x,
        parameters.get("W"),
        parameters.get("b"),
        masked,
        // The operation always computes it; a way without it took longer.
        dx,
        gradients.get("W"),
        gradients.get("b"),
        spec.stride());
  }
}
