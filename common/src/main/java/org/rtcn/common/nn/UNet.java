package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;
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
    private Array value;
    private Array gradient;

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
      kernels.write(values, value);
    }
  }

  private final Shape shape;
  private final Kernels kernels;
  private final Map<String, Weight> parts = new LinkedHashMap<>();
  private final List<Scratch> scratches = new ArrayList<>();
  private final List<SelfAttention> attentions = new ArrayList<>();
  private final Array weights;
  private final Array gradients;

  private final Condition condition;
  private final Convolution in;
  private final List<Level> levels = new ArrayList<>();
  private final Stage middle;
  private final Convolution out;
  private final Scratch ends;
  private long length;
  private boolean closed;
  private Array lastInput;
  private Array lastOutput;

  /** A network with fresh weights, each drawn from the seed and its name. */
  public UNet(Shape shape, long seed, Kernels kernels) {
    this.shape = shape;
    this.kernels = kernels;
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
    weights = kernels.zeros(length);
    gradients = kernels.zeros(length);
    for (Weight weight : parts.values()) {
      weight.bind();
      weight.draw(seed);
    }
  }

  /** All weights in C order, one part after another: the network's own, not a copy. */
  public Array weights() {
    return weights;
  }

  /** What {@link #backward} left, laid out like {@link #weights}. */
  public Array gradients() {
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
  public Array part(Array vector, String name) {
    Weight weight = parts.get(name);
    if (weight == null) {
      throw new IllegalArgumentException("Cannot find weight " + name + " among " + names());
    }
    return part(vector, weight);
  }

  private static Array part(Array vector, Weight weight) {
    long count = Arrays.stream(weight.shape).reduce(1, (a, b) -> a * b);
    return vector.slice(0, weight.from, weight.from + count).reshape(weight.shape);
  }

  /**
   * The network's output; the array is the network's own, good until the next call.
   *
   * @param told the further embedding; null where the network is told none
   */
  public Array forward(Array x, Array step, Array oneHot, Array told) {
    condition.forward(step, oneHot, told);
    Array h = in.forward(x);
    for (Level level : levels) {
      h = level.down(h);
    }
    h = middle.forward(h);
    for (int index = levels.size() - 1; index >= 0; index--) {
      h = levels.get(index).up(h);
    }
    lastInput = x;
    lastOutput = ends.array("activated", h.shape());
    kernels.elu(h, null, lastOutput);
    return out.forward(lastOutput);
  }

  /** Fills {@link #gradients} from the gradient of the output of the last {@link #forward}. */
  public void backward(Array dy) {
    condition.clear();
    Array d = out.backward(lastOutput, dy);
    kernels.eluBackward(lastOutput, d, d, null);
    for (Level level : levels) {
      d = level.upBackward(d);
    }
    d = middle.backward(d);
    for (int index = levels.size() - 1; index >= 0; index--) {
      d = levels.get(index).downBackward(d);
    }
    in.backwardOfWeights(lastInput, d);
    condition.backward();
  }

  /** Frees all arrays; a second time does nothing. */
  @Override
  public void close() {
    scratches.forEach(Scratch::close);
    attentions.forEach(SelfAttention::close);
    if (!closed) {
      closed = true;
      weights.close();
      gradients.close();
    }
  }

  private Scratch scratch() {
    Scratch scratch = new Scratch(kernels);
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

    Array forward(Array x) {
      Array y = scratch.array("y", x.size(0), w.shape[1]);
      kernels.affine(x, w.value, b.value, y);
      return y;
    }

    Array backward(Array x, Array dy) {
      Array dx = scratch.array("dx", x.shape());
      kernels.affineBackward(x, w.value, dy, dx, w.gradient, b.gradient);
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
    private Array step;
    private Array oneHot;
    private Array further;
    private Array activated;
    private Array value;
    private Array gradient;

    void forward(Array theStep, Array theOneHot, Array theFurther) {
      step = theStep;
      oneHot = theOneHot;
      further = theFurther;
      long batch = step.size(0);
      activated = timeIn.forward(step);
      kernels.elu(activated, null, activated);
      value = timeOut.forward(activated);
      Array row = scratch.array("row", batch, hidden);
      kernels.matmul(oneHot, classes.value, row, false, false);
      kernels.add(value, row, value);
      if (told != null) {
        kernels.matmul(further, told.value, row, false, false);
        kernels.add(value, row, value);
      }
      kernels.elu(value, null, value);
      gradient = scratch.array("gradient", batch, hidden);
    }

    void clear() {
      kernels.fill(gradient, 0);
    }

    void backward() {
      kernels.eluBackward(value, gradient, gradient, null);
      kernels.matmul(oneHot, gradient, classes.gradient, true, false);
      if (told != null) {
        kernels.matmul(further, gradient, told.gradient, true, false);
      }
      Array d = timeOut.backward(activated, gradient);
      kernels.eluBackward(activated, d, d, null);
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

    Array forward(Array x) {
      Array y = scratch.array("y", x.size(0), w.shape[0], 1, x.size(3) / stride);
      kernels.conv2d(x, w.value, b.value, y, stride);
      return y;
    }

    /** The gradient of the weights alone. */
    void backwardOfWeights(Array x, Array dy) {
      kernels.conv2dBackward(x, w.value, b.value, dy, null, w.gradient, b.gradient, stride);
    }

    Array backward(Array x, Array dy) {
      Array dx = scratch.array("dx", x.shape());
      kernels.conv2dBackward(x, w.value, b.value, dy, dx, w.gradient, b.gradient, stride);
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
    private Array x;
    private Array activated;
    private Array hidden;

    Residual(String name, int in, int out) {
      first = new Convolution(name + ".1", in, out, KERNEL, 1, 1.0);
      shift = new Dense(name + ".shift", condition.hidden, out);
      second = new Convolution(name + ".2", out, out, KERNEL, 1, SECOND_GAIN);
      shortcut = in == out ? null : new Convolution(name + ".short", in, out, 1, 1, 1.0);
    }

    Array forward(Array input) {
      x = input;
      activated = scratch.array("activated", x.shape());
      kernels.elu(x, null, activated);
      hidden = first.forward(activated);
      Array rows = rows(hidden);
      kernels.elu(rows, shift.forward(condition.value), rows);
      Array y = second.forward(hidden);
      kernels.add(y, shortcut == null ? x : shortcut.forward(x), y);
      return y;
    }

    Array backward(Array dy) {
      Array d = second.backward(hidden, dy);
      Array dShift = scratch.array("dShift", hidden.size(0), hidden.size(1));
      Array rows = rows(d);
      kernels.eluBackward(rows(hidden), rows, rows, dShift);
      kernels.add(condition.gradient, shift.backward(condition.value, dShift), condition.gradient);
      Array dx = first.backward(activated, d);
      kernels.eluBackward(activated, dx, dx, null);
      kernels.add(dx, shortcut == null ? dy : shortcut.backward(x, dy), dx);
      return dx;
    }

    /** {@code [beat · channel][position]}. */
    private Array rows(Array array) {
      return array.reshape(array.size(0) * array.size(1), array.size(3));
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
      attention = new SelfAttention(kernels, positions, channels, shape.attentionHeads());
      attentions.add(attention);
    }

    Array forward(Array x) {
      Array tokens = tokens("tokens", x);
      Array seen = scratch.array("seen", tokens.shape());
      attention.forward(
          tokens, inWeights.value, inBias.value, outWeights.value, outBias.value, seen);
      return plus("y", seen, x);
    }

    Array backward(Array dy) {
      Array dSeen = tokens("dSeen", dy);
      Array dTokens = scratch.array("dTokens", dSeen.shape());
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
      return plus("dx", dTokens, dy);
    }

    /** {@code [beat · position][channel]}. */
    private Array tokens(String name, Array x) {
      Array rows = scratch.array(name, x.size(0) * positions, channels);
      kernels.copy(
          x.reshape(x.size(0), channels, positions).permute(0, 2, 1),
          rows.reshape(x.size(0), positions, channels));
      return rows;
    }

    /** {@code rows} in the shape of {@code x}, and {@code x}. */
    private Array plus(String name, Array rows, Array x) {
      Array sum = scratch.array(name, x.shape());
      kernels.copy(
          rows.reshape(x.size(0), positions, channels).permute(0, 2, 1),
          sum.reshape(x.size(0), channels, positions));
      kernels.add(sum, x, sum);
      return sum;
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

    Array forward(Array x) {
      Array y = block.forward(x);
      return attention == null ? y : attention.forward(y);
    }

    Array backward(Array dy) {
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
    private Array skip;
    private Array dSkip;
    private Array doubled;

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

    Array down(Array x) {
      skip = down.forward(x);
      return shrink == null ? skip : shrink.forward(skip);
    }

    Array downBackward(Array dy) {
      // dy may be another part's array, but nobody reads it afterwards.
      Array d = shrink == null ? dy : shrink.backward(skip, dy);
      kernels.add(d, dSkip, d);
      return down.backward(d);
    }

    Array up(Array h) {
      Array joined = scratch.array("joined", h.size(0), h.size(1) + skip.size(1), 1, h.size(3));
      kernels.joinChannels(h, skip, joined);
      Array y = up.forward(joined);
      if (grow == null) {
        return y;
      }
      doubled = scratch.array("doubled", y.size(0), y.size(1), 1, 2 * y.size(3));
      kernels.doubleWidth(y, doubled);
      return grow.forward(doubled);
    }

    Array upBackward(Array dy) {
      Array d = dy;
      if (grow != null) {
        Array dDoubled = grow.backward(doubled, dy);
        d = scratch.array("dBeforeDoubling", dy.size(0), dy.size(1), 1, dy.size(3) / 2);
        // Nearest-neighbour doubling: each position gets the gradients of its two copies.
        kernels.sumColumns(dDoubled.reshape(d.length(), 2), d.reshape(d.length()));
      }
      Array dJoined = up.backward(d);
      long width = dJoined.size(1) - skip.size(1);
      Array dh = scratch.array("dh", dJoined.size(0), width, 1, dJoined.size(3));
      kernels.copy(dJoined.slice(1, 0, width), dh);
      dSkip = scratch.array("dSkip", skip.shape());
      kernels.copy(dJoined.slice(1, width, dJoined.size(1)), dSkip);
      return dh;
    }
  }
}
