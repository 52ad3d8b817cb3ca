package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.averaging.Checkpoint;
import org.rtcn.common.averaging.SampleCheckpoint;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.predict.BeatScorer;
import org.rtcn.jobs.run.CheckpointFiles;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;

class TrainStageSparkTest {
  private static final int LEADS = 2;
  private static final int VOICES = 6;
  private static final int COLUMNS = 8;
  private static final List<String> CLASSES = List.of("HC", "AMI");

  @TempDir Path folder;

  /** Whether records say anything of the patients. */
  private boolean patientsKnown = true;

  private final SparkSession spark = SparkTestSession.get();
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final Settings settings =
      Settings.defaults()
          .with(
              "classes=[HC, AMI]",
              "split.test-folds=[3]",
              "train.epochs=6",
              "train.batch-size=8",
              "train.workers=2",
              "train.learning-rate=0.01",
              "train.network.stem-channels=4",
              "train.network.stem-stride=1",
              "train.network.stage-channels=[4, 8]",
              "train.network.encoder-layers=1",
              "train.network.model-dim=8",
              "train.network.heads=2",
              "train.network.feed-forward=16");

  @Test
  void trainsOnTrainingFoldsAloneAndLeavesAModel() {
    transform(patient -> patient % 3 + 1);
    Manifest manifest = train();

    RtcnModel model =
        ModelFiles.load(run().path(ModelFiles.RTCN), spark.sparkContext().hadoopConfiguration());
    assertThat(model.classes()).isEqualTo(CLASSES);
    assertThat(model.trainingPatients()).hasSize(8).doesNotContain("t/p2", "t/p5", "t/p8");
    assertThat(model.simulated()).isTrue();
    assertThat(model.preprocessing()).containsEntry("rtcn.transform.image.voices", 6);
    assertThat(manifest.facts()).containsEntry("model_id", model.modelId());
    assertThat((List<?>) manifest.facts().get("training_curve")).hasSize(6);
    assertThat(manifest.facts().get("executors").toString()).contains("run_time_s");
    assertThat(manifest.count("beats.real")).isEqualTo(8 * 6);
    assertThat(manifest.count("beats.synthetic")).isZero();
    assertThat(manifest.simulated()).isTrue();
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("epoch   6/6  loss");
    assertThat(folder.resolve("models/rtcn/training_curve.csv")).exists();
    // The card's front matter stands first, as model hubs want it.
    assertThat(folder.resolve("models/rtcn/README.md"))
        .content()
        .startsWith("---\nlibrary_name: rtcn-spark\n")
        .contains("0.500 (fixed beforehand)", "# license: not stated, yours to add");

    // Held-out patients are told apart: the two classes differ in which voices are loud.
    int right = 0;
    for (int patient : new int[] {2, 5, 8, 11}) {
      float[] p =
          model
              .predict(
                  new float[][] {
                    ImageInput.COMPLEX.image(image(patient, 0), new float[LEADS * VOICES * COLUMNS])
                  })[0];
      right += (p[1] > 0.5) == (patient % 2 == 1) ? 1 : 0;
    }
    assertThat(right).isEqualTo(4);
  }

