package org.rtcn.jobs.predict;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapGroupsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.inputs.Locations;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.Sha256;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.ModelFiles;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.TransformStage;

/**
 * New recordings to predictions, in a run of its own: they are ingested without labels, transformed
 * as the model's training beats were, scored, and averaged from beats to records to patients.
 */
public final class PredictStage {
  private static final int PRINTED_RECORDS = 20;

  private PredictStage() {}

  /**
   * Runs ingest, transform and the scoring.
   *
   * @param modelFolder a model that {@code train} saved
   * @param input folder of WFDB recordings, or a run (or folder) with the Parquet tables {@code
   *     tables/records} and {@code tables/signals}
   * @throws UserException if the run is one that trained a model: its tables would be replaced
   */
  public static Manifest run(StageContext context, String modelFolder, String input) {
    return run(context, modelFolder, input, "");
  }

  /**
   * The same for a part of a run that ingest has written.
   *
   * @param below the folder of the recordings, as ingest was given it or below that; empty for all
   * @throws UserException if the input is no run, or nothing in it comes from that folder
   */
  public static Manifest run(StageContext context, String modelFolder, String input, String below) {
    if (context.run().has("train")) {
      throw new UserException(
          "Cannot predict into "
              + context.run().root()
              + ": it holds the tables that a model was trained on. Give another --run directory.");
    }
    SparkSession spark = context.spark();
    Path folder = Locations.path("the model", modelFolder);
    Map<String, byte[]> files = ModelFiles.read(folder, spark.sparkContext().hadoopConfiguration());
    RtcnModel model = ModelFiles.parse(folder, files);
    final int pages = recordPages(context.settings(), model);
    // Before anything is computed, so that damage is told at once.
    Configuration configuration = spark.sparkContext().hadoopConfiguration();
    final Optional<TrainingBeats> training = ModelFiles.trainingBeats(folder, model, configuration);
    final Optional<LikeCases> evaluated = ModelFiles.evaluation(folder, configuration);
    StageContext asTrained =
        new StageContext(
            spark,
            context.run(),
            asTrained(context.settings(), model),
            context.ifPresent(),
            context.console());
    if (holdsTables(spark, input)) {
      TableInput.run(asTrained, input, below);
    } else if (!below.isEmpty()) {
      throw new UserException(
          "Cannot use --below with "
              + input
              + ": ingest has written nothing there. Give its run to --input, or that folder"
              + " itself without --below");
    } else {
      IngestStage.run(asTrained, IngestOptions.read(asTrained.settings(), input));
    }
    Manifest transform = TransformStage.run(asTrained, TransformOptions.of(asTrained.settings()));
    StagePlan plan =
        StagePlan.named("predict", "model " + model.modelId() + " on new recordings")
            .owns(Table.PREDICTIONS, Table.UNANSWERED)
            .owns(RecordPages.FOLDER)
            .reads(context.settings().flatten("predict"))
            .input(context.run(), "transform")
            .input("model", model.modelId());
    if (pages > 0) {
      plan.input(
          "evaluation",
          evaluated
              .map(cases -> Sha256.of(new String(cases.toJson(), StandardCharsets.UTF_8)))
              .orElse("none"));
    }
    Manifest manifest =
        StageRunner.run(
            context,
            plan,
            output -> {
              predict(asTrained, files, model, transform, output);
              if (pages > 0) {
                RecordPages.write(
                    context, output, ModelEvidence.of(model, training, evaluated), pages);
              }
            });
    print(context, model);
    return manifest;
  }

  /** Pages that are written unasked. */
  private static final int SOME_PAGES = 12;

  private static int recordPages(Settings settings, RtcnModel model) {
    return settings.read(
        "predict",
        config -> {
          boolean isImage = model.standardizer().input().isImage();
          if (config.getString("record-pages").equals("auto")) {
            return isImage ? SOME_PAGES : 0;
          }
          int pages = config.getInt("record-pages");
          if (pages < 0) {
            throw new IllegalArgumentException(
                "Invalid record-pages " + pages + ": must be auto, 0 or more");
          }
          if (pages > 0 && !isImage) {
            throw new IllegalArgumentException(
                "Invalid record-pages "
                    + pages
                    + ": the model reads waveforms, whose Grad-CAM has no frequencies; set it to"
                    + " 0");
          }
          return pages;
        });
  }

  private static boolean holdsTables(SparkSession spark, String input) {
    if (!RunDirectory.isPossibleAt(input)) {
      return false;
    }
    RunDirectory run = RunDirectory.at(input, spark.sparkContext().hadoopConfiguration());
    return run.has(Table.RECORDS) && run.has(Table.SIGNALS);
  }

  /** The settings that the model's images were made with; records come without labels. */
  private static Settings asTrained(Settings settings, RtcnModel model) {
    return ModelPreprocessing.settings(settings, model)
        .with("transform.records=all", "ingest.source=unlabelled");
  }

