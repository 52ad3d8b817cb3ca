package org.rtcn.common.kernels;

import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Which kernels this JVM computes with. */
public final class KernelChoice {
  private KernelChoice() {}

  /**
   * Kernels for one network of one thread.
   *
   * @param type FLOAT or DOUBLE
   */
  public static Kernels open(DataType type) {
    Nd4jRuntime.start();
    return new Nd4jKernels(type);
  }
}
