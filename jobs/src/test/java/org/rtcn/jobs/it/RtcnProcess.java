package org.rtcn.jobs.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs the packaged jar as a user does: through {@code deploy/bin/rtcn}, in processes of its own.
 */
final class RtcnProcess {
  /** The checkout: Surefire and Failsafe run in the module's folder. */
  static final Path HOME = Path.of("").toAbsolutePath().getParent();

  private RtcnProcess() {}

  /**
   * How a command ended.
   *
   * @param exit status
   * @param out standard output
   * @param err standard error
   */
  record Result(int exit, String out, String err) {}

  /** {@code deploy/bin/rtcn arguments…}, with the working directory {@code folder}. */
  static Result rtcn(Path folder, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("deploy/bin/rtcn").toString());
    command.addAll(List.of(arguments));
    return run(folder, Map.of(), command);
  }

  static Result run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", ".log");
    Path err = Files.createTempFile(folder, "err", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    // A user's own Spark must not stand in for the assembled one.
    builder.environment().remove("SPARK_HOME");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new AssertionError("Still running after 20 minutes: " + command);
    }
    Result result = new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    if (result.exit() != 0) {
      System.err.println(String.join(" ", command) + " -> " + result.exit());
      System.err.println(result.out());
      System.err.println(result.err());
    }
    return result;
  }
}
