package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code deploy/bin/rtcn} makes of the options after {@code --}; no Spark is started. */
class LauncherTest {
  private static final Path HOME = Path.of("").toAbsolutePath().getParent();

  @TempDir static Path folder;

  /**
   * @param status exit status
   * @param said both streams, one line
   */
  private record Answer(int status, String said) {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train                                                  | --master local-cluster[2,1,3072]
          train -- --executor-memory 4g                          | --master local-cluster[2,1,4096] .* --conf spark.executor.memory=4g
          train -- --executor-memory=2g                          | --master local-cluster[2,1,3072] .* --conf spark.executor.memory=2g
          demo -- --conf spark.executor.memory=5g                | --master local-cluster[2,1,5120] .* --conf spark.executor.memory=5g
          train -- --executor-cores 2 --num-executors 3          | --master local-cluster[3,2,3072] .* --conf spark.executor.cores=2
          train -- --master local-cluster[1,1,4096] --executor-memory 4g | --master local-cluster[1,1,4096] .* --conf spark.executor.memory=4g
          train -- --master yarn --executor-memory 4g            | --master yarn --executor-memory 4g
          train -- --driver-memory 3g                            | --driver-memory 3g
          ingest -- --driver-memory 3g --conf spark.ui.enabled=true -v | --master local[*] --driver-memory 3g --conf spark.ui.enabled=true -v
          """)
  void memoryAndCoresReachTheExecutors(String arguments, String expected) throws Exception {
    Answer answer = launch(arguments);
    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.said())
        .containsPattern(expected.replaceAll("[\\[\\]*]", "\\\\$0").replace(".\\*", ".*"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train -- --executor-memory 4x               | Invalid --executor-memory 4x
          train -- --executor-memory 4096             | Invalid --executor-memory 4096
          train -- --executor-memory 100m             | Spark needs 512m or more
          train -- --conf spark.executor.memory=lots  | Invalid spark.executor.memory lots
          train -- --executor-memory 40000g           | Cannot give 2 executors 40000g each
          train -- --executor-memory                  | it needs a value
          train -- --executor-memroy 4g               | spark-submit has no such option
          train -- --executor-cores 0                 | Invalid --executor-cores 0
          train -- --num-executors many               | Invalid --num-executors many
          train -- --total-executor-cores 4           | Cannot use --total-executor-cores
          train -- --conf novalue                     | Invalid --conf "novalue"
          train -- extra                              | Cannot use "extra" after --
          train -- --master local-cluster[2,1,2048] --executor-memory 3g | third number 3072 or more
          train -- --master local-cluster[2,1,3072] --executor-cores 2   | its second number says 1
          train -- --master local-cluster[2,1,3072] --num-executors 3    | its first number says 2
          train -- --master local-cluster[2,1] --executor-memory 1g      | Invalid --master local-cluster[2,1]
          train -- --master local[2] --executor-memory 3g | Cannot use --executor-memory with --master local[2]
          ingest -- --executor-memory 3g              | Cannot use --executor-memory with --master local[*]
          ingest -- --driver-memory 3                 | Invalid --driver-memory 3
          """)
  void whatCannotHoldIsRefusedInOneLine(String arguments, String expected) throws Exception {
    Answer answer = launch(arguments);
    assertThat(answer.status()).as(answer.said()).isEqualTo(2);
    assertThat(answer.said()).startsWith("rtcn: ").contains(expected);
    assertThat(answer.said().lines()).hasSize(1);
  }

  @Test
  void aTemporaryFolderThatIsNotThereIsRefused() throws Exception {
    Answer answer = launch("train", "TMPDIR", folder.resolve("absent").toString());
    assertThat(answer.status()).isEqualTo(2);
    assertThat(answer.said()).contains("Cannot write to the temporary folder TMPDIR=");
  }

  private static Answer launch(String arguments, String... environment) throws Exception {
    Path submit = folder.resolve("spark/bin/spark-submit");
    if (!Files.exists(submit)) {
      Files.createDirectories(submit.getParent());
      Files.writeString(submit, "#!/bin/sh\necho \"$@\"\n");
      assertThat(submit.toFile().setExecutable(true)).isTrue();
    }
    Path jar = folder.resolve("rtcn.jar");
    Files.writeString(jar, "");
    List<String> command = new ArrayList<>();
    command.add(HOME.resolve("deploy/bin/rtcn").toString());
    command.addAll(List.of(arguments.split(" +", -1)));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().remove("RTCN_MASTER");
    builder.environment().put("SPARK_HOME", folder.resolve("spark").toString());
    builder.environment().put("RTCN_JAR", jar.toString());
    for (int i = 0; i < environment.length; i += 2) {
      builder.environment().put(environment[i], environment[i + 1]);
    }
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Answer(process.exitValue(), said.strip());
  }
}
