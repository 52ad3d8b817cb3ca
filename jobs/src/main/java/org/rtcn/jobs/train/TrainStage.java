package org.rtcn.jobs.train;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.averaging.Course;
import org.rtcn.common.averaging.EarlyStopping;
import org.rtcn.common.averaging.LearningCurve;
import org.rtcn.common.averaging.LearningCurve.Validator;
import org.rtcn.common.averaging.LearningCurve.Verdict;
import org.rtcn.common.averaging.TrainingRun;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.nn.FocalCrossEntropy;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.nn.WeightedCrossEntropy;
import org.rtcn.common.optimise.ClippedUpdater;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;
import org.rtcn.jobs.averaging.LiveTraining;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.run.CheckpointFiles;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.Sha256;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Images of the training folds to a model: {@code spectrograms}, {@code splits} and, where augment
 * has run, {@code synthetic_spectrograms} in, {@code models/rtcn} out. No image goes through the
 * driver; it sees counts, the standardizer's moments, and weights.
 */
public final class TrainStage {
  /** How a step is made: a checkpoint of another rule must not be gone on from. */
  private static final String STEP_RULE = "adam-2";

  private static final TrainingRun.Words WORDS =
      new TrainingRun.Words(
          "train",
          "rtcn.train",
          "lower rtcn.train.learning-rate or set rtcn.train.gradient-clip=1");

  /** The curve's file next to the model. */
  public static final String CURVE_FILE = "training_curve.csv";

  /** One line per averaging, next to the model. */
  static final String SCALARS_FILE = "training_scalars.csv";

