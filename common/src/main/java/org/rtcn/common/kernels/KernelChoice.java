package org.rtcn.common.kernels;

import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which kernels this JVM computes with; configured as {@code rtcn.kernels}. */
public enum KernelChoice {
  /** Torch's where the build has them and they would compute on a GPU, else ND4J's. */
  AUTO,
  /** ND4J's. */
  ND4J,
  /** LibTorch's, or the run ends. */
  TORCH;

  /** The system property that carries the choice to executors. */
  public static final String PROPERTY = "rtcn.kernels";

  private static final Logger LOG = LoggerFactory.getLogger(KernelChoice.class);

  /** What was chosen, once it was. */
  private static Optional<KernelProvider> chosen;

  /** Makes this the choice of this JVM; before the first network. */
  public void use() {
    System.setProperty(PROPERTY, name().toLowerCase(Locale.ROOT));
  }

  /**
   * Kernels for one network of one thread.
   *
   * @param type FLOAT or DOUBLE
   * @throws UserException if the chosen ones cannot run here
   */
  public static Kernels open(DataType type) {
    Nd4jRuntime.start();
    return provider().map(provider -> provider.open(type)).orElseGet(() -> new Nd4jKernels(type));
  }

  /**
   * Sees to it that the choice can be had, where it was made by name.
   *
   * @throws UserException if it cannot
   */
  public void require() {
    if (this == TORCH) {
      elsewhere();
    }
  }

  /** Whether networks compute with other kernels than ND4J's. */
  public static boolean elsewhere() {
    Nd4jRuntime.start();
    return provider().isPresent();
  }

  /** What networks of this JVM compute with and on, in a few words. */
  public static String describe() {
    Nd4jRuntime runtime = Nd4jRuntime.start();
    return provider()
        .map(KernelProvider::describe)
        .orElse("ND4J on the " + (runtime.backend().equals("CpuBackend") ? "CPU" : "GPU"));
  }

  private static synchronized Optional<KernelProvider> provider() {
    if (chosen == null) {
      chosen = current().choose();
    }
    return chosen;
  }

  private static KernelChoice current() {
    String word = System.getProperty(PROPERTY, "auto");
    for (KernelChoice choice : values()) {
      if (choice.name().equalsIgnoreCase(word)) {
        return choice;
      }
    }
    throw new UserException("Invalid kernels \"" + word + "\": write one of [auto, nd4j, torch]");
  }

  private static boolean onCpu() {
    return Nd4jRuntime.start().backend().equals("CpuBackend");
  }

  private Optional<KernelProvider> choose() {
    if (this == ND4J) {
      return Optional.empty();
    }
    Optional<KernelProvider> found = ServiceLoader.load(KernelProvider.class).findFirst();
    Optional<String> reason =
        found.isEmpty()
            ? Optional.of("this build has none; build with -Ptorch")
            : found.get().unusable();
    if (reason.isPresent()) {
      if (this == TORCH) {
        throw new UserException(
            "Cannot compute with torch kernels: " + reason.get() + "; or set rtcn.kernels=nd4j");
      }
      if (found.isPresent() && GpuPolicy.current() == GpuPolicy.REQUIRE && onCpu()) {
        throw new UserException(
            "Cannot run on a GPU: " + reason.get() + "; or set rtcn.gpu=auto to use the CPU");
      }
      if (found.isPresent()) {
        LOG.warn("Computing with ND4J's kernels: {}", reason.get());
      }
      return Optional.empty();
    }
    if (this == AUTO && !found.get().onGpu()) {
      return Optional.empty();
    }
    LOG.info("Computing with {}", found.get().describe());
    return found;
  }
}
