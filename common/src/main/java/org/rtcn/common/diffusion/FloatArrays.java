package org.rtcn.common.diffusion;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moves plain float arrays into ND4J arrays of the same length (C order, no view). */
final class FloatArrays {
  private FloatArrays() {}

  static void fill(INDArray array, float[] values) {
    if (!Nd4j.getEnvironment().isCPU()) {
      array.assign(Nd4j.createFromArray(values).reshape(array.shape()));
      return;
    }
    FloatBuffer buffer = array.data().asNioFloat();
    buffer.put(0, values, 0, values.length);
  }

  static float[] read(INDArray array) {
    return array.reshape(array.length()).toFloatVector();
  }

  /** Row i is zero but for a one at {@code hot[i]}. */
  static void oneHot(INDArray array, int[] hot) {
    int columns = Math.toIntExact(array.size(1));
    float[] values = new float[hot.length * columns];
    for (int i = 0; i < hot.length; i++) {
      values[i * columns + hot[i]] = 1;
    }
    fill(array, values);
  }
}
