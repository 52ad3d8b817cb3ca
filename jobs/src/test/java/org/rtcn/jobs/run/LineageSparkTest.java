package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.ablate.AblateStageTestAccess;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.augment.AugmentStage;
import org.rtcn.jobs.compare.CompareStage;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.crossval.CrossvalStage;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.EvaluateStage;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.plot.BeatPlot;
import org.rtcn.jobs.predict.PredictStage;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.Verification.Finding;
import org.rtcn.jobs.run.Verification.State;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.spark.SparkOnDemand;
import org.rtcn.jobs.tables.RowDigest;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.TrainOptions;
import org.rtcn.jobs.train.TrainStage;
import org.rtcn.jobs.transform.TransformStage;

/**
 * One small run through all stages; then stages are run again, and files damaged, in copies of it.
 */
class LineageSparkTest {
  private static final Settings SETTINGS =
      DrawnRun.SETTINGS.with(
          "simulate.patients={HC=6, IMI=3, AMI=0, ASMI=0, ALMI=0, ILMI=0}",
          "simulate.max-records-per-patient=1",
          "split.folds=3",
          "split.test-folds=[3]",
          "augment.ddpm.base-channels=8",
          "augment.ddpm.channel-multipliers=[1, 1]",
          "augment.ddpm.training-steps=4",
          "augment.ddpm.diffusion-steps=10",
          "augment.ddpm.sampler-steps=2",
          "augment.ddpm.linear-rank=8",
          "augment.gate.amplitude-margin=100",
          "augment.gate.r-tolerance-samples=200",
          "augment.gate.copy-share=0",
          "train.epochs=1",
          "evaluate.bootstrap-resamples=20",
          "evaluate.gradcam-per-class=1",
          "crossval.folds=[1,2]");

  /** In the order in which they run. */
  private static final List<String> STAGES =
      List.of("simulate", "ingest", "transform", "augment", "train", "evaluate");

  private static final SparkSession SPARK = SparkTestSession.get();
  private static final ByteArrayOutputStream CONSOLE = new ByteArrayOutputStream();

  @TempDir static Path folder;

  @BeforeAll
  static void runAll() {
    for (String stage : STAGES) {
      run("base", stage, SETTINGS, IfPresent.REUSE_OR_REFUSE);
    }
    run("base", "crossval", SETTINGS, IfPresent.REUSE_OR_REFUSE);
    assertThat(directory("base").read(SPARK, Table.SYNTHETIC_BEATS).count()).isPositive();
    assertThat(directory("base").requireStage("train").isMadeFrom("augment")).isTrue();
  }

  /**
   * What is expected of every later stage when one has been run again with something changed:
   * {@code own} refuses to replace its own output unasked, {@code rtcn X} names the stage to run,
   * {@code right} works.
   */
  @Test
  void whateverIsRunAgainLaterStagesRefuseOrAreRight() {
    Map<String, String> changes = new LinkedHashMap<>();
    changes.put("simulate", "simulate.noise-level=0.5");
    changes.put("ingest", "seed=7");
    changes.put("transform", "transform.max-beats-per-record=3");
    changes.put("augment", "augment.ddpm.training-steps=5");
    changes.put("train", "train.epochs=2");
    changes.put("evaluate", "evaluate.bootstrap-resamples=30");
    Map<String, Map<String, String>> expected = new TreeMap<>();
    expected.put(
        "simulate",
        expectations(
            "own", "rtcn ingest", "rtcn ingest", "rtcn ingest", "rtcn ingest", "rtcn ingest"));
    expected.put(
        "ingest",
        expectations(
            "", "own", "rtcn transform", "rtcn transform", "rtcn transform", "rtcn transform"));
    expected.put("transform", expectations("", "", "own", "rtcn augment", "rtcn augment", "own"));
    expected.put("augment", expectations("", "", "", "own", "rtcn train", "right"));
    expected.put("train", expectations("", "", "", "", "own", "right"));
    expected.put("evaluate", expectations("", "", "", "", "", "right"));
    Map<String, String> ofCompare =
        Map.of(
            "simulate", "rtcn ingest",
            "ingest", "rtcn transform",
            "transform", "rtcn augment",
            "augment", "rtcn train",
            "train", "rtcn evaluate",
            "evaluate", "right");
    changes.forEach(
        (stage, change) -> {
          copy("base", "again-" + stage);
          run("again-" + stage, stage, SETTINGS.with(change), IfPresent.OVERWRITE);
          expected
              .get(stage)
              .forEach((later, outcome) -> expect("again-" + stage, stage, later, outcome));
          expect("again-" + stage, stage, "compare", ofCompare.get(stage));
          if (List.of("simulate", "ingest").contains(stage)) {
            expect("again-" + stage, stage, "ablate", expected.get(stage).get("crossval"));
            expect("again-" + stage, stage, "plot", expected.get(stage).get("crossval"));
          }
        });
  }

