package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.api.OutAndGrad;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.random.RandomStreams;

/**
 * A class-conditional 1-D U-Net as one SameDiff graph (Ronneberger et al. 2015; Ho et al. 2020 for
 * the time embedding and attention at the coarse levels).
 *
 * <pre>
 *   x [B, 2 · leads · patch, 1, length / patch], step embedding [B, E], class one-hot [B, K + 1],
 *   RR embedding [B, E] where the network is told the RR interval
 *     →  prediction [B, leads · patch, 1, length / patch]
 *   The first half of x's rows is x_t, the second the linear guess of x_0.
 *
 *   down: per level one residual block, then a convolution of stride 2
 *   middle: one residual block
 *   up: per level nearest-neighbour doubling + convolution, concatenation, one residual block
 *   The middle's block and those of the coarsest levels are followed by attention over positions.
 * </pre>
 *
 * Convolutions are 1 x k in two dimensions (faster and leaner in ND4J than its conv1d). Patches of
 * consecutive samples are rows of their own, so that the finest level is short and wide:
 * elementwise passes, ND4J's dear part, shrink by the patch. There is no normalisation (its
 * broadcast products took a quarter of the time); residual branches start small and the last
 * convolution at zero instead, as do the last projections of the attentions. Class K stands for
 * "class not told", an RR embedding of zeros for "RR not told".
 *
 * <p>Not thread-safe.
 */
final class UNet1d implements AutoCloseable {
  static final String INPUT = "x";
  static final String STEP = "step";
  static final String CLASS = "class";
  static final String RR = "rr";
  static final String TARGET = "target";
  static final String OUTPUT = "prediction";
  static final String LOSS = "loss";

  private static final int KERNEL = 3;

  /** Residual branches start small, so that a network without normalisation starts tame. */
  private static final double SECOND_GAIN = 0.3;

  private final SameDiff sd;
  private final DataType type;
  private final DdpmConfig config;
  private final DenoiserShape shape;
  private final int classCount;
  private final int embeddingSize;
  private final long seed;
  private final Map<String, INDArray> weights = new LinkedHashMap<>();
  private final List<String> weightNames;

  /**
   * A network with fresh weights, drawn from {@code config.seed()} and each weight's name.
   *
   * @param classCount K, the classes without the "not told" one
   */
  UNet1d(DdpmConfig config, int classCount, DataType type) {
    Nd4jRuntime.start();
    this.sd = SameDiff.create();
    this.config = config;
    this.shape = config.shape();
    this.classCount = classCount;
    this.type = type;
    this.seed = config.seed();
    this.embeddingSize = shape.baseChannels();
    build();
    weightNames = List.copyOf(weights.keySet());
  }

  /** Shows the part of each weight, a view of the vector, to an action. */
  void forEachPart(INDArray vector, BiConsumer<String, INDArray> action) {
    long at = 0;
    for (String name : weightNames) {
      INDArray weight = weights.get(name);
      INDArray part =
          vector.get(NDArrayIndex.interval(at, at + weight.length())).reshape('c', weight.shape());
      action.accept(name, part);
      at += weight.length();
    }
  }

  /** Copies one array per weight into a vector laid out like {@link #flatWeights}. */
  void gather(Map<String, INDArray> perWeight, INDArray vector) {
    forEachPart(vector, (name, part) -> part.assign(perWeight.get(name)));
  }

