package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.input.ModelPreprocessing;
import org.rtcn.common.metrics.Aggregation;
import org.rtcn.common.metrics.ClassOffsets;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.common.metrics.PredictionRule;
import org.rtcn.common.metrics.ValidationFit;
import org.rtcn.common.metrics.Variant;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.LooksSection;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageFact;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.train.ModelFiles;
import org.rtcn.jobs.train.TrainFacts;
import org.rtcn.jobs.transform.ModelImages;

/**
 * Measures the run's model on the held-out folds: {@code spectrograms} and the model in, {@code
 * predictions}, {@code metrics} and the report out. Images stay on the executors, and so do the
 * rows of beats; the driver holds their probabilities alone, packed.
 */
public final class EvaluateStage {
  /** The page, below the run. */
  public static final String REPORT = "report/report.html";

  /** The figures for scripts, below the run. */
  public static final String METRICS_JSON = "report/metrics.json";

  private EvaluateStage() {}

  /**
   * Runs the stage in the context's run directory and prints the headline figures.
   *
   * @throws UserException if there is nothing to evaluate, or a held-out patient has trained the
   *     model
   */
  public static Manifest run(StageContext context, EvaluateOptions options) {
    StagePlan plan =
        StagePlan.named("evaluate", "held-out patients: predictions, figures, report")
            .owns(
                Table.PREDICTIONS,
                Table.PREDICTION_VARIANTS,
                Table.METRICS,
                Table.BOOTSTRAP,
                Table.GRADCAM)
            .owns(ModelFiles.EVALUATION, "report")
            .reads(context.settings().flatten("evaluate", "seed", "split.test-folds"))
            .input(context.run(), "transform")
            .input(context.run(), "train");
    Manifest manifest =
        StageRunner.run(context, plan, output -> evaluate(context, options, output));
    printHeadlines(context, manifest, EvaluateFacts.HEADLINES);
    return manifest;
  }

  private static void evaluate(StageContext context, EvaluateOptions options, StageOutput output) {
    SparkSession spark = context.spark();
    Path folder = context.run().path(ModelFiles.RTCN);
    Map<String, byte[]> files = ModelFiles.read(folder, spark.sparkContext().hadoopConfiguration());
    RtcnModel model = ModelFiles.parse(folder, files);
    Optional<TrainingBeats> training =
        ModelFiles.trainingBeats(folder, model, spark.sparkContext().hadoopConfiguration());
    // Here in one line, not in a task: answers are explained with the model's own preprocessing.
    ModelPreprocessing.settings(context.settings(), model);
    SortedSet<String> twins = DisjointPatients.require(context, "evaluate");
    Dataset<Row> heldOut =
        ModelImages.recorded(context.run(), spark, model.standardizer())
            .where(col("fold").isin(options.testFolds().toArray()));
    Dataset<Row> ofClasses = heldOut.where(col("label").isInCollection(model.classes()));
    Dataset<Row> eligible = ofClasses.where(not(col("record_id").isInCollection(twins)));
    requireUnseen(eligible, model);
    try (ScoredBeats scored = ScoredBeats.of(spark, files, eligible);
        ScoredBeats validation =
            ScoredBeats.of(spark, files, validationImages(context, options, model))) {
      evaluate(
          context,
          options,
          output,
          new Subject(files, model, training, heldOut, ofClasses, eligible, twins),
          scored,
          validation.list());
    }
  }

  /**
   * A model and what it is measured on.
   *
   * @param files of the model
   * @param training beats that it has learned from, if they lie next to it
   * @param heldOut images of the held-out folds
   * @param ofClasses those of the model's classes
   * @param eligible those of them that stand in one fold alone
   * @param twins recordings that do not
   */
  private record Subject(
      Map<String, byte[]> files,
      RtcnModel model,
      Optional<TrainingBeats> training,
      Dataset<Row> heldOut,
      Dataset<Row> ofClasses,
      Dataset<Row> eligible,
      SortedSet<String> twins) {}

