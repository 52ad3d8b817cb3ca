package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * A residual block (He et al. 2016, figure 2): {@code y = ReLU(shortcut(x) + conv(ReLU(conv(x))))}.
 * The shortcut is the identity, or a 1 × 1 convolution where channels or size change. The first
 * convolution may look at several scales at once: its channels are shared among kernels of several
 * sizes (as in Szegedy et al. 2015, "Inception").
 *
 * <p>There is no batch normalisation, on purpose: its running statistics are no gradients, so
 * parameter averaging would average them as if they were; a beat's score would depend in training
 * on its batch; and its passes over memory cost as much as the convolutions. What it does for the
 * start of training, small first weights of the branch do as well (Zhang, Dauphin, Ma 2019,
 * "Fixup"; De and Smith 2020, "SkipInit").
 */
final class ResidualBlock implements Block {
  private final BlockSpec.Residual spec;
  private final Kernels kernels;
  private final Scratch scratch;
  private final boolean projects;

  ResidualBlock(BlockSpec.Residual spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.projects = spec.in() != spec.out() || spec.stride() != 1;
  }

  @Override
  public List<Parameter> parameters() {
    int rows2 = BlockSpec.kernelRows(3, spec.height());
    double he2 = Math.sqrt(2.0 / (3.0 * rows2 * spec.out()));
    List<Parameter> list = new ArrayList<>();
    for (int scale = 0; scale < spec.kernels().size(); scale++) {
      int channels = spec.channelsOf(scale);
      int kernel = spec.kernels().get(scale);
      int rows = BlockSpec.kernelRows(kernel, spec.height());
      double he1 = Math.sqrt(2.0 / ((double) rows * kernel * spec.in()));
      list.add(Parameter.weight(first("W1", scale), he1, channels, spec.in(), rows, kernel));
      list.add(Parameter.bias(first("b1", scale), 0, channels));
    }
    list.add(Parameter.weight("W2", he2 * spec.branchScale(), spec.out(), spec.out(), rows2, 3));
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
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    Array hidden = scratch.array("hidden", outputShape(x.size(0)));
    firstConvolution(x, hidden, parameters);
    kernels.relu(hidden, hidden);
    kernels.conv2d(hidden, parameters.get("W2"), parameters.get("b2"), y, 1);
    if (projects) {
      Array shortcut = scratch.array("shortcut", outputShape(x.size(0)));
      kernels.conv2d(x, parameters.get("Ws"), null, shortcut, spec.stride());
      kernels.add(y, shortcut, y);
    } else {
      kernels.add(y, x, y);
    }
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
    Array hidden = scratch.array("hidden", outputShape(x.size(0)));
    Array masked = scratch.array("masked", dy.shape());
    Array dHidden = scratch.array("dHidden", dy.shape());
    kernels.reluBackward(y, dy, masked);
    kernels.conv2dBackward(
        hidden,
        parameters.get("W2"),
        parameters.get("b2"),
        masked,
        dHidden,
        gradients.get("W2"),
        gradients.get("b2"),
        1);
    kernels.reluBackward(hidden, dHidden, dHidden);
    firstConvolutionBackward(x, dHidden, dx, parameters, gradients);
    if (projects) {
      Array viaShortcut = scratch.array("dShortcut", x.shape());
      kernels.conv2dBackward(
          x,
          parameters.get("Ws"),
          null,
          masked,
          viaShortcut,
          gradients.get("Ws"),
          null,
          spec.stride());
      kernels.add(dx, viaShortcut, dx);
    } else {
      kernels.add(dx, masked, dx);
    }
  }

  /** The name of a parameter at a scale; without "_", where DL4J takes names apart. */
  private static String first(String name, int scale) {
    return scale == 0 ? name : name + "s" + (scale + 1);
  }

  private void firstConvolution(Array x, Array hidden, Map<String, Array> parameters) {
    int from = 0;
    for (int scale = 0; scale < spec.kernels().size(); scale++) {
      Array part = part(hidden, "hidden", scale);
      kernels.conv2d(
          x,
          parameters.get(first("W1", scale)),
          parameters.get(first("b1", scale)),
          part,
          spec.stride());
      if (part != hidden) {
        kernels.copy(part, hidden.slice(1, from, from + spec.channelsOf(scale)));
      }
      from += spec.channelsOf(scale);
    }
  }

  private void firstConvolutionBackward(
      Array x,
      Array dHidden,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    int from = 0;
    for (int scale = 0; scale < spec.kernels().size(); scale++) {
      Array part = part(dHidden, "dHidden", scale);
      if (part != dHidden) {
        kernels.copy(dHidden.slice(1, from, from + spec.channelsOf(scale)), part);
      }
      Array dxHere = scale == 0 ? dx : scratch.array("dxOfScale", x.shape());
      kernels.conv2dBackward(
          x,
          parameters.get(first("W1", scale)),
          parameters.get(first("b1", scale)),
          part,
          dxHere,
          gradients.get(first("W1", scale)),
          gradients.get(first("b1", scale)),
          spec.stride());
      if (scale > 0) {
        kernels.add(dx, dxHere, dx);
      }
      from += spec.channelsOf(scale);
    }
  }

  /** Where a scale's channels are computed: in {@code whole} itself if it is the only one. */
  private Array part(Array whole, String name, int scale) {
    return spec.kernels().size() == 1
        ? whole
        : scratch.array(
            name + scale, whole.size(0), spec.channelsOf(scale), whole.size(2), whole.size(3));
  }

  @Override
  public void close() {
    scratch.close();
  }
}
