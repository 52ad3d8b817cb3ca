package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.random.RandomStreams;

/**
 * A class-conditional 1-D U-Net (Ronneberger et al. 2015; Ho et al. 2020 for the step embedding and
 * attention at the coarse levels), forward and backward by hand like the rest of this package.
 *
 * <pre>
 *   x [B, inputRows, 1, positions], step embedding [B, E], class one-hot [B, classes],
 *   a further embedding [B, E] where the network is told one
 *     →  y [B, outputRows, 1, positions]
 *
 *   down: per level one residual block, then a convolution of stride 2
 *   middle: one residual block
 *   up: per level nearest-neighbour doubling + convolution, concatenation, one residual block
 *   The middle's block and those of the coarsest levels are followed by attention over positions.
 * </pre>
 *
 * There is no normalisation (its passes over memory took a quarter of the time); residual branches
 * start small and the last convolution at zero instead, as do the last projections of the
 * attentions.
 *
 * <p>All weights lie in one vector, all gradients in another. Arrays are kept from batch to batch.
 * Not thread-safe.
 */
public final class UNet implements AutoCloseable {
  private static final int KERNEL = 3;

  /** Residual branches start small, so that a network without normalisation starts tame. */
  private static final double SECOND_GAIN = 0.3;

  /**
   * The proportions.
   *
   * @param inputRows channels of x
   * @param outputRows channels of y
   * @param positions length of the finest level; divisible by 2 to the number of levels less one
   * @param channels channels of each level, the finest first
   * @param attentionLevels so many of the coarsest levels attend, and the middle does; 0 for none
   * @param attentionHeads heads of each attention
   * @param embedding E, the length of the embeddings
   * @param classes columns of the class one-hot
   * @param told whether there is a further embedding
   */
  public record Shape(
      int inputRows,
      int outputRows,
      int positions,
      List<Integer> channels,
      int attentionLevels,
      int attentionHeads,
      int embedding,
      int classes,
      boolean told) {
    public Shape {
      channels = List.copyOf(channels);
    }

    /** Whether a level attends. */
    boolean attends(int level) {
      return level >= channels.size() - attentionLevels;
    }
  }

  /** Part of the two vectors. */
  private final class Weight {
    private final String name;
    private final double bound;
    private final long[] shape;
    private final long from;
    private INDArray value;
    private INDArray gradient;

    Weight(String name, double bound, long... shape) {
      this.name = name;
      this.bound = bound;
      this.shape = shape;
      this.from = length;
      length += Arrays.stream(shape).reduce(1, (a, b) -> a * b);
      parts.put(name, this);
    }

    void bind() {
      value = part(weights, this);
      gradient = part(gradients, this);
    }

    /** Draws it uniformly from [-bound, bound]. */
    void draw(long seed) {
      SplittableRandom random = RandomStreams.of(seed, "unet1d", name);
      double[] values = new double[Math.toIntExact(value.length())];
      for (int i = 0; i < values.length; i++) {
        values[i] = bound * (2 * random.nextDouble() - 1);
      }
      value.assign(Nd4j.create(values, shape, 'c').castTo(type));
    }
  }

  private final Shape shape;
  private final DataType type;
  private final Elu elu = new Elu();
  private final Map<String, Weight> parts = new LinkedHashMap<>();
  private final List<Scratch> scratches = new ArrayList<>();
  private final INDArray weights;
  private final INDArray gradients;

  private final Condition condition;
  private final Convolution in;
  private final List<Level> levels = new ArrayList<>();
  private final Stage middle;
  private final Convolution out;
  private final Scratch ends;
  private long length;
  private INDArray lastInput;
  private INDArray lastOutput;

  /** A network with fresh weights, each drawn from the seed and its name. */
  public UNet(Shape shape, long seed, DataType type) {
    Nd4jRuntime.start();
    this.shape = shape;
    this.type = type;
    condition = new Condition();
    in = new Convolution("in", shape.inputRows(), shape.channels().get(0), KERNEL, 1, 1.0);
    int coarsest = shape.channels().size() - 1;
    int before = shape.channels().get(0);
    for (int index = 0; index <= coarsest; index++) {
      levels.add(new Level(index, before));
      before = shape.channels().get(index);
    }
    middle = new Stage("middle", before, before, coarsest);
    for (int index = coarsest; index >= 0; index--) {
      levels.get(index).buildUp(before);
      before = shape.channels().get(index);
    }
    out = new Convolution("out", before, shape.outputRows(), KERNEL, 1, 0.0);
    ends = scratch();
    weights = Nd4j.create(type, length);
    gradients = Nd4j.create(type, length);
    for (Weight weight : parts.values()) {
      weight.bind();
      weight.draw(seed);
    }
  }

