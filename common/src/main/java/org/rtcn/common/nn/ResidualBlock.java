package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A residual block (He et al. 2016, figure 2): {@code y = ReLU(shortcut(x) + conv(ReLU(conv(x))))}.
 * The shortcut is the identity, or a 1 × 1 convolution where channels or size change.
 *
 * <p>There is no batch normalisation, on purpose: its running statistics are no gradients, so
 * parameter averaging would average them as if they were; a beat's score would depend in training
 * on its batch; and its passes over memory cost as much as the convolutions. What it does for the
 * start of training, small first weights of the branch do as well (Zhang, Dauphin, Ma 2019,
 * "Fixup"; De and Smith 2020, "SkipInit").
 */
final class ResidualBlock implements Block {
  private final BlockSpec.Residual spec;
  private final Scratch scratch;
  private final boolean projects;

  ResidualBlock(BlockSpec.Residual spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
    this.projects = spec.in() != spec.out() || spec.stride() != 1;
  }

  @Override
  public List<Parameter> parameters() {
    double he1 = Math.sqrt(2.0 / (9.0 * spec.in()));
    double he2 = Math.sqrt(2.0 / (9.0 * spec.out()));
    List<Parameter> list = new ArrayList<>();
    list.add(Parameter.weight("W1", he1, spec.out(), spec.in(), 3, 3));
    list.add(Parameter.bias("b1", 0, spec.out()));
    list.add(Parameter.weight("W2", he2 * spec.branchScale(), spec.out(), spec.out(), 3, 3));
    list.add(Parameter.bias("b2", 0, spec.out()));
    if (projects) {
      list.add(Parameter.weight("Ws", Math.sqrt(1.0 / spec.in()), spec.out(), spec.in(), 1, 1));
    }
    return List.copyOf(list);
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
    INDArray hidden = scratch.array("hidden", outputShape(x.size(0)));
    Ops.conv2d(x, parameters.get("W1"), parameters.get("b1"), hidden, spec.stride(), 1);
    Ops.relu(hidden, hidden);
    Ops.conv2d(hidden, parameters.get("W2"), parameters.get("b2"), y, 1, 1);
    if (projects) {
      INDArray shortcut = scratch.array("shortcut", outputShape(x.size(0)));
      Ops.conv2d(x, parameters.get("Ws"), null, shortcut, spec.stride(), 0);
      y.addi(shortcut);
    } else {
      y.addi(x);
    }
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
    INDArray hidden = scratch.array("hidden", outputShape(x.size(0)));
    INDArray masked = scratch.array("masked", dy.shape());
    INDArray dHidden = scratch.array("dHidden", dy.shape());
    INDArray positive = scratch.array("positive", dy.shape());
    Ops.reluBackward(y, dy, masked, positive);
    Ops.conv2dBackward(
        hidden,
        parameters.get("W2"),
        parameters.get("b2"),
        masked,
        dHidden,
        gradients.get("W2"),
        gradients.get("b2"),
        1,
        1);
    Ops.reluBackward(hidden, dHidden, dHidden, positive);
    Ops.conv2dBackward(
        x,
        parameters.get("W1"),
        parameters.get("b1"),
        dHidden,
        dx,
        gradients.get("W1"),
        gradients.get("b1"),
        spec.stride(),
        1);
    if (projects) {
      INDArray viaShortcut = scratch.array("dShortcut", x.shape());
      Ops.conv2dBackward(
          x,
          parameters.get("Ws"),
          null,
          masked,
          viaShortcut,
          gradients.get("Ws"),
          null,
          spec.stride(),
          0);
      dx.addi(viaShortcut);
    } else {
      dx.addi(masked);
    }
  }
}
