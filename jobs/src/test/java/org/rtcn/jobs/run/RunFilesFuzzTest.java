package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.fuzz.Mutations;
import org.rtcn.jobs.tables.Table;

/**
 * A run directory that somebody hands us: its manifests, lists, journals and claims may say
 * anything. Whoever opens it gets an answer or one line, and nothing outside it is touched. {@code
 * -Drtcn.fuzz.cases=…} makes it a long run, {@code -Drtcn.fuzz.seed=…} another one.
 */
class RunFilesFuzzTest {
  private static final ObjectMapper PRETTY =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final String ZEROS = "0".repeat(64);
  private static final byte[] ROWS = "rows".getBytes(StandardCharsets.UTF_8);
  private static final String TOKEN = "transform-1";

  @TempDir Path folder;
  private Path run;
  private FileSystem local;

  @BeforeEach
  void soundRun() throws IOException {
    local = FileSystem.getLocal(new Configuration());
    local.setWriteChecksum(false);
    run = folder.resolve("run");
    FileUtil.fullyDelete(folder.toFile());
    write(folder.resolve("outside/keep.txt"), "not of this run");
    Manifest ingest = stage("ingest", Map.of("recordings", "abc"), Table.SPLITS);
    stage("transform", Map.of("stages/ingest", ingest.identity()), Table.BEATS);
  }

  private Manifest stage(String stage, Map<String, String> inputs, Table table) throws IOException {
    String owned = RunDirectory.relative(table);
    String file = owned + "/part-0.parquet";
    write(run.resolve(file), "rows");
    FileList list = new FileList(List.of(FileEntry.ofBytes(file, 4, Sha256.of("rows"))));
    org.apache.hadoop.fs.Path root = root();
    list.write(local, new org.apache.hadoop.fs.Path(root, "stages/" + stage));
    Manifest manifest =
        new Manifest(
            stage,
            "1",
            1,
            true,
            Sha256.of(stage),
            Map.of("a", "b"),
            inputs,
            Map.of(owned, 4L),
            Map.of(owned, new Manifest.Content(1, 4, Sha256.of("rows"))),
            list.name(),
            Map.of("kept", 4L),
            Map.of(),
            "2026-11-27T00:00:00Z",
            1,
            Map.of(),
            "success",
            null);
    manifest.write(local, Manifest.path(root, stage));
    return manifest;
  }

  private org.apache.hadoop.fs.Path root() {
    return local.makeQualified(new org.apache.hadoop.fs.Path(run.toString()));
  }

  /** A commit of transform that was cut short, with the old output aside. */
  private Path journal() throws IOException {
    write(run.resolve(".staging/" + TOKEN + "/tables/beats/part-1.parquet"), "new rows");
    write(run.resolve(".staging/" + TOKEN + "/stages/transform/manifest.json"), "{}");
    Path journal = run.resolve(".commit/" + TOKEN + ".json");
    write(
        journal,
        "{\"stage\":\"transform\",\"token\":\""
            + TOKEN
            + "\",\"parts\":[{\"path\":\"tables/beats\",\"files\":1,\"bytes\":8},"
            + "{\"path\":\"stages/transform/manifest.json\",\"files\":1,\"bytes\":2}]}");
    return journal;
  }

  private Path claim() throws IOException {
    Path claim = run.resolve(".lease/other/claim.json");
    write(
        claim,
        "{\"command\":\"train\",\"owner\":{\"host\":\"node-7\",\"machine\":\"b\",\"process\":4711,"
            + "\"process_start\":\"1\",\"user\":\"u\"},\"since\":\"2026-11-27T00:00:00Z\","
            + "\"expires_after_s\":60.0}");
    return claim;
  }

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void whateverARunSaysOfItselfIsAnsweredOrRefusedInOneLine() throws IOException {
    assertThat(answers()).as("a sound run").isNull();
    int cases = Integer.getInteger("rtcn.fuzz.cases", 300);
    long seed = Long.getLong("rtcn.fuzz.seed", 20261127);
    Map<String, Integer> outcomes = new TreeMap<>();
    for (int i = 0; i < cases; i++) {
      SplittableRandom random = new SplittableRandom(seed * 1_000_003 + i);
      Mutations mutations = new Mutations(random);
      soundRun();
      String kind = damage(i % 5, random, mutations);
      Throwable thrown = answers();
      String what = "seed " + seed + ", case " + i + ", " + kind;
      if (thrown != null) {
        assertThat(thrown).as(what).isInstanceOf(UserException.class);
        assertThat(thrown.getMessage()).as(what).doesNotContain("\n").startsWith("Cannot ");
      }
      outcomes.merge(kind + (thrown == null ? " answered" : " refused"), 1, Integer::sum);
      requireNothingOutsideTouched(what);
    }
    System.out.println("seed " + seed + ": " + outcomes);
    assertThat(outcomes).containsKeys("manifest refused", "list refused", "journal refused");
  }

