package org.rtcn.common.nd4j;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a CUDA library can run on the GPUs of this machine. It holds machine code for some
 * compute capabilities and no PTX, so that another GPU cannot run it, and fails far from the cause.
 *
 * @param usable whether it can
 * @param sentence one plain sentence that says why
 */
public record GpuCheck(boolean usable, String sentence) {
  /**
   * A library.
   *
   * @param name with its version
   * @param machineCode the compute capabilities that it was compiled for
   */
  public record Library(String name, List<String> machineCode) {
    /** nd4j-cuda-11.6. */
    public static final Library ND4J =
        new Library(
            "ND4J 1.0.0-M2.1",
            List.of("3.7", "5.0", "5.2", "6.0", "6.1", "7.0", "7.5", "8.0", "8.6"));

    /** Machine code runs on its own major capability, from its own minor one on. */
    private boolean runsOn(int major, int minor) {
      return machineCode.stream()
          .map(capability -> capability.split("\\."))
          .anyMatch(
              code -> Integer.parseInt(code[0]) == major && Integer.parseInt(code[1]) <= minor);
    }
  }

  private static final Pattern GPU = Pattern.compile("(\\d+), (.+), (\\d+)\\.(\\d+)");

  /**
   * What nvidia-smi said.
   *
   * @param exit its status, -1 if there is no such command
   * @param text its output
   */
  record Answer(int exit, String text) {}

  /** The GPUs of this machine that {@code CUDA_VISIBLE_DEVICES} leaves visible. */
  public static GpuCheck ofThisMachine(Library library) {
    return of(ask(), System.getenv("CUDA_VISIBLE_DEVICES"), library);
  }

  /** Whether this machine has a command that tells of its GPUs. */
  public static boolean canAsk() {
    return ask().exit() != -1;
  }

  /** Asks nvidia-smi. */
  static Answer ask() {
    try {
      Process process =
          new ProcessBuilder(
                  "nvidia-smi", "--query-gpu=index,name,compute_cap", "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      process.getOutputStream().close();
      // Its answer is a few lines, which the pipe holds until it has ended.
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return new Answer(124, "no answer in 30 s");
      }
      try (InputStream out = process.getInputStream()) {
        return new Answer(
            process.exitValue(), new String(out.readAllBytes(), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      return new Answer(-1, "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(-1, "");
    }
  }

  /**
   * Judges an answer.
   *
   * @param visible the value of {@code CUDA_VISIBLE_DEVICES}, null if it is not set
   */
  static GpuCheck of(Answer answer, String visible, Library library) {
    if (answer.exit() == -1) {
      return no("nvidia-smi is not installed here, so there is no NVIDIA driver.");
    }
    if (answer.text().contains("compute_cap")) {
      return no(
          "this NVIDIA driver does not tell the GPU's compute capability; CUDA 11.6 wants driver"
              + " 510 or newer.");
    }
    if (answer.exit() != 0) {
      return no("nvidia-smi says \"" + firstLine(answer.text()) + "\".");
    }
    List<Matcher> gpus = new ArrayList<>();
    for (String line : answer.text().lines().toList()) {
      Matcher gpu = GPU.matcher(line.trim());
      if (gpu.matches() && isVisible(gpu.group(1), visible)) {
        gpus.add(gpu);
      }
    }
    if (gpus.isEmpty()) {
      return no(
          answer.text().isBlank() || visible == null
              ? "nvidia-smi lists no GPU (\"" + firstLine(answer.text()) + "\")."
              : "CUDA_VISIBLE_DEVICES=" + visible + " hides every GPU.");
    }
    for (Matcher gpu : gpus) {
      if (!library.runsOn(Integer.parseInt(gpu.group(3)), Integer.parseInt(gpu.group(4)))) {
        return no(
            String.format(
                "GPU %s, %s, has compute capability %s.%s, and %s holds machine code for %s only.",
                gpu.group(1),
                gpu.group(2),
                gpu.group(3),
                gpu.group(4),
                library.name(),
                String.join(", ", library.machineCode())));
      }
    }
    Matcher first = gpus.get(0);
    return new GpuCheck(
        true,
        String.format(
            "%d GPU%s, the first %s with compute capability %s.%s.",
            gpus.size(),
            gpus.size() == 1 ? "" : "s",
            first.group(2),
            first.group(3),
            first.group(4)));
  }

  private static GpuCheck no(String why) {
    return new GpuCheck(false, why);
  }

  private static boolean isVisible(String index, String visible) {
    // GPUs may also be named by UUID: then all are looked at.
    return visible == null
        || !visible.matches("[0-9, -]*")
        || visible.matches("(.*[, ])?" + index + "([, ].*)?");
  }

  private static String firstLine(String text) {
    return text.strip().lines().findFirst().orElse("");
  }
}