  /** All weights in C order, one part after another: the network's own, not a copy. */
  public INDArray weights() {
    return weights;
  }

  /** What {@link #backward} left, laid out like {@link #weights}. */
  public INDArray gradients() {
    return gradients;
  }

  /** The parts of the vectors in their order. */
  public List<String> names() {
    return List.copyOf(parts.keySet());
  }

  /**
   * The part of a vector, laid out like {@link #weights}, that belongs to a name: a view.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public INDArray part(INDArray vector, String name) {
    Weight weight = parts.get(name);
    if (weight == null) {
      throw new IllegalArgumentException("Cannot find weight " + name + " among " + names());
    }
    return part(vector, weight);
  }

  private static INDArray part(INDArray vector, Weight weight) {
    long count = Arrays.stream(weight.shape).reduce(1, (a, b) -> a * b);
    return vector
        .get(NDArrayIndex.interval(weight.from, weight.from + count))
        .reshape('c', weight.shape);
  }

  /**
   * The network's output; the array is the network's own, good until the next call.
   *
   * @param told the further embedding; null where the network is told none
   */
  public INDArray forward(INDArray x, INDArray step, INDArray oneHot, INDArray told) {
    condition.forward(step, oneHot, told);
    INDArray h = in.forward(x);
    for (Level level : levels) {
      h = level.down(h);
    }
    h = middle.forward(h);
    for (int index = levels.size() - 1; index >= 0; index--) {
      h = levels.get(index).up(h);
    }
    lastInput = x;
    lastOutput = ends.array("activated", h.shape());
    elu.forward(h, null, lastOutput);
    return out.forward(lastOutput);
  }

  /** Fills {@link #gradients} from the gradient of the output of the last {@link #forward}. */
  public void backward(INDArray dy) {
    condition.clear();
    INDArray d = out.backward(lastOutput, dy);
    elu.backward(lastOutput, d, d, null);
    for (Level level : levels) {
      d = level.upBackward(d);
    }
    d = middle.backward(d);
    for (int index = levels.size() - 1; index >= 0; index--) {
      d = levels.get(index).downBackward(d);
    }
    in.backward(lastInput, d);
    condition.backward();
  }

  /** Frees all arrays; a second time does nothing. */
  @Override
  public void close() {
    scratches.forEach(Scratch::close);
    if (!weights.wasClosed()) {
      weights.close();
      gradients.close();
    }
  }

  private Scratch scratch() {
    Scratch scratch = new Scratch(type);
    scratches.add(scratch);
    return scratch;
  }

  /** {@code y = x W + b} over rows. */
  private final class Dense {
    private final Weight w;
    private final Weight b;
    private final Scratch scratch = scratch();

    Dense(String name, int in, int out) {
      w = new Weight(name + ".w", Math.sqrt(3.0 / in), in, out);
      b = new Weight(name + ".b", 0, out);
    }

    INDArray forward(INDArray x) {
      INDArray y = scratch.array("y", x.size(0), w.shape[1]);
      Linear.forward(x, w.value, b.value, y);
      return y;
    }

    INDArray backward(INDArray x, INDArray dy) {
      INDArray dx = scratch.array("dx", x.shape());
      Linear.backward(x, w.value, dy, dx, w.gradient, b.gradient);
      return dx;
    }
  }

  /** What is told of a beat: one vector of 4 · E numbers for all blocks. */
  private final class Condition {
    private final int hidden = 4 * shape.embedding();
    private final Dense timeIn = new Dense("time.in", shape.embedding(), hidden);
    private final Dense timeOut = new Dense("time.out", hidden, hidden);
    private final Weight classes =
        new Weight("class.table", Math.sqrt(3.0 / shape.classes()), shape.classes(), hidden);
    private final Weight told =
        shape.told()
            ? new Weight("rr.table", Math.sqrt(3.0 / shape.embedding()), shape.embedding(), hidden)
            : null;
    private final Scratch scratch = scratch();
    private INDArray step;
    private INDArray oneHot;
    private INDArray further;
    private INDArray activated;
    private INDArray value;
    private INDArray gradient;

    void forward(INDArray theStep, INDArray theOneHot, INDArray theFurther) {
      step = theStep;
      oneHot = theOneHot;
      further = theFurther;
      long batch = step.size(0);
      activated = timeIn.forward(step);
      elu.forward(activated, null, activated);
      value = timeOut.forward(activated);
      INDArray row = scratch.array("row", batch, hidden);
      Ops.matmul(oneHot, classes.value, row, false, false);
      value.addi(row);
      if (told != null) {
        Ops.matmul(further, told.value, row, false, false);
        value.addi(row);
      }
      elu.forward(value, null, value);
      gradient = scratch.array("gradient", batch, hidden);
    }

