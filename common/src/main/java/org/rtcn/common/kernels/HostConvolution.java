package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Convolutions whose kernels are one row high, image by image: the numbers that each weight is
 * multiplied by are put side by side in the JVM's memory ("im2col"), the rest is one product of
 * small matrices. ND4J's operation takes several times as long for so little. Not for several
 * threads.
 */
final class HostConvolution {
  private float[] image = new float[0];
  private float[] columns = new float[0];
  private float[] slopes = new float[0];
  private double[] totals = new double[0];
  private FloatPointer unfolded;
  private long capacity;

  private int channels;
  private int height;
  private int width;
  private int kernel;
  private int stride;
  private int rowsOut;
  private int columnsOut;

  /** Whether this is the faster way. */
  static boolean suits(Array weights) {
    return weights.size(2) == 1;
  }

  private void shape(INDArray x, INDArray weights, INDArray y, int theStride) {
    channels = Math.toIntExact(x.size(1));
    height = Math.toIntExact(x.size(2));
    width = Math.toIntExact(x.size(3));
    kernel = Math.toIntExact(weights.size(3));
    stride = theStride;
    rowsOut = Math.toIntExact(y.size(2));
    columnsOut = Math.toIntExact(y.size(3));
    image = HostFloats.ofLength(image, (long) channels * height * width);
    int count = channels * kernel * positions();
    if (columns.length != count) {
      columns = new float[count];
    }
    if (capacity < count) {
      unfolded = new FloatPointer(count);
      capacity = count;
    }
  }

  private int positions() {
    return rowsOut * columnsOut;
  }

  /** Whether the images can be read as they lie. */
  private boolean asItIs() {
    return kernel == 1 && stride == 1;
  }

  /** {@code y} is the cross-correlation of {@code x} and {@code weights}; bias may be null. */
  void forward(INDArray x, INDArray weights, INDArray bias, INDArray y, int theStride) {
    shape(x, weights, y, theStride);
    int outputs = Math.toIntExact(y.size(1));
    float[] biases = bias == null ? null : HostFloats.read(bias, null);
    FloatPointer in = new FloatPointer(HostFloats.pointer(x));
    FloatPointer out = new FloatPointer(HostFloats.pointer(y));
    FloatPointer w = HostFloats.pointer(weights);
    try {
      for (int n = 0; n < x.size(0); n++) {
        in.position((long) n * image.length);
        out.position((long) n * outputs * positions());
        if (biases != null) {
          slopes = HostFloats.ofLength(slopes, (long) outputs * positions());
          for (int o = 0; o < outputs; o++) {
            Arrays.fill(slopes, o * positions(), (o + 1) * positions(), biases[o]);
          }
          out.put(slopes, 0, slopes.length);
        }
        HostGemm.of(false, false, outputs, positions(), channels * kernel)
            .multiply(w, unfold(in), biases == null ? 0 : 1, out);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(y);
    }
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
    int outputs = Math.toIntExact(dy.size(1));
    slopes = HostFloats.ofLength(slopes, (long) outputs * positions());
    totals = totals.length == outputs ? totals : new double[outputs];
    Arrays.fill(totals, 0);
    FloatPointer in = new FloatPointer(HostFloats.pointer(x));
    FloatPointer from = new FloatPointer(HostFloats.pointer(dy));
    FloatPointer back = dx == null ? null : new FloatPointer(HostFloats.pointer(dx));
    FloatPointer w = HostFloats.pointer(weights);
    FloatPointer dW = HostFloats.pointer(dWeights);
    int inner = channels * kernel;
    try {
      for (int n = 0; n < x.size(0); n++) {
        in.position((long) n * image.length);
        from.position((long) n * slopes.length);
        HostGemm.of(false, true, outputs, inner, positions())
            .multiply(from, unfold(in), n == 0 ? 0 : 1, dW);
        if (dBias != null) {
          from.get(slopes, 0, slopes.length);
          for (int o = 0; o < outputs; o++) {
            totals[o] += HostFloats.sum(slopes, o * positions(), positions());
          }
        }
        if (back != null) {
          back.position((long) n * image.length);
          HostGemm.of(true, false, inner, positions(), outputs)
              .multiply(w, from, 0, asItIs() ? back : unfolded);
          if (!asItIs()) {
            fold(back);
          }
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

  /** What a weight sees: {@code [channel][kernel column][position]}. */
  private FloatPointer unfold(FloatPointer in) {
    if (asItIs()) {
      return in;
    }
    in.get(image, 0, image.length);
    int to = 0;
    for (int c = 0; c < channels; c++) {
      for (int k = 0; k < kernel; k++) {
        int shift = k - (kernel - 1) / 2;
        int first = first(shift);
        int last = last(shift);
        for (int row = 0; row < rowsOut; row++) {
          int from = (c * height + row * stride) * width + shift;
          if (first > 0) {
            Arrays.fill(columns, to, to + first, 0f);
          }
          if (stride == 1) {
            System.arraycopy(image, from + first, columns, to + first, last - first);
          } else {
            for (int i = first; i < last; i++) {
              columns[to + i] = image[from + i * stride];
            }
          }
          if (last < columnsOut) {
            Arrays.fill(columns, to + last, to + columnsOut, 0f);
          }
          to += columnsOut;
        }
      }
    }
    unfolded.put(columns, 0, columns.length);
    return unfolded;
  }

  /** The sums of the gradients of all places where a number was put. */
  private void fold(FloatPointer dx) {
    unfolded.get(columns, 0, columns.length);
    Arrays.fill(image, 0f);
    int from = 0;
    for (int c = 0; c < channels; c++) {
      for (int k = 0; k < kernel; k++) {
        int shift = k - (kernel - 1) / 2;
        int first = first(shift);
        int last = last(shift);
        for (int row = 0; row < rowsOut; row++) {
          int to = (c * height + row * stride) * width + shift;
          if (stride == 1) {
            HostFloats.axpy(1f, columns, from + first, image, to + first, last - first);
          } else {
            for (int i = first; i < last; i++) {
              image[to + i * stride] += columns[from + i];
            }
          }
          from += columnsOut;
        }
      }
    }
    dx.put(image, 0, image.length);
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
