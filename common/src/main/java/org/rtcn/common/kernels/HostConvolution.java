package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolutions whose kernels are one row high, a few images at a time: the numbers that each weight
 * is multiplied by are put side by side in the JVM's memory ("im2col"), the rest is one product of
 * matrices. ND4J's operation takes several times as long for so little. Not for several threads.
 */
final class HostConvolution {
  /** Columns of a product that make it fast. */
  private static final int COLUMNS = 320;

  /** Numbers that stay in the cache. */
  private static final int CACHED = 1 << 17;

  private int channels;
  private int outputs;
  private int height;
  private int width;
  private int kernel;
  private int stride;
  private int rowsOut;
  private int columnsOut;

  /** Images at a time. */
  private int group;

  private float[] images = new float[0];
  private float[] byChannel = new float[0];
  private float[] unfolded = new float[0];
  private float[] results = new float[0];
  private float[] byOutput = new float[0];
  private FloatPointer unfoldedThere;
  private FloatPointer byOutputThere;

  /** Whether this is the faster way. */
  static boolean suits(Array weights) {
    return weights.size(2) == 1;
  }

  private void shape(INDArray x, INDArray weights, INDArray y, int theStride) {
    channels = Math.toIntExact(x.size(1));
    outputs = Math.toIntExact(y.size(1));
    height = Math.toIntExact(x.size(2));
    width = Math.toIntExact(x.size(3));
    kernel = Math.toIntExact(weights.size(3));
    stride = theStride;
    rowsOut = Math.toIntExact(y.size(2));
    columnsOut = Math.toIntExact(y.size(3));
    int perImage = Math.max(channels * kernel, outputs) * positions();
    group = Math.max(1, Math.min(COLUMNS / positions(), CACHED / perImage));
    group = (int) Math.min(group, x.size(0));
    images = atLeast(images, group * inputs());
    byChannel = atLeast(byChannel, group * inputs());
    unfolded = atLeast(unfolded, group * channels * kernel * positions());
    results = atLeast(results, group * outputs * positions());
    byOutput = atLeast(byOutput, group * outputs * positions());
    unfoldedThere = atLeast(unfoldedThere, unfolded.length);
    byOutputThere = atLeast(byOutputThere, byOutput.length);
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length < length ? new float[length] : array;
  }

  private static FloatPointer atLeast(FloatPointer memory, int length) {
    return memory == null || memory.limit() < length ? new FloatPointer(length) : memory;
  }

  private int positions() {
    return rowsOut * columnsOut;
  }

  /** Numbers of an image. */
  private int inputs() {
    return channels * height * width;
  }

