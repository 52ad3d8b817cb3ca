package org.rtcn.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.config.Settings;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.Checklist.Fact;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.ModelFiles;
import org.rtcn.jobs.train.TrainFacts;
import org.rtcn.jobs.transform.Signals;
import org.rtcn.jobs.transform.TransformStage;

/**
 * From drawn recordings through the real transform and a small network that really learns them. Ten
 * patients in four folds; in the held-out fold one patient has two truths, and one record a label
 * that is no class.
 */
class EvaluateStageSparkTest {
  private static final List<String> CLASSES = List.of("HC", "IMI");

  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");

  @TempDir static Path folder;

  private static final SparkSession SPARK = SparkTestSession.get();
  private static final ByteArrayOutputStream CONSOLE = new ByteArrayOutputStream();
  private static final Settings SETTINGS =
      Settings.defaults()
          .with(
              "classes=[HC,IMI]",
              "split.test-folds=[4]",
              "transform.image.voices=12",
              "transform.image.voice-step=2",
              "transform.image.columns=16",
              "evaluate.bootstrap-resamples=200");

  private static RtcnModel model;
  private static Manifest manifest;

  @BeforeAll
  static void evaluateOnce() {
    ingest();
    TransformStage.run(context(SETTINGS), TransformOptions.of(SETTINGS));
    train();
    manifest = EvaluateStage.run(context(SETTINGS), EvaluateOptions.of(SETTINGS));
  }

  @Test
  void predictionsOfBeatsAreTheModelsAndMeansAreTheirMeans() {
    List<Row> rows = run().read(SPARK, Table.PREDICTIONS).collectAsList();
    Row image =
        run().read(SPARK, Table.SPECTROGRAMS).where("record_id = 'test/r7'").collectAsList().get(0);
    float[] expected =
        model.predict(new float[][] {Signals.floats(image, image.fieldIndex("magnitude"))})[0];
    Row beat = byId(rows, "beat", image.getAs("beat_id"));
    assertThat(Signals.floats(beat, beat.fieldIndex("probabilities")))
        .containsExactly(expected, within(1e-6f));

    double sum = 0;
    int beats = 0;
    for (Row row : rows) {
      if (row.<String>getAs("level").equals("beat") && "test/r7".equals(row.getAs("record_id"))) {
        sum += row.<Float>getList(row.fieldIndex("probabilities")).get(0);
        beats++;
      }
    }
    assertThat(beats).isEqualTo(8);
    Row record = byId(rows, "record", "test/r7");
    assertThat(record.<Float>getList(record.fieldIndex("probabilities")).get(0).doubleValue())
        .isEqualTo(sum / beats, within(1e-6));
    Row patient = byId(rows, "patient", "test/p7");
    assertThat(patient.<String>getAs("truth")).isEqualTo("HC");
    assertThat(patient.<String>getAs("record_id")).isNull();
    assertThat(patient.<Integer>getAs("fold")).isEqualTo(4);
    assertThat(patient.<String>getAs("model_id")).isEqualTo(model.modelId());
    float mi = patient.getAs("probability_mi");
    assertThat(mi).isEqualTo(patient.<Float>getList(patient.fieldIndex("probabilities")).get(1));
    assertThat(rows).noneMatch(row -> "test/p9".equals(row.getAs("id")));
    assertThat(rows).allMatch(row -> row.<Boolean>getAs("simulated"));
  }

  @Test
  void noRowHasTwoAnswers() {
    String[] columns = {"level", "predicted", "probability_mi", "threshold"};
    List<Row> own =
        SPARK.read().parquet(table("predictions")).select("id", columns).collectAsList();
    List<Row> all = new ArrayList<>(own);
    all.addAll(
        SPARK.read().parquet(table("prediction_variants")).select("id", columns).collectAsList());
    assertThat(all).hasSizeGreaterThan(2 * 38);
    assertThat(all)
        .allMatch(
            row ->
                Label.valueOf(row.getAs("predicted")).isInfarction()
                    == (row.<Float>getAs("probability_mi") >= row.<Float>getAs("threshold")));
    assertThat(own).allMatch(row -> row.<Float>getAs("threshold") == 0.43f);
    // The map explains the answer of the same beat.
    SPARK
        .read()
        .parquet(table("gradcam"))
        .select("beat_id", "predicted")
        .collectAsList()
        .forEach(
            map ->
                assertThat(byId(own, "beat", map.getString(0)).<String>getAs("predicted"))
                    .isEqualTo(map.getString(1)));
  }

