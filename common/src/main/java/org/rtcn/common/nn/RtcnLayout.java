package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rtcn.common.storage.NamedArrays.Spec;

/**
 * The weights of an RTCN as named arrays, from its configuration alone: neither DL4J nor native
 * code takes part, so that a model's file can be checked before a network is built for it. The
 * order is that of the graph's flat vector.
 */
final class RtcnLayout {
  private RtcnLayout() {}

  /**
   * The arrays, {@code layer/parameter}; the head's {@code W} is {@code [class][modelDim]}.
   *
   * @throws IllegalArgumentException if the network is larger than {@link NetworkLimits} allow
   */
  static List<Spec> weights(RtcnConfig config) {
    List<Spec> specs = new ArrayList<>();
    double flops = 0;
    NetworkLimits.require(
        "an image of numbers",
        (double) config.channels() * config.voices() * config.columns(),
        NetworkLimits.LARGEST_ACTIVATION,
        "take fewer voices or columns");
    for (Map.Entry<String, BlockSpec> block : Rtcn.allBlocks(config).entrySet()) {
      requireAffordable(block.getKey(), block.getValue());
      flops += block.getValue().flops();
      for (Spec spec : parameters(block.getValue())) {
        specs.add(spec.below(block.getKey() + "/"));
      }
    }
    specs.add(Spec.of(Rtcn.HEAD + "/W", config.classes(), config.modelDim()));
    specs.add(Spec.of(Rtcn.HEAD + "/b", config.classes()));
    NetworkLimits.require(
        "weights",
        specs.stream().mapToDouble(Spec::length).sum(),
        NetworkLimits.MOST_WEIGHTS,
        "take fewer or narrower layers");
    NetworkLimits.require(
        "operations per image", flops, NetworkLimits.MOST_FLOPS, "take fewer or narrower layers");
    return specs;
  }

  /** How many numbers arrays hold together. */
  static int length(List<Spec> specs) {
    return Math.toIntExact(specs.stream().mapToLong(Spec::length).sum());
  }

  private static void requireAffordable(String name, BlockSpec block) {
    double largest = 0;
    if (block instanceof BlockSpec.Stem stem) {
      largest = map(stem.out(), stem.height(), stem.width(), stem.stride());
    } else if (block instanceof BlockSpec.Residual residual) {
      largest = map(residual.out(), residual.height(), residual.width(), residual.stride());
    } else if (block instanceof BlockSpec.Tokens tokens) {
      largest = (double) tokens.count() * tokens.dim();
    } else if (block instanceof BlockSpec.Encoder encoder) {
      double perToken =
          Math.max(
              Math.max(3.0 * encoder.dim(), encoder.feedForward()),
              (double) encoder.heads() * encoder.tokens());
      largest = encoder.tokens() * perToken;
    }
    NetworkLimits.require(
        "numbers per image after " + name,
        largest,
        NetworkLimits.LARGEST_ACTIVATION,
        "take fewer channels or columns");
  }

  private static double map(int channels, int height, int width, int stride) {
    return (double) channels * BlockSpec.strided(height, stride) * BlockSpec.strided(width, stride);
  }

  private static List<Spec> parameters(BlockSpec block) {
    if (block instanceof BlockSpec.Stem stem) {
      return List.of(
          Spec.of("W", stem.out(), stem.in(), BlockSpec.kernelRows(3, stem.height()), 3),
          Spec.of("b", stem.out()));
    }
    if (block instanceof BlockSpec.Residual residual) {
      return residual(residual);
    }
    if (block instanceof BlockSpec.Tokens tokens) {
      List<Spec> specs = new ArrayList<>();
      specs.add(Spec.of("W", (long) tokens.channels() * tokens.height(), tokens.dim()));
      specs.add(Spec.of("b", tokens.dim()));
      if (tokens.pooling() == Pooling.CLASS_TOKEN) {
        specs.add(Spec.of("c", tokens.dim()));
      }
      return specs;
    }
    if (block instanceof BlockSpec.Encoder encoder) {
      long dim = encoder.dim();
      long hidden = encoder.feedForward();
      return List.of(
          Spec.of("Wqkv", dim, 3 * dim),
          Spec.of("bqkv", 3 * dim),
          Spec.of("Wo", dim, dim),
          Spec.of("bo", dim),
          Spec.of("g1", dim),
          Spec.of("n1", dim),
          Spec.of("W1", dim, hidden),
          Spec.of("b1", hidden),
          Spec.of("W2", hidden, dim),
          Spec.of("b2", dim),
          Spec.of("g2", dim),
          Spec.of("n2", dim));
    }
    if (block instanceof BlockSpec.Pool pool) {
      return List.of(Spec.of("g", pool.dim()), Spec.of("n", pool.dim()));
    }
    BlockSpec.Affine affine = (BlockSpec.Affine) block;
    return List.of(Spec.of("W", affine.in(), affine.out()), Spec.of("b", affine.out()));
  }

  private static List<Spec> residual(BlockSpec.Residual block) {
    List<Spec> specs = new ArrayList<>();
    for (int scale = 0; scale < block.kernels().size(); scale++) {
      int kernel = block.kernels().get(scale);
      String suffix = scale == 0 ? "" : "s" + (scale + 1);
      specs.add(
          Spec.of(
              "W1" + suffix,
              block.channelsOf(scale),
              block.in(),
              BlockSpec.kernelRows(kernel, block.height()),
              kernel));
      specs.add(Spec.of("b1" + suffix, block.channelsOf(scale)));
    }
    specs.add(Spec.of("W2", block.out(), block.out(), BlockSpec.kernelRows(3, block.height()), 3));
    specs.add(Spec.of("b2", block.out()));
    if (block.in() != block.out() || block.stride() != 1) {
      specs.add(Spec.of("Ws", block.out(), block.in(), 1, 1));
    }
    return specs;
  }
}