  private static void predict(
      StageContext context,
      Map<String, byte[]> files,
      RtcnModel model,
      Manifest transform,
      StageOutput output) {
    SparkSession spark = context.spark();
    Dataset<Row> beats =
        BeatScorer.answers(
                spark, files, ModelImages.recorded(context.run(), spark, model.standardizer()))
            .drop("fold")
            .withColumn("fold", lit(null).cast("int"))
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      writeUnanswered(context, beats.where(col("probabilities").isNull()), beats, model, output);
      Dataset<Row> ordered =
          Table.PREDICTIONS.conform(beats.where(col("probabilities").isNotNull()));
      // Through rows with a schema: Spark would hand the means of one level to the next bare.
      Dataset<Row> records =
          spark.createDataFrame(
              mean(ordered, "record", "record_id").toJavaRDD(), Table.PREDICTIONS.schema());
      Dataset<Row> patients = mean(records, "patient", "patient_id");
      output.write(
          Table.PREDICTIONS,
          ordered.union(records).union(patients).coalesce(4).sortWithinPartitions("level", "id"));
    } finally {
      beats.unpersist();
    }
    for (Row row :
        output.staged(spark, Table.PREDICTIONS).groupBy("level").count().collectAsList()) {
      output.count(row.getString(0) + "s", row.getLong(1));
    }
    output.fact(PredictFacts.MODEL_ID, model.modelId());
    output.simulated(model.simulated() || Boolean.TRUE.equals(transform.simulated()));
  }

  /**
   * Beats for which the network gave no finite probabilities take no part in any answer; nothing is
   * dropped in silence.
   *
   * @throws UserException if there is no answer at all
   */
  private static void writeUnanswered(
      StageContext context,
      Dataset<Row> unanswered,
      Dataset<Row> all,
      RtcnModel model,
      StageOutput output) {
    long count =
        output.write(
            Table.UNANSWERED,
            unanswered
                .withColumnRenamed("id", "beat_id")
                .withColumn("reason", lit("NO_FINITE_PROBABILITIES"))
                .coalesce(1)
                .sortWithinPartitions("beat_id"));
    if (count == 0) {
      return;
    }
    if (count == all.count()) {
      throw new UserException(
          "Cannot predict with model "
              + model.modelId()
              + ": its network gives no finite probabilities for any of "
              + count
              + " beats; train it again, with a lower rtcn.train.learning-rate or with"
              + " rtcn.train.gradient-clip=1");
    }
    output.count("beats.refused.NO_FINITE_PROBABILITIES", count);
    context
        .console()
        .printf(
            Locale.ROOT,
            "           no answer for %,d beats of %,d records: see the table %s%n",
            count,
            unanswered.select("record_id").distinct().count(),
            Table.UNANSWERED.tableName());
  }

  /** Averages the probabilities of a level's rows within a column's groups. */
  private static Dataset<Row> mean(Dataset<Row> rows, String level, String groupColumn) {
    return rows.groupByKey(
            (MapFunction<Row, String>) row -> row.getAs(groupColumn), Encoders.STRING())
        .mapGroups(
            (MapGroupsFunction<String, Row, Row>)
                (id, members) -> {
                  List<Row> ordered = new ArrayList<>();
                  members.forEachRemaining(ordered::add);
                  // The sum must not depend on the order in which rows arrive.
                  ordered.sort(Comparator.comparing(row -> row.getAs("id")));
                  return mean(level, id, ordered);
                },
            Encoders.row(Table.PREDICTIONS.schema()));
  }

  static Row mean(String level, String id, List<Row> rows) {
    Row first = rows.get(0);
    List<String> classes = first.getList(first.fieldIndex("classes"));
    double[] sum = new double[classes.size()];
    for (Row row : rows) {
      List<Float> probabilities = row.getList(row.fieldIndex("probabilities"));
      for (int i = 0; i < sum.length; i++) {
        sum[i] += probabilities.get(i);
      }
    }
    double[] mean = new double[sum.length];
    float[] written = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      mean[i] = sum[i] / rows.size();
      written[i] = (float) mean[i];
    }
    Decision decision = Decision.among(classes);
    float threshold = first.getAs("threshold");
    return RowFactory.create(
        level,
        id,
        first.getAs("model_id"),
        first.getAs("dataset"),
        level.equals("record") ? id : null,
        first.getAs("patient_id"),
        null,
        first.getAs("truth"),
        classes.get(decision.answer(mean, threshold)),
        classes.toArray(new String[0]),
        written,
        decision.infarctProbability(mean),
        threshold,
        first.getAs("simulated"));
  }

  private static void print(StageContext context, RtcnModel model) {
    Dataset<Row> records =
        context
            .run()
            .read(context.spark(), Table.PREDICTIONS)
            .where("level = 'record'")
            .orderBy("id");
    List<Row> shown = records.takeAsList(PRINTED_RECORDS);
    Map<String, String> quality = new HashMap<>();
    context
        .run()
        .read(context.spark(), Table.RECORDS)
        .where(col("record_id").isin(shown.stream().map(row -> row.getString(1)).toArray()))
        .select("record_id", "quality")
        .collectAsList()
        .forEach(row -> quality.put(row.getString(0), row.getString(1)));
    context
        .console()
        .printf(
            "%n%-40s %-8s %11s %8s  %s%n", "record", "class", "probability", "p(MI)", "quality");
    for (Row row : shown) {
      List<Float> probabilities = row.getList(row.fieldIndex("probabilities"));
      List<String> classes = row.getList(row.fieldIndex("classes"));
      context
          .console()
          .printf(
              Locale.ROOT,
              "%-40s %-8s %11.3f %8.3f  %s%n",
              row.getString(1),
              row.<String>getAs("predicted"),
              probabilities.get(classes.indexOf(row.<String>getAs("predicted"))),
              row.<Float>getAs("probability_mi"),
              quality.getOrDefault(row.getString(1), "unknown"));
    }
    long more = records.count() - PRINTED_RECORDS;
    if (more > 0) {
      context
          .console()
          .printf("… and %d more in %s%n", more, context.run().table(Table.PREDICTIONS));
    }
    context
        .console()
        .printf(
            "Threshold of p(MI), from which an infarct is answered: %s%n",
            model.detection().words());
    if (model.simulated()) {
      context.console().println(RtcnDiagnoser.OF_SIMULATED_ECG);
    }
    context.console().println("Research use only, not a medical device.");
  }
}
