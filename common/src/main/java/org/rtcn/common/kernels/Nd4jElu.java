package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The exponential linear unit, {@code y = x for x > 0, else exp(x) - 1} (Clevert, Unterthiner,
 * Hochreiter 2016), of rows that may each be shifted by a number of their own first. One pass where
 * {@link HostFloats} serve, else native operations. (ND4J's gradients of swish and gelu are NaN for
 * x above 44: exp² overflows in single precision.) Not for several threads.
 */
final class Nd4jElu {
  /** So many numbers of each array stay in the cache. */
  private static final int CHUNK = 8192;

  private float[] values = new float[CHUNK];
  private float[] gradients = new float[CHUNK];
  private float[] shifts = new float[0];

  /**
   * Computes {@code y = elu(x + shift)}; {@code y} may be {@code x}.
   *
   * @param x dense in C order, {@code [row][column]}, or more axes if {@code shift} is null
   * @param shift one number per row, dense in C order, or null
   */
  void forward(INDArray x, INDArray shift, INDArray y) {
    if (!HostFloats.serve(x)) {
      if (shift != null) {
        Broadcast.add(x, shift.reshape(shift.length()), y, 0);
      }
      Nd4j.exec(
          DynamicCustomOp.builder("elu")
              .addInputs(shift == null ? x : y)
              .addOutputs(y)
              .addFloatingPointArguments(1.0)
              .build());
      return;
    }
    int columns = columns(x, shift);
    int chunk = chunk(columns);
    shifts = shift == null ? shifts : HostFloats.read(shift, shifts);
    FloatPointer from = new FloatPointer(HostFloats.pointer(x));
    FloatPointer to = new FloatPointer(HostFloats.pointer(y));
    try {
      for (long at = 0; at < x.length(); at += chunk) {
        int count = (int) Math.min(chunk, x.length() - at);
        from.position(at).get(values, 0, count);
        if (shift != null) {
          addToRows(values, count, columns, shifts, (int) (at / columns));
        }
        elu(values, count);
        to.position(at).put(values, 0, count);
      }
    } finally {
      Reference.reachabilityFence(x);
      Reference.reachabilityFence(y);
    }
  }

  /**
   * Computes {@code dx = dy · elu'}, elu' being {@code 1 + min(y, 0)}; {@code dx} may be {@code
   * dy}.
   *
   * @param y what {@link #forward} computed
   * @param dShift receives the sums of {@code dx} over the columns, or null
   */
  void backward(INDArray y, INDArray dy, INDArray dx, INDArray dShift) {
    if (!HostFloats.serve(y)) {
      INDArray slope = y.dup();
      Nd4j.exec(new org.nd4j.linalg.api.ops.impl.scalar.ScalarMin(slope, null, slope, 0));
      dy.muli(slope.addi(1), dx);
      if (dShift != null) {
        dShift.reshape(dShift.length()).assign(dx.sum(1));
      }
      return;
    }
    int columns = columns(y, dShift);
    int chunk = chunk(columns);
    shifts = dShift == null ? shifts : HostFloats.ofLength(shifts, dShift.length());
    FloatPointer outputs = new FloatPointer(HostFloats.pointer(y));
    FloatPointer from = new FloatPointer(HostFloats.pointer(dy));
    FloatPointer to = new FloatPointer(HostFloats.pointer(dx));
    try {
      for (long at = 0; at < y.length(); at += chunk) {
        int count = (int) Math.min(chunk, y.length() - at);
        outputs.position(at).get(values, 0, count);
        from.position(at).get(gradients, 0, count);
        for (int i = 0; i < count; i++) {
          gradients[i] *= 1 + Math.min(values[i], 0);
        }
        to.position(at).put(gradients, 0, count);
        if (dShift != null) {
          int row = (int) (at / columns);
          for (int i = 0; i < count; i += columns) {
            shifts[row++] = HostFloats.sum(gradients, i, columns);
          }
        }
      }
    } finally {
      Reference.reachabilityFence(y);
      Reference.reachabilityFence(dy);
      Reference.reachabilityFence(dx);
    }
    if (dShift != null) {
      HostFloats.write(shifts, dShift);
    }
  }

  private static int columns(INDArray x, INDArray perRow) {
    return perRow == null ? 1 : Math.toIntExact(x.length() / perRow.length());
  }

  /** Whole rows. */
  private int chunk(int columns) {
    int chunk = Math.max(1, CHUNK / columns) * columns;
    values = values.length < chunk ? new float[chunk] : values;
    gradients = gradients.length < chunk ? new float[chunk] : gradients;
    return chunk;
  }

  private static void addToRows(float[] x, int count, int columns, float[] rows, int row) {
    for (int at = 0; at < count; at += columns) {
      float shift = rows[row++];
      for (int i = at; i < at + columns; i++) {
        x[i] += shift;
      }
    }
  }

  /**
   * exp(v) as exp(v / 16)^16, by its Taylor polynomial on [-1.25, 0], and without a branch: so the
   * JIT compiler makes vector instructions of it. Good to 1e-6.
   */
  private static void elu(float[] x, int count) {
    for (int i = 0; i < count; i++) {
      float v = Math.max(Math.min(x[i], 0f), -20f) * (1f / 16);
      float p = 1f / 5040 + v * (1f / 40320);
      p = 1f / 120 + v * (1f / 720 + v * p);
      p = 1f / 6 + v * (1f / 24 + v * p);
      p = 1f + v * (1f + v * (0.5f + v * p));
      p *= p;
      p *= p;
      p *= p;
      p *= p;
      x[i] = Math.max(x[i], 0f) + (p - 1f);
    }
  }
}