  private String damage(int kind, SplittableRandom random, Mutations mutations) throws IOException {
    String stage = random.nextBoolean() ? "ingest" : "transform";
    Path manifest = run.resolve("stages/" + stage + "/manifest.json");
    switch (kind) {
      case 0 -> Files.write(manifest, mutations.bytes(Files.readAllBytes(manifest)));
      case 1 -> Files.writeString(manifest, fitting(mutations.json(Files.readString(manifest))));
      case 2 -> {
        Path list = list(stage);
        byte[] changed = mutations.bytes(Files.readAllBytes(list));
        Files.delete(list);
        String name = "files-" + Sha256.of(changed).substring(0, 32) + ".tsv";
        Files.write(list.resolveSibling(name), changed);
        String text = Files.readString(manifest).replace(list.getFileName().toString(), name);
        Files.writeString(manifest, fitting(text));
        return "list";
      }
      case 3 -> {
        Path journal = journal();
        Files.writeString(journal, mutations.json(Files.readString(journal)));
        return "journal";
      }
      default -> {
        Path claim = claim();
        Files.writeString(claim, mutations.json(Files.readString(claim)));
        return "claim";
      }
    }
    return "manifest";
  }

  private Path list(String stage) throws IOException {
    try (Stream<Path> files = Files.list(run.resolve("stages/" + stage))) {
      return files.filter(file -> file.toString().endsWith(".tsv")).findFirst().orElseThrow();
    }
  }

  /** With the digest that its content has, as somebody would write it who knows how. */
  private static String fitting(String manifest) {
    try {
      ObjectNode tree = (ObjectNode) PRETTY.readTree(manifest);
      tree.put("sha256", ZEROS);
      String text = PRETTY.writeValueAsString(tree);
      String stated = "\"sha256\" : \"";
      return text.replace(stated + ZEROS, stated + Sha256.of(text));
    } catch (JsonProcessingException | ClassCastException e) {
      return manifest;
    }
  }

  /** All that looks at a run without reading rows; what comes out of it. */
  private Throwable answers() {
    return catchThrowable(
        () -> {
          RunDirectory opened = RunDirectory.at(run.toString(), new Configuration());
          opened.committedTables();
          opened.current("transform");
          for (String stage : List.of("ingest", "transform")) {
            opened.difference(stage);
            opened.requireWhole(opened.requireStage(stage));
            opened.requireAsWritten(stage, "tables/beats", Map.of("part-0.parquet", ROWS));
          }
          LeaseOptions options =
              new LeaseOptions(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ZERO);
          Lease.take(opened, "train", options).close();
        });
  }

