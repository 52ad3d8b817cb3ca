package org.rtcn.jobs.augment;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.diffusion.BeatQuality;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.NearestBeats;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.run.CheckpointFiles;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.run.TestFolds;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.BeatImages;

/**
 * Learns to generate beats from the training folds and tops up the rarer classes: {@code beats} and
 * {@code splits} in, {@code synthetic_beats}, {@code synthetic_spectrograms} and the model out. The
 * model is trained by as many tasks as there are workers; sampling is spread over the executors.
 * The rows do not depend on the partitions.
 */
public final class AugmentStage {
  /** The folder of the model, below the run. */
  public static final String MODEL_FOLDER = "models/ddpm";

  /** The model in it. */
  public static final String MODEL_FILE = "model.safetensors";

  /** Where the model lies in the run. */
  public static final String MODEL = MODEL_FOLDER + "/" + MODEL_FILE;

  /** A lost executor costs a part of its share, and a slow one keeps nobody waiting for long. */
  private static final int TASKS_PER_CORE = 4;

  /** Checkpoints of a training that has not ended, below the run directory. */
  static final String CHECKPOINTS = "checkpoints/augment";

  private static final int REAL_NEIGHBOURS_PER_CLASS = 100;
  private static final int COMPARED_PER_CLASS = 300;

  private AugmentStage() {}

  /**
   * Runs the stage in the context's run directory.
   *
   * @throws UserException if there is no training beat, or the beats were made with other settings
   */
  public static Manifest run(StageContext context, AugmentOptions options) {
    return run(context, options, Start.AFRESH);
  }

  /**
   * As the other.
   *
   * @throws UserException also if it should resume a training with other settings or inputs
   */
  public static Manifest run(StageContext context, AugmentOptions options, Start start) {
    int partitions = TASKS_PER_CORE * context.spark().sparkContext().defaultParallelism();
    return run(context, options, start, partitions);
  }

  static Manifest run(StageContext context, AugmentOptions options, Start start, int partitions) {
    Manifest transform = context.run().requireStage("transform");
    requireSameWindows(context, transform);
    StagePlan plan =
        StagePlan.named("augment", "train the DDPM on training folds, generate beats")
            .owns(Table.SYNTHETIC_BEATS, Table.SYNTHETIC_SPECTROGRAMS)
            .owns(MODEL_FOLDER)
            .reads(
                context
                    .settings()
                    .flatten("augment", "transform", "classes", "split.test-folds", "seed"))
            .input(context.run(), "transform");
    String identity =
        context.settings().flatten("augment", "transform", "classes", "split.test-folds", "seed")
            + "\n"
            + transform.identity();
    CheckpointFiles checkpoints =
        new CheckpointFiles(context.run().fileSystem(), context.run().path(CHECKPOINTS));
    Manifest manifest =
        StageRunner.run(
            context,
            plan,
            output -> {
              boolean simulated = Boolean.TRUE.equals(transform.simulated());
              output.simulated(simulated);
              DiffusionTraining.Orders orders =
                  new DiffusionTraining.Orders(start, checkpoints, identity);
              augment(context, output, options, orders, simulated, partitions);
            });
    checkpoints.clear();
    return manifest;
  }

  /** Prints what the stage would make, and makes nothing. */
  public static void printPlan(StageContext context, AugmentOptions options) {
    context.run().requireStage("transform");
    AugmentationPlan plan = plan(trainingBeats(context, options), options);
    context.console().printf("augment    would generate %,d beats%n", plan.total());
    plan.print(context.console());
  }

