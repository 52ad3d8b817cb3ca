package org.rtcn.jobs;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.config.Settings;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.TransformStage;

/** A run with drawn recordings of healthy and infarcted patients, ingested and transformed. */
public final class DrawnRun {
  /** Small images and a network that trains in a second or two. */
  public static final Settings SETTINGS =
      Settings.defaults()
          .with(
              "classes=[HC,IMI]",
              "transform.image.voices=12",
              "transform.image.voice-step=2",
              "transform.image.columns=16",
              "transform.max-beats-per-record=4",
              "train.network.stem-channels=4",
              "train.network.stem-stride=1",
              "train.network.stage-channels=[4,8]",
              "train.network.encoder-layers=1",
              "train.network.model-dim=8",
              "train.network.heads=2",
              "train.network.feed-forward=16",
              "train.epochs=2",
              "train.batch-size=8",
              "train.workers=1",
              "evaluate.bootstrap-resamples=100",
              "evaluate.baseline.components=5",
              "crossval.fold-resamples=20");

  private static final SparkSession SPARK = SparkTestSession.get();

  private final Path folder;
  private final PrintStream console;

  /** The run in a folder. */
  public DrawnRun(Path folder, PrintStream console) {
    this.folder = folder;
    this.console = console;
  }

  /** Writes recordings of {@code patients} in {@code folds} folds and transforms them. */
  public DrawnRun make(int patients, int folds) {
    List<Row> records = new ArrayList<>();
    List<Row> signals = new ArrayList<>();
    List<Row> splits = new ArrayList<>();
    for (int p = 1; p <= patients; p++) {
      String label = p % 2 == 0 ? "HC" : "IMI";
      String patient = String.format("test/p%02d", p);
      splits.add(RowFactory.create(patient, "test", label, 1 + (p / 2) % folds));
      float[][] leads = waves(label.equals("IMI"), p);
      String record = String.format("test/r%02d", p);
      records.add(
          RowFactory.create(
              record,
              "test",
              patient,
              50f + p,
              p % 3 == 0 ? "female" : "male",
              null,
              null,
              label,
              500.0,
              leads[0].length,
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
              (long) p));
      List<Object> signal = new ArrayList<>();
      signal.addAll(
          Arrays.asList(
              record,
              "test",
              500.0,
              leads[0].length,
              "mV",
              new float[12],
              new int[1],
              null,
              new int[12]));
      signal.addAll(Arrays.asList(leads));
      // Frank leads.
      signal.addAll(Arrays.asList(null, null, (Object) null));
      signals.add(RowFactory.create(signal.toArray()));
    }
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
    TransformStage.run(context(SETTINGS), TransformOptions.of(SETTINGS));
    return this;
  }

  /** The run directory. */
  public RunDirectory run() {
    return RunDirectory.at(folder.toString(), SPARK.sparkContext().hadoopConfiguration());
  }

  /** A context that reuses what is there. */
  public StageContext context(Settings settings) {
    return new StageContext(SPARK, run(), settings, IfPresent.REUSE_OR_REFUSE, console);
  }

  /** R and T once a second; the infarct has a Q wave and a tall T. */
  public static float[][] waves(boolean infarct, int seed) {
    float[][] rows = new float[12][6000];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < 6000; i++) {
        double phase = i / 500.0 - Math.floor(i / 500.0);
        double r = Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.012, 2));
        double q = Math.exp(-0.5 * Math.pow((phase - 0.25) / 0.015, 2));
        double t = Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.04, 2));
        rows[lead][i] =
            (float)
                ((0.6 + 0.05 * lead + 0.02 * seed)
                    * (r - (infarct ? 0.4 : 0.02) * q + (infarct ? 0.7 : 0.15) * t));
      }
    }
    return rows;
  }
}
