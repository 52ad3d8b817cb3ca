package org.rtcn.common.kernels;

import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.common.nd4j.NativeLoading;

/** LibTorch's kernels: on a GPU where {@link GpuPolicy} allows and the host has one. */
public final class TorchProvider implements KernelProvider {
  /** {@code true} lets convolutions and products round their factors to TF32 on a GPU. */
  private static final String TF32 = "rtcn.tf32";

  /** Loaded once. */
  private static final class Library {
    static final String FAILURE = load();

    private Library() {}

    private static String load() {
      try {
        NativeLoading.firstAlone("torch", () -> Loader.load(torch.class));
      } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
        return "LibTorch does not load here ("
            + String.valueOf(e.getMessage()).lines().findFirst().orElse("")
            + "); it wants glibc 2.35 and libstdc++ of GCC 12 or newer";
      }
      if (System.getenv("OMP_NUM_THREADS") == null) {
        torch.set_num_threads(1);
      }
      Context context = torch.globalContext();
      context.setDeterministicCuDNN(true);
      context.setBenchmarkCuDNN(false);
      context.setAllowTF32CuDNN(Boolean.getBoolean(TF32));
      context.setAllowTF32CuBLAS(Boolean.getBoolean(TF32));
      return null;
    }
  }

  @Override
  public String name() {
    return "torch";
  }

  @Override
  public Optional<String> unusable() {
    if (Library.FAILURE != null) {
      return Optional.of(Library.FAILURE);
    }
    if (GpuPolicy.current() == GpuPolicy.REQUIRE && !torch.cuda_is_available()) {
      return Optional.of("rtcn.gpu=require, and LibTorch finds no GPU that it can use");
    }
    return Optional.empty();
  }

  @Override
  public boolean onGpu() {
    return GpuPolicy.current() != GpuPolicy.OFF && torch.cuda_is_available();
  }

  @Override
  public String describe() {
    return "Computing with LibTorch on the " + (onGpu() ? "GPU" : "CPU");
  }

  @Override
  public Kernels open(DataType type) {
    return new TorchKernels(type, onGpu() ? "cuda" : "cpu");
  }
}