    void clear() {
      gradient.assign(0);
    }

    void backward() {
      elu.backward(value, gradient, gradient, null);
      Ops.matmul(oneHot, gradient, classes.gradient, true, false);
      if (told != null) {
        Ops.matmul(further, gradient, told.gradient, true, false);
      }
      INDArray d = timeOut.backward(activated, gradient);
      elu.backward(activated, d, d, null);
      timeIn.backward(step, d);
    }
  }

  /** A convolution of odd size over positions, with zeros beyond the ends. */
  private final class Convolution {
    private final int stride;
    private final Weight w;
    private final Weight b;
    private final Scratch scratch = scratch();

    Convolution(String name, int in, int out, int kernel, int stride, double gain) {
      this.stride = stride;
      w = new Weight(name + ".w", gain * Math.sqrt(3.0 / (in * kernel)), out, in, 1, kernel);
      b = new Weight(name + ".b", 0, out);
    }

    INDArray forward(INDArray x) {
      INDArray y = scratch.array("y", x.size(0), w.shape[0], 1, x.size(3) / stride);
      Ops.conv2d(x, w.value, b.value, y, stride);
      return y;
    }

    INDArray backward(INDArray x, INDArray dy) {
      INDArray dx = scratch.array("dx", x.shape());
      Ops.conv2dBackward(x, w.value, b.value, dy, dx, w.gradient, b.gradient, stride);
      return dx;
    }
  }

  /** Residual block: ELU, convolve; add the condition, ELU, convolve; add the input. */
  private final class Residual {
    private final Convolution first;
    private final Dense shift;
    private final Convolution second;
    private final Convolution shortcut;
    private final Scratch scratch = scratch();
    private INDArray x;
    private INDArray activated;
    private INDArray hidden;

    Residual(String name, int in, int out) {
      first = new Convolution(name + ".1", in, out, KERNEL, 1, 1.0);
      shift = new Dense(name + ".shift", condition.hidden, out);
      second = new Convolution(name + ".2", out, out, KERNEL, 1, SECOND_GAIN);
      shortcut = in == out ? null : new Convolution(name + ".short", in, out, 1, 1, 1.0);
    }

    INDArray forward(INDArray input) {
      x = input;
      activated = scratch.array("activated", x.shape());
      elu.forward(x, null, activated);
      hidden = first.forward(activated);
      INDArray rows = rows(hidden);
      elu.forward(rows, shift.forward(condition.value), rows);
      INDArray y = second.forward(hidden);
      return y.addi(shortcut == null ? x : shortcut.forward(x));
    }

    INDArray backward(INDArray dy) {
      INDArray d = second.backward(hidden, dy);
      INDArray dShift = scratch.array("dShift", hidden.size(0), hidden.size(1));
      INDArray rows = rows(d);
      elu.backward(rows(hidden), rows, rows, dShift);
      condition.gradient.addi(shift.backward(condition.value, dShift));
      INDArray dx = first.backward(activated, d);
      elu.backward(activated, dx, dx, null);
      return dx.addi(shortcut == null ? dy : shortcut.backward(x, dy));
    }

    /** {@code [beat · channel][position]}. */
    private INDArray rows(INDArray array) {
      return array.reshape('c', array.size(0) * array.size(1), array.size(3));
    }
  }

  /** Multi-head attention of each position to all, added to its input. */
  private final class Attention {
    private final Weight inWeights;
    private final Weight inBias;
    private final Weight outWeights;
    private final Weight outBias;
    private final int channels;
    private final int positions;
    private final Scratch scratch = scratch();
    private final SelfAttention attention;

    Attention(String name, int channels, int positions) {
      this.channels = channels;
      this.positions = positions;
      double bound = Math.sqrt(3.0 / channels);
      inWeights = new Weight(name + ".attention.w", bound, channels, 3L * channels);
      inBias = new Weight(name + ".attention.b", 0, 3L * channels);
      outWeights = new Weight(name + ".attended.w", 0, channels, channels);
      outBias = new Weight(name + ".attended.b", 0, channels);
      attention = new SelfAttention(scratch, positions, channels, shape.attentionHeads());
    }

    INDArray forward(INDArray x) {
      INDArray tokens = tokens("tokens", x);
      INDArray seen = scratch.array("seen", tokens.shape());
      attention.forward(
          tokens, inWeights.value, inBias.value, outWeights.value, outBias.value, seen);
      return scratch.array("y", x.shape()).assign(channels(seen, x)).addi(x);
    }