  private static void evaluate(
      StageContext context,
      EvaluateOptions options,
      StageOutput output,
      Subject subject,
      ScoredBeats scored,
      List<Prediction> validation) {
    SparkSession spark = context.spark();
    RtcnModel model = subject.model();
    List<Prediction> beats = scored.list();
    if (beats.isEmpty()) {
      throw new UserException(
          "Cannot evaluate: folds "
              + options.testFolds()
              + " hold no beat of the model's classes "
              + model.classes()
              + "; set split.test-folds to folds that hold patients");
    }
    Aggregation aggregation = Aggregation.of(beats);
    if (aggregation.patients().isEmpty()) {
      throw new UserException(
          "Cannot evaluate: every held-out patient has records of different labels "
              + aggregation.conflicting()
              + "; hold out other folds");
    }
    Map<String, Long> patientsByClass = patientsByClass(context, model);
    Evaluator evaluator =
        new Evaluator(
            model.classes(), patientsByClass, options.bootstrap(), options.calibrationBins());
    VariantPredictions predictions = new VariantPredictions();
    predictions.add(Variant.AS_TRAINED, Level.BEAT, beats);
    predictions.add(Variant.AS_TRAINED, Level.RECORD, aggregation.records());
    predictions.add(Variant.AS_TRAINED, Level.PATIENT, aggregation.patients());
    List<ValidationFit> fits = validationFits(evaluator, validation);
    final Map<Variant, PredictionRule> ofBeats = addRules(predictions, fits, model);
    ofBeats.putAll(addShares(context, predictions, model, patientsByClass));
    new Baselines(context, options, model.classes())
        .addTo(predictions, aggregation, patientsByClass);
    boolean simulated = model.simulated() || beats.stream().anyMatch(Prediction::simulated);
    Evaluation evaluation =
        Evaluation.of(
            model.modelId(),
            evaluator,
            predictions,
            Evaluation.facts(context, aggregation.patients()),
            options.subgroups(),
            fits,
            List.copyOf(aggregation.conflicting()),
            simulated);
    evaluation.write(
        spark,
        output,
        new Evaluation.BeatRows(
            scored.rows(),
            PredictionRows.variants(scored.rows(), model.modelId(), model.classes(), ofBeats)));
    output.write(METRICS_JSON, json(evaluation, Map.of()));
    count(output, subject, beats.size(), aggregation);
    output.simulated(simulated);
    report(context, options, output, subject, beats, evaluation);
  }

  /** Explains some answers, and writes the page. */
  private static void report(
      StageContext context,
      EvaluateOptions options,
      StageOutput output,
      Subject subject,
      List<Prediction> beats,
      Evaluation evaluation) {
    RtcnModel model = subject.model();
    ModelEvidence found = ModelEvidence.of(model, subject.training(), likeCases(evaluation));
    final List<LooksSection.TrialRow> trial = trial(context, options, subject, found.healthy());
    ModelEvidence evidence = found.explainedBy(LooksSection.best(trial));
    explain(context, options, output, subject, beats, evidence);
    evidence
        .evaluated()
        .map(cases -> cases.explainedBy(evidence.map().name()))
        .ifPresent(cases -> output.write(ModelFiles.EVALUATION, cases.toJson()));
    List<FeatureDistances.OfClass> features = FeatureDistances.of(context, subject.files(), model);
    facts(output, model, evaluation, features);
    output.fact(EvaluateFacts.SHOWN_MAP, evidence.map());
    output.fact(EvaluateFacts.EXPLANATION_TRIAL, EvaluateFacts.Trial.of(trial));
    ReportAssembler.Made page =
        new ReportAssembler(
                context,
                options,
                ExplainedModels.one(evidence),
                output.counts(),
                output.staged(context.spark(), Table.GRADCAM),
                features,
                trial,
                Optional.of(
                    (name, text) ->
                        output.write("report/" + name, text.getBytes(StandardCharsets.UTF_8))))
            .page(evaluation);
    output.fact(EvaluateFacts.AGGREGATION, Aggregation.RULE);
    output.fact(EvaluateFacts.CHECKLIST, page.checklist());
    output.write(REPORT, page.html().getBytes(StandardCharsets.UTF_8));
  }

  /** How often answers like one were right, by recordings: a page answers for one. */
  private static Optional<LikeCases> likeCases(Evaluation evaluation) {
    return evaluation.levels().stream()
        .filter(level -> level.level() == Level.RECORD)
        .findFirst()
        .flatMap(
            level ->
                LikeCases.of(
                    evaluation.modelId(),
                    evaluation.simulated(),
                    level,
                    evaluation.evaluator().bootstrap().confidence()));
  }