  private static Map<String, String> expectations(String... outcomes) {
    List<String> later = List.of("ingest", "transform", "augment", "train", "evaluate", "crossval");
    Map<String, String> map = new LinkedHashMap<>();
    for (int i = 0; i < outcomes.length; i++) {
      if (!outcomes[i].isEmpty()) {
        map.put(later.get(i), outcomes[i]);
      }
    }
    return map;
  }

  private static void expect(String run, String again, String later, String outcome) {
    Throwable thrown = catchThrowable(() -> run(run, later, SETTINGS, IfPresent.REUSE_OR_REFUSE));
    String what = later + " after another " + again;
    if (outcome.equals("right")) {
      assertThat(thrown).as(what).isNull();
      return;
    }
    assertThat(thrown).as(what).isInstanceOf(UserException.class);
    assertThat(thrown.getMessage()).as(what).doesNotContain("\n");
    if (outcome.equals("own")) {
      assertThat(thrown.getMessage()).as(what).contains("--overwrite");
    } else {
      assertThat(thrown.getMessage()).as(what).contains("\"" + outcome + " --run ");
    }
  }

  @Test
  void syntheticBeatsOfPatientsThatAreHeldOutNowDoNotTrain() {
    copy("base", "leak");
    run("leak", "ingest", SETTINGS.with("seed=7"), IfPresent.OVERWRITE);
    run("leak", "transform", SETTINGS.with("seed=7"), IfPresent.OVERWRITE);
    assertThatThrownBy(() -> run("leak", "train", SETTINGS.with("seed=7"), IfPresent.OVERWRITE))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot use the output of augment in "
                + directory("leak").root()
                + ": it was made from another transform than is there now. Run \"rtcn augment"
                + " --run "
                + directory("leak").root()
                + " --overwrite\" first, with the --config and --set that it had");
    assertThatThrownBy(() -> run("leak", "evaluate", SETTINGS.with("seed=7"), IfPresent.OVERWRITE))
        .isInstanceOf(UserException.class);
  }

  /**
   * All stages once more, the tasks cut otherwise: one partition behind each shuffle instead of
   * four, many small ones of each file instead of one. Every table and both models come out as they
   * were, so that what was made from them stays valid.
   */
  @Test
  void theSameAgainInOtherPartitionsLeavesEverythingLaterValid() {
    run("base", "compare", SETTINGS, IfPresent.REUSE_OR_REPLACE);
    Map<String, String> changed =
        Map.of(
            "spark.sql.shuffle.partitions", "1",
            "spark.sql.files.maxPartitionBytes", "20000",
            "spark.sql.files.openCostInBytes", "1000");
    Map<String, String> usual = new TreeMap<>();
    changed.keySet().forEach(key -> usual.put(key, SPARK.conf().get(key)));
    changed.forEach((key, value) -> SPARK.conf().set(key, value));
    try {
      // Not in a copy: records say where they were read.
      for (String stage : List.of("ingest", "transform", "augment", "train", "evaluate")) {
        isTheSameAgain("base", stage);
      }
      isTheSameAgain("base", "crossval");
      isTheSameAgain("compared-base", "compare");
    } finally {
      usual.forEach((key, value) -> SPARK.conf().set(key, value));
    }
    CONSOLE.reset();
    for (String stage : List.of("train", "evaluate", "crossval")) {
      run("base", stage, SETTINGS, IfPresent.REUSE_OR_REFUSE);
    }
    assertThat(CONSOLE.toString(StandardCharsets.UTF_8))
        .containsPattern("train +up to date")
        .containsPattern("evaluate +up to date")
        .containsPattern("crossval +up to date")
        .doesNotContain("done in");
  }

  private static void isTheSameAgain(String holder, String stage) {
    RunDirectory run =
        stage.equals("crossval") ? directory(holder).below("crossval") : directory(holder);
    Manifest before = run.own(stage).orElseThrow();
    run("base", stage, SETTINGS, IfPresent.OVERWRITE);
    Manifest after = run.own(stage).orElseThrow();
    assertThat(after.startedAt()).as(stage).isNotEqualTo(before.startedAt());
    assertThat(after.contents()).as(stage).containsOnlyKeys(before.contents().keySet());
    after
        .contents()
        .forEach(
            (path, content) ->
                assertThat(content.digest())
                    .as(path)
                    .isEqualTo(before.contents().get(path).digest()));
    assertThat(after.contents().values()).as(stage).anyMatch(content -> content.digest() != null);
    assertThat(after.identity()).as(stage).isEqualTo(before.identity());
  }

  @Test
  void aModelServesWhereverItWasCopiedButOnlyAsItWasTrained() throws Exception {
    copy("base", "trained");
    run("trained", "ingest", SETTINGS.with("seed=7"), IfPresent.OVERWRITE);
    // A model says itself what it was made with: what its run holds now is no matter.
    predict("trained", "answers");
    assertThat(directory("answers").read(SPARK, Table.PREDICTIONS).count()).isPositive();
    Path model = folder.resolve("trained/models/rtcn/model.json");
    Files.writeString(
        model, Files.readString(model).replace("\"simulated\" : true", "\"simulated\":  true"));
    assertThatThrownBy(() -> predict("trained", "answers"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("models/rtcn/model.json has another content")
        .hasMessageContaining("rtcn train --run");
  }

  private static void predict(String run, String into) {
    PredictStage.run(
        context(into, SETTINGS, IfPresent.REUSE_OR_REFUSE),
        folder.resolve(run + "/models/rtcn").toString(),
        folder.resolve("base/raw").toString());
  }

  @Test
  void anUntouchedRunIsWhatItsManifestsSay() {
    List<Finding> findings = verify("base", Verification.Depth.CONTENT);
    assertThat(findings).allSatisfy(found -> assertThat(found.state()).isEqualTo(State.OK));
    assertThat(findings.stream().map(Finding::output))
        .contains("raw", "models/ddpm", "models/rtcn", "report", "tables/gradcam");
    assertThat(findings.stream().map(Finding::run)).contains(".", "crossval", "crossval/fold-01");
    // Files have no rows.
    assertThat(findings)
        .allSatisfy(
            found ->
                assertThat(found.rows() != null).isEqualTo(found.output().startsWith("tables/")));
  }

  @Test
  void whatIsLostAddedOrCutIsNamedWhereverItIsRead() throws Exception {
    copy("base", "sizes");
    for (Path file : firstFiles("sizes")) {
      Table table = table(folder.resolve("sizes/tables").relativize(file));
      byte[] content = Files.readAllBytes(file);
      Path added = file.resolveSibling("part-99999-added.snappy.parquet");
      Files.delete(file);
      refused("sizes", table, file.getFileName() + " is missing");
      Files.write(file, Arrays.copyOf(content, content.length - 1));
      refused("sizes", table, file.getFileName() + " has ");
      Files.write(file, content);
      Files.write(added, content);
      refused("sizes", table, added.getFileName() + " has come from elsewhere");
      Files.delete(added);
      assertThat(directory("sizes").read(SPARK, table).count()).isNotNegative();
    }
    // The next stage, and one that would be up to date.
    Path beats = firstFile("sizes", Table.BEATS);
    Files.delete(beats);
    for (String stage : List.of("transform", "augment", "train")) {
      Settings changed =
          stage.equals("transform")
              ? SETTINGS
              : SETTINGS.with(
                  "train.epochs=3", "augment.ddpm.training-steps=7", "train.input=waveform");
      assertThatThrownBy(
              () ->
                  run(
                      "sizes",
                      stage,
                      changed,
                      stage.equals("transform") ? IfPresent.REUSE_OR_REFUSE : IfPresent.OVERWRITE))
          .as(stage)
          .isInstanceOf(UserException.class)
          .hasMessageContaining(beats.getFileName().toString());
    }
    assertThat(verify("sizes", Verification.Depth.SIZES))
        .filteredOn(found -> found.state() == State.DAMAGED)
        .singleElement()
        .satisfies(found -> assertThat(found.output()).isEqualTo("tables/beats"));
  }

  private static Table table(Path belowTables) {
    return Table.valueOf(belowTables.getName(0).toString().toUpperCase(Locale.ROOT));
  }

  private static void refused(String run, Table table, String finding) {
    assertThatThrownBy(() -> directory(run).read(SPARK, table))
        .as(table.tableName())
        .isInstanceOf(UserException.class)
        .hasMessageContaining(finding)
        .hasMessageContaining("--overwrite\" to make it again");
  }

  @Test
  void verifyFindsOtherContentOfTheSameSize() throws Exception {
    copy("base", "content");
    Set<String> damaged = new TreeSet<>();
    List<Path> files = firstFiles("content");
    files.add(folder.resolve("content/models/ddpm/model.safetensors"));
    files.add(folder.resolve("content/models/rtcn/model.json"));
    files.add(folder.resolve("content/report/report.html"));
    for (Path file : files) {
      byte[] content = Files.readAllBytes(file);
      // In the middle, where a table has its rows.
      content[content.length / 2] ^= 1;
      Files.write(file, content);
      damaged.add(folder.resolve("content").relativize(file).toString());
    }
    exchange(folder.resolve("content/tables/signals"));
    assertThat(verify("content", Verification.Depth.SIZES))
        .filteredOn(found -> !found.output().equals("tables/signals"))
        .noneMatch(found -> found.state() == State.DAMAGED);
    List<String> details =
        verify("content", Verification.Depth.CONTENT).stream()
            .filter(found -> found.state() == State.DAMAGED)
            .map(Finding::detail)
            .toList();
    assertThat(details).hasSize(damaged.size());
    for (String file : damaged) {
      assertThat(details)
          .as(file)
          .anyMatch(detail -> detail.startsWith(file) || file.contains("signals"));
    }
  }

  @Test
  void aChangedByteIsNoticedUnlessNothingIsReadFromIt() throws Exception {
    Path file = firstFile("base", Table.METRICS);
    byte[] content = Files.readAllBytes(file);
    Path changed = Files.createDirectories(folder.resolve("bytes/tables/metrics"));
    for (int i = 0; i < content.length; i += 13) {
      byte[] other = content.clone();
      other[i] = (byte) (other[i] ^ (1 << (i % 8)));
      Files.write(changed.resolve("part-" + i + ".parquet"), other);
    }
    Files.write(changed.resolve("part-whole.parquet"), content);
    RunDirectory run = directory("bytes");
    List<FileEntry> found =
        FileDigests.of(
            SPARK,
            run.root(),
            FilesOnDisk.list(run.fileSystem(), run.root(), "tables/metrics"),
            true);
    FileEntry whole =
        found.stream().filter(e -> e.path().endsWith("whole.parquet")).findFirst().orElseThrow();
    // Those whose footers are in order: their rows are read.
    List<FileEntry> sound = found.stream().filter(e -> e.footer().equals(whole.footer())).toList();
    assertThat(sound).hasSizeBetween(2, found.size() - 10);
    Map<String, RowDigest.Sum> rows =
        TableRows.digests(
            SPARK, Table.METRICS, sound.stream().map(entry -> run.path(entry.path())).toList());
    RowDigest.Sum stated = RowDigest.Sum.of(whole.rows(), whole.digest());
    List<String> unnoticed =
        rows.entrySet().stream()
            .filter(e -> e.getValue().equals(stated))
            .map(Map.Entry::getKey)
            .toList();
    // Nothing is read from some bytes of the pages' headers: the rows are still the same.
    assertThat(unnoticed).contains("part-whole.parquet").hasSizeLessThan(sound.size() / 10);
  }

  /** Two files of a table take each other's place. */
  private static void exchange(Path table) throws IOException {
    List<Path> files = parquet(table);
    assertThat(files).hasSizeGreaterThan(1);
    byte[] first = Files.readAllBytes(files.get(0));
    Files.write(files.get(0), Files.readAllBytes(files.get(1)));
    Files.write(files.get(1), first);
  }

  @Test
  void aDamagedManifestIsOneLine() throws Exception {
    copy("base", "manifest");
    Path manifest = folder.resolve("manifest/stages/ingest/manifest.json");
    String whole = Files.readString(manifest);
    for (String text :
        List.of(
            "",
            "null",
            "{}",
            "[]",
            "{\"stage\": 3",
            whole.substring(0, whole.length() / 2),
            whole + "x")) {
      Files.writeString(manifest, text);
      for (Table table : List.of(Table.RECORDS, Table.SPLITS)) {
        assertThatThrownBy(() -> directory("manifest").read(SPARK, table))
            .as(text)
            .isInstanceOf(UserException.class)
            .hasMessageContaining("stages/ingest/manifest.json")
            .hasMessageNotContaining("\n");
      }
      assertThatThrownBy(() -> run("manifest", "transform", SETTINGS, IfPresent.REUSE_OR_REFUSE))
          .as(text)
          .isInstanceOf(UserException.class);
      assertThatThrownBy(() -> run("manifest", "ingest", SETTINGS, IfPresent.REUSE_OR_REFUSE))
          .as(text)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("--overwrite");
    }
    Files.delete(manifest);
    assertThatThrownBy(() -> directory("manifest").read(SPARK, Table.RECORDS))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no manifest speaks for it");
    Files.writeString(manifest, whole);
    Path list =
        folder.resolve(
            "manifest/stages/ingest/" + directory("manifest").requireStage("ingest").files());
    byte[] lines = Files.readAllBytes(list);
    Files.write(list, Arrays.copyOf(lines, lines.length - 10));
    refusedList("has been cut or changed");
    Files.delete(list);
    refusedList("Cannot find ");
    Files.write(list, lines);
    assertThat(directory("manifest").read(SPARK, Table.RECORDS).count()).isEqualTo(9);
  }

  private static void refusedList(String finding) {
    assertThatThrownBy(() -> directory("manifest").read(SPARK, Table.RECORDS))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(finding);
  }

  private static List<Finding> verify(String run, Verification.Depth depth) {
    return Verification.of(SparkOnDemand.of(SPARK), directory(run), depth);
  }

  /** One file of each table of the run. */
  private static List<Path> firstFiles(String run) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Table table : directory(run).committedTables()) {
      files.add(firstFile(run, table));
    }
    assertThat(files).hasSizeGreaterThan(11);
    return files;
  }

  private static Path firstFile(String run, Table table) throws IOException {
    return parquet(folder.resolve(run + "/tables/" + table.tableName())).get(0);
  }

  private static List<Path> parquet(Path table) throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
  }

  private static void run(String run, String stage, Settings settings, IfPresent ifPresent) {
    StageContext context = context(run, settings, ifPresent);
    switch (stage) {
      case "simulate" -> SimulateStage.run(context, SimulateCommand.read(settings));
      case "ingest" ->
          IngestStage.run(
              context,
              IngestOptions.read(settings, context.run().path(SimulateStage.RAW).toString()));
      case "transform" -> TransformStage.run(context, TransformOptions.of(settings));
      case "augment" -> AugmentStage.run(context, AugmentOptions.of(settings));
      case "train" -> TrainStage.run(context, TrainOptions.of(settings));
      case "evaluate" -> EvaluateStage.run(context, EvaluateOptions.of(settings));
      case "crossval" -> CrossvalStage.run(context, CrossvalOptions.of(settings));
      case "ablate" -> AblateStageTestAccess.run(context, settings);
      case "compare" ->
          CompareStage.run(
              context("compared-" + run, settings, ifPresent),
              EvaluateOptions.of(settings),
              List.of("a=" + folder.resolve(run), "b=" + folder.resolve("base")));
      case "plot" ->
          BeatPlot.write(
              context,
              directory(run)
                  .read(SPARK, Table.SYNTHETIC_BEATS)
                  .select("synthetic_id")
                  .first()
                  .getString(0),
              List.of("II"),
              folder.resolve("plot.svg"));
      default -> throw new IllegalArgumentException(stage);
    }
  }

  private static RunDirectory directory(String run) {
    return RunDirectory.at(
        folder.resolve(run).toString(), SPARK.sparkContext().hadoopConfiguration());
  }

  private static StageContext context(String run, Settings settings, IfPresent ifPresent) {
    return new StageContext(
        SPARK,
        directory(run),
        settings,
        ifPresent,
        new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
  }

  private static void copy(String from, String to) {
    Path source = folder.resolve(from);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path target = folder.resolve(to).resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          // With its time: ingest goes by it.
          Files.copy(file, target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
