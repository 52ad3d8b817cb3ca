package org.rtcn.common.kernels;

import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Every provider of kernels that this build has. */
public final class TestKernels {
  private TestKernels() {}

  /** For goldens and finite differences. */
  public static Stream<Kernels> inDoublePrecision() {
    return of(DataType.DOUBLE);
  }

  /** For what is trained. */
  public static Stream<Kernels> inSinglePrecision() {
    return of(DataType.FLOAT);
  }

  private static Stream<Kernels> of(DataType type) {
    Nd4jRuntime.start();
    return Stream.concat(
        Stream.of(new Nd4jKernels(type)),
        ServiceLoader.load(KernelProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .map(provider -> provider.open(type)));
  }
}