  private static void facts(
      StageOutput output,
      RtcnModel model,
      Evaluation evaluation,
      List<FeatureDistances.OfClass> features) {
    output.fact(EvaluateFacts.MODEL_ID, model.modelId());
    if (!features.isEmpty()) {
      output.fact(EvaluateFacts.FEATURE_DISTANCES, EvaluateFacts.FeatureDistance.of(features));
    }
    output.fact(EvaluateFacts.DETECTION_THRESHOLD, model.detection().probability());
    output.fact(EvaluateFacts.DETECTION_THRESHOLD_ORIGIN, model.detection().origin());
    output.fact(EvaluateFacts.HEADLINES, EvaluateFacts.HeadlineFact.of(evaluation));
    output.fact(EvaluateFacts.CONFLICTING_PATIENTS, evaluation.conflicting());
    output.fact(EvaluateFacts.VALIDATION_FITS, EvaluateFacts.Fit.of(evaluation.fits()));
    evaluation.fits().stream()
        .filter(fit -> fit.level() == Level.PATIENT)
        .findFirst()
        .ifPresent(fit -> output.count("validation.patients", fit.cases()));
  }

  /** Adds what the rules chosen on validation patients lead to; returns those of beats. */
  private static Map<Variant, PredictionRule> addRules(
      VariantPredictions predictions, List<ValidationFit> fits, RtcnModel model) {
    Map<Variant, PredictionRule> ofBeats = new TreeMap<>();
    for (ValidationFit fit : fits) {
      Map<Variant, PredictionRule> rules = fit.rules();
      rules.forEach(
          (variant, rule) ->
              predictions.add(
                  variant,
                  fit.level(),
                  PredictionList.moved(predictions.of(Variant.AS_TRAINED, fit.level()), rule)));
      if (fit.level() == Level.BEAT) {
        ofBeats.putAll(rules);
      }
    }
    if (model.detection().validationPatients() > 0) {
      PredictionRule half = row -> row.decidedAt(DetectionThreshold.FIXED.probability());
      for (Level level : Level.values()) {
        predictions.add(
            Variant.HALF,
            level,
            PredictionList.moved(predictions.of(Variant.AS_TRAINED, level), half));
      }
      ofBeats.put(Variant.HALF, half);
    }
    return ofBeats;
  }

  /**
   * Adds what the probabilities become under other shares of the classes than those of training;
   * the same rule at every level, which needs no validation patient.
   */
  private static Map<Variant, PredictionRule> addShares(
      StageContext context,
      VariantPredictions predictions,
      RtcnModel model,
      Map<String, Long> patientsByClass) {
    Map<Variant, PredictionRule> rules = new TreeMap<>();
    List<Double> trained =
        shares(
            model.classes(), TrainFacts.CLASS_SHARES.require(context.run().requireStage("train")));
    List<Double> natural = shares(model.classes(), patientsByClass);
    if (trained.stream().allMatch(share -> share > 0)) {
      List<Double> equal = Collections.nCopies(trained.size(), 1.0 / trained.size());
      rules.put(Variant.EQUAL_SHARES, ClassOffsets.between(trained, equal).rule());
      if (natural.stream().allMatch(share -> share > 0)) {
        rules.put(Variant.NATURAL_SHARES, ClassOffsets.between(trained, natural).rule());
      }
    }
    rules.forEach(
        (variant, rule) -> {
          for (Level level : Level.values()) {
            predictions.add(
                variant,
                level,
                PredictionList.moved(predictions.of(Variant.AS_TRAINED, level), rule));
          }
        });
    return rules;
  }

  /** Each class's share; 0 where nothing is stated of it. */
  private static List<Double> shares(List<String> classes, Map<String, ? extends Number> amounts) {
    List<Double> list =
        classes.stream()
            .map(name -> amounts.containsKey(name) ? amounts.get(name).doubleValue() : 0.0)
            .toList();
    double total = list.stream().mapToDouble(Double::doubleValue).sum();
    return list.stream().map(amount -> total > 0 ? amount / total : 0.0).toList();
  }

  /** Tries the model's maps on simulated twins: how far they can be trusted. */
  private static List<LooksSection.TrialRow> trial(
      StageContext context, EvaluateOptions options, Subject subject, HealthyReference healthy) {
    RtcnModel model = subject.model();
    return !model.standardizer().input().isImage() || options.gradcamPerClass() == 0
        ? List.of()
        : TwinTrials.of(
            context.spark(),
            subject.files(),
            // As on pages, where beats and what they are compared with come from one kind of
            // hearts.
            model.simulated() ? healthy : HealthyReference.simulated(new ModelInput(model)),
            options.twinsPerSite(),
            context.settings().seed());
  }

  /** Writes where some answers came from. */
  private static void explain(
      StageContext context,
      EvaluateOptions options,
      StageOutput output,
      Subject subject,
      List<Prediction> beats,
      ModelEvidence evidence) {
    RtcnModel model = subject.model();
    long seed = context.settings().seed();
    List<Prediction> explained =
        model.standardizer().input().isImage()
            ? Explanations.choose(beats, model.classes(), options.gradcamPerClass(), seed)
            : List.of();
    output.write(
        Table.GRADCAM,
        Explanations.explain(
            context.spark(),
            subject.files(),
            subject.eligible(),
            context.run().read(context.spark(), Table.BEATS),
            evidence.healthy(),
            evidence.map(),
            explained,
            seed));
  }

