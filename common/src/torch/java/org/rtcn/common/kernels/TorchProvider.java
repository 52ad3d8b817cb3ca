package org.rtcn.common.kernels;

import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Context;
import org.bytedeco.pytorch.global.torch;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.GpuCheck;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.common.nd4j.NativeLoading;

/** LibTorch's kernels: on a GPU where {@link GpuPolicy} allows and the host has one. */
public final class TorchProvider implements KernelProvider {
  /** {@code true} lets convolutions and products round their factors to TF32 on a GPU. */
  private static final String TF32 = "rtcn.tf32";

  /** What its builds have machine code for, and so have PyTorch 2.11's for CUDA 13. */
  private static final GpuCheck.Library MACHINE_CODE =
      new GpuCheck.Library("LibTorch 2.10", List.of("7.5", "8.0", "9.0", "10.0", "12.0"));

  /** Asked once LibTorch is loaded. */
  private static final class Gpu {
    static final GpuCheck CHECK =
        torch.cuda_is_available()
            ? GpuCheck.canAsk()
                ? GpuCheck.ofThisMachine(MACHINE_CODE)
                : new GpuCheck(true, "1 GPU.")
            : new GpuCheck(false, "LibTorch finds no GPU and CUDA 13 here.");

    private Gpu() {}
  }

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
    if (GpuPolicy.current() == GpuPolicy.REQUIRE && !Gpu.CHECK.usable()) {
      return Optional.of("rtcn.gpu=require, but " + Gpu.CHECK.sentence());
    }
    return Optional.empty();
  }

  @Override
  public boolean onGpu() {
    return GpuPolicy.current() != GpuPolicy.OFF && Gpu.CHECK.usable();
  }

  @Override
  public String describe() {
    return "LibTorch on the " + (onGpu() ? "GPU: " + Gpu.CHECK.sentence() : "CPU");
  }

  @Override
  public Kernels open(DataType type) {
    return new TorchKernels(type, onGpu() ? "cuda" : "cpu");
  }
}
