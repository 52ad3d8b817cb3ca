package org.rtcn.common.nn;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The affine map {@code y = x W + b} over rows, {@code W} being {@code [in][out]}. */
final class Linear {
  private Linear() {}

  static void forward(INDArray x, INDArray weights, INDArray bias, INDArray y) {
    Ops.affine(x, weights, bias, y);
  }

  /** {@code dx} may be null where the input's gradient is not wanted. */
  static void backward(
      INDArray x, INDArray weights, INDArray dy, INDArray dx, INDArray dWeights, INDArray dBias) {
    Ops.matmul(x, dy, dWeights, true, false);
    dBias.assign(dy.sum(0));
    if (dx != null) {
      Ops.matmul(dy, weights, dx, false, true);
    }
  }
}