  private static void count(
      StageOutput output, Subject subject, long measured, Aggregation aggregation) {
    long read = subject.heldOut().count();
    output.count("beats.read", read);
    output.count("beats.kept", measured);
    long doubled = subject.twins().isEmpty() ? 0 : subject.ofClasses().count() - measured;
    if (doubled > 0) {
      output.count("beats.refused.RECORDING_STANDS_IN_TWO_FOLDS", doubled);
    }
    long others = read - measured - doubled;
    if (others > 0) {
      output.count("beats.refused.LABEL_NOT_AMONG_CLASSES", others);
    }
    output.count("records", aggregation.records().size());
    output.count("patients.kept", aggregation.patients().size());
    if (!aggregation.conflicting().isEmpty()) {
      output.count("patients.refused.CONFLICTING_LABELS", aggregation.conflicting().size());
    }
  }

  /** Held-out means held out: a patient on both sides would turn memory into skill. */
  private static void requireUnseen(Dataset<Row> eligible, RtcnModel model) {
    Set<String> trained = model.trainingPatients();
    SortedSet<String> both = new TreeSet<>();
    for (Row row : eligible.select("patient_id").distinct().collectAsList()) {
      if (trained.contains(row.getString(0))) {
        both.add(row.getString(0));
      }
    }
    if (!both.isEmpty()) {
      throw new UserException(
          "Cannot evaluate: "
              + both.size()
              + " of the held-out patients have trained the model (for example "
              + both.first()
              + "). Set split.test-folds to the folds that were held out in training, or train"
              + " again.");
    }
  }

  /** Images of the patients that training set aside for validation: never those held out. */
  private static Dataset<Row> validationImages(
      StageContext context, EvaluateOptions options, RtcnModel model) {
    List<String> patients =
        TrainFacts.VALIDATION_PATIENTS.require(context.run().requireStage("train"));
    return ModelImages.recorded(context.run(), context.spark(), model.standardizer())
        .where(not(col("fold").isin(options.testFolds().toArray())))
        .where(col("label").isInCollection(model.classes()))
        .where(col("patient_id").isInCollection(patients));
  }

  private static List<ValidationFit> validationFits(Evaluator evaluator, List<Prediction> beats) {
    if (beats.isEmpty()) {
      return List.of();
    }
    Aggregation aggregation = Aggregation.of(beats);
    if (aggregation.patients().isEmpty()) {
      return List.of();
    }
    return List.of(
        ValidationFit.of(evaluator, Level.BEAT, beats),
        ValidationFit.of(evaluator, Level.RECORD, aggregation.records()),
        ValidationFit.of(evaluator, Level.PATIENT, aggregation.patients()));
  }

  /** Patients that trained the model, by class: what the baselines answer. */
  private static Map<String, Long> patientsByClass(StageContext context, RtcnModel model) {
    Set<String> trained = model.trainingPatients();
    return context
        .run()
        .read(context.spark(), Table.SPLITS)
        .select("patient_id", "label")
        .where(col("label").isInCollection(model.classes()))
        .collectAsList()
        .stream()
        .filter(row -> trained.contains(row.getString(0)))
        .collect(Collectors.groupingBy(row -> row.getString(1), Collectors.counting()));
  }

  /**
   * The figures for scripts.
   *
   * @param more further entries by name
   */
  public static byte[] json(Evaluation evaluation, Map<String, ?> more) {
    return MetricRows.json(evaluation, more);
  }

  /**
   * Prints the headlines: the manifest has the lines, so that a stage that was up to date prints
   * them as well.
   */
  public static void printHeadlines(
      StageContext context,
      Manifest manifest,
      StageFact<List<EvaluateFacts.HeadlineFact>> headlines) {
    boolean simulated = Boolean.TRUE.equals(manifest.simulated());
    context
        .console()
        .printf(
            "%nOne decision per patient, %d held-out patients%s, 95 %% intervals over patients:%n",
            manifest.count("patients.kept"), simulated ? " (SIMULATED ECG)" : "");
    headlines.require(manifest).stream()
        .filter(EvaluateFacts.HeadlineFact::isOfPatients)
        .forEach(fact -> context.console().println("  " + fact.line()));
    context.console().println("Report: " + context.run().path(REPORT));
    context.console().println("Research use only, not a medical device.");
  }
}