  private static void augment(
      StageContext context,
      StageOutput output,
      AugmentOptions options,
      DiffusionTraining.Orders orders,
      boolean simulated,
      int partitions) {
    SparkSession spark = context.spark();
    Dataset<Row> training = trainingBeats(context, options);
    AugmentationPlan plan = plan(training, options);
    plan.print(context.console());
    output.fact(AugmentFacts.PLAN, AugmentFacts.ClassPlan.of(plan));
    if (plan.total() == 0) {
      context.console().println("           every class has its share: nothing to generate");
      output.count("beats.kept", 0);
      return;
    }
    BeatPool pool = BeatPool.collect(training, options);
    String foldScheme = foldScheme(context, options);
    output.count("training_beats.available", training.count());
    output.count("training_beats.used", pool.size());
    output.fact(AugmentFacts.TRAINING_FOLDS, foldScheme);

    JavaSparkContext sparkContext = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<BeatPool> sharedPool = sparkContext.broadcast(pool);
    DdpmModel model =
        train(context, output, options, orders, plan, sharedPool, foldScheme, simulated);
    Broadcast<byte[]> sharedModel = sparkContext.broadcast(model.toBytes());

    spark.sparkContext().setJobDescription("augment: sample beats");
    Dataset<Row> drawn =
        Sampling.run(
                spark,
                plan,
                options,
                sharedModel,
                sharedPool,
                new Sampling.Constants(foldScheme, simulated),
                partitions)
            .persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long start = System.nanoTime();
      long count = countDrawn(output, drawn);
      double seconds = (System.nanoTime() - start) * 1e-9;
      output.fact(AugmentFacts.SAMPLING_SECONDS, seconds);
      context
          .console()
          .printf(
              Locale.ROOT,
              "           drew %,d beats in %.1f s: %.1f beats/s%n",
              count,
              seconds,
              count / seconds);
      long kept = output.write(Table.SYNTHETIC_BEATS, chosen(drawn, plan));
      output.count("beats.kept", kept);
      output.count("beats.planned", plan.total());
      // More are drawn than planned, for those that are refused.
      long refused =
          output.counts().entrySet().stream()
              .filter(entry -> entry.getKey().startsWith("beats.refused."))
              .mapToLong(Map.Entry::getValue)
              .sum();
      if (count > refused + kept) {
        output.count("beats.refused.MORE_THAN_PLANNED", count - refused - kept);
      }
    } finally {
      drawn.unpersist();
    }
    spark.sparkContext().setJobDescription("augment: S-transform images of the generated beats");
    Dataset<Row> beats = output.staged(spark, Table.SYNTHETIC_BEATS);
    output.write(
        Table.SYNTHETIC_SPECTROGRAMS,
        BeatImages.of(beats, options.transform().image(), Table.SYNTHETIC_SPECTROGRAMS));
    output.fact(AugmentFacts.NEAREST, nearest(beats, pool));
    spark.sparkContext().setJobDescription("augment: generated beats beside real ones");
    quality(context, output, beats, pool);
    spark.sparkContext().setJobDescription(null);
    sharedPool.destroy();
    sharedModel.destroy();
  }

  /** Compares the first generated beats of each class with the real ones. */
  private static void quality(
      StageContext context, StageOutput output, Dataset<Row> beats, BeatPool pool) {
    Map<String, List<float[][]>> generated = new TreeMap<>();
    Dataset<Row> first =
        beats
            .withColumn(
                "place", row_number().over(Window.partitionBy("label").orderBy("synthetic_id")))
            .where(col("place").leq(COMPARED_PER_CLASS))
            .drop("place");
    for (TrainingBeat beat : BeatPool.lowered(first, "synthetic_id")) {
      generated.computeIfAbsent(beat.label(), k -> new ArrayList<>()).add(beat.millivolts());
    }
    Map<String, Long> realBeats =
        pool.beats().stream()
            .collect(Collectors.groupingBy(TrainingBeat::label, Collectors.counting()));
    if (realBeats.values().stream().noneMatch(count -> count >= 4)) {
      return;
    }
    Map<String, Map<String, Double>> figures = new BeatQuality(pool.beats()).of(generated);
    output.fact(AugmentFacts.QUALITY, figures);
    figures.forEach(
        (label, own) -> {
          if (own.containsKey(BeatQuality.RECOGNISED_GENERATED)) {
            context
                .console()
                .printf(
                    Locale.ROOT,
                    "           %-8s recognised %.2f (held-out real %.2f), deviation %.3f mV"
                        + " (real %.3f), MMD² %.3f%n",
                    label,
                    own.get(BeatQuality.RECOGNISED_GENERATED),
                    own.get(BeatQuality.RECOGNISED_REAL),
                    own.get(BeatQuality.SD_GENERATED_MV),
                    own.get(BeatQuality.SD_REAL_MV),
                    own.get(BeatQuality.MMD2));
          }
        });
  }

  private static DdpmModel train(
      StageContext context,
      StageOutput output,
      AugmentOptions options,
      DiffusionTraining.Orders orders,
      AugmentationPlan plan,
      Broadcast<BeatPool> pool,
      String foldScheme,
      boolean simulated) {
    SparkSession spark = context.spark();
    spark.sparkContext().setJobDescription("augment: train the DDPM");
    String origin =
        (simulated ? "simulated ECG" : "recorded ECG") + ", training folds " + foldScheme;
    DiffusionTraining.Result result =
        new DiffusionTraining(context, pool, options).run(orders, plan.labels(), origin);
    DdpmModel model = result.model();
    output.write(MODEL, model.toBytes());
    output.identity(MODEL_FOLDER, model.modelId());
    output.fact(AugmentFacts.MODEL_ID, model.modelId());
    output.fact(AugmentFacts.LOSS_CURVE, result.lossCurve());
    output.fact(AugmentFacts.ERRORS_BY_STEP, result.diagnosis());
    context
        .console()
        .printf(
            Locale.ROOT,
            "           model %s: %d classes, loss %.4f; generating %,d beats%n",
            model.modelId(),
            plan.classes().size(),
            model.training().lastLoss(),
            plan.total());
    return model;
  }

  /**
   * Beats of the training folds and configured classes; checks that no held-out patient is seen.
   */
  private static Dataset<Row> trainingBeats(StageContext context, AugmentOptions options) {
    SparkSession spark = context.spark();
    RunDirectory run = context.run();
    TestFolds.require(run, spark, options.testFolds(), "augment");
    Object[] testFolds = options.testFolds().toArray();
    Dataset<Row> training =
        run.read(spark, Table.BEATS)
            .where(col("label").isInCollection(options.classes()))
            .where(not(col("fold").isin(testFolds)));
    Dataset<Row> heldOut =
        run.read(spark, Table.SPLITS).where(col("fold").isin(testFolds)).select("patient_id");
    List<Row> seen =
        training
            .join(
                heldOut, training.col("patient_id").equalTo(heldOut.col("patient_id")), "left_semi")
            .select("patient_id")
            .distinct()
            .limit(5)
            .collectAsList();
    if (!seen.isEmpty()) {
      throw new UserException(
          "Cannot augment: beats of held-out patients stand in training folds, for example "
              + seen.get(0).getString(0)
              + "; beats and splits do not belong together, run transform again");
    }
    return training;
  }

  private static AugmentationPlan plan(Dataset<Row> training, AugmentOptions options) {
    Map<String, Long> patients = new TreeMap<>();
    Map<String, Long> beats = new TreeMap<>();
    for (Row row :
        training.groupBy("label").agg(countDistinct("patient_id"), count(lit(1))).collectAsList()) {
      patients.put(row.getString(0), row.getLong(1));
      beats.put(row.getString(0), row.getLong(2));
    }
    if (beats.isEmpty()) {
      throw new UserException(
          "Cannot augment: no beat of the classes "
              + options.classes()
              + " outside the test folds "
              + options.testFolds()
              + "; set rtcn.classes or rtcn.split.test-folds to fit the data");
    }
    return AugmentationPlan.of(options, patients, beats);
  }

  private static String foldScheme(StageContext context, AugmentOptions options) {
    return context
        .run()
        .read(context.spark(), Table.SPLITS)
        .select("fold")
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getInt(0))
        .filter(fold -> !options.testFolds().contains(fold))
        .sorted()
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  /** Draws them all. */
  private static long countDrawn(StageOutput output, Dataset<Row> drawn) {
    long count = 0;
    for (Row row : drawn.groupBy(Sampling.REFUSAL).count().collectAsList()) {
      output.count("beats.drawn", row.getLong(1));
      if (!row.isNullAt(0)) {
        output.count("beats.refused." + row.getString(0), row.getLong(1));
      }
      count += row.getLong(1);
    }
    return count;
  }

  /** The first so many of each class that the gate let pass. */
  private static Dataset<Row> chosen(Dataset<Row> drawn, AugmentationPlan plan) {
    Column wanted = lit(0);
    for (AugmentationPlan.ForClass row : plan.classes()) {
      wanted = when(col("label").equalTo(row.label()), row.toMake()).otherwise(wanted);
    }
    return drawn
        .where(col(Sampling.REFUSAL).isNull())
        .withColumn("place", row_number().over(Window.partitionBy("label").orderBy(Sampling.INDEX)))
        .where(col("place").leq(wanted));
  }

  /**
   * Median distances to the nearest training beat of the class: of the generated beats, and of real
   * beats to those of other patients. Generated beats that lie much nearer are copies.
   */
  private static Map<String, AugmentFacts.Nearest> nearest(Dataset<Row> beats, BeatPool pool) {
    List<TrainingBeat> real = pool.beats();
    Map<String, AugmentFacts.Nearest> medians = new TreeMap<>();
    for (Row row :
        beats
            .select(
                col("label"),
                col("nearest_distance_mv"),
                count(lit(1)).over(Window.partitionBy("label")).as("n"),
                row_number()
                    .over(Window.partitionBy("label").orderBy("nearest_distance_mv"))
                    .as("place"))
            // Of two in the middle the upper one, as of the real beats.
            .where(col("place").equalTo(expr("n div 2 + 1")))
            .collectAsList()) {
      List<Double> between = betweenPatients(real, row.getString(0));
      medians.put(
          row.getString(0),
          new AugmentFacts.Nearest(row.getFloat(1), between.isEmpty() ? null : median(between)));
    }
    return medians;
  }

  private static List<Double> betweenPatients(List<TrainingBeat> beats, String label) {
    List<TrainingBeat> own = beats.stream().filter(b -> b.label().equals(label)).toList();
    int count = Math.min(REAL_NEIGHBOURS_PER_CLASS, own.size());
    List<Double> distances = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TrainingBeat beat = own.get((int) ((long) i * own.size() / count));
      List<TrainingBeat> others =
          own.stream().filter(b -> !b.patientId().equals(beat.patientId())).toList();
      if (!others.isEmpty()) {
        distances.add(new NearestBeats(others).to(beat.millivolts(), label).distanceMv());
      }
    }
    return distances;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private static void requireSameWindows(StageContext context, Manifest transform) {
    context
        .settings()
        .flatten("transform")
        .forEach(
            (key, value) -> {
              String then = transform.configuration().get(key);
              if (then != null && !then.equals(value)) {
                throw new UserException(
                    "Cannot augment: the beats of this run were made with "
                        + key
                        + " = "
                        + then
                        + ", now it is "
                        + value
                        + "; give the same settings, or run transform again with --overwrite");
              }
            });
  }
}
