package org.rtcn.common.nd4j;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.factory.Environment;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.rtcn.common.error.UserException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts ND4J once per JVM in the way that every stage wants it: layer helpers on, one thread per
 * task. Call {@link #start} before the first ND4J class is touched, in the driver and in each task;
 * further calls cost nothing.
 *
 * <p>One thread, because Spark already runs one task per core: two OpenMP threads on one core spin
 * at barriers. Where {@code OMP_NUM_THREADS} is set, the operator has chosen, and we leave it.
 */
public final class Nd4jRuntime {
  private static final Logger LOG = LoggerFactory.getLogger(Nd4jRuntime.class);

  /** Off by default in 1.0.0-M2.1; read when a layer looks for its helper. */
  private static final String HELPERS_DISABLED = "org.eclipse.deeplearning4j.helpers.disable";

  /** JavaCPP's choice among several natives on the class path. */
  private static final String EXTENSION = "org.bytedeco.javacpp.platform.extension";

  private static final String CUDA_BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";

  private static final String OTHER_KERNELS =
      "META-INF/services/org.rtcn.common.kernels.KernelProvider";

  private static final List<String> CPU_CLASSIFIERS =
      List.of(
          "linux-x86_64-onednn-avx512",
          "linux-x86_64-onednn-avx2",
          "linux-x86_64-onednn",
          "linux-x86_64-avx512",
          "linux-x86_64-avx2",
          "linux-x86_64",
          "linux-arm64",
          "macosx-x86_64",
          "macosx-arm64",
          "windows-x86_64");

  private static volatile Nd4jRuntime started;

  /** OpenMP keeps its number of threads per calling thread: each of Spark's must be told. */
  private static final ThreadLocal<Boolean> TOLD = ThreadLocal.withInitial(() -> false);

  private final String backend;
  private final String classifier;
  private final int threads;
  private final boolean helpers;

  private Nd4jRuntime(String backend, String classifier, int threads, boolean helpers) {
    this.backend = backend;
    this.classifier = classifier;
    this.threads = threads;
    this.helpers = helpers;
  }

  /**
   * Starts ND4J if this JVM has not yet done so, and says what was found.
   *
   * @throws UserException if the processor, or the GPU that is required, cannot run ND4J
   */
  public static Nd4jRuntime start() {
    if (started == null) {
      synchronized (Nd4jRuntime.class) {
        if (started == null) {
          started = load();
          LOG.info("{}", started.describe());
        }
      }
    }
    if (!TOLD.get()) {
      useOneThread();
      TOLD.set(true);
    }
    return started;
  }

  private static void useOneThread() {
    if (System.getenv("OMP_NUM_THREADS") == null) {
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
    }
  }

  private static Nd4jRuntime load() {
    if (System.getProperty(HELPERS_DISABLED) == null) {
      System.setProperty(HELPERS_DISABLED, "false");
    }
    chooseBackend();
    chooseNatives();
    String backend =
        NativeLoading.firstAlone(
            "nd4j",
            () -> {
              // Before the library is loaded, so that what is wrong is said in one sentence.
              PackedNatives.unpack();
              return Nd4j.getBackend().getClass().getSimpleName();
            });
    Environment environment = Nd4j.getBackend().getEnvironment();
    if (System.getenv("OMP_NUM_THREADS") == null) {
      useOneThread();
      environment.setMaxThreads(1);
      environment.setMaxMasterThreads(1);
      if (environment.isCPU()) {
        Nd4j.factory().blas().setMaxThreads(1);
      }
    }
    return new Nd4jRuntime(
        backend,
        nativeClassifier().orElse("unknown"),
        NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads(),
        environment.helpersAllowed());
  }

  /** GPU or CPU, as configured and as the machine allows. */
  private static void chooseBackend() {
    GpuPolicy policy = GpuPolicy.current();
    ClassLoader loader = Nd4jRuntime.class.getClassLoader();
    if (loader.getResource(CUDA_BACKEND) == null) {
      // With other kernels in the build it is for them to find a GPU.
      if (policy == GpuPolicy.REQUIRE && loader.getResource(OTHER_KERNELS) == null) {
        throw new UserException(
            "Cannot run on a GPU: this jar is the CPU build; build with -Ptorch or -Pcuda, or set"
                + " rtcn.gpu=auto");
      }
      return;
    }
    if (policy == GpuPolicy.OFF) {
      LOG.info("rtcn.gpu=off: running on the CPU");
    } else {
      GpuCheck check = GpuCheck.ofThisMachine(GpuCheck.Library.ND4J);
      if (check.usable()) {
        LOG.info("Running on CUDA: {}", check.sentence());
        return;
      }
      if (policy == GpuPolicy.REQUIRE) {
        throw new UserException(
            "Cannot run on a GPU: " + check.sentence() + " Set rtcn.gpu=auto to use the CPU.");
      }
      LOG.warn("Running on the CPU: {}", check.sentence());
    }
    ND4JClassLoading.setNd4jClassloader(new CpuBackendOnly(loader));
  }

  /** Tells JavaCPP which native library to load, where the operator has not. */
  private static void chooseNatives() {
    if (System.getProperty(EXTENSION) != null) {
      LOG.info("Natives {}: as {} says", System.getProperty(EXTENSION), EXTENSION);
      return;
    }
    NativeChoice.choose(NativeChoice.features(Path.of("/proc/cpuinfo")), PackedNatives::isPresent)
        .ifPresent(
            choice -> {
              if (CPU_CLASSIFIERS.stream().filter(PackedNatives::isPresent).count() > 1) {
                System.setProperty(EXTENSION, choice.extension());
              }
              LOG.info("{}", choice.why());
            });
  }

  private static Optional<String> nativeClassifier() {
    String chosen = System.getProperty(EXTENSION);
    return chosen == null
        ? CPU_CLASSIFIERS.stream().filter(PackedNatives::isPresent).findFirst()
        : Optional.of("linux-x86_64" + chosen);
  }

  /** The ND4J backend's name, for example {@code CpuBackend}. */
  public String backend() {
    return backend;
  }

  /** The classifier of the native library, for example {@code linux-x86_64-onednn-avx2}. */
  public String classifier() {
    return classifier;
  }

  /** OpenMP threads that one native operation uses. */
  public int threads() {
    return threads;
  }

  /** One line for the log: backend, natives, threads, helpers. */
  public String describe() {
    return "ND4J "
        + backend
        + ", natives "
        + classifier
        + ", "
        + threads
        + (threads == 1 ? " thread" : " threads")
        + " per task, oneDNN/cuDNN helpers "
        + (helpers ? "allowed" : "off");
  }
}
