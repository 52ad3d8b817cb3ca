package org.rtcn.common.kernels;

import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Every provider that this build has. */
public final class TestKernels {
  private TestKernels() {}

  /** For goldens and finite differences. */
  public static Stream<Kernels> inDoublePrecision() {
    Nd4jRuntime.start();
    return Stream.of(new Nd4jKernels(DataType.DOUBLE));
  }
}
