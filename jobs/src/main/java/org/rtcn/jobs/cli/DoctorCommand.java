package org.rtcn.jobs.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.VersionInfo;
import org.apache.spark.api.java.JavaSparkContext;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.GpuCheck;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.jobs.command.RunOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.spark.SparkSessions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn doctor}: is everything here that a run needs, on the driver and on executors? */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks what a run needs and says what to do.",
      "Java, Spark, ND4J's natives, OpenBLAS, GPU, memory, executors and write "
          + "access. Exit status 0 if a run can start, else 2."
    },
    footer = {"", "Example:", "  rtcn doctor --run rtcn-run"})
final class DoctorCommand implements Callable<Integer> {
  private static final long GIB = 1L << 30;

  @Mixin private RunOptions options;

  private enum Verdict {
    OK("ok  "),
    WARN("warn"),
    FAIL("FAIL");

    private final String label;

    Verdict(String label) {
      this.label = label;
    }
  }

  private final List<String> failures = new ArrayList<>();

  @Override
  public Integer call() {
    // Whatever is wrong is a line of its report.
    options.look("doctor", run -> {}, this::examine);
    if (!failures.isEmpty()) {
      throw new UserException("Cannot run here: fix " + String.join(", ", failures));
    }
    return 0;
  }

  private void examine(StageContext context) {
    PrintStream out = context.console();
    java(out);
    spark(out, context);
    natives(out);
    openBlas(out);
    gpu(out);
    memory(out);
    executors(out, context);
    writeAccess(out, context.run());
  }

  private void say(PrintStream out, Verdict verdict, String what, String found, String remedy) {
    out.printf(
        "%s  %-10s %s%s%n", verdict.label, what, found, remedy.isEmpty() ? "" : ": " + remedy);
    if (verdict == Verdict.FAIL) {
      failures.add(what);
    }
  }

  private void java(PrintStream out) {
    int feature = Runtime.version().feature();
    String found = System.getProperty("java.version") + " in " + System.getProperty("java.home");
    if (feature == 17) {
      say(out, Verdict.OK, "Java", found, "");
    } else {
      say(out, Verdict.WARN, "Java", found, "only 17 is tested; set JAVA_HOME to a JDK 17");
    }
  }

  private void spark(PrintStream out, StageContext context) {
    String version = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    String found =
        String.format(
            "%s, Scala %s, Hadoop %s, master %s",
            version,
            scala.util.Properties.versionNumberString(),
            VersionInfo.getVersion(),
            context.session().master());
    boolean supported = version.startsWith("3.5.");
    say(
        out,
        supported ? Verdict.OK : Verdict.FAIL,
        "Spark",
        found,
        supported ? "" : "set SPARK_HOME to a Spark 3.5 for Scala 2.12, or unset it");
    String serializer = SparkSessions.configuration("doctor").get("spark.serializer");
    if (!serializer.endsWith("KryoSerializer")) {
      say(out, Verdict.WARN, "Spark", serializer, "Kryo is faster; leave spark.serializer unset");
    }
  }

  private void natives(PrintStream out) {
    try {
      Nd4jRuntime runtime = Nd4jRuntime.start();
      INDArray product = Nd4j.ones(8, 8).mmul(Nd4j.ones(8, 8));
      if (product.minNumber().doubleValue() != 8 || product.maxNumber().doubleValue() != 8) {
        say(out, Verdict.FAIL, "ND4J", runtime.describe(), "a matrix product is wrong: reinstall");
      } else if (runtime.threads() > 1) {
        say(
            out,
            Verdict.WARN,
            "ND4J",
            runtime.describe(),
            "set OMP_NUM_THREADS=1: a task is a core");
      } else {
        say(out, Verdict.OK, "ND4J", runtime.describe(), "");
      }
    } catch (UserException e) {
      say(out, Verdict.FAIL, "ND4J", e.getMessage(), "");
    } catch (Exception | LinkageError e) {
      say(
          out,
          Verdict.FAIL,
          "ND4J",
          e.toString(),
          "the jar holds natives for linux-x86_64; build for this platform with"
              + " -Djavacpp.platform=… -Dnd4j.classifier=…");
    }
  }

  private void openBlas(PrintStream out) {
    String cpuInfo;
    try {
      cpuInfo = Files.readString(Path.of("/proc/cpuinfo"));
    } catch (IOException e) {
      cpuInfo = "";
    }
    String chosen = System.getenv("OPENBLAS_CORETYPE");
    if (chosen != null) {
      say(out, Verdict.OK, "OpenBLAS", "core type " + chosen + " (OPENBLAS_CORETYPE)", "");
    } else if (takesForOlder(cpuInfo)) {
      say(
          out,
          Verdict.WARN,
          "OpenBLAS",
          "takes this AMD processor for one without AVX-512",
          "matrix products are slower than necessary; set OPENBLAS_CORETYPE=SKYLAKEX, on"
              + " executors spark.executorEnv.OPENBLAS_CORETYPE=SKYLAKEX");
    } else {
      say(out, Verdict.OK, "OpenBLAS", "finds the core type itself", "");
    }
  }

