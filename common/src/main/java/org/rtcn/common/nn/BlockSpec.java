package org.rtcn.common.nn;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.rtcn.common.kernels.Kernels;

/** What a block is, without its parameters: written as JSON into the graph's configuration. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "block")
@JsonSubTypes({
  @JsonSubTypes.Type(value = BlockSpec.Stem.class, name = "stem"),
  @JsonSubTypes.Type(value = BlockSpec.Residual.class, name = "residual"),
  @JsonSubTypes.Type(value = BlockSpec.Tokens.class, name = "tokens"),
  @JsonSubTypes.Type(value = BlockSpec.Encoder.class, name = "encoder"),
  @JsonSubTypes.Type(value = BlockSpec.Pool.class, name = "pool"),
  @JsonSubTypes.Type(value = BlockSpec.Affine.class, name = "affine")
})
sealed interface BlockSpec {
  ObjectMapper JSON = new ObjectMapper();

  /** A block of this kind that computes with {@code kernels}. */
  Block create(Kernels kernels);

  /** Floating-point operations of the products of a forward pass, per example. */
  long flops();

  default String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write block " + this + " as JSON", e);
    }
  }

  static BlockSpec parse(String json) {
    try {
      return JSON.readValue(json, BlockSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Invalid block configuration: " + json, e);
    }
  }

  /** Size of an image after a 3 × 3 convolution with one zero around it. */
  static int strided(int size, int stride) {
    return (size - 1) / stride + 1;
  }

  /** Rows of a kernel: an image of one voice has no rows next to it to look at. */
  static int kernelRows(int kernel, int height) {
    return height == 1 ? 1 : kernel;
  }

  /** 3 × 3 convolution and ReLU, {@code [in][height][width]} to {@code [out][..][..]}. */
  record Stem(int in, int height, int width, int out, int stride) implements BlockSpec {
    @Override
    public Block create(Kernels kernels) {
      return new StemBlock(this, kernels);
    }

    @Override
    public long flops() {
      return 2L
          * 3
          * kernelRows(3, height)
          * in
          * out
          * strided(height, stride)
          * strided(width, stride);
    }
  }

  /**
   * Two convolutions parallel to a shortcut.
   *
   * @param branchScale standard deviation of the second convolution's first weights, relative to
   *     He's
   * @param kernels odd; the first convolution's channels are shared among kernels of these sizes
   */
  record Residual(
      int in, int height, int width, int out, int stride, double branchScale, List<Integer> kernels)
      implements BlockSpec {
    @JsonCreator
    public Residual {
      kernels = List.copyOf(kernels);
    }

    Residual(int in, int height, int width, int out, int stride, double branchScale) {
      this(in, height, width, out, stride, branchScale, List.of(3));
    }

    /** Channels of each scale: equal shares, the rest to the first. */
    int channelsOf(int scale) {
      int share = out / kernels.size();
      return scale == 0 ? out - share * (kernels.size() - 1) : share;
    }

    @Override
    public Block create(Kernels kernels) {
      return new ResidualBlock(this, kernels);
    }

    @Override
    public long flops() {
      long pixels = (long) strided(height, stride) * strided(width, stride);
      long shortcut = in != out || stride != 1 ? (long) in * out : 0;
      long first = 0;
      for (int scale = 0; scale < kernels.size(); scale++) {
        int kernel = kernels.get(scale);
        first += (long) kernelRows(kernel, height) * kernel * in * channelsOf(scale);
      }
      return 2 * pixels * (first + 3L * kernelRows(3, height) * out * out + shortcut);
    }
  }

  /**
   * Columns of a feature map become tokens: {@code [channels][height][width]} to {@code
   * [width][dim]}, or one token more with {@link Pooling#CLASS_TOKEN}.
   */
  record Tokens(int channels, int height, int width, int dim, Pooling pooling)
      implements BlockSpec {
    /** Tokens that come out: one per column, and the class token before them. */
    int count() {
      return width + (pooling == Pooling.CLASS_TOKEN ? 1 : 0);
    }

    @Override
    public Block create(Kernels kernels) {
      return new TokenBlock(this, kernels);
    }

    @Override
    public long flops() {
      return 2L * channels * height * width * dim;
    }
  }

  /** A Transformer encoder layer, {@code [tokens][dim]} to the same. */
  record Encoder(
      int tokens,
      int dim,
      int heads,
      int feedForward,
      double dropout,
      NormPlacement norm,
      FeedForwardActivation activation)
      implements BlockSpec {
    @Override
    public Block create(Kernels kernels) {
      return new EncoderBlock(this, kernels);
    }

    @Override
    public long flops() {
      return 2L * tokens * dim * (4L * dim + 2L * feedForward) + 4L * tokens * tokens * dim;
    }
  }

  /**
   * Layer normalisation, then mean over tokens or the class token, {@code [tokens][dim]} to {@code
   * [dim]}.
   */
  record Pool(int tokens, int dim, double dropout, Pooling pooling) implements BlockSpec {
    @Override
    public Block create(Kernels kernels) {
      return new PoolBlock(this, kernels);
    }

    @Override
    public long flops() {
      return 0;
    }
  }

  /** A linear map that starts as zero, {@code [in]} to {@code [out]}. */
  record Affine(int in, int out) implements BlockSpec {
    @Override
    public Block create(Kernels kernels) {
      return new AffineBlock(this, kernels);
    }

    @Override
    public long flops() {
      return 2L * in * out;
    }
  }

  /** Where an encoder layer normalises. */
  enum NormPlacement {
    /** Before attention and feed-forward: trains without warm-up (Xiong et al. 2020). */
    BEFORE,
    /** After the sum, as in Vaswani et al. 2017. */
    AFTER
  }

  /** The nonlinearity between the two maps of the feed-forward part. */
  enum FeedForwardActivation {
    RELU,
    GELU
  }
}
