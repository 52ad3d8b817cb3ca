package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.it.RtcnProcess.Result;

/**
 * SIGKILL to an executor, and to the driver, in the midst of training: the same model comes out.
 */
class TrainingKillIT {
  private static final List<String> SETTINGS =
      List.of(
          "--config",
          "demo",
          "--set",
          "simulate.patients={HC=8, AMI=8}",
          "--set",
          "classes=[HC, AMI]",
          "--set",
          "transform.image={voices=12, voice-step=4, columns=16}",
          "--set",
          "train.workers=2",
          "--set",
          "train.averaging-frequency=2",
          "--set",
          "train.epochs=24",
          "--set",
          "train.checkpoint-seconds=0.1");

  @TempDir static Path folder;
  private static String undisturbed;

  @BeforeAll
  static void undisturbed() throws Exception {
    for (String stage : List.of("simulate", "ingest", "transform")) {
      assertThat(rtcn(stage, folder.resolve("whole")).exit()).as(stage).isZero();
    }
    for (String copy : List.of("executor", "driver")) {
      copy(folder.resolve("whole"), folder.resolve(copy));
    }
    assertThat(rtcn("train", folder.resolve("whole")).exit()).isZero();
    undisturbed = modelId(folder.resolve("whole"));
  }

  @Test
  void anExecutorThatDiesIsReplaced() throws Exception {
    Path run = folder.resolve("executor");
    Process training = start(run);
    awaitCheckpoint(run, training);
    // Executors are started by Spark's worker inside the driver's JVM.
    List<ProcessHandle> executors =
        training
            .descendants()
            .filter(
                process ->
                    process
                        .info()
                        .commandLine()
                        .orElse("")
                        .contains("CoarseGrainedExecutorBackend"))
            .toList();
    assertThat(executors).isNotEmpty();
    // What was said after -- holds for them.
    assertThat(executors)
        .allSatisfy(
            executor -> assertThat(executor.info().commandLine().orElse("")).contains("-Xmx1100M"));
    executors.get(0).destroyForcibly();
    assertThat(training.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(training.exitValue()).isZero();
    assertThat(modelId(run)).isEqualTo(undisturbed);
  }

  @Test
  void aDriverThatDiesIsResumed() throws Exception {
    Path run = folder.resolve("driver");
    Process training = start(run);
    awaitCheckpoint(run, training);
    List<ProcessHandle> all = new ArrayList<>(training.descendants().toList());
    all.forEach(ProcessHandle::destroyForcibly);
    training.destroyForcibly().waitFor();
    assertThat(run.resolve("models")).doesNotExist();
    Result resumed = rtcn("train", run, "--resume");
    assertThat(resumed.exit()).isZero();
    assertThat(resumed.out()).contains("resumed at step");
    assertThat(modelId(run)).isEqualTo(undisturbed);
    assertThat(run.resolve("checkpoints")).doesNotExist();
  }

  private static List<String> arguments(String stage, Path run, String... more) {
    List<String> arguments = new ArrayList<>(List.of(stage, "--run", run.toString()));
    arguments.addAll(SETTINGS);
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static Result rtcn(String stage, Path run, String... more) throws Exception {
    return RtcnProcess.rtcn(folder, arguments(stage, run, more).toArray(new String[0]));
  }

  private static Process start(Path run) throws IOException {
    List<String> command = arguments("train", run);
    command.add(0, RtcnProcess.HOME.resolve("deploy/bin/rtcn").toString());
    command.addAll(List.of("--", "--executor-memory", "1100m"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(run.getFileName() + ".log").toFile());
    builder.environment().remove("SPARK_HOME");
    return builder.start();
  }

  private static void awaitCheckpoint(Path run, Process training) throws Exception {
    Path checkpoints = run.resolve("checkpoints/train");
    for (int i = 0; i < 1200; i++) {
      assertThat(training.isAlive()).as("training runs").isTrue();
      if (Files.isDirectory(checkpoints)) {
        try (Stream<Path> files = Files.list(checkpoints)) {
          if (files.filter(file -> file.toString().endsWith(".checkpoint")).count() > 1) {
            return;
          }
        }
      }
      Thread.sleep(100);
    }
    throw new AssertionError("No checkpoint after two minutes in " + checkpoints);
  }

  private static String modelId(Path run) throws IOException {
    return new ObjectMapper()
        .readTree(run.resolve("models/rtcn/model.json").toFile())
        .required("modelId")
        .asText();
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }
}