  private void build() {
    int rows = rows();
    SDVariable x = sd.placeHolder(INPUT, type, -1, 2L * rows, 1, config.positions());
    SDVariable step = sd.placeHolder(STEP, type, -1, embeddingSize);
    SDVariable oneHot = sd.placeHolder(CLASS, type, -1, classCount + 1);
    SDVariable target = sd.placeHolder(TARGET, type, -1, rows, 1, config.positions());

    int hidden = 4 * shape.baseChannels();
    SDVariable embedding =
        dense("time.out", activated(dense("time.in", step, embeddingSize, hidden)), hidden, hidden);
    SDVariable classTable = weight("class.table", 1.0, classCount + 1, classCount + 1, hidden);
    SDVariable told = embedding.add(oneHot.mmul(classTable));
    if (config.condition() == BeatCondition.RR_INTERVAL) {
      SDVariable rr = sd.placeHolder(RR, type, -1, embeddingSize);
      told = told.add(rr.mmul(weight("rr.table", 1.0, embeddingSize, embeddingSize, hidden)));
    }
    SDVariable condition = activated(told);

    int levels = shape.levels();
    SDVariable h = conv("in", x, 2 * rows, shape.channels(0), KERNEL, 1, 1.0);
    int channels = shape.channels(0);
    List<SDVariable> skips = new ArrayList<>();
    for (int level = 0; level < levels; level++) {
      h = block("down" + level, h, condition, channels, shape.channels(level));
      channels = shape.channels(level);
      h = shape.attends(level) ? attention("down" + level, h, channels, length(level)) : h;
      skips.add(h);
      if (level < levels - 1) {
        h = conv("shrink" + level, h, channels, channels, 3, 2, 1.0);
      }
    }
    h = block("middle", h, condition, channels, channels);
    if (shape.attends(levels - 1)) {
      h = attention("middle", h, channels, length(levels - 1));
    }
    for (int level = levels - 1; level >= 0; level--) {
      int width = shape.channels(level);
      h = sd.concat(1, h, skips.get(level));
      h = block("up" + level, h, condition, channels + width, width);
      channels = width;
      h = shape.attends(level) ? attention("up" + level, h, channels, length(level)) : h;
      if (level > 0) {
        h = sd.cnn().upsampling2d(h, 1, 2, true);
        h = conv("grow" + level, h, channels, channels, 3, 1, 1.0);
      }
    }
    SDVariable output = conv("out", activated(h), channels, rows, KERNEL, 1, 0.0);
    output = sd.identity(OUTPUT, output);
    SDVariable error = output.sub(target);
    SDVariable loss = sd.math().square(error).mean(LOSS);
    sd.setLossVariables(loss.name());
  }

  /** Residual block: ELU, convolve; add the condition, ELU, convolve; add the input. */
  private SDVariable block(String name, SDVariable x, SDVariable condition, int in, int out) {
    int hidden = 4 * shape.baseChannels();
    SDVariable h = conv(name + ".1", activated(x), in, out, KERNEL, 1, 1.0);
    SDVariable shift = sd.reshape(dense(name + ".shift", condition, hidden, out), -1, out, 1, 1);
    h = conv(name + ".2", activated(h.add(shift)), out, out, KERNEL, 1, SECOND_GAIN);
    SDVariable shortcut = in == out ? x : conv(name + ".short", x, in, out, 1, 1, 1.0);
    return h.add(shortcut);
  }

  /**
   * Multi-head attention of each position to all (Vaswani et al. 2017), added to its input. The
   * last projection starts at zero, so that a fresh attention changes nothing.
   */
  private SDVariable attention(String name, SDVariable x, int channels, int positions) {
    int width = channels / shape.attentionHeads();
    // [B · heads, width, position]: a batched product of three axes is all that is needed.
    SDVariable query =
        split(conv(name + ".query", x, channels, channels, 1, 1, 1.0), width, positions);
    SDVariable key = split(conv(name + ".key", x, channels, channels, 1, 1, 1.0), width, positions);
    SDVariable value =
        split(conv(name + ".value", x, channels, channels, 1, 1, 1.0), width, positions);
    SDVariable scores = sd.mmul(query, key, true, false, false).mul(1 / Math.sqrt(width));
    SDVariable seen = sd.mmul(value, sd.nn().softmax(scores, 2), false, true, false);
    SDVariable joined = sd.reshape(seen, -1, channels, 1, positions);
    return x.add(conv(name + ".attended", joined, channels, channels, 1, 1, 0.0));
  }

  private SDVariable split(SDVariable x, int width, int positions) {
    return sd.reshape(x, -1, width, positions);
  }

  /** ELU: ND4J's gradients of swish and gelu are NaN for x above 44 (exp² overflows in float). */
  private SDVariable activated(SDVariable x) {
    return sd.nn().elu(x);
  }

  private SDVariable dense(String name, SDVariable x, int in, int out) {
    SDVariable w = weight(name + ".w", 1.0, in, in, out);
    SDVariable b = constantWeight(name + ".b", 0, out);
    return x.mmul(w).add(b);
  }

  private SDVariable conv(
      String name, SDVariable x, int in, int out, int kernel, int stride, double gain) {
    SDVariable w = weight(name + ".w", gain, in * kernel, 1, kernel, in, out);
    SDVariable b = constantWeight(name + ".b", 0, out);
    Conv2DConfig layout =
        Conv2DConfig.builder()
            .kH(1)
            .kW(kernel)
            .sH(1)
            .sW(stride)
            .pH(0)
            .pW(kernel / 2)
            .dH(1)
            .dW(1)
            .paddingMode(PaddingMode.VALID)
            .dataFormat("NCHW")
            // The only weight format that ND4J's conv2d_bp understands.
            .weightsFormat(WeightsFormat.YXIO)
            .build();
    return sd.cnn().conv2d(x, w, b, layout);
  }