  private void requireNothingOutsideTouched(String what) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(file -> !file.startsWith(run)).toList())
          .as(what)
          .containsExactlyInAnyOrder(
              folder, folder.resolve("outside"), folder.resolve("outside/keep.txt"));
    }
    assertThat(folder.resolve("outside/keep.txt")).as(what).hasContent("not of this run");
  }

  /** A journal is carried out by whoever opens the run: it moves and deletes. */
  @ParameterizedTest
  @ValueSource(
      strings = {"../outside", "tables/../../outside", "tables/bystander", "hdfs://x/y", "", "."})
  void aJournalMovesNothingButWhatItsStageOwns(String path) throws IOException {
    Path journal = journal();
    write(run.resolve("tables/bystander/part-0"), "another's");
    Files.writeString(journal, Files.readString(journal).replace("tables/beats", path));
    // As after the mark: what stands in its place is deleted and moved in.
    write(run.resolve(".commit/" + TOKEN + ".aside"), "");
    assertThatThrownBy(() -> RunDirectory.at(run.toString(), new Configuration()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(TOKEN + ".json: it is damaged");
    requireNothingOutsideTouched(path);
    assertThat(run.resolve("tables/bystander/part-0")).hasContent("another's");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../outside", "../x", "", "transform-2"})
  void aJournalSpeaksForItsOwnTokenAlone(String token) throws IOException {
    Path journal = journal();
    Files.writeString(
        journal, Files.readString(journal).replace("\"" + TOKEN + "\"", "\"" + token + "\""));
    assertThatThrownBy(() -> RunDirectory.at(run.toString(), new Configuration()))
        .isInstanceOf(UserException.class);
    requireNothingOutsideTouched(token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hdfs://nowhere.invalid/stages/ingest",
        "/stages/ingest",
        "x/../../stages/ingest",
        "./stages/ingest",
        "//host/stages/ingest"
      })
  void aManifestLeadsNowhereButToStages(String input) throws IOException {
    Path manifest = run.resolve("stages/transform/manifest.json");
    Files.writeString(
        manifest, fitting(Files.readString(manifest).replace("stages/ingest", input)));
    assertThatThrownBy(this::requireTransform)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it has been changed since it was written");
  }

  @Test
  void aManifestThatLeadsBackToItselfComesToAnEnd() throws IOException {
    Path manifest = run.resolve("stages/transform/manifest.json");
    Files.writeString(
        manifest, fitting(Files.readString(manifest).replace("stages/ingest", "stages/transform")));
    assertThatThrownBy(this::requireTransform).isInstanceOf(UserException.class);
  }

  /** Nothing is edited unnoticed, not even what no stage compares. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"kept\" : 4;\"kept\" : 5",
        "\"a\" : \"b\";\"a\" : \"c\"",
        "  \"spark\"; \"spark\""
      })
  void anEditedManifestIsToldByItsDigest(String edit) throws IOException {
    Path manifest = run.resolve("stages/transform/manifest.json");
    String text = Files.readString(manifest);
    String[] fromTo = edit.split(";", -1);
    String edited = text.replace(fromTo[0], fromTo[1]);
    assertThat(edited).isNotEqualTo(text);
    Files.writeString(manifest, edited);
    assertThatThrownBy(this::requireTransform)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot use the manifest "
                + Manifest.path(root(), "transform")
                + ": it has been changed since it was written. Run \"rtcn transform --run "
                + root()
                + " --overwrite\" to make it again.");
  }

  private void requireTransform() {
    RunDirectory.at(run.toString(), new Configuration()).requireStage("transform");
  }

  /** As long as a disk holds: sparse, so that only reading it would cost anything. */
  @Test
  void noFileIsReadThatIsLongerThanItMayBe() throws IOException {
    for (Path file :
        List.of(run.resolve("stages/transform/manifest.json"), list("transform"), journal())) {
      soundRun();
      if (file.toString().contains(".commit")) {
        journal();
      }
      try (RandomAccessFile longer = new RandomAccessFile(file.toFile(), "rw")) {
        longer.setLength(1L << 40);
      }
      assertThatThrownBy(
              () -> RunDirectory.at(run.toString(), new Configuration()).difference("transform"))
          .isInstanceOf(UserException.class)
          .hasMessageStartingWith("Cannot read file:" + file + ": it has more than ");
    }
    soundRun();
    Path claim = claim();
    try (RandomAccessFile longer = new RandomAccessFile(claim.toFile(), "rw")) {
      longer.setLength(1L << 40);
    }
    assertThat(claim.toFile().setLastModified(System.currentTimeMillis() - 70_000)).isTrue();
    assertThat(answers()).isNull();
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aNamedPipeIsNotWaitedFor() throws Exception {
    Path manifest = run.resolve("stages/transform/manifest.json");
    Files.delete(manifest);
    Process made = new ProcessBuilder("mkfifo", manifest.toString()).start();
    assertThat(made.waitFor()).isZero();
    assertThatThrownBy(this::requireTransform)
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it is no file but a pipe, a socket or a device");
  }

  private static void write(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, content.getBytes(StandardCharsets.UTF_8));
  }
}
