package org.rtcn.common.nn;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Named arrays that a block keeps from one batch to the next, so that training allocates nothing in
 * its loop. An array is made anew only when its shape changes. Not for several threads.
 */
final class Scratch {
  private final DataType type;
  private final Map<String, INDArray> arrays = new HashMap<>();

  Scratch(DataType type) {
    this.type = type;
  }

  /** The array {@code name} in C order; its content is what was left there. */
  INDArray array(String name, long... shape) {
    INDArray found = arrays.get(name);
    if (found == null || !Arrays.equals(found.shape(), shape)) {
      found = Nd4j.createUninitializedDetached(type, 'c', shape);
      arrays.put(name, found);
    }
    return found;
  }

  /** {@code source} itself if it is dense in C order, else a dense copy named {@code name}. */
  INDArray dense(String name, INDArray source) {
    if (isDense(source)) {
      return source;
    }
    return array(name, source.shape()).assign(source);
  }

  private boolean isDense(INDArray source) {
    if (source.dataType() != type) {
      return false;
    }
    long expected = 1;
    for (int axis = source.rank() - 1; axis >= 0; axis--) {
      if (source.size(axis) != 1 && source.stride(axis) != expected) {
        return false;
      }
      expected *= source.size(axis);
    }
    return source.ordering() == 'c';
  }

  /** Frees the arrays. */
  void close() {
    arrays.values().forEach(INDArray::close);
    arrays.clear();
  }
}