  /**
   * {@code y} is the cross-correlation of {@code x} and {@code weights}.
   *
   * @param bias may be null
   * @param apart whether an image's numbers must not depend on its place in the batch
   */
  void forward(
      INDArray x, INDArray weights, INDArray bias, INDArray y, int theStride, boolean apart) {
    shape(x, weights, y, theStride);
    float[] biases = bias == null ? null : HostFloats.read(bias, null);
    FloatPointer in = new FloatPointer(HostFloats.pointer(x));
    FloatPointer out = new FloatPointer(HostFloats.pointer(y));
    int batch = Math.toIntExact(x.size(0));
    try {
      for (int from = 0; from < batch; from += group) {
        int count = Math.min(group, batch - from);
        unfold(in.position((long) from * inputs()), count);
        if (apart) {
          multiplyEach(HostFloats.pointer(weights), count);
        } else {
          HostGemm.of(false, false, outputs, count * positions(), channels * kernel)
              .multiply(HostFloats.pointer(weights), unfoldedThere, 0, byOutputThere);
        }
        byOutputThere.get(byOutput, 0, outputs * count * positions());
        if (biases != null) {
          for (int o = 0; o < outputs; o++) {
            add(biases[o], byOutput, o * count * positions(), count * positions());
          }
        }
        turn(byOutput, results, outputs, count, positions());
        out.position((long) from * outputs * positions())
            .put(results, 0, count * outputs * positions());
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(y);
    }
  }

  /**
   * A product per image: of several at once, the last digits of an image would depend on its place
   * among them.
   */
  private void multiplyEach(FloatPointer weights, int count) {
    int columns = count * positions();
    int inner = channels * kernel;
    HostGemm each = HostGemm.of(false, false, outputs, positions(), inner);
    for (int i = 0; i < count; i++) {
      long at = (long) i * positions();
      unfoldedThere.position(at);
      byOutputThere.position(at);
      each.multiply(1, weights, inner, unfoldedThere, columns, 0, byOutputThere, columns);
    }
    unfoldedThere.position(0);
    byOutputThere.position(0);
  }

  /** Gradients; {@code dBias} and {@code dx} may be null. */
  void backward(
      INDArray x,
      INDArray weights,
      INDArray dy,
      INDArray dx,
      INDArray dWeights,
      INDArray dBias,
      int theStride) {
    shape(x, weights, dy, theStride);
    double[] totals = new double[outputs];
    FloatPointer in = new FloatPointer(HostFloats.pointer(x));
    FloatPointer from = new FloatPointer(HostFloats.pointer(dy));
    FloatPointer back = dx == null ? null : new FloatPointer(HostFloats.pointer(dx));
    int batch = Math.toIntExact(x.size(0));
    int inner = channels * kernel;
    try {
      for (int first = 0; first < batch; first += group) {
        int count = Math.min(group, batch - first);
        int columns = count * positions();
        unfold(in.position((long) first * inputs()), count);
        from.position((long) first * outputs * positions()).get(results, 0, outputs * columns);
        turn(results, byOutput, count, outputs, positions());
        for (int o = 0; o < outputs && dBias != null; o++) {
          totals[o] += HostFloats.sum(byOutput, o * columns, columns);
        }
        byOutputThere.put(byOutput, 0, outputs * columns);
        HostGemm.of(false, true, outputs, inner, columns)
            .multiply(
                byOutputThere, unfoldedThere, first == 0 ? 0 : 1, HostFloats.pointer(dWeights));
        if (back != null) {
          HostGemm.of(true, false, inner, columns, outputs)
              .multiply(HostFloats.pointer(weights), byOutputThere, 0, unfoldedThere);
          fold(back.position((long) first * inputs()), count);
        }
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(dy);
      Reference.reachabilityFence(dx);
      Reference.reachabilityFence(dWeights);
    }
    if (dBias != null) {
      float[] sums = new float[outputs];
      for (int o = 0; o < outputs; o++) {
        sums[o] = (float) totals[o];
      }
      HostFloats.write(sums, dBias);
    }
  }

  private static void add(float number, float[] x, int from, int count) {
    for (int i = from; i < from + count; i++) {
      x[i] += number;
    }
  }

  /** From {@code [a][b][number]} to {@code [b][a][number]}. */
  private static void turn(float[] from, float[] to, int a, int b, int numbers) {
    for (int i = 0; i < a; i++) {
      for (int j = 0; j < b; j++) {
        System.arraycopy(from, (i * b + j) * numbers, to, (j * a + i) * numbers, numbers);
      }
    }
  }

  /** What each weight sees: {@code [channel][kernel column][image][position]}. */
  private void unfold(FloatPointer in, int count) {
    int size = height * width;
    in.get(images, 0, count * inputs());
    turn(images, byChannel, count, channels, size);
    int all = count * size;
    int columns = count * positions();
    for (int c = 0; c < channels; c++) {
      for (int k = 0; k < kernel; k++) {
        int shift = k - (kernel - 1) / 2;
        int to = (c * kernel + k) * columns;
        if (stride == 1) {
          int moved = Math.max(-all, Math.min(all, shift));
          System.arraycopy(
              byChannel,
              c * all + Math.max(0, moved),
              unfolded,
              to + Math.max(0, -moved),
              all - Math.abs(moved));
          clear(to, count, shift);
        } else {
          for (int line = 0; line < count * rowsOut; line++) {
            int from = c * all + start(line) + shift;
            int at = to + line * columnsOut;
            Arrays.fill(unfolded, at, at + columnsOut, 0f);
            int last = last(shift);
            for (int i = first(shift); i < last; i++) {
              unfolded[at + i] = byChannel[from + i * stride];
            }
          }
        }
      }
    }
    unfoldedThere.put(unfolded, 0, channels * kernel * columns);
  }

  /** The sums of the gradients of all places where a number was put. */
  private void fold(FloatPointer dx, int count) {
    int size = height * width;
    int all = count * size;
    int columns = count * positions();
    unfoldedThere.get(unfolded, 0, channels * kernel * columns);
    Arrays.fill(byChannel, 0, channels * all, 0f);
    for (int c = 0; c < channels; c++) {
      for (int k = 0; k < kernel; k++) {
        int shift = k - (kernel - 1) / 2;
        int from = (c * kernel + k) * columns;
        if (stride == 1) {
          clear(from, count, shift);
          HostFloats.axpy(
              1f,
              unfolded,
              from + Math.max(0, -shift),
              byChannel,
              c * all + Math.max(0, shift),
              all - Math.abs(shift));
        } else {
          for (int line = 0; line < count * rowsOut; line++) {
            int to = c * all + start(line) + shift;
            int at = from + line * columnsOut;
            int last = last(shift);
            for (int i = first(shift); i < last; i++) {
              byChannel[to + i * stride] += unfolded[at + i];
            }
          }
        }
      }
    }
    turn(byChannel, images, channels, count, size);
    dx.put(images, 0, count * inputs());
  }

  /** Zeros where a row moved by {@code shift} would show the end of another. */
  private void clear(int row, int count, int shift) {
    int room = Math.min(width, Math.abs(shift));
    int offset = shift < 0 ? 0 : width - room;
    for (int line = 0; line < count * height; line++) {
      for (int i = 0; i < room; i++) {
        unfolded[row + line * width + offset + i] = 0f;
      }
    }
  }

  /** Where the row of the images begins that an output's row looks at, within a channel. */
  private int start(int line) {
    return (line / rowsOut * height + line % rowsOut * stride) * width;
  }

  /** The first position of an output row whose number, moved by {@code shift}, is in the image. */
  private int first(int shift) {
    return shift >= 0 ? 0 : Math.min(columnsOut, (-shift + stride - 1) / stride);
  }

  /** After the last. */
  private int last(int shift) {
    int last = (width - shift + stride - 1) / stride;
    return Math.max(first(shift), Math.min(columnsOut, last));
  }
}
