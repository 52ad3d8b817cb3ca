package org.rtcn.common.kernels;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * An array of ND4J's as a handle.
 *
 * @param nd the array
 */
record Nd4jArray(INDArray nd) implements Array {
  /** What stands behind {@code array}. */
  static INDArray of(Array array) {
    return ((Nd4jArray) array).nd;
  }

  @Override
  public long[] shape() {
    return nd.shape();
  }

  @Override
  public long size(int axis) {
    return nd.size(axis);
  }

  @Override
  public long length() {
    return nd.length();
  }

  @Override
  public Array reshape(long... shape) {
    return new Nd4jArray(nd.reshape('c', shape));
  }

  @Override
  public Array slice(int axis, long from, long to) {
    return new Nd4jArray(nd.get(on(axis, NDArrayIndex.interval(from, to))));
  }

  @Override
  public Array at(int axis, long index) {
    return new Nd4jArray(nd.get(on(axis, NDArrayIndex.point(index))));
  }

  private INDArrayIndex[] on(int axis, INDArrayIndex index) {
    INDArrayIndex[] indices = new INDArrayIndex[axis + 1];
    Arrays.fill(indices, NDArrayIndex.all());
    indices[axis] = index;
    return indices;
  }

  @Override
  public Array permute(int... axes) {
    return new Nd4jArray(nd.permute(axes));
  }

  @Override
  public void close() {
    nd.close();
  }
}