  /** A weight drawn uniformly with variance gain² / fanIn. */
  private SDVariable weight(String name, double gain, int fanIn, long... shape) {
    SplittableRandom random = RandomStreams.of(seed, "unet1d", name);
    double[] values = new double[Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b))];
    double bound = gain * Math.sqrt(3.0 / fanIn);
    for (int i = 0; i < values.length; i++) {
      values[i] = bound * (2 * random.nextDouble() - 1);
    }
    return register(name, Nd4j.createFromArray(values).reshape(shape).castTo(type));
  }

  private SDVariable constantWeight(String name, double value, long... shape) {
    return register(name, Nd4j.valueArrayOf(shape, value, type));
  }

  private SDVariable register(String name, INDArray value) {
    SDVariable variable = sd.var(name, value);
    weights.put(name, variable.getArr());
    return variable;
  }

  /** Names of the weights, in the order of the flat vector. */
  List<String> weightNames() {
    return weightNames;
  }

  /** Number of weights. */
  int parameterCount() {
    return weights.values().stream().mapToInt(w -> Math.toIntExact(w.length())).sum();
  }

  /** A copy of all weights, in C order, in the order of {@link #weightNames}. */
  INDArray flatWeights() {
    INDArray flat = Nd4j.create(type, parameterCount());
    gather(weights, flat);
    return flat;
  }

  /**
   * Replaces all weights. (SameDiff copies arrays that are views, so that the weights cannot simply
   * share one vector.)
   *
   * @throws IllegalArgumentException if the length differs from {@link #parameterCount}
   */
  void setFlatWeights(INDArray flat) {
    if (flat.length() != parameterCount()) {
      throw new IllegalArgumentException(
          "Invalid weights: " + flat.length() + " values for a network of " + parameterCount());
    }
    forEachPart(flat, (name, part) -> weights.get(name).assign(part));
  }

  /** Rows of the prediction. */
  private int rows() {
    return config.leads() * shape.patch();
  }

  /** Positions of a level, 0 the finest. */
  private int length(int level) {
    return config.positions() >> level;
  }

  /** Zeros in the shape of the prediction for {@code size} beats. */
  INDArray emptyOutput(int size) {
    return Nd4j.create(type, size, rows(), 1, config.positions());
  }

  int embeddingSize() {
    return embeddingSize;
  }

  /** What the network reads beside the target. */
  record Told(INDArray x, INDArray step, INDArray oneHot, INDArray rr) implements AutoCloseable {
    Map<String, INDArray> placeholders() {
      Map<String, INDArray> in = new HashMap<>();
      in.put(INPUT, x);
      in.put(STEP, step);
      in.put(CLASS, oneHot);
      if (rr != null) {
        in.put(RR, rr);
      }
      return in;
    }

    @Override
    public void close() {
      x.close();
      step.close();
      oneHot.close();
      if (rr != null) {
        rr.close();
      }
    }
  }

  /** Arrays of zeros for {@code size} beats. */
  Told told(int size) {
    return new Told(
        Nd4j.create(type, size, 2L * rows(), 1, config.positions()),
        Nd4j.create(type, size, embeddingSize),
        Nd4j.create(type, size, classCount + 1L),
        config.condition() == BeatCondition.RR_INTERVAL
            ? Nd4j.create(type, size, embeddingSize)
            : null);
  }

  /** The prediction; the caller closes it. */
  INDArray predict(Told told) {
    return sd.output(told.placeholders(), Collections.singletonList(OUTPUT)).get(OUTPUT);
  }

  /** The mean squared error of a batch. */
  double loss(Told told, INDArray target) {
    INDArray loss = sd.output(with(told, target), Collections.singletonList(LOSS)).get(LOSS);
    return loss.getDouble(0);
  }

  /** The loss and the gradient of each weight; the caller closes the arrays. */
  OutAndGrad lossAndGradients(Told told, INDArray target) {
    return sd.calculateGradientsAndOutputs(
        with(told, target), Collections.singletonList(LOSS), weightNames);
  }

  private static Map<String, INDArray> with(Told told, INDArray target) {
    Map<String, INDArray> in = told.placeholders();
    in.put(TARGET, target);
    return in;
  }

  SameDiff graph() {
    return sd;
  }

  @Override
  public void close() {
    sd.getSessions().clear();
  }
}
