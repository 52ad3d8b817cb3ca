package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Single passes over arrays that {@link HostFloats} serve and that lie densely, a piece at a time,
 * so that the pieces stay in the cache. The loops have no branches, so that the JIT compiler makes
 * vector instructions of them. Not for several threads.
 */
final class HostPasses {
  /** So many numbers of each array stay in the cache. */
  private static final int CHUNK = 8192;

  /** Sums side by side. */
  private static final int LANES = 256;

  private static final float INVERSE_SQRT_2PI = (float) (1 / Math.sqrt(2 * Math.PI));

  /** Of the tail of the normal distribution. */
  private static final float P = (float) (0.3275911 * Math.sqrt(0.5));

  private static final float A1 = (float) (0.5 * 0.254829592);
  private static final float A2 = (float) (0.5 * -0.284496736);
  private static final float A3 = (float) (0.5 * 1.421413741);
  private static final float A4 = (float) (0.5 * -1.453152027);
  private static final float A5 = (float) (0.5 * 1.061405429);

  private float[] first = new float[CHUNK];
  private final float[] second = new float[CHUNK];
  private final float[] third = new float[CHUNK];
  private float[] row = new float[0];
  private float[] sums = new float[0];
  private double[] totals = new double[0];

  private static FloatPointer start(INDArray array) {
    return new FloatPointer(HostFloats.pointer(array));
  }

  void add(INDArray a, INDArray b, INDArray sum) {
    combine(a, b, sum, Pair.SUM);
  }

  void subtract(INDArray a, INDArray b, INDArray difference) {
    combine(a, b, difference, Pair.DIFFERENCE);
  }

  void multiply(INDArray a, INDArray b, INDArray product) {
    combine(a, b, product, Pair.PRODUCT);
  }

  /** {@code dx = dy where y > 0, else 0}. */
  void reluBackward(INDArray y, INDArray dy, INDArray dx) {
    combine(y, dy, dx, Pair.GATE);
  }

  private enum Pair {
    SUM,
    DIFFERENCE,
    PRODUCT,
    GATE
  }

  private void combine(INDArray a, INDArray b, INDArray z, Pair how) {
    FloatPointer fromA = start(a);
    FloatPointer fromB = start(b);
    FloatPointer to = start(z);
    long length = a.length();
    try {
      for (long at = 0; at < length; at += CHUNK) {
        int count = (int) Math.min(CHUNK, length - at);
        fromA.position(at).get(first, 0, count);
        fromB.position(at).get(second, 0, count);
        switch (how) {
          case SUM -> sum(first, second, count);
          case DIFFERENCE -> difference(first, second, count);
          case PRODUCT -> product(first, second, count);
          default -> gate(first, second, count);
        }
        to.position(at).put(second, 0, count);
      }
    } finally {
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(z);
    }
  }

