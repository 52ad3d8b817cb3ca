package org.rtcn.jobs.augment;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmTrainer;
import org.rtcn.common.diffusion.DenoiserShape;
import org.rtcn.common.diffusion.DenoiserSize;
import org.rtcn.common.diffusion.IndependentLeads;
import org.rtcn.common.error.UserException;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.plot.BeatPlot;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;

/** The stage with a model far too small to be any good: what matters here is who sees what. */
class AugmentStageSparkTest {
  private static final Settings SETTINGS =
      Settings.defaults()
          .with(
              "augment.ddpm.base-channels=8",
              "augment.ddpm.channel-multipliers=[1, 1]",
              "augment.ddpm.training-steps=60",
              "augment.ddpm.diffusion-steps=50",
              "augment.ddpm.sampler-steps=6",
              "augment.ddpm.block-size=4",
              "augment.ddpm.batch-size=8",
              "augment.ddpm.centring=class-beat",
              "augment.gate.amplitude-margin=3.0",
              "augment.gate.r-tolerance-samples=200",
              "augment.gate.copy-share=0",
              "augment.reserve=1.0",
              "augment.max-beats-per-patient=4");

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Manifest manifest;

  @BeforeAll
  static void augmentOnce() {
    spark = SparkTestSession.get();
    prepare("one");
    manifest = augment("one", 3, SETTINGS);
  }

