package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Single-precision arrays in the JVM's own memory, for steps that are too small for native
 * operations: calling one costs 10 to 60 µs, as much as reading and writing some hundred thousand
 * numbers. Only on the CPU; whoever uses it has native operations for everything else (double
 * precision, GPUs), and a test that both say the same.
 */
final class HostFloats {
  /** Elements that are summed in single precision. */
  private static final int BLOCK = 1 << 10;

  private HostFloats() {}

  /** Asked once ND4J runs. */
  private static final class Backend {
    static final boolean CPU = Nd4j.getEnvironment().isCPU();

    private Backend() {}
  }

  /** Whether the CPU holds {@code array}, in single precision. */
  static boolean serve(INDArray array) {
    return array.dataType() == DataType.FLOAT && Backend.CPU;
  }

  /** Whether they serve, and {@code array} lies densely in C order. */
  static boolean serveDense(INDArray array) {
    if (!serve(array)) {
      return false;
    }
    long step = 1;
    for (int axis = array.rank() - 1; axis >= 0; axis--) {
      long size = array.size(axis);
      if (size != 1 && array.stride(axis) != step) {
        return false;
      }
      step *= size;
    }
    return true;
  }

  /** Whether they serve all of these, and all lie densely in C order. */
  static boolean serveDense(INDArray a, INDArray b, INDArray c) {
    return serveDense(a) && serveDense(b) && serveDense(c);
  }

  /** {@code array} if it has {@code length} elements, else a fresh one. */
  static float[] ofLength(float[] array, long length) {
    return array != null && array.length == length ? array : new float[Math.toIntExact(length)];
  }

  /** {@code memory} if it holds {@code length} numbers, else fresh memory of that size. */
  static FloatPointer ofLength(FloatPointer memory, long length) {
    return memory != null && memory.limit() == length ? memory : new FloatPointer(length);
  }

  /**
   * Copies {@code source}, dense in C order, to {@code target} if it has the right length, else to
   * a fresh array.
   */
  static float[] read(INDArray source, float[] target) {
    float[] result = ofLength(target, source.length());
    try {
      pointer(source).get(result, 0, result.length);
    } finally {
      Reference.reachabilityFence(source);
    }
    return result;
  }

  /** Copies {@code source} to {@code target}, dense in C order and of the same length. */
  static void write(float[] source, INDArray target) {
    try {
      pointer(target).put(source, 0, source.length);
    } finally {
      Reference.reachabilityFence(target);
    }
  }

  /**
   * Where {@code array}, dense in C order, begins. A pointer does not keep the array's memory:
   * whoever works with it ends with {@link Reference#reachabilityFence}, or the collector may free
   * what is being read or written.
   */
  static FloatPointer pointer(INDArray array) {
    return (FloatPointer) array.data().addressPointer();
  }

  /** The sum of {@code a[i] · b[i]} over {@code count} elements; see {@link #sum}. */
  static float dot(float[] a, int fromA, float[] b, int fromB, int count) {
    double total = 0;
    for (int block = 0; block < count; block += BLOCK) {
      int end = Math.min(count, block + BLOCK);
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      int i = block;
      for (; i < end - 3; i += 4) {
        s0 += a[fromA + i] * b[fromB + i];
        s1 += a[fromA + i + 1] * b[fromB + i + 1];
        s2 += a[fromA + i + 2] * b[fromB + i + 2];
        s3 += a[fromA + i + 3] * b[fromB + i + 3];
      }
      for (; i < end; i++) {
        s0 += a[fromA + i] * b[fromB + i];
      }
      total += s0 + s1 + (s2 + s3);
    }
    return (float) total;
  }

  /**
   * The sum of {@code count} elements: four sums side by side, of blocks, so that no sum in single
   * precision grows so large that small numbers vanish next to it.
   */
  static float sum(float[] a, int from, int count) {
    double total = 0;
    for (int block = 0; block < count; block += BLOCK) {
      int end = Math.min(count, block + BLOCK);
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      int i = block;
      for (; i < end - 3; i += 4) {
        s0 += a[from + i];
        s1 += a[from + i + 1];
        s2 += a[from + i + 2];
        s3 += a[from + i + 3];
      }
      for (; i < end; i++) {
        s0 += a[from + i];
      }
      total += s0 + s1 + (s2 + s3);
    }
    return (float) total;
  }

  /** {@code y[i] += factor · x[i]} over {@code count} elements. */
  static void axpy(float factor, float[] x, int fromX, float[] y, int fromY, int count) {
    for (int i = 0; i < count; i++) {
      y[fromY + i] += factor * x[fromX + i];
    }
  }

  /**
   * {@code x = exp(x) - 1} for x from -20 to 0, without a branch: so the JIT compiler makes vector
   * instructions of it. Taylor's polynomial of {@code x / 64}, then six times {@code exp(2v) - 1 =
   * u (2 + u)} with {@code u = exp(v) - 1}, which does not magnify errors; good to 3e-7.
   */
  static void expm1(float[] x, int count) {
    for (int i = 0; i < count; i++) {
      float v = x[i] * (1f / 64);
      float u = 1f / 24 + v * (1f / 120 + v * (1f / 720));
      u = v * (1f + v * (0.5f + v * (1f / 6 + v * u)));
      u *= 2f + u;
      u *= 2f + u;
      u *= 2f + u;
      u *= 2f + u;
      u *= 2f + u;
      u *= 2f + u;
      x[i] = u;
    }
  }
}
