package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.storage.NamedArrays.Spec;

/**
 * The weights of a {@link UNet} as named arrays, in the order of its vector, from its shape alone:
 * no array is allocated, so that a model's file can be checked before a network is built for it.
 */
public final class UNetLayout {
  private static final int KERNEL = 3;

  private final UNet.Shape shape;
  private final List<Spec> specs = new ArrayList<>();

  private UNetLayout(UNet.Shape shape) {
    this.shape = shape;
  }

  /**
   * The arrays.
   *
   * @throws IllegalArgumentException if the network is larger than {@link NetworkLimits} allow
   */
  public static List<Spec> weights(UNet.Shape shape) {
    return new UNetLayout(shape).all();
  }

  private List<Spec> all() {
    List<Integer> channels = shape.channels();
    int coarsest = channels.size() - 1;
    requireAffordable();
    long hidden = 4L * shape.embedding();
    dense("time.in", shape.embedding(), hidden);
    dense("time.out", hidden, hidden);
    specs.add(Spec.of("class.table", shape.classes(), hidden));
    if (shape.told()) {
      specs.add(Spec.of("rr.table", shape.embedding(), hidden));
    }
    convolution("in", shape.inputRows(), channels.get(0), KERNEL);
    int before = channels.get(0);
    for (int level = 0; level <= coarsest; level++) {
      int width = channels.get(level);
      stage("down" + level, before, width, level);
      if (level < coarsest) {
        convolution("shrink" + level, width, width, KERNEL);
      }
      before = width;
    }
    stage("middle", before, before, coarsest);
    for (int level = coarsest; level >= 0; level--) {
      int width = channels.get(level);
      stage("up" + level, before + width, width, level);
      if (level > 0) {
        convolution("grow" + level, width, width, KERNEL);
      }
      before = width;
    }
    convolution("out", before, shape.outputRows(), KERNEL);
    NetworkLimits.require(
        "weights",
        specs.stream().mapToDouble(Spec::length).sum(),
        NetworkLimits.MOST_WEIGHTS,
        "take fewer levels or channels");
    return specs;
  }

  private void requireAffordable() {
    double flops = 0;
    for (int level = 0; level < shape.channels().size(); level++) {
      double width = shape.channels().get(level);
      double positions = shape.positions() >> level;
      double widest = Math.max(3 * width, shape.inputRows());
      if (shape.attends(level)) {
        widest = Math.max(widest, shape.attentionHeads() * positions);
      }
      NetworkLimits.require(
          "numbers per beat at level " + level,
          widest * positions,
          NetworkLimits.LARGEST_ACTIVATION,
          "take fewer channels or samples");
      flops += 40 * width * widest * positions;
    }
    NetworkLimits.require(
        "operations per beat, about",
        flops,
        NetworkLimits.MOST_FLOPS,
        "take fewer levels or channels");
  }

  private void dense(String name, long in, long out) {
    specs.add(Spec.of(name + ".w", in, out));
    specs.add(Spec.of(name + ".b", out));
  }

  private void convolution(String name, long in, long out, long kernel) {
    specs.add(Spec.of(name + ".w", out, in, 1, kernel));
    specs.add(Spec.of(name + ".b", out));
  }

  private void stage(String name, long in, long out, int level) {
    convolution(name + ".1", in, out, KERNEL);
    dense(name + ".shift", 4L * shape.embedding(), out);
    convolution(name + ".2", out, out, KERNEL);
    if (in != out) {
      convolution(name + ".short", in, out, 1);
    }
    if (shape.attends(level)) {
      specs.add(Spec.of(name + ".attention.w", out, 3 * out));
      specs.add(Spec.of(name + ".attention.b", 3 * out));
      specs.add(Spec.of(name + ".attended.w", out, out));
      specs.add(Spec.of(name + ".attended.b", out));
    }
  }
}
