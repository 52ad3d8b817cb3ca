package org.rtcn.common.kernels;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Named arrays that a part of a network keeps from one batch to the next, so that training
 * allocates nothing in its loop. An array is made again only when its shape changes; the old one is
 * freed then. Not for several threads.
 */
public final class Scratch {
  private final Kernels kernels;
  private final Map<String, Array> arrays = new HashMap<>();

  /** For arrays of {@code kernels}. */
  public Scratch(Kernels kernels) {
    this.kernels = kernels;
  }

  /** The array {@code name}; its content is what was left there. */
  public Array array(String name, long... shape) {
    Array found = arrays.get(name);
    if (found == null || !Arrays.equals(found.shape(), shape)) {
      if (found != null) {
        found.close();
      }
      found = kernels.uninitialised(shape);
      arrays.put(name, found);
    }
    return found;
  }

  /** Frees the arrays. */
  public void close() {
    arrays.values().forEach(Array::close);
    arrays.clear();
  }
}
