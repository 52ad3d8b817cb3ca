package org.rtcn.common.kernels;

/**
 * Numbers of one precision in C order, wherever their {@link Kernels} keep them. Views ({@link
 * #reshape}, {@link #slice}, {@link #at}, {@link #permute}) look at the same numbers: what is
 * written to one is seen in the other.
 */
public interface Array {
  /** The sizes of the axes; not to be changed. */
  long[] shape();

  /** The size of an axis. */
  default long size(int axis) {
    return shape()[axis];
  }

  /** How many numbers these are. */
  default long length() {
    long length = 1;
    for (long size : shape()) {
      length *= size;
    }
    return length;
  }

  /**
   * The same numbers under another shape.
   *
   * @throws IllegalArgumentException if these do not lie densely in C order, or are not as many
   */
  Array reshape(long... shape);

  /** The indices {@code from} to {@code to - 1} of an axis. */
  Array slice(int axis, long from, long to);

  /** One index of an axis, which thereby goes. */
  Array at(int axis, long index);

  /** The axes in another order: good for {@link Kernels#copy} alone. */
  Array permute(int... axes);

  /** Frees the numbers at once; views of them must not be used any more. */
  void close();
}
