package org.rtcn.jobs.train;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.nn.ClippedUpdater;
import org.rtcn.common.nn.FocalCrossEntropy;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImageStandardizer;
import org.rtcn.common.nn.LearningRateSchedule;
import org.rtcn.common.nn.OnePassAdam;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.nn.WeightedCrossEntropy;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.ExampleWeights.PatientBeats;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.ModelPreprocessing;

/**
 * Images of the training folds to a model: {@code spectrograms}, {@code splits} and, where augment
 * has run, {@code synthetic_spectrograms} in, {@code models/rtcn} out. No image goes through the
 * driver; it sees counts, the standardizer's moments, and weights.
 */
public final class TrainStage {
  /** How a step is made: a checkpoint of another rule must not be gone on from. */
  private static final String STEP_RULE = "adam-2";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The curve's file beside the model. */
  public static final String CURVE_FILE = "training_curve.csv";

  /** One line per averaging, beside the model. */
  static final String SCALARS_FILE = "training_scalars.csv";

  /** Checkpoints of a training that has not ended, below the run directory. */
  static final String CHECKPOINTS = "checkpoints/train";

  /** Where a training starts. */
  public enum Start {
    /** With fresh weights. */
    AFRESH,
    /** From the last checkpoint, where there is one. */
    RESUME
  }

  private TrainStage() {}

  /**
   * Runs the stage in the context's run directory.
   *
   * @throws UserException if the training data are missing, disagree, or would let a held-out
   *     patient in
   */
  public static Manifest run(StageContext context, TrainOptions options) {
    return run(context, options, Start.AFRESH);
  }

  /**
   * As the other.
   *
   * @throws UserException also if it should resume a training with other settings or inputs
   */
  public static Manifest run(StageContext context, TrainOptions options, Start start) {
    RunDirectory run = context.run();
    Manifest transform = run.requireStage("transform");
    boolean augmented =
        options.synthetic() == TrainOptions.Synthetic.USE
            && (run.has("augment") || run.has(Table.SYNTHETIC_SPECTROGRAMS));
    Map<String, String> settings =
        context.settings().flatten("train", "classes", "seed", "split.test-folds");
    StagePlan plan =
        StagePlan.named("train", "ResNet-Transformer by parameter averaging")
            .owns(ModelFiles.RTCN)
            .reads(settings)
            .input(run, "transform");
    String identity = STEP_RULE + "\n" + settings + "\n" + transform.identity();
    if (augmented) {
      plan.input(run, "augment");
      identity += "\n" + run.requireStage("augment").identity();
    }
    // Where every class had its share, augment has generated nothing.
    boolean synthetic = augmented && run.has(Table.SYNTHETIC_SPECTROGRAMS);
    String fingerprint = sha256(identity);
    Manifest manifest =
        StageRunner.run(
            context,
            plan,
            output -> train(context, options, start, fingerprint, output, transform, synthetic));
    // Not before the commit: a kill between the two would lose the training.
    checkpoints(context).clear();
    return manifest;
  }

