package org.rtcn.common.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products {@code op(a) · op(b)} of matrices in C order by the OpenBLAS that ND4J has loaded,
 * called without ND4J, whose call takes as long as the product where matrices are small.
 *
 * @param transposeA whether {@code a} is read by columns
 * @param transposeB whether {@code b} is
 * @param rows of the product
 * @param columns of the product
 * @param inner columns of {@code op(a)} and rows of {@code op(b)}
 */
record HostGemm(boolean transposeA, boolean transposeB, int rows, int columns, int inner) {
  private static final int ROW_MAJOR = 101;
  private static final int PLAIN = 111;
  private static final int TRANSPOSED = 112;

  static HostGemm of(boolean transposeA, boolean transposeB, int rows, int columns, int inner) {
    return new HostGemm(transposeA, transposeB, rows, columns, inner);
  }

  /** {@code z = op(a) · op(b) + keep · z}, all of them dense matrices. */
  static void multiply(
      INDArray a, INDArray b, INDArray z, boolean transposeA, boolean transposeB, float keep) {
    int inner = Math.toIntExact(a.size(transposeA ? 0 : 1));
    try {
      of(transposeA, transposeB, (int) z.size(0), (int) z.size(1), inner)
          .multiply(HostFloats.pointer(a), HostFloats.pointer(b), keep, HostFloats.pointer(z));
    } finally {
      Reference.reachabilityFence(a);
      Reference.reachabilityFence(b);
      Reference.reachabilityFence(z);
    }
  }

  /** {@code z = op(a) · op(b) + keep · z}, all of them dense. */
  void multiply(FloatPointer a, FloatPointer b, float keep, FloatPointer z) {
    multiply(1, a, transposeA ? rows : inner, b, transposeB ? inner : columns, keep, z, columns);
  }

  /**
   * {@code z = factor · op(a) · op(b) + keep · z}; a pitch is the distance from a row to the next.
   */
  void multiply(
      float factor,
      FloatPointer a,
      int pitchA,
      FloatPointer b,
      int pitchB,
      float keep,
      FloatPointer z,
      int pitchZ) {
    openblas_nolapack.cblas_sgemm(
        ROW_MAJOR,
        transposeA ? TRANSPOSED : PLAIN,
        transposeB ? TRANSPOSED : PLAIN,
        rows,
        columns,
        inner,
        factor,
        a,
        pitchA,
        b,
        pitchB,
        keep,
        z,
        pitchZ);
  }
}
