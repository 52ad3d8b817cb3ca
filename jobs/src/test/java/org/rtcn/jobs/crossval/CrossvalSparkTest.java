package org.rtcn.jobs.crossval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.ablate.AblateStageTestAccess;
import org.rtcn.jobs.compare.CompareStage;
import org.rtcn.jobs.evaluate.DisjointPatients;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.predict.BeatScorer;
import org.rtcn.jobs.predict.PredictStage;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.Signals;

/** Twelve drawn patients in two folds: cross-validated, resumed, ablated, compared, and leaked. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CrossvalSparkTest {
  private static final SparkSession SPARK = SparkTestSession.get();
  private static final ByteArrayOutputStream CONSOLE = new ByteArrayOutputStream();
  private static final Settings SETTINGS = DrawnRun.SETTINGS;

  @TempDir static Path folder;

  private static DrawnRun drawn;
  private static Manifest manifest;

  @BeforeAll
  static void crossvalidateOnce() {
    drawn =
        new DrawnRun(folder, new PrintStream(CONSOLE, true, StandardCharsets.UTF_8)).make(12, 2);
    manifest = CrossvalStage.run(drawn.context(SETTINGS), CrossvalOptions.of(SETTINGS));
  }

  @Test
  @Order(1)
  void everyPatientIsHeldOutExactlyOnceByAModelThatHasNotSeenThem() throws Exception {
    RunDirectory crossval = drawn.run().below(CrossvalStage.FOLDER);
    List<Row> patients =
        crossval.read(SPARK, Table.PREDICTIONS).where("level = 'patient'").collectAsList();
    assertThat(patients).hasSize(12);
    assertThat(patients.stream().map(row -> row.<String>getAs("id")).distinct()).hasSize(12);
    assertThat(manifest.counts()).containsEntry("folds", 2L).containsEntry("patients.kept", 12L);
    for (int fold = 1; fold <= 2; fold++) {
      JsonNode model =
          new ObjectMapper()
              .readTree(
                  folder.resolve("crossval/fold-0" + fold + "/models/rtcn/model.json").toFile());
      Set<String> trained = new TreeSet<>();
      model.get("trainingPatients").forEach(node -> trained.add(node.asText()));
      int held = fold;
      assertThat(
              patients.stream()
                  .filter(row -> row.<Integer>getAs("fold") == held)
                  .map(row -> row.<String>getAs("id")))
          .hasSize(6)
          .noneMatch(trained::contains);
    }
    assertThat(crossval.read(SPARK, Table.BOOTSTRAP).count()).isEqualTo(100);
    List<String> variants =
        crossval.read(SPARK, Table.METRICS).select("variant").distinct().collectAsList().stream()
            .map(row -> row.getString(0))
            .toList();
    assertThat(variants)
        .contains(
            "as_trained",
            "equal_shares",
            "natural_shares",
            "majority",
            "prior",
            "logistic",
            "logistic_equal_shares");
    String html = Files.readString(folder.resolve("crossval/report/report.html"));
    assertThat(html).contains("SIMULATED ECG");
    JsonNode json =
        new ObjectMapper().readTree(folder.resolve("crossval/report/metrics.json").toFile());
    assertThat(json.get("protocol").asText()).isEqualTo("inter-patient");
    assertThat(json.get("folds")).hasSize(2);
  }

  @Test
  @Order(2)
  void whatAFoldHasFinishedIsNotDoneAgain() throws Exception {
    Path lost = folder.resolve("crossval/fold-02/stages/evaluate/manifest.json");
    Files.delete(lost);
    CONSOLE.reset();
    Manifest again = CrossvalStage.run(drawn.context(SETTINGS), CrossvalOptions.of(SETTINGS));
    String said = CONSOLE.toString(StandardCharsets.UTF_8);
    assertThat(said.split("train +up to date", -1)).hasSize(3);
    assertThat(said.split("evaluate +up to date", -1)).hasSize(2);
    assertThat(lost).exists();
    assertThat(again.facts().get("model_id")).isEqualTo(manifest.facts().get("model_id"));
    assertThat(lines(again)).isNotEmpty().isEqualTo(lines(manifest));
  }

  private static List<Object> lines(Manifest of) {
    List<Object> lines = new ArrayList<>();
    ((List<?>) of.facts().get("headlines"))
        .forEach(headline -> lines.add(((Map<?, ?>) headline).get("line")));
    return lines;
  }

  @Test
  @Order(3)
  void armsAreComparedOnTheSameCases() throws Exception {
    Settings settings =
        SETTINGS.with("ablate.arms=[none,class-weights]", "ablate.seeds=2", "train.epochs=1");
    Manifest ablation = AblateStageTestAccess.run(drawn.context(settings), settings);
    // Two arms as trained, at equal and at natural shares; logistic regression at two of them.
    assertThat(ablation.counts()).containsEntry("contenders", 8L);
    Dataset<Row> table = drawn.run().below("ablation").read(SPARK, Table.COMPARISONS);
    List<Row> rows =
        table
            .where("level = 'patient' AND name = 'balanced_accuracy' AND task = 'localisation'")
            .collectAsList();
    assertThat(
            rows.stream()
                .map(
                    row ->
                        row.getAs("variant")
                            + ": "
                            + row.getAs("second")
                            + " against "
                            + row.getAs("first")))
        .containsExactlyInAnyOrder(
            "as_trained: class-weights against none",
            "as_trained: logistic regression against none",
            "as_trained: class-weights against logistic regression",
            "equal_shares: none against none, the network as trained",
            "equal_shares: class-weights against none",
            "equal_shares: logistic regression against none",
            "equal_shares: class-weights against logistic regression",
            "natural_shares: none against none, the network as trained",
            "natural_shares: class-weights against none");
    for (Row row : rows) {
      assertThat(row.<Long>getAs("n")).isEqualTo(12);
      assertThat(row.<Long>getAs("trainings")).isEqualTo(2);
      assertThat(row.<Double>getAs("difference"))
          .isCloseTo(
              row.<Double>getAs("second_value") - row.<Double>getAs("first_value"), within());
    }
    // Equal draws: as many steps in each arm; class weights have equal shares already.
    Manifest none = trained("seed-" + settings.seed() + "/none/fold-01");
    Manifest weights = trained("seed-" + (settings.seed() + 1) + "/class-weights/fold-01");
    assertThat(none.count("steps")).isEqualTo(weights.count("steps")).isPositive();
    assertThat(none.facts().get("class_shares").toString()).isEqualTo("{HC=0.5, IMI=0.5}");
    String html = Files.readString(folder.resolve("ablation/report/comparison.html"));
    Files.writeString(Path.of("target", "ablation.html"), html);
    assertThat(html)
        .contains("61.66", "authors", "class-weights", "SIMULATED ECG", "patients and 2 seeds")
        .contains("class-weights against logistic regression");
    assertThat(ablation.facts().get("lines").toString()).contains("against none", "2 seeds");

    // One more seed: the two that there are are not trained again.
    CONSOLE.reset();
    Settings fewTrain = settings.with("ablate.split=one-fold-trains");
    assertThatThrownBy(() -> AblateStageTestAccess.run(drawn.context(fewTrain), fewTrain))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot ablate: 2 seeds train on a fold each, and there are 2");
    Settings oneSeed = fewTrain.with("ablate.seeds=1");
    Manifest few = AblateStageTestAccess.run(drawn.context(oneSeed), oneSeed);
    assertThat(few.counts()).containsEntry("contenders", 8L);
    Row measured =
        drawn
            .run()
            .below("ablation")
            .read(SPARK, Table.COMPARISONS)
            .where("level = 'patient' AND name = 'macro_auroc'")
            .first();
    assertThat(measured.<Long>getAs("n")).isEqualTo(6);
  }

  private static Manifest trained(String fold) {
    return drawn.run().below("ablation").below(fold).requireStage("train");
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.api.Assertions.within(1e-12);
  }

  @Test
  @Order(4)
  void runsAreComparedByName() throws Exception {
    Path out = folder.resolve("compared");
    StageContext context =
        new StageContext(
            SPARK,
            RunDirectory.at(out.toString(), SPARK.sparkContext().hadoopConfiguration()),
            SETTINGS,
            IfPresent.REUSE_OR_REFUSE,
            new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
    String first = folder.resolve("crossval").toString();
    CompareStage.run(context, EvaluateOptions.of(SETTINGS), List.of("a=" + first, "b=" + first));
    Row same =
        context
            .run()
            .read(SPARK, Table.COMPARISONS)
            .where("second = 'b' AND level = 'record' AND name = 'macro_auroc'")
            .first();
    assertThat(same.<Double>getAs("difference")).isZero();
    assertThat(same.<Double>getAs("ci_low")).isZero();
    assertThatThrownBy(
            () ->
                CompareStage.run(
                    context,
                    EvaluateOptions.of(SETTINGS),
                    List.of(first, folder.resolve("nothing").toString())))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot compare: ")
        .hasMessageContaining("holds no predictions");
  }

  /** Last: it spoils the images. */
  @Test
  @Order(9)
  void plantedLeaksAreCaughtAtRunTime() throws Exception {
    RunDirectory sound = drawn.run();
    Row image = sound.read(SPARK, Table.SPECTROGRAMS).where("fold = 1").first();
    // One image of a patient of fold 1 among those of fold 2, by a stage that made a mistake.
    Dataset<Row> strange =
        SPARK
            .createDataFrame(List.of(image), Table.SPECTROGRAMS.schema())
            .withColumn("fold", functions.lit(2));
    StageRunner.run(
        overwriting(drawn),
        StagePlan.named("transform", "planted")
            .owns(Table.SPECTROGRAMS, Table.BEATS)
            .input(sound, "ingest"),
        output -> {
          output.write(Table.SPECTROGRAMS, sound.read(SPARK, Table.SPECTROGRAMS).union(strange));
          output.write(Table.BEATS, sound.read(SPARK, Table.BEATS));
        });
    assertThatThrownBy(
            () -> CrossvalStage.run(drawn.context(SETTINGS), CrossvalOptions.of(SETTINGS)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot cross-validate: spectrograms have patient "
                + image.getAs("patient_id")
                + " in the folds [1, 2] at once. A patient on both sides turns memory into skill;"
                + " run ingest and transform again.");

    // The same recording under another name.
    Path other = folder.resolve("doubled");
    DrawnRun doubled =
        new DrawnRun(other, new PrintStream(CONSOLE, true, StandardCharsets.UTF_8)).make(4, 2);
    RunDirectory once = doubled.run();
    StageRunner.run(
        overwriting(doubled),
        StagePlan.named("ingest", "planted").owns(Table.RECORDS, Table.SIGNALS, Table.SPLITS),
        output -> {
          output.write(
              Table.RECORDS,
              withAnother(once.read(SPARK, Table.RECORDS), "test/r02")
                  .withColumn(
                      "signal_hash",
                      functions
                          .when(functions.col("record_id").equalTo("test/r99"), 1L)
                          .otherwise(functions.col("signal_hash"))));
          output.write(Table.SIGNALS, withAnother(once.read(SPARK, Table.SIGNALS), "test/r01"));
          output.write(Table.SPLITS, once.read(SPARK, Table.SPLITS));
        });
    CONSOLE.reset();
    assertThat(DisjointPatients.require(doubled.context(SETTINGS), "evaluate"))
        .containsExactly("test/r01", "test/r99");
    assertThat(CONSOLE.toString(StandardCharsets.UTF_8))
        .contains("2 recordings stand under several names in several folds and are not measured");
  }

  /** A row once more, as {@code test/r99}. */
  private static Dataset<Row> withAnother(Dataset<Row> rows, String recordId) {
    return rows.union(
        rows.where(functions.col("record_id").equalTo(recordId))
            .withColumn("record_id", functions.lit("test/r99")));
  }

  private static StageContext overwriting(DrawnRun run) {
    StageContext context = run.context(SETTINGS);
    return new StageContext(SPARK, context.run(), SETTINGS, IfPresent.OVERWRITE, context.console());
  }

  @Test
  @Order(6)
  void plainJavaGivesTheAnswersOfTheTables() {
    RtcnDiagnoser diagnoser = RtcnDiagnoser.load(folder.resolve("crossval/fold-01/models/rtcn"));
    List<Row> records =
        drawn
            .run()
            .below(CrossvalStage.FOLDER)
            .read(SPARK, Table.PREDICTIONS)
            .where("level = 'record' AND fold = 1")
            .collectAsList();
    assertThat(records).hasSize(6);
    for (Row row : records) {
      int p = Integer.parseInt(row.<String>getAs("id").replace("test/r", ""));
      RtcnDiagnoser.Diagnosis diagnosis =
          diagnoser.diagnose(new EcgSignal(500, Lead.STANDARD_12, DrawnRun.waves(p % 2 == 1, p)));
      assertThat(diagnosis.predicted()).isEqualTo(row.<String>getAs("predicted"));
      assertThat(diagnosis.probabilityMi())
          .isCloseTo(
              row.<Float>getAs("probability_mi").doubleValue(),
              org.assertj.core.api.Assertions.within(1e-5));
      assertThat(diagnosis.beats()).isEqualTo(4);
      assertThat(diagnosis.simulated()).isTrue();
    }
    EcgSignal flat = new EcgSignal(500, Lead.STANDARD_12, new float[12][6000]);
    assertThatThrownBy(() -> diagnoser.diagnose(flat))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot diagnose: no usable heartbeat");
    assertThatThrownBy(() -> RtcnDiagnoser.load(folder.resolve("nowhere")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("model.json is missing");
  }

  @Test
  @Order(7)
  void tablesOfARunArePredictedWithAPageEach() throws Exception {
    Path out = folder.resolve("predicted");
    Settings settings = Settings.defaults().with("predict.record-pages=2");
    StageContext context =
        new StageContext(
            SPARK,
            RunDirectory.at(out.toString(), SPARK.sparkContext().hadoopConfiguration()),
            settings,
            IfPresent.REUSE_OR_REFUSE,
            new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
    Manifest predicted =
        PredictStage.run(
            context, folder.resolve("crossval/fold-01/models/rtcn").toString(), folder.toString());
    assertThat(predicted.counts()).containsEntry("records", 12L);
    Path page = out.resolve("report/records/test_r01.html");
    Files.copy(page, Path.of("target", "record.html"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(Files.readString(page))
        .contains("test/r01", "Research use only", "is simulated", "Grad-CAM")
        // Of the fold's evaluation beside the model, and of its training patients, one beat each.
        .containsPattern("recordings of the evaluation \\(simulated\\).{1,300} had an infarct")
        .contains("Of 6 beats that the model has learned from", "Of the 6 nearest: <b>")
        .contains("training patient's (simulated)")
        // Whichever map fared better on this fold's twins.
        .containsPattern(
            "most similar of 3 healthy training beats|Grad-CAM in time, shared among the leads")
        .doesNotContain("test/p");
    requireKeptBeats();
    assertThat(out.resolve("report/records")).isDirectoryNotContaining("glob:**r03*");
    assertThat(context.run().read(SPARK, Table.PREDICTIONS).where("truth IS NOT NULL").isEmpty())
        .isTrue();
    assertThat(context.run().read(SPARK, Table.UNANSWERED).isEmpty()).isTrue();
    assertThat(predicted.counts()).doesNotContainKey("beats.refused.NO_FINITE_PROBABILITIES");
  }

  /** The same beats whatever the partitions: those of the manifest's training patients alone. */
  private void requireKeptBeats() throws IOException {
    Path model = folder.resolve("crossval/fold-01/models/rtcn");
    byte[] kept = Files.readAllBytes(model.resolveSibling(TrainingBeats.fileOf("rtcn")));
    TrainingBeats beats = TrainingBeats.parse(kept, RtcnModel.load(model));
    assertThat(beats.byClass(List.of("HC", "IMI"))).isEqualTo(Map.of("HC", 3L, "IMI", 3L));
    Set<Integer> first = new TreeSet<>();
    for (Row row :
        drawn.run().read(SPARK, Table.BEATS).where("fold = 2").orderBy("beat_id").collectAsList()) {
      first.add(Arrays.deepHashCode(Signals.of(row).standardLeads()));
    }
    assertThat(beats.beats())
        .allMatch(beat -> first.contains(Arrays.deepHashCode(beat.window())))
        .allMatch(TrainingBeats.Kept::simulated);
  }

  /** Finite weights whose sums are not: the model is named, and nobody is called healthy. */
  @Test
  @Order(8)
  void noAnswerIsMadeOfNumbersThatAreNotFinite() throws Exception {
    Path models = folder.resolve("crossval/fold-01/models/rtcn");
    RtcnModel sound = RtcnModel.load(models);
    Dataset<Row> images = ModelImages.recorded(drawn.run(), SPARK, sound.standardizer());
    Dataset<Row> wild =
        images.withColumn(
            "magnitude",
            functions.expr(
                "if(record_id = 'test/r01', transform(magnitude, x -> cast('Infinity' as float)),"
                    + " magnitude)"));
    List<Row> rows = BeatScorer.answers(SPARK, sound.toFiles(), wild).collectAsList();
    assertThat(rows).hasSize((int) images.count());
    for (Row row : rows) {
      boolean unanswered = row.<String>getAs("record_id").equals("test/r01");
      assertThat(row.<String>getAs("predicted") == null).isEqualTo(unanswered);
      assertThat(row.<Object>getAs("probabilities") == null).isEqualTo(unanswered);
      assertThat(row.<Float>getAs("probability_mi") == null).isEqualTo(unanswered);
    }
    assertThatThrownBy(() -> BeatScorer.score(SPARK, sound.toFiles(), wild).collectAsList())
        .hasStackTraceContaining(
            "Cannot answer with model " + sound.modelId() + ": its network gives no finite");

    float[] huge = sound.weights();
    Arrays.fill(huge, 1e30f);
    RtcnModel overflowing = sound.withWeights(huge, sound.trainingPatients());
    Path saved = Files.createDirectory(folder.resolve("overflowing"));
    for (Map.Entry<String, byte[]> file : overflowing.toFiles().entrySet()) {
      Files.write(saved.resolve(file.getKey()), file.getValue());
    }
    StageContext context =
        new StageContext(
            SPARK,
            RunDirectory.at(
                folder.resolve("unanswered").toString(),
                SPARK.sparkContext().hadoopConfiguration()),
            Settings.defaults(),
            IfPresent.REUSE_OR_REFUSE,
            new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
    assertThatThrownBy(() -> PredictStage.run(context, saved.toString(), folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "Cannot predict with model "
                + overflowing.modelId()
                + ": its network gives no finite probabilities for any of 48 beats");
    assertThatThrownBy(
            () ->
                RtcnDiagnoser.load(saved)
                    .diagnose(new EcgSignal(500, Lead.STANDARD_12, DrawnRun.waves(true, 1))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("gives no finite probabilities");
  }

  @Test
  @Order(5)
  void settingsWithoutSenseAreRefused() {
    assertThatThrownBy(() -> CrossvalOptions.of(SETTINGS.with("crossval.protocol=intra-patient")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid protocol \"intra-patient\": write inter-patient")
        .hasMessageContaining("leaking");
    assertThatThrownBy(() -> CrossvalOptions.of(SETTINGS.with("crossval.folds=[1,1]")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("each fold can be held out once");
    Settings absent = SETTINGS.with("crossval.folds=[1,7]");
    assertThatThrownBy(() -> CrossvalStage.run(drawn.context(absent), CrossvalOptions.of(absent)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Invalid crossval.folds: fold 7 holds no beat of the classes; there are [1, 2]");
  }
}
