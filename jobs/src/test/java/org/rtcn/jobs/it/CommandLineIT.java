package org.rtcn.jobs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.fuzz.SoundModel;
import org.rtcn.jobs.it.RtcnProcess.Result;

class CommandLineIT {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simulate",
        "ingest",
        "transform",
        "augment",
        "train",
        "evaluate",
        "predict",
        "demo"
      })
  void helpShowsAnExample(String stage) throws Exception {
    Result result = RtcnProcess.rtcn(folder, stage, "--help");
    assertThat(result.exit()).isZero();
    assertThat(result.out()).contains("Usage: rtcn " + stage).containsPattern("Example.*:");
  }

  @Test
  void anUnknownKeyIsRefusedWithTheNearest() throws Exception {
    Result result =
        RtcnProcess.rtcn(folder, "transform", "--run", "run", "--set", "transform.image.voces=9");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err())
        .contains("Did you mean \"rtcn.transform.image.voices\"?")
        .doesNotContain("\tat ");
  }

  @Test
  void aBadValueIsRefusedBeforeAnythingRuns() throws Exception {
    Result result =
        RtcnProcess.rtcn(folder, "simulate", "--run", "run", "--set", "simulate.noise-level=99");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).contains("noise level 99").doesNotContain("\tat ");
    assertThat(Files.exists(folder.resolve("run"))).isFalse();
  }

  @Test
  void aMissingInputIsTheUsersToMend() throws Exception {
    Result result = RtcnProcess.rtcn(folder, "ingest", "--run", "run", "--input", "nowhere");
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err()).contains("Cannot find the input").doesNotContain("\tat ");
  }

  /**
   * Under {@code LC_ALL=POSIX} the JVM cannot open names beyond ASCII: they are counted, by name.
   */
  @Test
  void namesBeyondAsciiAreCountedUnderThePosixLocale() throws Exception {
    Path input = Files.createDirectory(folder.resolve("input"));
    for (String name : List.of("plain", "haendel", "frueh/in")) {
      TwelveLeadFiles.write(input.resolve(name), 600, (lead, i) -> 10 * lead + i);
    }
    // By the shell, in bytes: whether this JVM could write these names depends on its own locale.
    String rename =
        "for s in hea dat; do mv haendel.$s $'h\\xc3\\xa4ndel.'$s; done && mv frueh"
            + " $'fr\\xc3\\xbch'";
    assertThat(RtcnProcess.run(input, Map.of(), List.of("bash", "-c", rename)).exit()).isZero();
    List<String> command =
        List.of(
            RtcnProcess.HOME.resolve("deploy/bin/rtcn").toString(),
            "ingest",
            "--run",
            "run",
            "--input",
            "input",
            "--set",
            "ingest.source=unlabelled");
    assertThat(RtcnProcess.run(folder, Map.of("LC_ALL", "POSIX"), command).exit()).isZero();
    assertThat(Files.readString(folder.resolve("run/stages/ingest/manifest.json")))
        .containsPattern("\"read\" *: *3")
        .containsPattern("\"kept\" *: *1")
        .containsPattern("\"refused.NAME_ENCODING\" *: *2");
    // Cron states no locale: then the launcher takes UTF-8. (One header still names its signal file
    // as it was.)
    List<String> again = new ArrayList<>(command);
    again.add("--overwrite");
    Map<String, String> none = Map.of("LC_ALL", "", "LC_CTYPE", "", "LANG", "");
    assertThat(RtcnProcess.run(folder, none, again).exit()).isZero();
    assertThat(Files.readString(folder.resolve("run/stages/ingest/manifest.json")))
        .containsPattern("\"kept\" *: *2")
        .containsPattern("\"refused.SIGNAL_FILE_MISSING\" *: *1")
        .doesNotContain("NAME_ENCODING");
  }

  /**
   * macOS and BSD have other tools: {@code readlink -f}, {@code stat -c} and {@code nproc} are
   * GNU's.
   */
  @Test
  void theLauncherNeedsNoToolOfGnus() throws Exception {
    Path tools = Files.createDirectory(folder.resolve("tools"));
    String refuse = "#!/bin/sh\ncase $1 in -%s*) exit 1;; esac\n";
    Map<String, String> scripts =
        Map.of(
            "readlink", refuse.formatted("") + "exec /usr/bin/readlink \"$1\"\n",
            "stat", refuse.formatted("Lc") + "shift 2; exec /usr/bin/stat -Lc '%n %s %Y' \"$@\"\n",
            "nproc", "#!/bin/sh\nexit 127\n");
    for (Map.Entry<String, String> script : scripts.entrySet()) {
      Path file = Files.writeString(tools.resolve(script.getKey()), script.getValue());
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, RtcnProcess.HOME.resolve("deploy/bin/rtcn"));
    Files.createSymbolicLink(folder.resolve("rtcn"), Path.of("link"));
    Result result =
        RtcnProcess.run(
            folder,
            Map.of("PATH", tools + ":" + System.getenv("PATH")),
            List.of("./rtcn", "records", "--run", "none"));
    refused(result, "none");
    assertThat(result.err()).doesNotContain("tools/", "line ");
  }

  /** A model folder is data: what does not fit is one line, and nothing in it is fetched. */
  @Test
  void aDamagedModelFolderIsTheUsersToMend() throws Exception {
    Map<String, byte[]> files = SoundModel.files(SoundModel.CONFIG);
    Path model = Files.createDirectory(folder.resolve("model"));
    byte[] arrays = files.get("model.safetensors");
    String json = new String(files.get("model.json"), StandardCharsets.UTF_8);
    Files.write(model.resolve("model.safetensors"), Arrays.copyOf(arrays, arrays.length - 4));
    Files.writeString(model.resolve("model.json"), json);
    refused(predict(model), "does not have the SHA-256 that it states");

    Files.write(model.resolve("model.safetensors"), arrays);
    Files.writeString(
        model.resolve("model.json"), json.replace("\"modelDim\" : 8", "\"modelDim\" : 2147483647"));
    refused(predict(model), "Invalid model-dim 2147483647: must be 1 to 16384");

    try (ServerSocket server = new ServerSocket(0)) {
      server.setSoTimeout(1);
      String fetched =
          json.replace(
              "\"rtcn.transform.notch-hz\" : \"50\"",
              "\"rtcn.transform.notch-hz\" : \"{ include url(\\\"http://127.0.0.1:"
                  + server.getLocalPort()
                  + "/x.conf\\\") }\"");
      assertThat(fetched).isNotEqualTo(json);
      Files.writeString(model.resolve("model.json"), fetched);
      String says = predict(model).err();
      // Anybody can make the id fit.
      Matcher id = Pattern.compile("its content has id ([0-9a-f]{16})").matcher(says);
      assertThat(id.find()).as(says).isTrue();
      Files.writeString(
          model.resolve("model.json"),
          fetched.replaceFirst(
              "\"modelId\" : \"[0-9a-f]{16}\"", "\"modelId\" : \"" + id.group(1) + "\""));
      refused(predict(model), "Invalid notch-hz");
      assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private Result predict(Path model) throws Exception {
    return RtcnProcess.rtcn(
        folder, "predict", "--model", model.toString(), "--input", ".", "--run", "predicted");
  }

  private static void refused(Result result, String why) {
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err().lines().filter(line -> line.startsWith("rtcn: ")))
        .singleElement()
        .asString()
        .startsWith("rtcn: Cannot ")
        .contains(why);
    assertThat(result.err()).doesNotContain("\tat ");
  }

  /** As a user who may not do everything: root is refused nothing. */
  @Test
  void permissionDeniedIsTheUsersToMend() throws Exception {
    List<String> nobody =
        List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs");
    Path jar = RtcnProcess.HOME.resolve("jobs/target/rtcn.jar");
    List<String> probe = new ArrayList<>(nobody);
    probe.addAll(List.of("test", "-r", jar.toString()));
    try {
      if (RtcnProcess.run(folder, Map.of(), probe).exit() != 0) {
        throw new IOException("another user cannot read " + jar);
      }
    } catch (IOException e) {
      System.err.println("SKIPPED, since no command runs as another user here: " + e.getMessage());
      abort("no command runs as another user here");
    }
    // JUnit's own folder is closed to others.
    Path open = Files.createTempDirectory(Path.of("/tmp"), "rtcn-open-");
    try {
      Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
      Path closed =
          Files.createDirectories(
              open.resolve("closed"),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      Files.createDirectory(closed.resolve("run"));
      Path readable = Files.createDirectories(open.resolve("readable/stages")).getParent();
      for (List<String> arguments :
          List.of(
              List.of("simulate", "--run", readable.toString()),
              List.of("simulate", "--run", closed.resolve("run").toString()),
              List.of("records", "--run", closed.resolve("run").toString()),
              List.of("ingest", "--run", open.resolve("run").toString(), "--input", "" + closed))) {
        List<String> command = new ArrayList<>(nobody);
        command.add(RtcnProcess.HOME.resolve("deploy/bin/rtcn").toString());
        command.addAll(arguments);
        Result result = RtcnProcess.run(folder, Map.of("TMPDIR", "/tmp"), command);
        refused(result, "");
        assertThat(result.err()).containsPattern("[Pp]ermission (is )?denied");
        assertThat(open.resolve("run")).doesNotExist();
      }
    } finally {
      try (Stream<Path> files = Files.walk(open)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  @Test
  void stagesRunByPlainSparkSubmitAndRefuseToOverwrite() throws Exception {
    assertThat(submit("simulate", "simulate.patients={HC=2, IMI=1}").exit()).isZero();
    assertThat(submit("ingest", "split.folds=2").exit()).isZero();
    Result again = submit("ingest", "split.folds=2");
    assertThat(again.exit()).isZero();
    assertThat(again.out()).contains("up to date");
    tablesAndFilesAreConverted();
    Result changed = submit("ingest", "split.folds=3");
    assertThat(changed.exit()).isEqualTo(2);
    assertThat(changed.err()).contains("rtcn.split.folds: 2 -> 3").contains("--overwrite");
    Result transform = submit("transform", "transform.image.columns=32");
    assertThat(transform.exit()).isZero();
    assertThat(Files.exists(folder.resolve("run/stages/transform/manifest.json"))).isTrue();
    memoryThatIsNotThereIsNamed();
    damageIsNamed();
  }

  private void tablesAndFilesAreConverted() throws Exception {
    Result tables =
        RtcnProcess.rtcn(
            folder, "convert", "--tables", "--run", "run", "--to", "wfdb", "--out", "converted");
    assertThat(tables.exit()).as(tables.err()).isZero();
    assertThat(tables.out()).contains("convert: 4 written, 0 refused");
    List<String> files = List.of("convert", "converted", "--to", "edf", "--out", "converted");
    Result written = RtcnProcess.rtcn(folder, files.toArray(new String[0]));
    assertThat(written.exit()).as(written.err()).isZero();
    assertThat(written.out()).contains("convert: 4 written, 0 refused");
    Result again =
        RtcnProcess.rtcn(folder, "convert", "converted", "--to", "edf", "--out", "converted");
    assertThat(again.out()).contains("TARGET_PRESENT");
  }

  private void damageIsNamed() throws Exception {
    Path lost;
    try (Stream<Path> files = Files.walk(folder.resolve("run/tables/beats"))) {
      lost = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    Files.delete(lost);
    Result verify = RtcnProcess.rtcn(folder, "verify", "--run", "run", "--format", "json");
    assertThat(verify.exit()).isEqualTo(2);
    assertThat(verify.out())
        .containsPattern("\"output\":\"tables/signals\".*\"state\":\"ok\"")
        .containsPattern("\"output\":\"tables/beats\".*\"state\":\"damaged\"");
    isOneLineThatNames(verify, lost.getFileName() + " is missing");
    isOneLineThatNames(
        RtcnProcess.rtcn(folder, "sql", "SELECT count(*) FROM beats", "--run", "run"),
        lost.getFileName() + " is missing");
    Files.writeString(folder.resolve("run/stages/ingest/manifest.json"), "");
    isOneLineThatNames(
        RtcnProcess.rtcn(folder, "records", "--run", "run"), "stages/ingest/manifest.json");
  }

  private void memoryThatIsNotThereIsNamed() throws Exception {
    Result result =
        RtcnProcess.rtcn(
            folder,
            "sql",
            "SELECT size(sequence(1, 200000000)) FROM records",
            "--run",
            "run",
            "--",
            "--driver-memory",
            "512m");
    assertThat(result.exit()).isEqualTo(137);
    assertThat(result.err().strip())
        .isEqualTo(
            "rtcn: Cannot go on: this process ran out of memory (Java heap space). Give"
                + " --driver-memory after --");
  }

  private static void isOneLineThatNames(Result result, String name) {
    assertThat(result.exit()).isEqualTo(2);
    assertThat(result.err().lines().filter(line -> line.startsWith("rtcn: ")))
        .singleElement()
        .asString()
        .contains(name);
    assertThat(result.err()).doesNotContain("\tat ");
  }

  /** What {@code spark-submit} does, without our launcher. */
  private Result submit(String stage, String setting) throws Exception {
    Path spark = RtcnProcess.HOME.resolve("deploy/runtime/target/spark");
    String opens = System.getProperty("rtcn.spark.add.opens");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(opens.trim().split("\\s+", -1)));
    command.addAll(
        List.of(
            "-cp",
            spark.resolve("jars") + "/*",
            "org.apache.spark.deploy.SparkSubmit",
            "--master",
            "local[2]",
            "--class",
            "org.rtcn.jobs.cli.Main",
            RtcnProcess.HOME.resolve("jobs/target/rtcn.jar").toString(),
            stage,
            "--run",
            folder.resolve("run").toString(),
            "--set",
            setting));
    return RtcnProcess.run(folder, Map.of(), command);
  }
}