  @Test
  void theChecklistSaysWhatTheManifestsSayAndNoMore() throws IOException {
    String page = Files.readString(file("report/report.html"));
    long peaks = run().requireStage("transform").counts().get("r_peaks");
    assertThat(page)
        .contains("around " + peaks + " R peaks")
        .contains(
            "Probability of infarction from 0.430 (highest sensitivity + specificity of 3"
                + " validation patients")
        // This run set nobody aside, fitted no temperature and generated no beat.
        .doesNotContain(
            "validation patients chose", "Temperatures fitted", "diffusion model that has")
        .contains("Not stated: yours to add");
  }

  @Test
  void everyClaimOfTheChecklistIsOneOfTheManifests() throws IOException {
    Map<String, String> said = EvaluateFacts.CHECKLIST.require(manifest);
    assertThat(said.keySet())
        .isSubsetOf(Arrays.stream(Fact.values()).map(Fact::name).toList())
        .contains("PREDICTION", "PARTITION", "PREPARATION", "THRESHOLD", "INTERVALS");
    assertThat(said.get("PREDICTION"))
        .isEqualToIgnoringCase(EvaluateFacts.AGGREGATION.require(manifest) + ".");
    String page = Files.readString(file("report/report.html"));
    String shown = text(page);
    said.values().forEach(answer -> assertThat(shown).contains(answer));
    // Every number that it says is one that a manifest holds.
    List<Double> held = new ArrayList<>();
    for (String stage : List.of("transform", "train", "evaluate")) {
      Matcher number = NUMBER.matcher(Files.readString(file("stages/" + stage + "/manifest.json")));
      while (number.find()) {
        held.add(Double.parseDouble(number.group()));
      }
    }
    said.forEach(
        (fact, answer) -> {
          Matcher number =
              NUMBER.matcher(answer.replace("12-lead", "").replaceAll("(\\d),(?=\\d{3})", "$1"));
          while (number.find()) {
            double claimed = Double.parseDouble(number.group());
            int places = number.group().length() - 1 - number.group().indexOf('.');
            double half = number.group().contains(".") ? 0.5000001 * Math.pow(10, -places) : 1e-9;
            assertThat(held.stream().anyMatch(one -> Math.abs(one - claimed) <= half))
                .as("%s says %s: %s", fact, number.group(), answer)
                .isTrue();
          }
        });
  }

  /** What a reader sees. */
  private static String text(String html) {
    return html.replaceAll("<[^>]*>", "")
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
  }

  private String table(String name) {
    return folder.resolve("tables/" + name).toString();
  }

  @Test
  void everyBeatAndPatientIsAccountedFor() {
    assertThat(manifest.counts())
        .containsEntry("beats.read", 5 * 8L)
        .containsEntry("beats.kept", 4 * 8L)
        .containsEntry("beats.refused.LABEL_NOT_AMONG_CLASSES", 8L)
        .containsEntry("records", 4L)
        .containsEntry("patients.kept", 2L)
        .containsEntry("patients.refused.CONFLICTING_LABELS", 1L);
    assertThat(manifest.outputs()).containsEntry("tables/predictions", 32L + 4 + 2);
    assertThat(manifest.simulated()).isTrue();
  }

