package org.rtcn.jobs.transform;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.stockwell.SpectrogramPlan;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.plot.BeatPlot;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

class TransformStageSparkTest {
  /** Windows of 1.28 s and images of 48 voices by 64 columns. */
  private static final Settings WIDE =
      Settings.defaults()
          .with(
              "transform.window.samples=640",
              "transform.window.samples-before-r=220",
              "transform.image.voices=48",
              "transform.image.columns=64");

  @TempDir static Path folder;

  private static SparkSession spark;
  private static Manifest manifest;

  @BeforeAll
  static void transformOnce() {
    spark = SparkTestSession.get();
    manifest = transform("run3", 3, WIDE);
  }

  @Test
  void beatsAndImagesAreThoseOfTheEngines() {
    RunDirectory run = run("run3");
    Row beat =
        run.read(spark, Table.BEATS).where("beat_id = 'test/a1#00002'").collectAsList().get(0);
    Row image =
        run.read(spark, Table.SPECTROGRAMS)
            .where("beat_id = 'test/a1#00002'")
            .collectAsList()
            .get(0);

    TransformOptions options = TransformOptions.of(WIDE);
    BeatExtraction expected =
        new BeatExtractor(options.beats())
            .extract(new EcgSignal(500, Lead.STANDARD_12, pulses(500, 12, 1)));
    assertThat(beat.<String>getAs("patient_id")).isEqualTo("test/p1");
    assertThat(beat.<String>getAs("label")).isEqualTo("AMI");
    assertThat(beat.<Integer>getAs("fold")).isEqualTo(1);
    assertThat(beat.<Integer>getAs("r_sample")).isEqualTo(1150);
    assertThat(beat.<Integer>getAs("r_in_window")).isEqualTo(220);
    assertThat(beat.<Float>getAs("rr_before_s")).isEqualTo(1f);
    assertThat(beat.<Boolean>getAs("simulated")).isTrue();
    int at = indexOf(expected, 2);
    assertThat(Signals.floats(beat, beat.fieldIndex("lead_v3")))
        .isEqualTo(expected.beats().get(at).window()[8]);
    float[] magnitude =
        new SpectrogramPlan(options.image()).worker().image(expected.beats().get(at).window());
    options.image().rounding().magnitudes(magnitude);
    assertThat(options.image().rounding().bits()).isEqualTo(11);
    assertThat(Signals.floats(image, image.fieldIndex("magnitude"))).isEqualTo(magnitude);
    float[] phase = new float[48 * 64];
    new SpectrogramPlan(options.image())
        .worker()
        .polar(expected.beats().get(at).window()[8], 0, 220, new float[48 * 64], phase, 0);
    options.image().rounding().phases(phase);
    assertThat(
            Arrays.copyOfRange(
                Signals.floats(image, image.fieldIndex("phase")), 8 * 48 * 64, 9 * 48 * 64))
        .isEqualTo(phase);
    assertThat(image.<Integer>getAs("n_leads")).isEqualTo(12);
    assertThat(image.<Integer>getAs("n_voices")).isEqualTo(48);
    assertThat(image.<Integer>getAs("n_columns")).isEqualTo(64);
    assertThat(Signals.floats(image, image.fieldIndex("voice_hz")))
        .isEqualTo(options.image().voiceHz());
    assertThat(Signals.floats(image, image.fieldIndex("column_ms"))[22]).isZero();
    assertThat(manifest.simulated()).isTrue();
  }

  @Test
  void windowsThatFollowTheIntervalSayTheirRateAndFrequencies() {
    transform(
        "relative",
        2,
        WIDE.with(
            "transform.window.cut=rr-relative",
            "transform.window.rr-span=1.28",
            "transform.image.scale=logarithmic",
            "transform.image.low-hz=1",
            "transform.beyond-ends=mark"));
    RunDirectory run = run("relative");
    Row beat =
        run.read(spark, Table.BEATS).where("beat_id = 'test/a1#00002'").collectAsList().get(0);
    Row image =
        run.read(spark, Table.SPECTROGRAMS)
            .where("beat_id = 'test/a1#00002'")
            .collectAsList()
            .get(0);
    // The pulses are one second apart.
    assertThat(beat.<Double>getAs("fs_hz")).isCloseTo(500, within(2.0));
    assertThat(beat.<Boolean>getAs("ectopic")).isFalse();
    assertThat(beat.<String>getAs("quality")).isNotEmpty();
    assertThat(beat.getList(beat.fieldIndex("quality_by_lead"))).hasSize(12);
    float[] hz = Signals.floats(image, image.fieldIndex("voice_hz"));
    double stretch = beat.<Double>getAs("fs_hz") / 500;
    assertThat((double) hz[0]).isCloseTo(stretch, within(1e-4));
    assertThat((double) hz[47]).isCloseTo(40 * stretch, within(1e-3));
    assertThat((double) hz[1] / hz[0]).isCloseTo(Math.pow(40, 1 / 47.0), within(1e-4));
    assertThat(run.read(spark, Table.BEATS).where("edge").count()).isPositive();
  }

