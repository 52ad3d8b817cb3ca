package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGTERM to the launcher, as a scheduler sends it: the driver ends in order and leaves nothing.
 */
class StopIT {
  @TempDir Path folder;

  @Test
  void aStageThatIsToldToStopLeavesNothingHalf() throws Exception {
    Path run = folder.resolve("run");
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    RtcnProcess.HOME.resolve("deploy/bin/rtcn").toString(),
                    "simulate",
                    "--run",
                    run.toString(),
                    "--set",
                    "simulate.patients={HC=4000}"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().remove("SPARK_HOME");
    builder.environment().put("TMPDIR", Files.createDirectory(folder.resolve("tmp")).toString());
    Process process = builder.start();
    while (process.isAlive() && staged(run) == 0) {
      Thread.sleep(100);
    }
    List<ProcessHandle> drivers =
        Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    process.destroy();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String said = Files.readString(log);
    assertThat(process.exitValue()).as(said).isEqualTo(143);
    assertThat(drivers).as("processes that outlive the launcher").noneMatch(ProcessHandle::isAlive);
    assertThat(said).contains("rtcn: stopped on request").doesNotContain("\tat ");
    assertThat(run.resolve(".staging")).doesNotExist();
    assertThat(run.resolve("stages/simulate/manifest.json")).doesNotExist();
    try (Stream<Path> files = Files.walk(run)) {
      assertThat(files.filter(file -> file.toFile().isFile() && file.toFile().length() == 0))
          .isEmpty();
    }
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left.filter(file -> file.getFileName().toString().startsWith("rtcn-spark")))
          .isEmpty();
    }
  }

  private static long staged(Path run) throws Exception {
    if (!Files.exists(run.resolve(".staging"))) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(run.resolve(".staging"))) {
      return files.filter(file -> file.toFile().isFile()).count();
    } catch (java.io.UncheckedIOException e) {
      // Renamed while it was listed.
      return 0;
    }
  }
}