  @Test
  void figuresOfTheTableFollowFromThePredictions() throws Exception {
    String predictions = folder.resolve("tables/predictions").toString();
    String metrics = folder.resolve("tables/metrics").toString();
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement()) {
      for (String level : List.of("beat", "record", "patient")) {
        double accuracy =
            number(
                statement,
                "SELECT avg((truth = predicted)::INT) FROM '%s/*.parquet' WHERE level = '%s'",
                predictions,
                level);
        assertThat(
                number(
                    statement,
                    "SELECT value FROM '%s/*.parquet' WHERE level = '%s' AND name = 'accuracy'"
                        + " AND variant = 'as_trained' AND subgroup IS NULL"
                        + " AND task = 'localisation'",
                    metrics,
                    level))
            .isEqualTo(accuracy, within(1e-12));
        // Drawn waves this different are learned: the pipeline turns nothing around.
        assertThat(accuracy).isGreaterThan(level.equals("patient") ? 0.99 : 0.7);
      }
      assertThat(
              number(
                  statement,
                  "SELECT value FROM '%s/*.parquet' WHERE level = '%s' AND task ="
                      + " 'baseline_majority' AND name = 'accuracy'",
                  metrics,
                  "patient"))
          .isEqualTo(0.5);
      // Name, level, task and class identify a figure.
      assertThat(
              number(
                  statement,
                  "SELECT count(*) - count(DISTINCT (name, level, task, variant, coalesce(class,"
                      + " ''), coalesce(subgroup, ''))) FROM '%s/*.parquet'",
                  metrics,
                  ""))
          .isZero();
    }
  }

  @Test
  void metricsJsonHoldsTheConfusionMatrices() throws Exception {
    JsonNode json = new ObjectMapper().readTree(file(EvaluateStage.METRICS_JSON).toFile());
    assertThat(json.get("model_id").asText()).isEqualTo(model.modelId());
    assertThat(json.get("patients_with_conflicting_labels").get(0).asText()).isEqualTo("test/p9");
    JsonNode patient = json.get("levels").get("patient");
    assertThat(patient.get("n").asInt()).isEqualTo(2);
    assertThat(patient.get("confusion_matrix").get("truth_by_answer").toString())
        .isEqualTo("[[1,0],[0,1]]");
    assertThat(patient.get("majority_class").asText()).isEqualTo("HC");
  }

  @Test
  void reportShowsFiguresFlowAndExplanations() throws Exception {
    String html = Files.readString(file(EvaluateStage.REPORT));
    // To look at: the page is what people see.
    Files.writeString(Path.of("target", "evaluate-report.html"), html);
    assertThat(html)
        .contains("SIMULATED ECG", model.modelId())
        .contains("1 patients: conflicting labels", "8 beats: label not among classes")
        .contains("not per patient: 1.")
        .contains("Classes with few held-out patients: HC (1), IMI (1).")
        .contains("Loss on the training beats")
        .contains("More heartbeats", "Grad-CAM (0 to 1)", "A recording")
        .contains("rtcn.evaluate.bootstrap-resamples");
  }

  @Test
  void headlinesAreOnTheConsole() {
    assertThat(CONSOLE.toString(StandardCharsets.UTF_8))
        .contains("2 held-out patients (SIMULATED ECG)")
        .containsPattern("Balanced accuracy +1\\.000 +\\[.*always HC: 0\\.500")
        .contains("report/report.html");
  }

  @Test
  void aPatientWhoTrainedTheModelIsNotEvaluated() {
    Settings leaking = SETTINGS.with("split.test-folds=[3,4]");
    assertThatThrownBy(() -> EvaluateStage.run(overwriting(leaking), EvaluateOptions.of(leaking)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "Cannot evaluate: 2 of the held-out patients have trained the model (for example"
                + " test/p5)")
        .hasMessageContaining("split.test-folds");
    // The earlier result stands.
    assertThat(run().has("evaluate")).isTrue();
  }

  @Test
  void foldsWithoutPatientsAreRefused() {
    Settings empty = SETTINGS.with("split.test-folds=[9]");
    assertThatThrownBy(() -> EvaluateStage.run(overwriting(empty), EvaluateOptions.of(empty)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot evaluate: folds [9] hold no beat");
  }

  @Test
  void settingsWithoutSenseAreRefused() {
    assertThatThrownBy(() -> EvaluateOptions.of(SETTINGS.with("evaluate.bootstrap-resamples=0")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid number of bootstrap resamples 0: must be 1 or more");
  }

  private static double number(Statement statement, String sql, String table, String level)
      throws Exception {
    try (ResultSet rows = statement.executeQuery(String.format(sql, table, level))) {
      rows.next();
      return rows.getDouble(1);
    }
  }

  private static Row byId(List<Row> rows, String level, String id) {
    return rows.stream()
        .filter(row -> row.getAs("level").equals(level) && row.getAs("id").equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static void ingest() {
    List<Row> records = new ArrayList<>();
    List<Row> signals = new ArrayList<>();
    List<Row> splits = new ArrayList<>();
    for (int p = 1; p <= 8; p++) {
      String label = CLASSES.get((p + 1) % 2);
      splits.add(RowFactory.create("test/p" + p, "test", label, (p + 1) / 2));
      add(records, signals, "test/r" + p, "test/p" + p, label, p);
    }
    splits.add(RowFactory.create("test/p9", "test", "HC", 4));
    add(records, signals, "test/r9a", "test/p9", "HC", 9);
    add(records, signals, "test/r9b", "test/p9", "IMI", 10);
    splits.add(RowFactory.create("test/p10", "test", "OTHER", 4));
    add(records, signals, "test/r10", "test/p10", "OTHER", 11);
    StageRunner.run(
        context(SETTINGS),
        StagePlan.named("ingest", "test").owns(Table.RECORDS, Table.SIGNALS, Table.SPLITS),
        output -> {
          output.write(Table.RECORDS, SPARK.createDataFrame(records, Table.RECORDS.schema()));
          output.write(Table.SIGNALS, SPARK.createDataFrame(signals, Table.SIGNALS.schema()));
          output.write(Table.SPLITS, SPARK.createDataFrame(splits, Table.SPLITS.schema()));
          output.count("kept", records.size());
          output.simulated(true);
        });
  }

  private static void add(
      List<Row> records,
      List<Row> signals,
      String recordId,
      String patientId,
      String label,
      int seed) {
    float[][] leads = DrawnRun.waves(label.equals("IMI"), seed);
    int samples = leads[0].length;
    records.add(
        RowFactory.create(
            recordId,
            "test",
            patientId,
            60f,
            "male",
            null,
            null,
            label,
            500.0,
            samples,
            new String[0],
            "memory",
            null,
            "ok",
            true,
            null,
            "none",
            null,
            null,
            null,
            null,
            "none",
            null,
            (long) seed));
    List<Object> signal = new ArrayList<>();
    signal.addAll(
        Arrays.asList(
            recordId, "test", 500.0, samples, "mV", new float[12], new int[1], null, new int[12]));
    signal.addAll(Arrays.asList(leads));
    // Frank leads.
    signal.addAll(Arrays.asList(null, null, (Object) null));
    signals.add(RowFactory.create(signal.toArray()));
  }

  /** A network small enough for the driver, trained on folds 1 to 3. */
  private static void train() {
    List<Row> rows =
        run()
            .read(SPARK, Table.SPECTROGRAMS)
            .where("fold < 4 AND label IN ('HC', 'IMI')")
            .orderBy("beat_id")
            .collectAsList();
    RtcnConfig config =
        RtcnConfig.builder()
            .channels(12)
            .voices(12)
            .columns(16)
            .classes(2)
            .stemChannels(4)
            .stemStride(1)
            .stageChannels(List.of(4, 8))
            .blocksPerStage(1)
            .encoderLayers(1)
            .modelDim(8)
            .heads(2)
            .feedForward(16)
            .dropout(0)
            .learningRate(1e-2)
            .weightDecay(0)
            .labelSmoothing(0)
            .seed(11)
            .build();
    ImageStandardizer.Moments moments =
        ImageStandardizer.moments(
            12, 12, 16, ImageInput.MAGNITUDE, ImageStandardizer.Compression.SQRT);
    rows.forEach(row -> moments.add(Signals.floats(row, row.fieldIndex("magnitude"))));
    ImageStandardizer standardizer = moments.fit();
    int size = 12 * 12 * 16;
    float[] x = new float[rows.size() * size];
    INDArray y = Nd4j.zeros(rows.size(), 2);
    for (int i = 0; i < rows.size(); i++) {
      float[] image = Signals.floats(rows.get(i), rows.get(i).fieldIndex("magnitude"));
      standardizer.transform(image);
      System.arraycopy(image, 0, x, i * size, size);
      y.putScalar(i, CLASSES.indexOf(rows.get(i).<String>getAs("label")), 1);
    }
    ComputationGraph graph = Rtcn.build(config);
    DataSet examples = new DataSet(Nd4j.create(x, new long[] {rows.size(), 12, 12, 16}, 'c'), y);
    List<TrainFacts.Epoch> curve = new ArrayList<>();
    for (int step = 1; step <= 30; step++) {
      graph.fit(examples);
      curve.add(new TrainFacts.Epoch(step, step, graph.score(), 0, null, null, 0, 0, 0));
    }
    model =
        new RtcnModel(
                config,
                Rtcn.weights(graph),
                CLASSES,
                standardizer,
                ModelPreprocessing.of(SETTINGS.flatten("transform")),
                rows.stream().map(row -> row.<String>getAs("patient_id")).toList(),
                true)
            // Chosen, so that no reader may take one half for granted.
            .detectingFrom(new DetectionThreshold(0.43f, 3));
    StageRunner.run(
        context(SETTINGS),
        StagePlan.named("train", "test").owns(ModelFiles.RTCN).input(run(), "transform"),
        output -> {
          model.toFiles().forEach((name, b) -> output.write(ModelFiles.RTCN + "/" + name, b));
          output.fact(TrainFacts.TRAINING_CURVE, curve);
          output.fact(TrainFacts.KEPT_EPOCH, curve.size());
          output.fact(TrainFacts.VALIDATION_PATIENTS, List.of());
          output.fact(TrainFacts.EXECUTORS, Map.of());
          output.fact(TrainFacts.CLASS_SHARES, Map.of("HC", 0.5, "IMI", 0.5));
        });
  }

  private static Path file(String relative) {
    return folder.resolve(relative);
  }

  private static RunDirectory run() {
    return RunDirectory.at(folder.toString(), SPARK.sparkContext().hadoopConfiguration());
  }

  private static StageContext context(Settings settings) {
    return new StageContext(
        SPARK,
        run(),
        settings,
        IfPresent.REUSE_OR_REFUSE,
        new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
  }

  private static StageContext overwriting(Settings settings) {
    return new StageContext(
        SPARK,
        run(),
        settings,
        IfPresent.OVERWRITE,
        new PrintStream(CONSOLE, true, StandardCharsets.UTF_8));
  }
}