    INDArray backward(INDArray dy) {
      INDArray dSeen = tokens("dSeen", dy);
      INDArray dTokens = scratch.array("dTokens", dSeen.shape());
      attention.backward(
          scratch.array("tokens", dSeen.shape()),
          inWeights.value,
          outWeights.value,
          dSeen,
          dTokens,
          inWeights.gradient,
          inBias.gradient,
          outWeights.gradient,
          outBias.gradient);
      return scratch.array("dx", dy.shape()).assign(channels(dTokens, dy)).addi(dy);
    }

    /** {@code [beat · position][channel]}. */
    private INDArray tokens(String name, INDArray x) {
      INDArray rows = scratch.array(name, x.size(0) * positions, channels);
      rows.reshape('c', x.size(0), positions, channels)
          .assign(x.reshape('c', x.size(0), channels, positions).permute(0, 2, 1));
      return rows;
    }

    /** {@code rows} in the shape of {@code like}: a view. */
    private INDArray channels(INDArray rows, INDArray like) {
      return rows.reshape('c', like.size(0), positions, channels)
          .permute(0, 2, 1)
          .reshape(like.shape());
    }
  }

  /** A residual block and, at the coarse levels, attention. */
  private final class Stage {
    private final Residual block;
    private final Attention attention;

    Stage(String name, int in, int out, int level) {
      block = new Residual(name, in, out);
      attention =
          shape.attends(level) ? new Attention(name, out, shape.positions() >> level) : null;
    }

    INDArray forward(INDArray x) {
      INDArray y = block.forward(x);
      return attention == null ? y : attention.forward(y);
    }

    INDArray backward(INDArray dy) {
      return block.backward(attention == null ? dy : attention.backward(dy));
    }
  }

  /** What one level does on the way down and on the way up. */
  private final class Level {
    private final int index;
    private final Stage down;
    private final Convolution shrink;
    private final Scratch scratch = scratch();
    private Stage up;
    private Convolution grow;
    private INDArray skip;
    private INDArray dSkip;
    private INDArray doubled;

    Level(int index, int channels) {
      this.index = index;
      int width = shape.channels().get(index);
      down = new Stage("down" + index, channels, width, index);
      shrink =
          index < shape.channels().size() - 1
              ? new Convolution("shrink" + index, width, width, KERNEL, 2, 1.0)
              : null;
    }

    /** The way up comes later in the vector of weights. */
    void buildUp(int channels) {
      int width = shape.channels().get(index);
      up = new Stage("up" + index, channels + width, width, index);
      grow = index > 0 ? new Convolution("grow" + index, width, width, KERNEL, 1, 1.0) : null;
    }

    INDArray down(INDArray x) {
      skip = down.forward(x);
      return shrink == null ? skip : shrink.forward(skip);
    }

    INDArray downBackward(INDArray dy) {
      // dy may be another part's array, but nobody reads it afterwards.
      INDArray d = shrink == null ? dy : shrink.backward(skip, dy);
      return down.backward(d.addi(dSkip));
    }

    INDArray up(INDArray h) {
      INDArray joined = scratch.array("joined", h.size(0), h.size(1) + skip.size(1), 1, h.size(3));
      Nd4j.exec(
          DynamicCustomOp.builder("concat")
              .addInputs(h, skip)
              .addOutputs(joined)
              .addIntegerArguments(1)
              .build());
      INDArray y = up.forward(joined);
      if (grow == null) {
        return y;
      }
      doubled = scratch.array("doubled", y.size(0), y.size(1), 1, 2 * y.size(3));
      Nd4j.exec(
          DynamicCustomOp.builder("upsampling2d")
              .addInputs(y)
              .addOutputs(doubled)
              .addIntegerArguments(1, 2, 1)
              .build());
      return grow.forward(doubled);
    }

    INDArray upBackward(INDArray dy) {
      INDArray d = dy;
      if (grow != null) {
        INDArray dDoubled = grow.backward(doubled, dy);
        d = scratch.array("dBeforeDoubling", dy.size(0), dy.size(1), 1, dy.size(3) / 2);
        // Nearest-neighbour doubling: each position gets the gradients of its two copies.
        INDArray pairs = dDoubled.reshape('c', d.length(), 2);
        d.reshape(d.length()).assign(pairs.sum(1));
      }
      INDArray dJoined = up.backward(d);
      long width = dJoined.size(1) - skip.size(1);
      INDArray dh = scratch.array("dh", dJoined.size(0), width, 1, dJoined.size(3));
      dh.assign(dJoined.get(NDArrayIndex.all(), NDArrayIndex.interval(0, width)));
      dSkip = scratch.array("dSkip", skip.shape());
      dSkip.assign(dJoined.get(NDArrayIndex.all(), NDArrayIndex.interval(width, dJoined.size(1))));
      return dh;
    }
  }
}
