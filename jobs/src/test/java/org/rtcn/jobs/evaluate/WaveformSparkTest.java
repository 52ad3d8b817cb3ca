package org.rtcn.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.predict.PredictStage;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.TrainOptions;
import org.rtcn.jobs.train.TrainStage;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.Signals;

/** A 1-D network that reads the beats themselves goes the way of the others. */
class WaveformSparkTest {
  private static final SparkSession SPARK = SparkTestSession.get();

  @TempDir Path folder;

  private final ByteArrayOutputStream console = new ByteArrayOutputStream();

  @Test
  void learnsIsMeasuredAndPredicts() throws Exception {
    Settings settings =
        DrawnRun.SETTINGS.with(
            "split.test-folds=[1]",
            "train.input=waveform",
            "train.epochs=15",
            "train.learning-rate=0.01",
            "train.network.stem-stride=2",
            "train.network.kernels=[7]",
            "train.network.encoder-layers=0");
    DrawnRun drawn =
        new DrawnRun(folder, new PrintStream(console, true, StandardCharsets.UTF_8)).make(16, 2);
    TrainStage.run(drawn.context(settings), TrainOptions.of(settings), Start.AFRESH);

    RtcnModel model = RtcnModel.load(folder.resolve("models/rtcn"));
    assertThat(model.standardizer().input()).isEqualTo(ImageInput.WAVEFORM);
    assertThat(model.config().voices()).isEqualTo(1);
    assertThat(model.config().columns()).isEqualTo(320);
    assertThat(model.config().channels()).isEqualTo(12);
    Row beat = drawn.run().read(SPARK, Table.BEATS).orderBy("beat_id").first();
    Row image =
        ModelImages.recorded(drawn.run(), SPARK, model.standardizer()).orderBy("beat_id").first();
    assertThat(image.<String>getAs("beat_id")).isEqualTo(beat.getAs("beat_id"));
    float[] values = Signals.floats(image, image.fieldIndex("magnitude"));
    assertThat(values).hasSize(12 * 320);
    float[] v6 = Signals.floats(beat, beat.fieldIndex("lead_v6"));
    assertThat(values[11 * 320 + 130]).isEqualTo(v6[130]);
    assertThat(Signals.floats(image, image.fieldIndex("column_ms"))[120]).isZero();

    Manifest manifest = EvaluateStage.run(drawn.context(settings), EvaluateOptions.of(settings));
    assertThat(manifest.count("beats.kept")).isPositive();
    List<Row> patients =
        drawn.run().read(SPARK, Table.PREDICTIONS).where("level = 'patient'").collectAsList();
    assertThat(patients).isNotEmpty();
    assertThat(patients).allMatch(row -> row.<String>getAs("truth").equals(row.getAs("predicted")));
    assertThat(drawn.run().read(SPARK, Table.GRADCAM).count()).isZero();
    assertThat(Files.readString(folder.resolve("report/report.html")))
        .contains("Research use only")
        .doesNotContain("Where the answers come from");

    RtcnDiagnoser diagnoser = RtcnDiagnoser.load(folder.resolve("models/rtcn"));
    Row record =
        drawn.run().read(SPARK, Table.PREDICTIONS).where("level = 'record'").orderBy("id").first();
    int p = Integer.parseInt(record.<String>getAs("id").replace("test/r", ""));
    RtcnDiagnoser.Diagnosis diagnosis =
        diagnoser.diagnose(new EcgSignal(500, Lead.STANDARD_12, DrawnRun.waves(p % 2 == 1, p)));
    assertThat(diagnosis.probabilityMi())
        .isCloseTo(record.<Float>getAs("probability_mi").doubleValue(), within(1e-5));

    DrawnRun predicted = new DrawnRun(folder.resolve("predicted"), System.out);
    assertThatThrownBy(
            () ->
                PredictStage.run(
                    predicted.context(Settings.defaults().with("predict.record-pages=1")),
                    folder.resolve("models/rtcn").toString(),
                    folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Invalid record-pages 1: the model reads waveforms");
  }
}