  /** Checkpoints of a training that has not ended, below the run directory. */
  static final String CHECKPOINTS = "checkpoints/train";

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
            .owns(ModelFiles.RTCN, ModelFiles.BEATS)
            .reads(settings)
            .input(run, "transform");
    String identity = STEP_RULE + "\n" + settings + "\n" + transform.identity();
    if (augmented) {
      plan.input(run, "augment");
      identity += "\n" + run.requireStage("augment").identity();
    }
    // Where every class had its share, augment has generated nothing.
    boolean synthetic = augmented && run.has(Table.SYNTHETIC_SPECTROGRAMS);
    Optional<Pretrained> pretrained =
        options.from().map(folder -> Pretrained.of(context, folder, options, transform));
    if (pretrained.isPresent()) {
      String id = pretrained.get().model().modelId();
      plan.input("from", id);
      identity += "\nfrom " + id;
    }
    CheckpointFiles checkpoints = new CheckpointFiles(run.fileSystem(), run.path(CHECKPOINTS));
    Training training =
        new Training(context, options, start, Sha256.of(identity), checkpoints, pretrained);
    Manifest manifest =
        StageRunner.run(context, plan, output -> training.run(output, transform, synthetic));
    // Not before the model is the run's: until then they are all that is left of the work.
    checkpoints.clear();
    return manifest;
  }

  /** All that one training is asked to do. */
  private record Training(
      StageContext context,
      TrainOptions options,
      Start start,
      String fingerprint,
      CheckpointFiles checkpoints,
      Optional<Pretrained> pretrained) {

    void run(StageOutput output, Manifest transform, boolean withSynthetic) {
      final Nd4jRuntime runtime = Nd4jRuntime.start();
      try (TrainingData data = new TrainingData(context, options, withSynthetic, pretrained)) {
        Settings settings = context.settings();
        Images.Size size = data.size();
        RtcnConfig wanted =
            options.network(
                size.leads() * options.input().parts(),
                size.voices(),
                size.columns(),
                settings.classes().size());
        RtcnConfig config = pretrained.map(of -> of.network(wanted)).orElse(wanted);
        SparkContext spark = context.spark().sparkContext();
        ExecutorWork work = new ExecutorWork();
        Trained trained;
        spark.addSparkListener(work);
        try {
          trained = train(data, config, ModelPreprocessing.of(transform.configuration()));
        } finally {
          spark.removeSparkListener(work);
        }
        write(output, data, trained, pretrained, keptBeats(data, trained.model()));
        output.fact(TrainFacts.EXECUTORS, work.byExecutor());
        output.fact(TrainFacts.ND4J, runtime.describe());
      }
    }

    private Trained train(TrainingData data, RtcnConfig config, Map<String, Object> preprocessing) {
      TrainingOptions training = trainingOptions(data, config);
      boolean isRecorded = options.pace().epochOf() == TrainOptions.EpochOf.RECORDED_BEATS;
      Course course = training.course(data.real() + (isRecorded ? 0 : data.synthetic()));
      LearningRateSchedule schedule = schedule(config, course.steps());
      ComputationGraph graph = Rtcn.build(config, updater(schedule), loss(), DataType.FLOAT);
      pretrained.ifPresent(
          of ->
              GraphState.writeWeights(
                  of.model().weightsFor(context.settings().classes(), Rtcn.weights(graph)), graph));
      tell(data, course, graph);
      Optional<Validation> validation = data.validation();
      // A model of its own each time: its id is that of its weights.
      Validator validator =
          state ->
              validation
                  .map(them -> verdict(them.of(model(data, config, graph, Map.of(), List.of()))))
                  .orElse(null);
      TrainingRun run =
          new TrainingRun(
              course,
              WORDS,
              new TrainingRun.Keeping(
                  fingerprint, options.loop().checkpointSeconds(), options.loop().patience()),
              new LearningCurve(
                  step -> schedule.valueAt(step, 0), Rtcn.trainingFlops(config) / 1e9, validator),
              (bytes, step) -> checkpoints.save(step, bytes),
              context.console());
      TrainingState from = start.of(run, checkpoints, GraphState.of(graph));
      try (GraphRounds rounds = GraphRounds.deal(graph, data.examples(), training)) {
        LiveTraining live = LiveTraining.show(context.spark().sparkContext(), "train");
        GraphState.write(run.train(from, rounds, live), graph);
        keepBest(run, graph);
        // Who taught the model that this one goes on from has taught this one.
        Set<String> patients = new TreeSet<>(data.census().patients());
        pretrained.ifPresent(of -> patients.addAll(of.model().trainingPatients()));
        RtcnModel model = model(data, config, graph, preprocessing, patients);
        return new Trained(
            validation.map(them -> model.detectingFrom(them.threshold(model))).orElse(model),
            run,
            course);
      } finally {
        validation.ifPresent(Validation::close);
      }
    }

    private RtcnModel model(
        TrainingData data,
        RtcnConfig config,
        ComputationGraph graph,
        Map<String, Object> preprocessing,
        Collection<String> patients) {
      return new RtcnModel(
          config,
          Rtcn.weights(graph),
          context.settings().classes(),
          data.standardizer(),
          preprocessing,
          patients,
          data.census().simulated());
    }

    /** Of patients whom the network has learned from, not of those who validated it. */
    private Optional<TrainingBeats> keptBeats(TrainingData data, RtcnModel model) {
      Set<String> patients = new TreeSet<>(data.census().patients());
      patients.removeAll(data.census().heldBack());
      return ChosenBeats.of(context, model, patients, options.loop().keptBeats());
    }

    private TrainingOptions trainingOptions(TrainingData data, RtcnConfig config) {
      TrainOptions.Pace pace = options.pace();
      return new TrainingOptions(
          TrainingOptions.RtcnConfigShape.of(config, data.size().leads()),
          pace.epochs(),
          pace.batchSize(),
          pace.averagingFrequency(),
          pace.workers() > 0 ? pace.workers() : context.spark().sparkContext().defaultParallelism(),
          options.weighting(),
          options.perturbation(),
          context.settings().seed());
    }

    private LearningRateSchedule schedule(RtcnConfig config, int steps) {
      int warmUp = (int) Math.min(steps - 1L, Math.round(options.pace().warmUp() * steps));
      return LearningRateSchedule.cosine(config.learningRate(), warmUp, steps);
    }

    private IUpdater updater(LearningRateSchedule schedule) {
      OnePassAdam adam = new OnePassAdam(schedule);
      double clip = options.loop().gradientClip();
      return clip > 0 ? new ClippedUpdater(adam, clip) : adam;
    }

    private ILossFunction loss() {
      return options.loop().loss() == TrainOptions.Loss.FOCAL
          ? new FocalCrossEntropy(options.loop().focalGamma())
          : new WeightedCrossEntropy();
    }

    private void tell(TrainingData data, Course course, ComputationGraph graph) {
      int heldBack = data.census().heldBack().size();
      context
          .console()
          .printf(
              Locale.ROOT,
              "           %,d beats of %,d patients%s%s, %,d workers, %,d weights%n",
              data.real(),
              data.census().patients().size() - heldBack,
              data.synthetic() == 0 ? "" : String.format(" and %,d synthetic", data.synthetic()),
              heldBack == 0 ? "" : String.format(", %,d patients for validation", heldBack),
              course.workers(),
              graph.numParams());
      pretrained.ifPresent(
          of ->
              context
                  .console()
                  .printf(
                      "           goes on from model %s, which learned from %,d %spatients%n",
                      of.model().modelId(),
                      of.model().trainingPatients().size(),
                      of.model().simulated() ? "simulated " : ""));
    }

    /** The best epoch's weights, where there was validation. */
    private void keepBest(TrainingRun run, ComputationGraph graph) {
      EarlyStopping best = run.best();
      if (best.bestRow() > 0) {
        GraphState.writeWeights(best.best(), graph);
        context
            .console()
            .printf(
                Locale.ROOT,
                "           kept epoch %d of %d: the lowest validation loss, %.4f%n",
                best.bestRow(),
                run.curve().rows().size(),
                best.bestLoss());
      }
    }
  }

  private static Verdict verdict(Validation.Result result) {
    return new Verdict(result.loss(), result.balancedAccuracy());
  }

  /** What came of it. */
  private record Trained(RtcnModel model, TrainingRun run, Course course) {}

  private static void write(
      StageOutput output,
      TrainingData data,
      Trained trained,
      Optional<Pretrained> pretrained,
      Optional<TrainingBeats> kept) {
    RtcnModel model = trained.model();
    TrainingRun run = trained.run();
    model.toFiles().forEach((name, bytes) -> output.write(ModelFiles.RTCN + "/" + name, bytes));
    output.write(ModelFiles.RTCN + "/" + CURVE_FILE, utf8(run.curve().toCsv()));
    output.write(ModelFiles.RTCN + "/" + SCALARS_FILE, utf8(run.log().toCsv()));
    TrainingData.Census census = data.census();
    output.write(
        ModelFiles.RTCN + "/" + ModelReadme.FILE,
        utf8(ModelReadme.of(model, census, data.synthetic(), pretrained, kept)));
    kept.ifPresent(beats -> output.write(ModelFiles.BEATS, beats.toBytes()));
    output.fact(
        TrainFacts.KEPT_BEATS, kept.map(beats -> beats.byClass(model.classes())).orElse(Map.of()));
    output.identity(ModelFiles.RTCN, model.modelId());
    output.simulated(census.simulated());
    output.count("patients", census.patients().size());
    output.count("patients.validation", census.heldBack().size());
    output.count("beats.real", data.real());
    output.count("beats.synthetic", data.synthetic());
    output.count("workers", trained.course().workers());
    output.count("steps", trained.course().steps());
    output.count("weights", model.weightCount());
    output.fact(TrainFacts.MODEL_ID, model.modelId());
    output.fact(TrainFacts.TRAINING_FOLDS, census.folds().training());
    pretrained.ifPresent(of -> output.fact(TrainFacts.FROM_MODEL_ID, of.model().modelId()));
    output.fact(TrainFacts.BEATS_BY_CLASS, census.byClass());
    output.fact(TrainFacts.SYNTHETIC_BY_CLASS, data.generatedByClass());
    output.fact(TrainFacts.CLASS_SHARES, data.classShares());
    output.fact(TrainFacts.VALIDATION_PATIENTS, List.copyOf(census.heldBack()));
    output.fact(TrainFacts.DETECTION_THRESHOLD, model.detection().probability());
    output.fact(TrainFacts.DETECTION_THRESHOLD_ORIGIN, model.detection().origin());
    List<TrainFacts.Epoch> epochs = TrainFacts.Epoch.of(run.curve().rows());
    output.fact(TrainFacts.TRAINING_CURVE, epochs);
    output.fact(
        TrainFacts.KEPT_EPOCH, run.best().bestRow() > 0 ? run.best().bestRow() : epochs.size());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