  private static CheckpointStore checkpoints(StageContext context) {
    return new CheckpointStore(context.run().fileSystem(), context.run().path(CHECKPOINTS));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Cannot find SHA-256 in this JVM", e);
    }
  }

  private static void train(
      StageContext context,
      TrainOptions options,
      Start start,
      String fingerprint,
      StageOutput output,
      Manifest transform,
      boolean withSynthetic) {
    SparkSession spark = context.spark();
    Settings settings = context.settings();
    List<String> classes = settings.classes();
    final Nd4jRuntime runtime = Nd4jRuntime.start();
    PatientInput told = options.network().patientInput();
    Dataset<Row> real =
        realImages(ModelImages.recorded(context.run(), spark, options.input(), told), settings);
    List<Row> beats =
        real.groupBy("patient_id", "label", "fold", "simulated").count().collectAsList();
    if (beats.isEmpty()) {
      throw new UserException(
          "Cannot train: no image of the classes "
              + classes
              + " lies outside the held-out folds "
              + settings.testFolds());
    }
    TrainingFolds folds =
        TrainingFolds.of(context.run().read(spark, Table.SPLITS), settings.testFolds());
    SortedSet<String> patients =
        beats.stream()
            .map(row -> row.<String>getAs("patient_id"))
            .collect(Collectors.toCollection(TreeSet::new));
    beats.forEach(row -> folds.requireTraining(row.getAs("patient_id"), row.getAs("fold")));

    Dataset<Row> generated =
        withSynthetic
            ? syntheticImages(context, options.input(), folds, classes)
            : context.run().read(spark, Table.SPECTROGRAMS).limit(0);
    Map<String, Long> generatedByClass = new TreeMap<>();
    if (withSynthetic) {
      generated
          .groupBy("label")
          .count()
          .collectAsList()
          .forEach(row -> generatedByClass.put(row.getString(0), row.getLong(1)));
    }
    final boolean simulated = beats.stream().anyMatch(row -> row.<Boolean>getAs("simulated"));
    List<PatientBeats> everyone = patientBeats(beats);
    SortedSet<String> heldBack =
        Validation.choose(everyone, options.loop().validationShare(), settings.seed());
    List<PatientBeats> learnedFrom =
        everyone.stream().filter(patient -> !heldBack.contains(patient.patientId())).toList();
    ExampleWeights weights =
        new ExampleWeights(options.balance(), classes, learnedFrom, generatedByClass);

    Images.Size size = Images.size(real, options.input());
    if (withSynthetic
        && !generatedByClass.isEmpty()
        && !Images.size(generated, options.input()).equals(size)) {
      throw new UserException(
          "Cannot train: synthetic images are "
              + Images.size(generated, options.input())
              + ", recorded ones "
              + size
              + "; run augment again with the same rtcn.transform.image");
    }
    JavaRDD<Images.Image> allImages =
        Images.of(real, "beat_id", "patient_id", options.input(), told);
    JavaRDD<Images.Image> realImages =
        heldBack.isEmpty()
            ? allImages
            : allImages.filter(image -> !heldBack.contains(image.patientId()));
    Optional<TrainingPatients> facts =
        told == PatientInput.NONE
            ? Optional.empty()
            : Optional.of(TrainingPatients.of(real, heldBack));
    ImageStandardizer ofImages = standardizer(realImages, size, options);
    ImageStandardizer standardizer =
        facts.map(patientFacts -> patientFacts.scale(ofImages)).orElse(ofImages);

    JavaSparkContext sc = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<ImageStandardizer> scale = sc.broadcast(standardizer);
    Broadcast<ExampleWeights> weighting = sc.broadcast(weights);
    JavaRDD<Images.Image> images =
        generatedByClass.isEmpty()
            ? realImages
            : realImages.union(syntheticImages(generated, options, facts, settings.seed()));
    long seed = settings.seed();
    JavaRDD<Example> examples =
        images.map(
            image -> {
              // Taken before the image changes: it is transformed in place.
              float weight = weighting.value().of(image);
              scale.value().transform(image.values());
              return new Example(
                  seed, image.id(), classes.indexOf(image.label()), weight, image.values());
            });

    long realCount = learnedFrom.stream().mapToLong(PatientBeats::beats).sum();
    long syntheticCount = generatedByClass.values().stream().mapToLong(Long::longValue).sum();
    RtcnConfig config =
        options.network(
            size.leads() * options.input().parts(), size.voices(), size.columns(), classes.size());
    int workers = options.workers() > 0 ? options.workers() : sc.defaultParallelism();
    TrainingOptions training =
        new TrainingOptions(
            TrainingOptions.RtcnConfigShape.of(config, size.leads()),
            options.epochs(),
            options.batchSize(),
            options.averagingFrequency(),
            workers,
            options.weighting(),
            options.perturbation(),
            seed);
    int steps = training.stepsPerEpoch(realCount + syntheticCount) * options.epochs();
    LearningRateSchedule schedule = schedule(config, options, steps);
    ComputationGraph graph =
        Rtcn.build(config, updater(schedule, options), loss(options), DataType.FLOAT);
    context
        .console()
        .printf(
            Locale.ROOT,
            "           %,d beats of %,d patients%s%s, %,d workers, %,d weights%n",
            realCount,
            patients.size() - heldBack.size(),
            syntheticCount == 0 ? "" : String.format(" and %,d synthetic", syntheticCount),
            heldBack.isEmpty()
                ? ""
                : String.format(", %,d patients for validation", heldBack.size()),
            workers,
            graph.numParams());
    Validation validation =
        heldBack.isEmpty()
            ? null
            : new Validation(
                allImages.filter(image -> heldBack.contains(image.patientId())), classes);
    TrainingLoop loop =
        new TrainingLoop(
            graph,
            options.loop(),
            schedule,
            validation == null
                ? null
                : () ->
                    validation.of(
                        new RtcnModel(
                            config, graph, classes, standardizer, Map.of(), List.of(), simulated)),
            checkpoints(context),
            fingerprint,
            workers,
            Rtcn.trainingFlops(config) / 1e9,
            context.console());
    startFrom(loop, start, context);
    ExecutorWork work = new ExecutorWork();
    spark.sparkContext().addSparkListener(work);
    try {
      new ParameterAveragingEngine().train(graph, examples, training, loop);
    } finally {
      spark.sparkContext().removeSparkListener(work);
    }
    loop.finish();
    if (validation != null) {
      validation.close();
    }
    scale.destroy();
    weighting.destroy();

    RtcnModel model =
        new RtcnModel(
            config,
            graph,
            classes,
            standardizer,
            ModelPreprocessing.of(transform.configuration()),
            patients,
            simulated);
    model.toFiles().forEach((name, bytes) -> output.write(ModelFiles.RTCN + "/" + name, bytes));
    output.write(ModelFiles.RTCN + "/" + CURVE_FILE, loop.curve().getBytes(StandardCharsets.UTF_8));
    output.write(
        ModelFiles.RTCN + "/" + SCALARS_FILE, loop.scalars().getBytes(StandardCharsets.UTF_8));
    output.identity(ModelFiles.RTCN, model.modelId());
    output.simulated(simulated);
    output.count("patients", patients.size());
    output.count("patients.validation", heldBack.size());
    output.count("beats.real", realCount);
    output.count("beats.synthetic", syntheticCount);
    output.count("workers", workers);
    output.count("weights", graph.numParams());
    output.fact("model_id", model.modelId());
    output.fact("training_folds", folds.training());
    output.fact("beats_by_class", byClass(beats));
    output.fact("synthetic_by_class", generatedByClass);
    output.fact("validation_patients", heldBack);
    output.fact("training_curve", rows(loop));
    output.fact("kept_epoch", loop.bestEpoch() > 0 ? loop.bestEpoch() : loop.epochs().size());
    output.fact("executors", work.byExecutor());
    output.fact("nd4j", runtime.describe());
  }

  private static Dataset<Row> realImages(Dataset<Row> spectrograms, Settings settings) {
    return spectrograms
        .where(col("label").isInCollection(settings.classes()))
        .where(not(col("fold").isInCollection(settings.testFolds())));
  }

  /** Generated images, after making sure that their model has seen the training folds alone. */
  private static Dataset<Row> syntheticImages(
      StageContext context, ImageInput input, TrainingFolds folds, List<String> classes) {
    Dataset<Row> rows =
        ModelImages.generated(context.run(), context.spark(), input)
            .where(col("label").isInCollection(classes));
    rows.select("fold_scheme")
        .distinct()
        .collectAsList()
        .forEach(row -> folds.requireSameScheme(row.getString(0)));
    return rows;
  }

  private static JavaRDD<Images.Image> syntheticImages(
      Dataset<Row> generated, TrainOptions options, Optional<TrainingPatients> facts, long seed) {
    JavaRDD<Images.Image> images =
        Images.of(
            generated, "synthetic_id", null, options.input(), options.network().patientInput());
    if (facts.isEmpty()) {
      return images;
    }
    TrainingPatients patients = facts.get();
    return images.map(image -> patients.lend(image, seed));
  }

  private static List<PatientBeats> patientBeats(List<Row> beats) {
    Map<List<String>, Long> counts = new LinkedHashMap<>();
    for (Row row : beats) {
      counts.merge(
          List.of(row.getAs("patient_id"), row.getAs("label")),
          row.<Long>getAs("count"),
          Long::sum);
    }
    List<PatientBeats> list = new ArrayList<>();
    counts.forEach((key, count) -> list.add(new PatientBeats(key.get(0), key.get(1), count)));
    return list;
  }

  private static Map<String, Long> byClass(List<Row> beats) {
    Map<String, Long> counts = new TreeMap<>();
    beats.forEach(row -> counts.merge(row.getAs("label"), row.<Long>getAs("count"), Long::sum));
    return counts;
  }

  private static ImageStandardizer standardizer(
      JavaRDD<Images.Image> images, Images.Size size, TrainOptions options) {
    // Without what is known of the patient.
    int numbers = size.length() * options.input().parts();
    Function2<ImageStandardizer.Moments, Images.Image, ImageStandardizer.Moments> add =
        (moments, image) -> moments.add(Arrays.copyOf(image.values(), numbers));
    return images
        .treeAggregate(
            ImageStandardizer.moments(
                size.leads(),
                size.voices(),
                size.columns(),
                options.input(),
                options.compression()),
            add,
            ImageStandardizer.Moments::merge)
        .fit();
  }

  private static void startFrom(TrainingLoop loop, Start start, StageContext context) {
    CheckpointStore store = checkpoints(context);
    if (start == Start.AFRESH) {
      store.clear();
      return;
    }
    Optional<Checkpoint> checkpoint = store.latest();
    if (checkpoint.isEmpty()) {
      context.console().printf("           no checkpoint: from the start%n");
      return;
    }
    loop.resume(checkpoint.get());
    context
        .console()
        .printf(Locale.ROOT, "           resumed at step %,d%n", checkpoint.get().state().step());
  }

  private static IUpdater updater(LearningRateSchedule schedule, TrainOptions options) {
    OnePassAdam adam = new OnePassAdam(schedule);
    double clip = options.loop().gradientClip();
    return clip > 0 ? new ClippedUpdater(adam, clip) : adam;
  }

  private static ILossFunction loss(TrainOptions options) {
    return options.loop().loss() == TrainOptions.Loss.FOCAL
        ? new FocalCrossEntropy(options.loop().focalGamma())
        : new WeightedCrossEntropy();
  }

  /** The learning curve for the manifest. */
  private static List<Map<String, Object>> rows(TrainingLoop loop) {
    return loop.epochs().stream()
        .map(row -> JSON.convertValue(row, new TypeReference<Map<String, Object>>() {}))
        .toList();
  }

  private static LearningRateSchedule schedule(RtcnConfig config, TrainOptions options, int steps) {
    int warmUp = (int) Math.min(steps - 1L, Math.round(options.warmUp() * steps));
    return LearningRateSchedule.cosine(config.learningRate(), warmUp, steps);
  }

  /** Which folds train and which are held out, and who is in them. */
  private static final class TrainingFolds {
    private final Map<String, Integer> foldOfPatient;
    private final Set<Integer> heldOut;
    private final SortedSet<Integer> training;

    private TrainingFolds(Map<String, Integer> foldOfPatient, Set<Integer> heldOut) {
      this.foldOfPatient = foldOfPatient;
      this.heldOut = heldOut;
      this.training = new TreeSet<>(foldOfPatient.values());
      this.training.removeAll(heldOut);
    }

    static TrainingFolds of(Dataset<Row> splits, List<Integer> testFolds) {
      Map<String, Integer> folds = new TreeMap<>();
      splits
          .select("patient_id", "fold")
          .collectAsList()
          .forEach(row -> folds.put(row.getString(0), row.getInt(1)));
      return new TrainingFolds(folds, Set.copyOf(testFolds));
    }

    SortedSet<Integer> training() {
      return training;
    }

    void requireTraining(String patientId, int fold) {
      Integer stated = foldOfPatient.get(patientId);
      if (stated == null || heldOut.contains(stated) || stated != fold) {
        throw new UserException(
            "Cannot train on patient "
                + patientId
                + ": splits has it in "
                + (stated == null
                    ? "no fold"
                    : "fold " + stated + (heldOut.contains(stated) ? " (held out)" : ""))
                + ", its images in fold "
                + fold
                + "; run transform again");
      }
    }

    void requireSameScheme(String scheme) {
      SortedSet<Integer> seen = new TreeSet<>();
      try {
        Arrays.stream(scheme.split(","))
            .map(String::trim)
            .forEach(s -> seen.add(Integer.valueOf(s)));
      } catch (NumberFormatException e) {
        throw new UserException("Invalid fold_scheme \"" + scheme + "\" in the synthetic beats", e);
      }
      if (!seen.equals(training)) {
        throw new UserException(
            "Cannot train with these synthetic beats: their model saw the folds "
                + seen
                + ", training has "
                + training
                + "; run augment again, or set rtcn.train.synthetic=ignore");
      }
    }
  }
}