  @Test
  void raresClassesAreToppedUp() {
    // HC has 16 training beats, AMI 10, IMI 6; fold 10 is held out.
    Map<String, Long> made = countByLabel();
    assertThat(made).containsExactlyInAnyOrderEntriesOf(Map.of("AMI", 6L, "IMI", 10L));
    assertThat(manifest.count("beats.kept")).isEqualTo(16);
    assertThat(manifest.count("beats.planned")).isEqualTo(16);
    assertThat(manifest.count("training_beats.available")).isEqualTo(32);
    assertThat(manifest.count("training_beats.used")).isEqualTo(4 * 4 + 2 * 4 + 4);
    assertThat(manifest.simulated()).isTrue();
    assertThat(manifest.facts().get("training_folds")).isEqualTo("1,2");
    assertThat(manifest.facts().get("loss_curve"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(2);
    assertThat(manifest.facts().get("x0_error_by_step"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .isNotEmpty();
    assertThat(manifest.facts().get("quality"))
        .asInstanceOf(InstanceOfAssertFactories.MAP)
        .containsOnlyKeys("AMI", "IMI", "all");
  }

  @Test
  void modelSawTrainingFoldsOnly() throws Exception {
    DdpmModel model =
        DdpmModel.fromBytes(Files.readAllBytes(folder.resolve("one/" + AugmentStage.MODEL)));
    assertThat(model.modelId()).isEqualTo(manifest.facts().get("model_id"));
    assertThat(model.classes()).containsExactly("HC", "AMI", "IMI");
    assertThat(model.training().origin()).isEqualTo("simulated ECG, training folds 1,2");
    assertThat(model.training().patientsOfClass())
        .containsExactlyInAnyOrderEntriesOf(Map.of("HC", 4, "AMI", 2, "IMI", 1));
    for (Row row : beats()) {
      assertThat(row.<String>getAs("nearest_beat_id")).doesNotContain("held-out");
    }
  }

  @Test
  void rowsAreWholeBeats() {
    for (Row row : beats()) {
      assertThat(row.<String>getAs("synthetic_id")).matches("(AMI|IMI)#\\d{6}");
      assertThat(row.<String>getAs("seed_key"))
          .isEqualTo(
              "ddpm-sample/"
                  + row.<String>getAs("label")
                  + "/"
                  + Integer.parseInt(row.<String>getAs("synthetic_id").split("#", -1)[1]));
      assertThat(row.<Boolean>getAs("simulated")).isTrue();
      assertThat(row.<Double>getAs("fs_hz")).isEqualTo(500);
      assertThat(row.<Integer>getAs("r_in_window")).isEqualTo(120);
      assertThat(row.<Float>getAs("nearest_distance_mv")).isPositive();
      assertThat(row.<Float>getAs("other_patient_mv"))
          .isGreaterThanOrEqualTo(row.<Float>getAs("nearest_distance_mv"));
      assertThat(row.<Float>getAs("nearest_warped_mv")).isPositive();
      assertThat(row.<String>getAs("nearest_beat_id"))
          .startsWith("test/" + row.<String>getAs("label"));
      float[][] leads = leads(row);
      assertThat(leads).hasDimensions(12, 320);
      assertThat(leads).isDeepEqualTo(IndependentLeads.complete(IndependentLeads.of(leads)));
      assertThat(leads[2][300]).isCloseTo(leads[1][300] - leads[0][300], within(1e-6f));
    }
    List<Row> images = run("one").read(spark, Table.SYNTHETIC_SPECTROGRAMS).collectAsList();
    assertThat(images).hasSize(16);
    Row image = images.get(0);
    assertThat(image.getList(image.fieldIndex("magnitude"))).hasSize(12 * 24 * 32);
  }

  @Test
  void rowsDoNotDependOnPartitions() {
    List<String> expected = text("one");
    assertThat(expected).hasSize(32);
    for (int partitions : new int[] {1, 8}) {
      String name = "partitions" + partitions;
      prepare(name);
      augment(name, partitions, SETTINGS);
      assertThat(text(name)).isEqualTo(expected);
    }
  }

  @Test
  void aGeneratedBeatIsDrawnBesideRealOnesAndAsItCameAbout() throws Exception {
    Row beat = beats().get(0);
    String id = beat.getAs("synthetic_id");
    Path out = folder.resolve("generated.svg");
    StageContext context = context("one", SETTINGS, new ByteArrayOutputStream());
    BeatPlot.write(context, id, List.of("II", "V2"), out);
    String svg = Files.readString(out);
    assertThat(svg)
        .contains(id + ", class " + beat.getAs("label") + ": SYNTHETIC beat, of no patient")
        .contains("its model learned from SIMULATED ECG")
        .contains("nearest SIMULATED beat " + beat.getAs("nearest_beat_id"))
        .contains("model " + manifest.facts().get("model_id"))
        .contains("t 50: 0 %")
        .contains("t 1: ")
        .contains("research use only");
    // Six sampler steps of three leads, each as noise and as the beat that it is taken for.
    assertThat(svg.split("<polyline", -1)).hasSize(1 + 6 * 3 * 2);

    Path stored = folder.resolve("one/" + AugmentStage.MODEL);
    byte[] own = Files.readAllBytes(stored);
    Files.write(stored, trainedInThisThread("one", SETTINGS.with("augment.ddpm.training-steps=2")));
    try {
      assertThatThrownBy(() -> BeatPlot.write(context, id, List.of("II"), out))
          .isInstanceOf(UserException.class)
          .hasMessageStartingWith("Cannot use models/ddpm in ")
          .hasMessageContaining("has another content");
    } finally {
      Files.write(stored, own);
    }
  }

  @Test
  void oneWorkerAndTwoTrainAsTheyDoInOneThread() throws Exception {
    // The first is the shared run, so that only two workers cost anything.
    Settings two = SETTINGS.with("augment.ddpm.workers=2", "augment.ddpm.averaging-frequency=10");
    prepare("two-workers");
    augment("two-workers", 2, two);
    assertThat(model("one")).isEqualTo(trainedInThisThread("one", SETTINGS));
    assertThat(model("two-workers")).isEqualTo(trainedInThisThread("two-workers", two));
    assertThat(model("two-workers")).isNotEqualTo(model("one"));
  }

  @Test
  void aTrainingThatWasCutOffGoesOnToTheSameModel() throws Exception {
    Settings settings =
        SETTINGS.with("augment.ddpm.averaging-frequency=25", "augment.checkpoint-seconds=1.0e-9");
    prepare("cut");
    StageContext torn =
        new StageContext(
            spark,
            run("cut"),
            settings,
            IfPresent.REUSE_OR_REFUSE,
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8) {
              @Override
              public PrintStream printf(Locale locale, String format, Object... values) {
                if (format.contains("loss %")) {
                  throw new IllegalStateException("power cut");
                }
                return this;
              }
            });
    AugmentOptions options = AugmentOptions.of(settings);
    assertThatThrownBy(() -> AugmentStage.run(torn, options)).hasMessage("power cut");
    assertThat(run("cut").has("augment")).isFalse();
    assertThat(folder.resolve("cut/checkpoints/augment/step-0000000050.checkpoint")).exists();

    Settings other = settings.with("augment.ddpm.learning-rate=0.003");
    assertThatThrownBy(() -> resume("cut", other, new ByteArrayOutputStream()))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot resume: the checkpoint at step 50 was written with other settings or inputs;"
                + " give the same ones, or augment without --resume");
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    resume("cut", settings, console);
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("resumed at step 50");
    assertThat(model("cut")).isEqualTo(trainedInThisThread("cut", settings));
    assertThat(folder.resolve("cut/checkpoints")).doesNotExist();
  }

  private static Manifest resume(String name, Settings settings, ByteArrayOutputStream console) {
    return AugmentStage.run(
        context(name, settings, console), AugmentOptions.of(settings), Start.RESUME);
  }

  private static byte[] trainedInThisThread(String name, Settings settings) {
    AugmentOptions options = AugmentOptions.of(settings);
    Dataset<Row> training = run(name).read(spark, Table.BEATS).where(not(col("fold").equalTo(10)));
    return new DdpmTrainer(options.ddpm(), List.of("HC", "AMI", "IMI"))
        .train(BeatPool.collect(training, options).beats(), "simulated ECG, training folds 1,2")
        .toBytes();
  }

  private static byte[] model(String name) throws Exception {
    return Files.readAllBytes(folder.resolve(name + "/" + AugmentStage.MODEL));
  }

  @Test
  void sizesHaveNamesAndNumbersStandInsteadOfTheirOwn() {
    DenoiserShape small = AugmentOptions.of(Settings.defaults()).ddpm().shape();
    assertThat(small).isEqualTo(DenoiserSize.SMALL.shape());
    Settings tiny =
        Settings.defaults()
            .with(
                "augment.ddpm.size=tiny",
                "augment.ddpm.patch=2",
                "augment.ddpm.attention-levels=0");
    assertThat(AugmentOptions.of(tiny).ddpm().shape())
        .isEqualTo(new DenoiserShape(2, 16, List.of(1, 2), 0, 2));
    assertThatThrownBy(() -> AugmentOptions.of(Settings.defaults().with("augment.ddpm.size=huge")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid ddpm.size \"huge\": write one of [tiny, small, base]");
  }

  @Test
  void heldOutPatientInATrainingFoldIsRefused() {
    write(
        "leak",
        List.of(split("test/HC0", 10), split("test/AMI0", 1)),
        List.of(beat("HC", 0, 0, 1), beat("AMI", 0, 0, 1)));
    assertThatThrownBy(() -> augment("leak", 1, SETTINGS))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot augment: beats of held-out patients stand in training folds")
        .hasMessageContaining("test/HC0");
  }

  @Test
  void noBeatOfTheClassesIsRefused() {
    prepare("other");
    assertThatThrownBy(() -> augment("other", 1, SETTINGS.with("classes=[PMI, LMI]")))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot augment: no beat of the classes [PMI, LMI]");
  }

  @Test
  void balancedClassesNeedNothing() {
    prepare("balanced");
    Manifest nothing = augment("balanced", 1, SETTINGS.with("augment.target-ratio=0"));
    assertThat(nothing.count("beats.kept")).isZero();
    assertThat(run("balanced").has(Table.SYNTHETIC_BEATS)).isFalse();
  }

  @Test
  void noMoreThanTheRatioAllowsIsPlanned() {
    prepare("ratio");
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    Settings capped = SETTINGS.with("augment.max-ratio=0.5");
    AugmentStage.printPlan(context("ratio", capped, console), AugmentOptions.of(capped));
    assertThat(console.toString(StandardCharsets.UTF_8))
        .containsPattern(" AMI +2 +10 +16 +5 +\\(max-ratio, max-per-class\\)")
        .containsPattern(" IMI +1 +6 +16 +3 +\\(max-ratio, max-per-class\\)");
  }

  @Test
  void aClassMayHaveATargetOfItsOwn() {
    prepare("counts");
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    Settings own = SETTINGS.with("augment.target-counts={IMI=40, HC=20}");
    AugmentStage.printPlan(context("counts", own, console), AugmentOptions.of(own));
    assertThat(console.toString(StandardCharsets.UTF_8))
        .containsPattern(" HC +\\d+ +16 +20 +4")
        .containsPattern(" AMI +2 +10 +16 +6\\s")
        .containsPattern(" IMI +1 +6 +40 +34\\s");
    assertThatThrownBy(() -> AugmentOptions.of(SETTINGS.with("augment.target-counts={PMI=40}")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid target-counts.PMI 40: must be for a class of [");
  }

  @Test
  void planMakesNothing() {
    prepare("plan");
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    AugmentStage.printPlan(context("plan", SETTINGS, console), AugmentOptions.of(SETTINGS));
    assertThat(console.toString(StandardCharsets.UTF_8))
        .contains("would generate 16 beats")
        .containsPattern("IMI +1 +6 +16 +10");
    assertThat(run("plan").has("augment")).isFalse();
  }

  @Test
  void otherWindowsThanTheBeatsWereMadeWithAreRefused() {
    prepare("windows");
    assertThatThrownBy(() -> augment("windows", 1, SETTINGS.with("transform.image.voices=16")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("rtcn.transform.image.voices = 24, now it is 16");
  }

  @Test
  void badSettingsAreRefused() {
    assertThatThrownBy(() -> AugmentOptions.of(SETTINGS.with("augment.ddpm.schedule=cosin")))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Invalid settings under rtcn.augment: Invalid ddpm.schedule \"cosin\":"
                + " write one of [linear, cosine, linear-zero-snr, cosine-zero-snr]");
    assertThatThrownBy(() -> AugmentOptions.of(SETTINGS.with("augment.target-ratio=-1")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid target-ratio -1.0: must be in [0, 10]");
  }

  private static Map<String, Long> countByLabel() {
    return beats().stream()
        .collect(
            java.util.stream.Collectors.groupingBy(
                row -> row.<String>getAs("label"), java.util.stream.Collectors.counting()));
  }

  private static List<Row> beats() {
    return run("one").read(spark, Table.SYNTHETIC_BEATS).collectAsList();
  }

  private static List<String> text(String name) {
    List<String> rows =
        new ArrayList<>(run(name).read(spark, Table.SYNTHETIC_BEATS).toJSON().collectAsList());
    // The images are large: their hashes will do.
    for (String row :
        run(name).read(spark, Table.SYNTHETIC_SPECTROGRAMS).toJSON().collectAsList()) {
      rows.add("image " + row.hashCode());
    }
    Collections.sort(rows);
    return rows;
  }

  private static float[][] leads(Row row) {
    float[][] leads = new float[LeadColumns.NAMES.size()][];
    for (int lead = 0; lead < leads.length; lead++) {
      List<Float> values = row.getList(row.fieldIndex(LeadColumns.NAMES.get(lead)));
      leads[lead] = new float[values.size()];
      for (int i = 0; i < values.size(); i++) {
        leads[lead][i] = values.get(i);
      }
    }
    return leads;
  }

  private static Manifest augment(String name, int partitions, Settings settings) {
    return AugmentStage.run(
        context(name, settings, new ByteArrayOutputStream()),
        AugmentOptions.of(settings),
        Start.AFRESH,
        partitions);
  }

  private static StageContext context(
      String name, Settings settings, ByteArrayOutputStream console) {
    return new StageContext(
        spark,
        run(name),
        settings,
        IfPresent.REUSE_OR_REFUSE,
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }

  private static RunDirectory run(String name) {
    return RunDirectory.at(
        folder.resolve(name).toString(), spark.sparkContext().hadoopConfiguration());
  }

  /** Four HC, two AMI and one IMI training patient; one held-out patient of each. */
  private static void prepare(String name) {
    List<Row> splits = new ArrayList<>();
    List<Row> beats = new ArrayList<>();
    Object[][] patients = {
      {"HC", 0, 4},
      {"HC", 1, 4},
      {"HC", 2, 4},
      {"HC", 3, 4},
      {"AMI", 0, 5},
      {"AMI", 1, 5},
      {"IMI", 0, 6}
    };
    for (int p = 0; p < patients.length; p++) {
      String label = (String) patients[p][0];
      int number = (Integer) patients[p][1];
      splits.add(split("test/" + label + number, 1 + p % 2));
      for (int b = 0; b < (Integer) patients[p][2]; b++) {
        beats.add(beat(label, number, b, 1 + p % 2));
      }
    }
    for (String label : new String[] {"HC", "AMI", "IMI"}) {
      splits.add(split("test/" + label + "-held-out9", 10));
      beats.add(beat(label + "-held-out", 9, 0, 10));
    }
    write(name, splits, beats);
  }

  private static void write(String name, List<Row> splits, List<Row> beats) {
    StageContext context = context(name, SETTINGS, new ByteArrayOutputStream());
    StageRunner.run(
        context,
        StagePlan.named("ingest", "test").owns(Table.SPLITS),
        output -> output.write(Table.SPLITS, spark.createDataFrame(splits, Table.SPLITS.schema())));
    StageRunner.run(
        context,
        StagePlan.named("transform", "test")
            .owns(Table.BEATS)
            .reads(SETTINGS.flatten("transform"))
            .input(context.run(), "ingest"),
        output -> {
          output.write(Table.BEATS, spark.createDataFrame(beats, Table.BEATS.schema()));
          output.simulated(true);
        });
  }

  private static Row split(String patientId, int fold) {
    return RowFactory.create(patientId, "test", "HC", fold);
  }

  private static Row beat(String name, int patient, int beat, int fold) {
    String label = name.replace("-held-out", "");
    SplittableRandom random = RandomStreams.of(1, name, patient, beat);
    double amplitude = 1 + 0.1 * random.nextGaussian();
    double wave = label.equals("HC") ? 0.3 : label.equals("AMI") ? -0.3 : 0;
    Object[] values = new Object[Table.BEATS.schema().length()];
    String patientId = "test/" + name + patient;
    int i = 0;
    values[i++] = patientId + "#0000" + beat;
    values[i++] = patientId;
    values[i++] = patientId;
    values[i++] = "test";
    values[i++] = label;
    values[i++] = fold;
    values[i++] = beat;
    values[i++] = 1000 * beat;
    values[i++] = 120;
    values[i++] = 500.0;
    values[i++] = null;
    values[i++] = false;
    values[i++] = false;
    values[i++] = "ok";
    values[i++] = new String[] {"ok"};
    values[i++] = true;
    for (int lead = 0; lead < 12; lead++) {
      float[] samples = new float[320];
      for (int t = 0; t < samples.length; t++) {
        double qrs = Math.exp(-0.5 * Math.pow((t - 120) / 12.0, 2));
        double late = wave * Math.exp(-0.5 * Math.pow((t - 260) / 25.0, 2));
        samples[t] =
            (float) ((0.3 + 0.1 * lead) * amplitude * (qrs + late) + 0.01 * random.nextGaussian());
      }
      values[i++] = samples;
    }
    return RowFactory.create(values);
  }
}
