package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
help                                   | -Xmx2g -XX:TieredStopAtLevel=1 .* org.rtcn.jobs.cli.Main help
train --help -- --master yarn          | -XX:TieredStopAtLevel=1 .* org.rtcn.jobs.cli.Main train --help
sql q --run x                          | -XX:TieredStopAtLevel=1 .* -Dspark.master=local[*] .* org.rtcn.jobs.cli.Main sql q --run x
ingest                                 | -Dspark.ui.showConsoleProgress=false
ingest -- --driver-memory 3g --conf spark.x=y | -Xmx3g .* -Dspark.x=y
ingest -- --conf spark.ui.showConsoleProgress=true | -Dspark.ui.showConsoleProgress=true
train -- --executor-memory 4g          | -Dspark.executor.memory=4g
train                                  | -Dspark.jars=.*/rtcn.jar
train                                  | -Dspark.master=local-cluster[2,1,3072]
train                                  | -cp .*/jars/a.jar:.*/jars/b.jar:.*/rtcn.jar org.rtcn.jobs.cli.Main train
""")
  void oneJvmDoesWhatStaysOnThisMachine(String arguments, String expected) throws Exception {
    Answer answer = alone(arguments);
    assertThat(answer.status()).as(answer.said()).isZero();
    assertThat(answer.said().lines().toList()).hasSize(1);
    assertThat(answer.said())
        .containsPattern(expected.replaceAll("[\\[\\]]|(?<!\\.)\\*", "\\\\$0"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ingest -- --jars a.jar",
        "ingest -- --conf spark.driver.extraJavaOptions=-Dx=y",
        "ingest -- --master yarn"
      })
  void sparkSubmitDoesWhatItAloneKnows(String arguments) throws Exception {
    assertThat(alone(arguments).said()).isEqualTo("by Spark's launcher");
  }

  @Test
  void classesAreArchivedOnceWhereThatCanBeWritten() throws Exception {
    Path jar = home().resolve("jobs/target/rtcn.jar");
    Path target = jar.getParent();
    assertThat(alone("sql fails").status()).isEqualTo(2);
    assertThat(alone("sql q").said()).contains("-XX:ArchiveClassesAtExit=" + target);
    Path first = archive(target);
    assertThat(alone("sql q").said()).contains("-XX:SharedArchiveFile=" + first + " ");
    Files.writeString(jar, "another");
    assertThat(alone("sql q").said()).contains("-XX:ArchiveClassesAtExit=" + target);
    assertThat(archive(target)).isNotEqualTo(first);

    // No file can be made below /proc/self; nor below a file.
    String elsewhere = "/proc/self/status";
    Path cache = folder.resolve("cache");
    assertThat(alone("sql q", "RTCN_JAR", elsewhere, "XDG_CACHE_HOME", cache.toString()).said())
        .contains("-XX:ArchiveClassesAtExit=" + cache.resolve("rtcn"));
    assertThat(alone("sql q", "RTCN_JAR", elsewhere, "XDG_CACHE_HOME", jar.toString()).said())
        .contains("org.rtcn.jobs.cli.Main sql q")
        .doesNotContain("Archive");
  }

  private static Path archive(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found = files.filter(file -> file.toString().contains("classes-sql-")).toList();
      assertThat(found).hasSize(1);
      return found.get(0);
    }
  }

  /** A checkout with jars that are none, whose Java says what it was told. */
  private static Path home() throws Exception {
    Path home = folder.resolve("home");
    if (Files.exists(home)) {
      return home;
    }
    for (String name :
        List.of("deploy/bin/rtcn", "conf/jvm.options", "conf/spark-local.properties")) {
      Path copy = home.resolve(name);
      Files.createDirectories(copy.getParent());
      Files.copy(HOME.resolve(name), copy, StandardCopyOption.COPY_ATTRIBUTES);
    }
    for (String name :
        List.of(
            "deploy/runtime/target/spark/jars/b.jar",
            "deploy/runtime/target/spark/jars/a.jar",
            "jobs/target/rtcn.jar")) {
      Path jar = home.resolve(name);
      Files.createDirectories(jar.getParent());
      Files.writeString(jar, "");
    }
    Path java = home.resolve("java/bin/java");
    Files.createDirectories(java.getParent());
    Files.writeString(
        java,
        """
        #!/bin/bash
        all="$*"
        case $all in
          *launcher.Main*) printf '\\0\\necho\\0by\\0Spark'"'"'s\\0launcher\\0' ;;
          *fails) exit 2 ;;
          *ArchiveClassesAtExit=*)
            file=${all#*ArchiveClassesAtExit=}; echo classes > "${file%% *}"; echo "$@" ;;
          *) echo "$@" ;;
        esac
        """);
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  private static Answer alone(String arguments, String... environment) throws Exception {
    Path home = home();
    List<String> all = new ArrayList<>(List.of("JAVA_HOME", home.resolve("java").toString()));
    all.addAll(List.of(environment));
    return run(home.resolve("deploy/bin/rtcn"), arguments, all);
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
    List<String> all =
        new ArrayList<>(
            List.of("SPARK_HOME", folder.resolve("spark").toString(), "RTCN_JAR", jar.toString()));
    all.addAll(List.of(environment));
    return run(HOME.resolve("deploy/bin/rtcn"), arguments, all);
  }

  private static Answer run(Path launcher, String arguments, List<String> environment)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(launcher.toString());
    command.addAll(List.of(arguments.split(" +", -1)));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    for (String name : List.of("RTCN_MASTER", "SPARK_HOME", "RTCN_JAR", "TMPDIR")) {
      builder.environment().remove(name);
    }
    for (int i = 0; i < environment.size(); i += 2) {
      builder.environment().put(environment.get(i), environment.get(i + 1));
    }
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Answer(process.exitValue(), said.strip());
  }
}