  @Test
  void aTrainingPatientThatSplitsHoldsOutIsRefused() {
    transform(patient -> patient == 4 ? 3 : patient % 3 + 1);
    assertThatThrownBy(this::train)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot train on patient t/p4: splits has it in fold 3 (held out), its images in fold"
                + " 2; run transform again");
  }

  @Test
  void syntheticImagesTakePartIfTheirModelSawTheSameFolds() {
    transform(patient -> patient % 3 + 1);
    augment("1,2");
    Manifest manifest = train();
    assertThat(manifest.count("beats.synthetic")).isEqualTo(5);
    assertThat(manifest.facts().get("synthetic_by_class")).isEqualTo(Map.of("AMI", 5L));
  }

  @Test
  void syntheticImagesFromOtherFoldsAreRefused() {
    transform(patient -> patient % 3 + 1);
    augment("1,2,3");
    assertThatThrownBy(this::train)
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "Cannot train with these synthetic beats: their model saw the folds [1, 2, 3],"
                + " training has [1, 2]");
  }

  @Test
  void testFoldsThatHoldNobodyAreRefused() {
    transform(patient -> patient % 3 + 1);
    Settings elsewhere = settings.with("split.test-folds=[10]");
    assertThatThrownBy(() -> TrainStage.run(context(elsewhere), TrainOptions.of(elsewhere)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith(
            "Cannot train: nobody is in the test folds [10], the run has the folds [1, 2, 3]; set");
  }

  @Test
  void aClassWithoutBeatsIsRefused() {
    transform(patient -> patient % 3 + 1);
    Settings three = settings.with("classes=[HC, AMI, IMI]");
    assertThatThrownBy(() -> TrainStage.run(context(three), TrainOptions.of(three)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot train: no training beat is labelled IMI");
  }

  @Test
  void validationPatientsTeachNothingAndEndTheTraining() {
    transform(patient -> patient % 3 + 1);
    Settings validated =
        settings.with(
            "train.validation.share=0.25",
            "train.validation.patience=2",
            "train.epochs=40",
            "train.learning-rate=0.1",
            "train.loss=focal",
            "train.gradient-clip=1",
            "train.checkpoint-seconds=1.0e-9");
    Manifest manifest = TrainStage.run(context(validated), TrainOptions.of(validated));
    // Two classes of four training patients each: one of each is held back.
    assertThat(manifest.count("patients.validation")).isEqualTo(2);
    assertThat(manifest.count("beats.real")).isEqualTo(6 * 6);
    List<?> curve = (List<?>) manifest.facts().get("training_curve");
    int kept = (Integer) manifest.facts().get("kept_epoch");
    assertThat(curve).hasSizeLessThan(40).hasSize(kept + 2);
    assertThat(curve.get(0).toString()).contains("validation_loss=", "gigaflops_per_second=");
    assertThat(console.toString(StandardCharsets.UTF_8))
        .contains("2 patients for validation")
        .contains("kept epoch " + kept + " of " + (kept + 2));
    assertThat(folder.resolve("models/rtcn/training_scalars.csv")).isNotEmptyFile();
    assertThat(folder.resolve("checkpoints")).doesNotExist();
  }

  /** What was trained for days is not lost because the model could not be put in its place. */
  @Test
  void checkpointsStayUntilTheModelIsInItsPlace() {
    transform(patient -> patient % 3 + 1);
    Settings validated =
        settings.with("train.validation.share=0.25", "train.checkpoint-seconds=1.0e-9");
    TrainOptions options = TrainOptions.of(validated);
    // Between the training and the commit another takes the run over.
    PrintStream losing =
        new PrintStream(console, true, StandardCharsets.UTF_8) {
          @Override
          public PrintStream printf(Locale locale, String format, Object... arguments) {
            if (format.contains("kept epoch")) {
              try {
                run().fileSystem().delete(run().path(".lease"), true);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
            return super.printf(locale, format, arguments);
          }
        };
    StageContext context = new StageContext(spark, run(), validated, IfPresent.OVERWRITE, losing);
    assertThatThrownBy(() -> TrainStage.run(context, options))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("this process has lost its lease");
    assertThat(folder.resolve("models")).doesNotExist();
    CheckpointFiles files =
        new CheckpointFiles(run().fileSystem(), run().path(TrainStage.CHECKPOINTS));
    assertThat(files.latest(Checkpoint::parse).orElseThrow().header().curve()).isNotEmpty();
    TrainStage.run(context(validated), options, Start.RESUME);
    assertThat(console.toString(StandardCharsets.UTF_8)).contains("resumed at step");
    assertThat(folder.resolve("models/rtcn/model.json")).exists();
    assertThat(folder.resolve("checkpoints")).doesNotExist();
  }

  /** The kill itself is tested with processes, in TrainingKillIT. */
  @Test
  void aCheckpointOfOtherSettingsIsRefused() {
    transform(patient -> patient % 3 + 1);
    CheckpointFiles files =
        new CheckpointFiles(run().fileSystem(), run().path(TrainStage.CHECKPOINTS));
    files.save(12, SampleCheckpoint.at(12).toBytes());
    assertThatThrownBy(
            () -> TrainStage.run(context(settings), TrainOptions.of(settings), Start.RESUME))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot resume: the checkpoint at step 12 was written with other settings or inputs;"
                + " give the same ones, or train without --resume");
    // Without --resume it is set aside.
    train();
    assertThat(files.latest(Checkpoint::parse)).isEmpty();
  }

  @Test
  void aModelIsGoneOnFromUnlessItHasSeenWhoIsHeldOut() throws IOException {
    transform(patient -> patient % 3 + 1);
    train();
    RtcnModel first = loaded();
    Path source = folder.resolveSibling(folder.getFileName() + "-source");
    Files.createDirectory(source);
    for (Map.Entry<String, byte[]> file : first.toFiles().entrySet()) {
      Files.write(source.resolve(file.getKey()), file.getValue());
    }

    // Steps too small to change anything: other classes and all, it says what the first one said.
    Settings tuning =
        settings.with(
            "classes=[ASMI, AMI, HC]",
            "train.from=" + source,
            "train.epochs=1",
            "train.learning-rate=1.0e-9",
            "train.network.model-dim=32",
            "train.validation.share=0.5");
    assertThatThrownBy(() -> TrainStage.run(overwriting(tuning), TrainOptions.of(tuning)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no training beat is labelled ASMI");
    Settings swapped = tuning.with("classes=[AMI, HC]");
    Manifest manifest = TrainStage.run(overwriting(swapped), TrainOptions.of(swapped));
    RtcnModel second = loaded();
    assertThat(second.config().modelDim()).isEqualTo(8);
    for (int patient = 0; patient < 12; patient++) {
      float[][] image = {
        ImageInput.COMPLEX.image(image(patient, 0), new float[LEADS * VOICES * COLUMNS])
      };
      float[] before = first.predict(image)[0];
      assertThat(second.predict(image)[0])
          .containsExactly(new float[] {before[1], before[0]}, within(1e-4f));
    }
    assertThat(manifest.facts()).containsEntry("from_model_id", first.modelId());
    assertThat(manifest.inputs()).containsEntry("from", first.modelId());
    // Whom it knows already it cannot be validated on.
    assertThat(manifest.count("patients.validation")).isZero();
    assertThat(folder.resolve("models/rtcn/README.md"))
        .content()
        .contains("| went on from | model " + first.modelId() + ", which had learned from 8 simu");

    // The rows of a class that both have are kept, those of a new one begin afresh.
    float[] fresh = new float[second.weightCount() + 9];
    Arrays.fill(fresh, 7);
    float[] weights = first.weightsFor(List.of("ASMI", "AMI", "HC"), fresh);
    float[] own = first.weights();
    int body = own.length - 18;
    assertThat(Arrays.copyOfRange(weights, body, body + 8)).containsOnly(7);
    assertThat(Arrays.copyOfRange(weights, body + 8, body + 16))
        .containsExactly(Arrays.copyOfRange(own, body + 8, body + 16));
    assertThat(Arrays.copyOfRange(weights, body + 24, body + 27))
        .containsExactly(7, own[body + 17], own[body + 16]);

    // The leak: it has learned from fold 1.
    Settings leaking = swapped.with("split.test-folds=[1]");
    assertThatThrownBy(() -> TrainStage.run(overwriting(leaking), TrainOptions.of(leaking)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot go on from the model "
                + source
                + ": it has learned from 4 of the patients that are held out here (for example"
                + " t/p0). Set split.test-folds to folds that it has not seen, or go on from"
                + " another model");
    Settings magnitudes = swapped.with("train.input=magnitude");
    assertThatThrownBy(() -> TrainStage.run(overwriting(magnitudes), TrainOptions.of(magnitudes)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(
            "it was trained with rtcn.train.input=complex, set is magnitude; set it likewise");
    Settings nowhere = swapped.with("train.from=" + folder.resolve("nowhere"));
    assertThatThrownBy(() -> TrainStage.run(overwriting(nowhere), TrainOptions.of(nowhere)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot find a model in ");

    // Whole folds validate, as the reference protocol of PTB-XL wants it.
    Settings folds = settings.with("train.validation.folds=[2]", "train.epochs=1");
    Manifest validated = TrainStage.run(overwriting(folds), TrainOptions.of(folds));
    assertThat(validated.facts().get("validation_patients").toString())
        .isEqualTo("[t/p1, t/p10, t/p4, t/p7]");
    assertThat(validated.count("beats.real")).isEqualTo(4 * 6);
    Settings heldOut = folds.with("train.validation.folds=[3]");
    assertThatThrownBy(() -> TrainStage.run(overwriting(heldOut), TrainOptions.of(heldOut)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot validate on the folds [3]: they hold no patient");
  }

  private RtcnModel loaded() {
    return ModelFiles.load(run().path(ModelFiles.RTCN), spark.sparkContext().hadoopConfiguration());
  }

  private StageContext overwriting(Settings chosen) {
    return new StageContext(
        spark,
        run(),
        chosen,
        IfPresent.OVERWRITE,
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }

  @Test
  void wrongSettingsAreRefused() {
    assertThatThrownBy(() -> TrainOptions.of(settings.with("train.balance=fair")))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Invalid settings under rtcn.train: Invalid balance \"fair\": write one of [beats,"
                + " classes, patients]");
    assertThatThrownBy(() -> TrainOptions.of(settings.with("train.epochs=0")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid epochs 0: must be positive");
  }

  private Manifest train() {
    return TrainStage.run(context(settings), TrainOptions.of(settings));
  }

  private static float[] image(int patient, int beat) {
    SplittableRandom random = new SplittableRandom(patient * 100L + beat);
    float[] image = new float[LEADS * VOICES * COLUMNS];
    for (int i = 0; i < image.length; i++) {
      boolean loud = i / COLUMNS % 2 == patient % 2;
      image[i] = (float) Math.abs(random.nextGaussian() + (loud ? 2 : 0));
    }
    return image;
  }

  @Test
  void imagesWithoutPhaseAreRefusedWhereTheNetworkReadsIt() {
    transform(patient -> patient % 3 + 1, null);
    assertThatThrownBy(() -> TrainStage.run(context(settings), TrainOptions.of(settings)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot use these images: they have no phase; transform with"
                + " rtcn.transform.image.phase = keep, or train with rtcn.train.input = magnitude");
    Settings magnitudes = settings.with("train.input=magnitude");
    assertThat(TrainStage.run(context(magnitudes), TrainOptions.of(magnitudes)).counts())
        .containsKey("weights");
  }

  /**
   * The images are noise and say nothing; HC are men and AMI women of another age. What the workers
   * learn they can only have from the records table.
   */
  @Test
  void ageAndSexReachTheWorkersAndThePredictions() {
    transform(patient -> patient % 3 + 1, new float[LEADS * VOICES * COLUMNS], beat -> 999);
    augment("1,2");
    Settings told =
        settings.with(
            "train.network.patient-input=age-sex",
            "train.epochs=30",
            "train.validation.share=0.25",
            "train.perturb.mixup=0");
    TrainStage.run(context(told), TrainOptions.of(told));
    Map<String, byte[]> files =
        ModelFiles.read(run().path(ModelFiles.RTCN), spark.sparkContext().hadoopConfiguration());
    RtcnModel model = RtcnModel.parse(files);
    assertThat(model.config().patientInput()).isEqualTo(PatientInput.AGE_SEX);
    List<Row> rows =
        BeatScorer.score(spark, files, ModelImages.recorded(run(), spark, model.standardizer()))
            .where("fold = 3")
            .collectAsList();
    assertThat(rows).hasSize(4 * 6);
    assertThat(rows).allMatch(row -> row.<String>getAs("truth").equals(row.getAs("predicted")));

    // Without the records' help the same images are all one.
    float[] image = ImageInput.COMPLEX.image(image(0, 999), new float[LEADS * VOICES * COLUMNS]);
    float[] alone = model.predict(new float[][] {image})[0];
    assertThat(model.predict(new float[][] {image, image})[1]).isEqualTo(alone);
  }

  @Test
  void ageAndSexOfNobodyAreRefused() {
    patientsKnown = false;
    transform(patient -> patient % 3 + 1);
    Settings told = settings.with("train.network.patient-input=age-sex");
    assertThatThrownBy(() -> TrainStage.run(context(told), TrainOptions.of(told)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot train with rtcn.train.network.patient-input = age-sex: no training patient's"
                + " age or sex is known; set it to none");
  }

  private interface FoldOfSplits {
    int of(int patient);
  }

  private void transform(FoldOfSplits splits) {
    transform(splits, new float[LEADS * VOICES * COLUMNS]);
  }

  private void transform(FoldOfSplits splits, float[] phase) {
    transform(splits, phase, beat -> beat);
  }

  /**
   * @param drawn which image a beat has; above 900 one for all
   */
  private void transform(FoldOfSplits splits, float[] phase, IntUnaryOperator drawn) {
    List<Row> images = new ArrayList<>();
    List<Row> records = new ArrayList<>();
    List<Row> folds = new ArrayList<>();
    for (int patient = 0; patient < 12; patient++) {
      String id = "t/p" + patient;
      String label = CLASSES.get(patient % 2);
      folds.add(RowFactory.create(id, "t", label, splits.of(patient)));
      if (patientsKnown) {
        records.add(record(id, label, patient));
      }
      for (int beat = 0; beat < 6; beat++) {
        images.add(
            RowFactory.create(
                id + "/r#" + beat,
                id + "/r",
                id,
                "t",
                label,
                patient % 3 + 1,
                true,
                LEADS,
                VOICES,
                COLUMNS,
                new float[VOICES],
                new float[COLUMNS],
                image(drawn.applyAsInt(beat) > 900 ? 0 : patient, drawn.applyAsInt(beat)),
                phase));
      }
    }
    StageRunner.run(
        context(settings),
        StagePlan.named("ingest", "test").owns(Table.SPLITS, Table.RECORDS),
        output -> {
          output.write(Table.SPLITS, spark.createDataFrame(folds, Table.SPLITS.schema()));
          output.write(Table.RECORDS, spark.createDataFrame(records, Table.RECORDS.schema()));
        });
    StageRunner.run(
        context(settings),
        StagePlan.named("transform", "test")
            .owns(Table.SPECTROGRAMS)
            .reads(Map.of("rtcn.transform.image.voices", "6", "rtcn.seed", "1"))
            .input(run(), "ingest"),
        output ->
            output.write(
                Table.SPECTROGRAMS, spark.createDataFrame(images, Table.SPECTROGRAMS.schema())));
  }

  private static Row record(String patientId, String label, int patient) {
    Map<String, Object> values = new HashMap<>();
    values.put("record_id", patientId + "/r");
    values.put("dataset", "t");
    values.put("patient_id", patientId);
    values.put(
        "age_years", patient % 5 == 4 ? null : patient % 2 == 0 ? 40f + patient : 60f + patient);
    values.put("sex", patient % 2 == 0 ? "male" : "female");
    values.put("label", label);
    values.put("fs_hz", 500.0);
    values.put("n_samples", 5000);
    values.put("lead_names", new String[0]);
    values.put("source_path", "none");
    values.put("quality", "ok");
    values.put("simulated", true);
    values.put("fingerprint", "none");
    values.put("source_stamp", "none");
    values.put("signal_hash", (long) patientId.hashCode());
    return RowFactory.create(
        Arrays.stream(Table.RECORDS.schema().fieldNames()).map(values::get).toArray());
  }

  private void augment(String foldScheme) {
    List<Row> images = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      images.add(
          RowFactory.create(
              "AMI/" + i,
              "AMI",
              foldScheme,
              "ddpm",
              true,
              LEADS,
              VOICES,
              COLUMNS,
              new float[VOICES],
              new float[COLUMNS],
              image(1, 50 + i),
              new float[LEADS * VOICES * COLUMNS]));
    }
    StageRunner.run(
        context(settings),
        StagePlan.named("augment", "test").owns(Table.SYNTHETIC_SPECTROGRAMS),
        output ->
            output.write(
                Table.SYNTHETIC_SPECTROGRAMS,
                spark.createDataFrame(images, Table.SYNTHETIC_SPECTROGRAMS.schema())));
  }

  private RunDirectory run() {
    return RunDirectory.at(folder.toString(), spark.sparkContext().hadoopConfiguration());
  }

  private StageContext context(Settings chosen) {
    return new StageContext(
        spark,
        run(),
        chosen,
        IfPresent.REUSE_OR_REFUSE,
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }
}