  private static void sum(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      b[i] += a[i];
    }
  }

  private static void difference(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      b[i] = a[i] - b[i];
    }
  }

  /** {@code y = x · factor}. */
  void scale(INDArray x, float factor, INDArray y) {
    FloatPointer from = start(x);
    FloatPointer to = start(y);
    try {
      for (long at = 0; at < x.length(); at += CHUNK) {
        int count = (int) Math.min(CHUNK, x.length() - at);
        from.position(at).get(first, 0, count);
        for (int i = 0; i < count; i++) {
          first[i] *= factor;
        }
        to.position(at).put(first, 0, count);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  private static void product(float[] a, float[] b, int count) {
    for (int i = 0; i < count; i++) {
      b[i] *= a[i];
    }
  }

  /** Outputs of ReLU are never negative: times 1e38 and again, what is not 0 is at least 1. */
  private static void gate(float[] y, float[] dy, int count) {
    for (int i = 0; i < count; i++) {
      dy[i] *= Math.min(Math.max(y[i], 0f) * 1e38f * 1e38f, 1f);
    }
  }

  /**
   * The exact GELU and its slope {@code Φ(x) + x φ(x)}. With {@code q} the tail beyond |x|, {@code
   * x Φ(x) = max(x, 0) - |x| q}; the tail is that of Abramowitz and Stegun, Handbook of
   * Mathematical Functions, 7.1.26, good to 1e-7.
   */
  void gelu(INDArray x, INDArray y, INDArray slope) {
    FloatPointer from = start(x);
    FloatPointer to = start(y);
    FloatPointer slopes = start(slope);
    long length = x.length();
    try {
      for (long at = 0; at < length; at += CHUNK) {
        int count = (int) Math.min(CHUNK, length - at);
        from.position(at).get(first, 0, count);
        bell(first, second, count);
        gelu(first, second, third, count);
        to.position(at).put(second, 0, count);
        slopes.position(at).put(third, 0, count);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
      Reference.reachabilityFence(slope);
    }
  }

  /** {@code e = exp(-x² / 2)}, 0 below 2e-9; see {@link HostFloats#expm1}. */
  private static void bell(float[] x, float[] e, int count) {
    for (int i = 0; i < count; i++) {
      e[i] = Math.max(-0.5f * x[i] * x[i], -20f);
    }
    HostFloats.expm1(e, count);
  }

  /** {@code e} is {@code exp(-x² / 2) - 1} and becomes the GELU. */
  private static void gelu(float[] x, float[] e, float[] slope, int count) {
    for (int i = 0; i < count; i++) {
      float v = x[i];
      float size = Math.abs(v);
      float bell = e[i] + 1f;
      float t = 1f / (1f + P * size);
      float p = t * (A1 + t * (A2 + t * (A3 + t * (A4 + t * A5))));
      float tail = p * bell;
      float half = 0.5f - tail;
      float side = Math.max(Math.min(v * 1e30f, 1f), -1f);
      e[i] = Math.max(v, 0f) - size * tail;
      slope[i] = 0.5f + side * half + v * bell * INVERSE_SQRT_2PI;
    }
  }

  /** {@code mask} becomes 0 or 1/keep, and {@code x} is multiplied by it. */
  void dropout(INDArray x, INDArray mask, double keep, long seed) {
    FloatPointer values = start(x);
    FloatPointer drawn = start(mask);
    float kept = (float) (1 / keep);
    // A number of 32 bits is kept if it is below this.
    long limit = (long) (keep * (1L << 32));
    long length = x.length();
    try {
      for (long at = 0; at < length; at += CHUNK) {
        int count = (int) Math.min(CHUNK, length - at);
        draw(second, count, seed + at, limit, kept);
        values.position(at).get(first, 0, count);
        product(second, first, count);
        values.position(at).put(first, 0, count);
        drawn.position(at).put(second, 0, count);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(mask);
    }
  }

  /** A counter, scrambled as by Steele, Lea, Flood 2014 ("SplitMix64"); two numbers of each. */
  private static void draw(float[] to, int count, long seed, long limit, float kept) {
    for (int i = 0; i < count; i += 2) {
      long z = (seed + i) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      to[i] = (z >>> 32) < limit ? kept : 0f;
      if (i + 1 < count) {
        to[i + 1] = (z & 0xFFFFFFFFL) < limit ? kept : 0f;
      }
    }
  }

  /** {@code x += row} of a matrix. */
  void addRow(INDArray x, INDArray values) {
    int columns = Math.toIntExact(values.length());
    row = HostFloats.read(values, row);
    FloatPointer pointer = start(x);
    int chunk = rows(columns);
    try {
      for (long at = 0; at < x.length(); at += chunk) {
        int count = (int) Math.min(chunk, x.length() - at);
        pointer.position(at).get(first, 0, count);
        for (int from = 0; from < count; from += columns) {
          HostFloats.axpy(1f, row, 0, first, from, columns);
        }
        pointer.position(at).put(first, 0, count);
      }
    } finally {
      Reference.reachabilityFence(x);
    }
  }

  /** Every row of {@code y}, a matrix, becomes {@code values}. */
  void spreadRow(INDArray values, INDArray y) {
    int columns = Math.toIntExact(values.length());
    row = HostFloats.read(values, row);
    FloatPointer pointer = start(y);
    int chunk = (int) Math.min(rows(columns), y.length());
    try {
      for (int from = 0; from < chunk; from += columns) {
        System.arraycopy(row, 0, first, from, columns);
      }
      for (long at = 0; at < y.length(); at += chunk) {
        pointer.position(at).put(first, 0, (int) Math.min(chunk, y.length() - at));
      }
    } finally {
      Reference.reachabilityFence(y);
    }
  }

  /** {@code sum[c] = Σ_r x[r][c]}: single precision within a piece, double beyond it. */
  void sumRows(INDArray x, INDArray sum) {
    int columns = Math.toIntExact(sum.length());
    sums = HostFloats.ofLength(sums, columns);
    totals = totals.length == columns ? totals : new double[columns];
    Arrays.fill(totals, 0);
    FloatPointer pointer = start(x);
    int chunk = rows(columns);
    try {
      for (long at = 0; at < x.length(); at += chunk) {
        int count = (int) Math.min(chunk, x.length() - at);
        pointer.position(at).get(first, 0, count);
        Arrays.fill(sums, 0);
        for (int from = 0; from < count; from += columns) {
          HostFloats.axpy(1f, first, from, sums, 0, columns);
        }
        for (int c = 0; c < columns; c++) {
          totals[c] += sums[c];
        }
      }
    } finally {
      Reference.reachabilityFence(x);
    }
    for (int c = 0; c < columns; c++) {
      sums[c] = (float) totals[c];
    }
    HostFloats.write(sums, sum);
  }

  /** {@code mean[b][d] = Σ_t x[b][t][d] / T}. */
  void meanTokens(INDArray x, INDArray mean) {
    int dim = Math.toIntExact(mean.size(1));
    int tokens = Math.toIntExact(x.size(1));
    float[] all = HostFloats.read(x, row);
    row = all;
    sums = HostFloats.ofLength(sums, mean.length());
    Arrays.fill(sums, 0);
    for (int b = 0; b < mean.size(0); b++) {
      for (int t = 0; t < tokens; t++) {
        HostFloats.axpy(1f / tokens, all, (b * tokens + t) * dim, sums, b * dim, dim);
      }
    }
    HostFloats.write(sums, mean);
  }

  /** {@code y[b][t][d] = x[b][d]}. */
  void spreadTokens(INDArray x, INDArray y) {
    int dim = Math.toIntExact(x.size(1));
    int tokens = Math.toIntExact(y.size(1));
    row = HostFloats.read(x, row);
    sums = HostFloats.ofLength(sums, y.length());
    for (int b = 0; b < x.size(0); b++) {
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(row, b * dim, sums, (b * tokens + t) * dim, dim);
      }
    }
    HostFloats.write(sums, y);
  }

  /** Copies a view whose strides are positive, of at most four axes, to a dense array. */
  void copy(INDArray from, INDArray to) {
    int[] sizes = {1, 1, 1, 1};
    int[] strides = {0, 0, 0, 0};
    int rank = from.rank();
    int extent = 1;
    for (int axis = 0; axis < rank; axis++) {
      sizes[4 - rank + axis] = (int) from.size(axis);
      strides[4 - rank + axis] = from.stride(axis);
      extent += (int) ((from.size(axis) - 1) * from.stride(axis));
    }
    row = row.length < extent ? new float[extent] : row;
    sums = HostFloats.ofLength(sums, to.length());
    try {
      HostFloats.pointer(from).get(row, 0, extent);
    } finally {
      Reference.reachabilityFence(from);
    }
    int at = 0;
    for (int i = 0; i < sizes[0]; i++) {
      for (int j = 0; j < sizes[1]; j++) {
        for (int k = 0; k < sizes[2]; k++) {
          int start = i * strides[0] + j * strides[1] + k * strides[2];
          if (strides[3] == 1) {
            System.arraycopy(row, start, sums, at, sizes[3]);
          } else {
            gather(row, start, strides[3], sums, at, sizes[3]);
          }
          at += sizes[3];
        }
      }
    }
    HostFloats.write(sums, to);
  }

  private static void gather(float[] x, int from, int stride, float[] y, int to, int count) {
    for (int i = 0; i < count; i++) {
      y[to + i] = x[from + i * stride];
    }
  }

  /** For each example the numbers of {@code a}, then those of {@code b}. */
  void join(INDArray a, INDArray b, INDArray z) {
    int examples = Math.toIntExact(a.size(0));
    int countA = Math.toIntExact(a.length() / examples);
    int countB = Math.toIntExact(b.length() / examples);
    first = first.length < countA + countB ? new float[countA + countB] : first;
    FloatPointer fromA = start(a);
    FloatPointer fromB = start(b);
    FloatPointer to = start(z);
    try {
      for (long n = 0; n < examples; n++) {
        fromA.position(n * countA).get(first, 0, countA);
        fromB.position(n * countB).get(first, countA, countB);
        to.position(n * (countA + countB)).put(first, 0, countA + countB);
      }
    } finally {
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(z);
    }
  }

  /** {@code y[2i] = y[2i + 1] = x[i]}. */
  void twice(INDArray x, INDArray y) {
    row = HostFloats.read(x, row);
    sums = HostFloats.ofLength(sums, y.length());
    for (int i = 0; i < sums.length / 2; i++) {
      sums[2 * i] = row[i];
      sums[2 * i + 1] = row[i];
    }
    HostFloats.write(sums, y);
  }

  /** {@code y[i] = x[2i] + x[2i + 1]}. */
  void pairs(INDArray x, INDArray y) {
    row = HostFloats.read(x, row);
    sums = HostFloats.ofLength(sums, y.length());
    for (int i = 0; i < sums.length; i++) {
      sums[i] = row[2 * i] + row[2 * i + 1];
    }
    HostFloats.write(sums, y);
  }

  /** {@code Σ x²}: in single precision a few numbers, in double precision their sums. */
  double squares(INDArray x) {
    sums = HostFloats.ofLength(sums, LANES);
    FloatPointer from = start(x);
    double total = 0;
    try {
      for (long at = 0; at < x.length(); at += CHUNK) {
        int count = (int) Math.min(CHUNK, x.length() - at);
        from.position(at).get(first, 0, count);
        Arrays.fill(first, count, Math.min(CHUNK, (count + LANES - 1) / LANES * LANES), 0f);
        Arrays.fill(sums, 0f);
        for (int i = 0; i < count; i += LANES) {
          addSquares(first, i, sums);
        }
        for (int i = 0; i < LANES; i++) {
          total += sums[i];
        }
      }
    } finally {
      Reference.reachabilityFence(x);
    }
    return total;
  }

  private static void addSquares(float[] x, int from, float[] sums) {
    for (int i = 0; i < LANES; i++) {
      sums[i] += x[from + i] * x[from + i];
    }
  }

  /** {@code mean = values + keep · (mean - values)}. */
  void follow(INDArray mean, INDArray values, float keep) {
    FloatPointer means = start(mean);
    FloatPointer now = start(values);
    try {
      for (long at = 0; at < mean.length(); at += CHUNK) {
        int count = (int) Math.min(CHUNK, mean.length() - at);
        means.position(at).get(first, 0, count);
        now.position(at).get(second, 0, count);
        for (int i = 0; i < count; i++) {
          first[i] = second[i] + keep * (first[i] - second[i]);
        }
        means.position(at).put(first, 0, count);
      }
    } finally {
      Reference.reachabilityFence(mean);
      Reference.reachabilityFence(values);
    }
  }

  /** Numbers of as many whole rows as a piece holds. */
  private int rows(int columns) {
    int chunk = Math.max(1, CHUNK / columns) * columns;
    first = first.length < chunk ? new float[chunk] : first;
    return chunk;
  }
}