  /**
   * Whether the OpenBLAS 0.3.19 that ND4J ships uses kernels of an older processor here: it knows
   * AVX-512 on Intel's only. (Its own answer, {@code openblas_get_corename}, has no Java binding.)
   *
   * @param cpuInfo the text of {@code /proc/cpuinfo}
   */
  static boolean takesForOlder(String cpuInfo) {
    return cpuInfo.contains("AuthenticAMD")
        && cpuInfo
            .lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> List.of(line.split("\\s+", -1)))
            .orElse(List.of())
            .containsAll(Set.of("avx512dq", "avx512bw", "avx512vl"));
  }

  private void gpu(PrintStream out) {
    String found;
    try {
      found = "networks compute with " + KernelChoice.describe();
    } catch (UserException e) {
      say(out, Verdict.FAIL, "GPU", e.getMessage(), "");
      return;
    }
    GpuCheck check = GpuCheck.ofThisMachine(GpuCheck.Library.ND4J);
    String why = check.usable() ? "" : "; for ND4J's CUDA: " + check.sentence();
    say(out, Verdict.OK, "GPU", found + why, "");
  }

  private void memory(PrintStream out) {
    long heap = Runtime.getRuntime().maxMemory();
    long machine = machineMemory();
    String found =
        String.format(
            Locale.ROOT,
            "driver heap %.1f GiB of %.1f GiB, %d cores",
            (double) heap / GIB,
            (double) machine / GIB,
            Runtime.getRuntime().availableProcessors());
    boolean little = heap < 900L << 20;
    say(
        out,
        little ? Verdict.WARN : Verdict.OK,
        "memory",
        found,
        little ? "give the driver 2 GiB: -- --driver-memory 2g" : "");
    long free = new java.io.File(System.getProperty("java.io.tmpdir")).getUsableSpace();
    if (free < 5 * GIB) {
      say(
          out,
          Verdict.WARN,
          "disk",
          String.format(Locale.ROOT, "%.1f GiB free for shuffles", (double) free / GIB),
          "set spark.local.dir to a larger disk");
    }
  }

  private static long machineMemory() {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith("MemTotal"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private void executors(PrintStream out, StageContext context) {
    if (context.session().isLocal()) {
      // Nobody else works: Spark's start would show nothing that is not shown here.
      say(out, Verdict.OK, "executors", "none of their own: this process does all the work", "");
      return;
    }
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context.spark().sparkContext());
    int tasks = Math.max(2, 2 * spark.defaultParallelism());
    try {
      Set<String> found =
          new TreeSet<>(
              spark
                  .parallelize(IntStream.range(0, tasks).boxed().toList(), tasks)
                  .map(task -> describeExecutor())
                  .collect());
      say(
          out,
          Verdict.OK,
          "executors",
          found.size() + " answered: " + String.join("; ", found),
          "");
    } catch (Exception e) {
      say(out, Verdict.FAIL, "executors", String.valueOf(e.getMessage()), "see the driver's log");
    }
  }

  private static String describeExecutor() throws IOException {
    return String.format(
        Locale.ROOT,
        "%s/%s Java %s, heap %.1f GiB, OMP_NUM_THREADS=%s, %s",
        InetAddress.getLocalHost().getHostName(),
        org.apache.spark.SparkEnv.get().executorId(),
        System.getProperty("java.version"),
        (double) Runtime.getRuntime().maxMemory() / GIB,
        System.getenv().getOrDefault("OMP_NUM_THREADS", "unset"),
        KernelChoice.describe());
  }

  private void writeAccess(PrintStream out, RunDirectory run) {
    org.apache.hadoop.fs.Path probe = run.path(".doctor-" + UUID.randomUUID());
    byte[] content = "rtcn".getBytes(StandardCharsets.UTF_8);
    FileSystem files = run.fileSystem();
    try {
      boolean existed = files.exists(run.root());
      try (var stream = files.create(probe, true)) {
        stream.write(content);
      }
      org.apache.hadoop.fs.Path renamed = probe.suffix(".renamed");
      boolean moved = files.rename(probe, renamed);
      byte[] back;
      try (InputStream in = files.open(renamed)) {
        back = in.readAllBytes();
      }
      files.delete(renamed, false);
      // Somebody may have begun a run there meanwhile.
      if (!existed && files.listStatus(run.root()).length == 0) {
        files.delete(run.root(), false);
      }
      if (moved && java.util.Arrays.equals(back, content)) {
        say(out, Verdict.OK, "run", run.root() + " can be written", "");
      } else {
        say(out, Verdict.FAIL, "run", run.root().toString(), "a file came back changed");
      }
    } catch (IOException e) {
      say(
          out,
          Verdict.FAIL,
          "run",
          "Cannot write to " + run.root() + " (" + e.getMessage() + ")",
          "give another --run, or the right to write there");
    }
  }
}