  @Test
  void aBeatIsDrawn() throws IOException {
    Path out = folder.resolve("beat.svg");
    BeatPlot.write(context("run3", WIDE), "test/a1#00002", List.of("II", "v2"), out);
    String svg = Files.readString(out);
    assertThat(svg)
        .startsWith("<svg xmlns=")
        .contains("test/a1#00002, AMI, simulated, ")
        .contains(", 500 Hz</text>")
        .contains("S-transform of lead II")
        .contains("S-transform of lead V2")
        .contains("time from the R peak (ms)")
        .contains("frequency (Hz)")
        .contains(">mV</text>");
    Path png = folder.resolve("beat.png");
    BeatPlot.write(context("run3", Settings.defaults()), "test/a1#00002", List.of("II"), png);
    assertThat(ImageIO.read(png.toFile()).getWidth()).isEqualTo(2000);
    assertThatThrownBy(
            () -> BeatPlot.write(context("run3", WIDE), "test/a1#99999", List.of("II"), out))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot find a recording or beat test/a1#99999 in ")
        .hasMessageContaining("; a beat of this run is test/");
    assertThatThrownBy(
            () -> BeatPlot.write(context("run3", WIDE), "test/a1#00002", List.of("X1"), out))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Invalid lead \"X1\": write some of [I, II, III");
  }

  @Test
  void everyRecordingAndBeatIsAccountedFor() {
    Map<String, Long> counts = manifest.counts();
    assertThat(counts)
        .containsEntry("records.read", 7L)
        .containsEntry("records.kept", 4L)
        .containsEntry("records.refused.MISSING_LEAD", 1L)
        .containsEntry("records.refused.NO_R_PEAKS", 1L)
        .containsEntry("records.refused.NO_BEATS_KEPT", 1L)
        .containsEntry("records.refused.NO_FOLD_OR_SIGNAL", 1L)
        .containsEntry("beats.kept", 32L)
        // Twelve seconds hold 12 pulses, two of them at the edges, two more beyond the cap of 8.
        .containsEntry("beats.refused.EDGE", 4 * 2L + 2)
        .containsEntry("beats.refused.OVER_CAP", 4 * 2L)
        .containsEntry("r_peaks", 4 * 12L + 2);
    assertThat(manifest.outputs())
        .containsEntry("tables/beats", 32L)
        .containsEntry("tables/spectrograms", 32L);
    assertThat(manifest.facts().get("records_refused"))
        .isEqualTo(
            List.of(
                "test/b1: NO_BEATS_KEPT: 2 R peaks found, each refused: {EDGE=2}",
                "test/b2: NO_R_PEAKS: Nothing like an R peak in 4.0 s: The steepest waves reach"
                    + " 0.21 mV/s, a heartbeat 0.5 or more",
                "test/b3: MISSING_LEAD: Lead V6 is absent"));
    assertThat(manifest.facts().get("beats_by_label")).isEqualTo(Map.of("AMI", 16L, "HC", 16L));
  }

  @Test
  void anyNumberOfPartitionsGivesTheSameRows() {
    List<List<String>> beats = new ArrayList<>();
    List<List<String>> images = new ArrayList<>();
    for (int partitions : new int[] {1, 3, 8}) {
      String name = "run" + partitions;
      if (partitions != 3) {
        transform(name, partitions, WIDE);
      }
      beats.add(rows(run(name).read(spark, Table.BEATS)));
      images.add(rows(run(name).read(spark, Table.SPECTROGRAMS)));
    }
    assertThat(beats.get(0)).hasSize(32);
    assertThat(images.get(0)).hasSize(32);
    for (int i = 1; i < 3; i++) {
      assertThat(beats.get(i)).isEqualTo(beats.get(0));
      assertThat(images.get(i)).isEqualTo(images.get(0));
    }
  }

  @Test
  void imagesAreWrittenWithADictionary() throws SQLException {
    try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckdb.createStatement();
        ResultSet encodings =
            statement.executeQuery(
                "SELECT DISTINCT encodings FROM parquet_metadata('"
                    + folder.resolve("run3/tables/spectrograms/fold=1/*.parquet")
                    + "') WHERE path_in_schema LIKE 'magnitude%' OR path_in_schema LIKE"
                    + " 'phase%'")) {
      assertThat(encodings.next()).isTrue();
      assertThat(encodings.getString(1)).contains("DICTIONARY");
      assertThat(encodings.next()).isFalse();
    }
  }

  @Test
  void windowsOfALongRecordingGiveItsBeatsOnce() {
    float[][] whole = pulses(500, 61, 1);
    List<Row> records = new ArrayList<>();
    List<Row> signals = new ArrayList<>();
    add(records, signals, "test/whole", "test/p1", "AMI", 500, whole);
    // A border in the middle of an R peak, and one that cuts a beat's window.
    int[] borders = {0, 10_150, 20_400, 30_500};
    for (int w = 0; w < 3; w++) {
      float[][] part = new float[12][];
      for (int lead = 0; lead < 12; lead++) {
        part[lead] = Arrays.copyOfRange(whole[lead], borders[w], borders[w + 1]);
      }
      long start = borders[w];
      add(records, signals, "test/long@" + start, "test/p1", "AMI", 500, part, start);
    }
    TransformOptions options =
        TransformOptions.of(Settings.defaults().with("transform.max-beats-per-record=0"));
    TransformCounts counts = new TransformCounts(spark);
    List<Row> beats =
        TransformStage.beats(
                spark.createDataFrame(records, Table.RECORDS.schema()).withColumn("fold", lit(1)),
                spark.createDataFrame(signals, Table.SIGNALS.schema()).repartition(3),
                options.beats(),
                counts)
            .collectAsList();
    assertThat(counts.byName()).containsEntry("records.read", 4L).containsEntry("r_peaks", 122L);
    List<List<Float>> expected = new ArrayList<>();
    List<List<Float>> found = new ArrayList<>();
    List<Long> instants = new ArrayList<>();
    List<Long> expectedInstants = new ArrayList<>();
    for (Row beat : beats) {
      String id = beat.getAs("record_id");
      long start = id.contains("@") ? Long.parseLong(id.substring(id.indexOf('@') + 1)) : 0;
      (id.contains("@") ? instants : expectedInstants).add(start + beat.<Integer>getAs("r_sample"));
      (id.contains("@") ? found : expected).add(beat.getList(beat.fieldIndex("lead_ii")));
    }
    assertThat(instants).containsExactlyInAnyOrderElementsOf(expectedInstants).hasSize(61);
    for (int i = 0; i < instants.size(); i++) {
      List<Float> own = found.get(i);
      List<Float> wanted = expected.get(expectedInstants.indexOf(instants.get(i)));
      for (int j = 0; j < own.size(); j++) {
        assertThat(own.get(j)).isCloseTo(wanted.get(j), within(1e-5f));
      }
    }
  }

  @Test
  void theClassesAloneAreTakenOnDemand() {
    Settings settings =
        WIDE.with(
            "classes=[AMI,IMI]",
            "transform.records=classes",
            "transform.image.voices=12",
            "transform.image.voice-step=2",
            "transform.image.columns=16");
    Manifest some = transform("classes", 2, settings);
    assertThat(some.facts().get("beats_by_label")).isEqualTo(Map.of("AMI", 16L));
    assertThat(some.configuration()).containsKey("rtcn.classes");
    Row image = run("classes").read(spark, Table.SPECTROGRAMS).first();
    assertThat(Signals.floats(image, image.fieldIndex("magnitude"))).hasSize(12 * 12 * 16);
  }

  @Test
  void aRunWithoutBeatsIsAnErrorOfTheUser() {
    Settings settings = WIDE.with("classes=[IMI]", "transform.records=classes");
    assertThatThrownBy(() -> transform("none", 2, settings))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot transform: none of the 0 recordings gave a beat");
    assertThat(run("none").has("transform")).isFalse();
  }

  @Test
  void settingsThatDisagreeAreRefused() {
    assertThatThrownBy(() -> TransformOptions.of(WIDE.with("transform.image.columns=641")))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Invalid settings under rtcn.transform: Invalid number of columns 641: must be 1 or"
                + " more, and no more than the window's 640 samples");
    assertThatThrownBy(() -> TransformOptions.of(WIDE.with("transform.records=some")))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Invalid settings under rtcn.transform: Invalid records \"some\": write one of"
                + " [all, classes]");
  }

  private static Manifest transform(String name, int partitions, Settings settings) {
    ingest(context(name, settings), partitions);
    return TransformStage.run(context(name, settings), TransformOptions.of(settings));
  }

  /** Four sound recordings of two patients, and four that give nothing, each for its own reason. */
  private static void ingest(StageContext context, int partitions) {
    List<Row> records = new ArrayList<>();
    List<Row> signals = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      add(records, signals, "test/a" + i, "test/p1", "AMI", 500, pulses(500, 12, i));
      add(records, signals, "test/h" + i, "test/p2", "HC", 1000, pulses(1000, 12, i + 2));
    }
    add(records, signals, "test/b1", "test/p2", "HC", 500, pulses(500, 2, 5));
    float[][] silent = new float[12][2000];
    for (float[] lead : silent) {
      for (int i = 0; i < lead.length; i++) {
        // Slow waves only: nothing in the band of the QRS complex.
        lead[i] = (float) Math.sin(2 * Math.PI * i / 1000.0);
      }
    }
    add(records, signals, "test/b2", "test/p2", "HC", 500, silent);
    float[][] eleven = pulses(500, 4, 6);
    eleven[11] = null;
    add(records, signals, "test/b3", "test/p1", "AMI", 500, eleven);
    add(records, signals, "test/b4", "test/nobody", "HC", 500, pulses(500, 4, 7));
    List<Row> splits =
        List.of(
            RowFactory.create("test/p1", "test", "AMI", 1),
            RowFactory.create("test/p2", "test", "HC", 2));
    StageRunner.run(
        context,
        StagePlan.named("ingest", "test")
            .owns(Table.RECORDS, Table.SIGNALS, Table.SPLITS)
            .input("test", "partitions"),
        output -> {
          output.write(Table.RECORDS, spark.createDataFrame(records, Table.RECORDS.schema()));
          output.write(
              Table.SIGNALS,
              spark.createDataFrame(signals, Table.SIGNALS.schema()).repartition(partitions));
          output.write(Table.SPLITS, spark.createDataFrame(splits, Table.SPLITS.schema()));
          output.simulated(true);
        });
  }

  private static void add(
      List<Row> records,
      List<Row> signals,
      String recordId,
      String patientId,
      String label,
      double fsHz,
      float[][] leads) {
    add(records, signals, recordId, patientId, label, fsHz, leads, null);
  }

  private static void add(
      List<Row> records,
      List<Row> signals,
      String recordId,
      String patientId,
      String label,
      double fsHz,
      float[][] leads,
      Long startSample) {
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
            fsHz,
            samples,
            new String[0],
            "memory",
            null,
            "ok",
            true,
            null,
            "none",
            startSample,
            null,
            null,
            null,
            "none",
            null,
            (long) recordId.hashCode()));
    List<Object> signal = new ArrayList<>();
    signal.addAll(
        Arrays.asList(
            recordId, "test", fsHz, samples, "mV", new float[12], new int[1], null, new int[12]));
    signal.addAll(Arrays.asList(leads));
    // Frank leads.
    signal.addAll(Arrays.asList(null, null, (Object) null));
    signals.add(RowFactory.create(signal.toArray()));
  }

  private static float[][] pulses(double fsHz, int seconds, int seed) {
    float[][] rows = new float[12][(int) (seconds * fsHz)];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < rows[lead].length; i++) {
        double t = i / fsHz;
        double phase = t - Math.floor(t);
        double r = Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.02, 2));
        double wave = 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.06, 2));
        rows[lead][i] = (float) ((0.4 + 0.1 * lead + 0.01 * seed) * (r + wave));
      }
    }
    return rows;
  }

  private static int indexOf(BeatExtraction extraction, int beatIndex) {
    for (int i = 0; i < extraction.beats().size(); i++) {
      if (extraction.beats().get(i).beatIndex() == beatIndex) {
        return i;
      }
    }
    throw new AssertionError("no beat " + beatIndex);
  }

  private static List<String> rows(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(Row::json).sorted().toList();
  }

  private static RunDirectory run(String name) {
    return RunDirectory.at(
        folder.resolve(name).toString(), spark.sparkContext().hadoopConfiguration());
  }

  private static StageContext context(String name, Settings settings) {
    return new StageContext(
        spark,
        run(name),
        settings,
        IfPresent.REUSE_OR_REFUSE,
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
  }
}
