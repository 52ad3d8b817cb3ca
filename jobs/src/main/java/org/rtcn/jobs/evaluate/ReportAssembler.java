package org.rtcn.jobs.evaluate;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.Version;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.metrics.Aggregation;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.BesideSection;
import org.rtcn.common.report.CalibrationSection;
import org.rtcn.common.report.CardSection;
import org.rtcn.common.report.Checklist.Fact;
import org.rtcn.common.report.ChecklistSection;
import org.rtcn.common.report.Count;
import org.rtcn.common.report.DetectionSection;
import org.rtcn.common.report.ExampleBeat;
import org.rtcn.common.report.ExamplesSection;
import org.rtcn.common.report.FlowSection;
import org.rtcn.common.report.FoldsSection;
import org.rtcn.common.report.GallerySection;
import org.rtcn.common.report.LooksSection;
import org.rtcn.common.report.MethodSection;
import org.rtcn.common.report.MisreadSection;
import org.rtcn.common.report.Page;
import org.rtcn.common.report.ResultsSection;
import org.rtcn.common.report.Section;
import org.rtcn.common.report.SettingsSection;
import org.rtcn.common.report.SubgroupsSection;
import org.rtcn.common.report.SummarySection;
import org.rtcn.common.report.TrainingSection;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.train.TrainFacts;

/** Gathers what the report shows, from the run's manifests and tables. */
public final class ReportAssembler {
  /** Fewer patients of a class than this, and its figures rest on little. */
  private static final int FEW_PATIENTS = 10;

  private final StageContext context;
  private final EvaluateOptions options;
  private final ExplainedModels models;
  private final Map<String, Long> counts;
  private final Dataset<Row> gradcam;
  private final List<FeatureDistances.OfClass> features;
  private final List<LooksSection.TrialRow> trial;
  private final Optional<BiConsumer<String, String>> pages;

  /**
   * @param context the run that was evaluated
   * @param models what is explained
   * @param counts of the evaluation
   * @param gradcam rows of the gradcam table
   */
  public ReportAssembler(
      StageContext context,
      EvaluateOptions options,
      ExplainedModels models,
      Map<String, Long> counts,
      Dataset<Row> gradcam) {
    this(context, options, models, counts, gradcam, List.of(), List.of(), Optional.empty());
  }

  /**
   * @param features of the generated beats that the model has learned from
   * @param trial of the maps on simulated twins
   * @param pages takes pages that the report links to, by name; empty for none
   */
  ReportAssembler(
      StageContext context,
      EvaluateOptions options,
      ExplainedModels models,
      Map<String, Long> counts,
      Dataset<Row> gradcam,
      List<FeatureDistances.OfClass> features,
      List<LooksSection.TrialRow> trial,
      Optional<BiConsumer<String, String>> pages) {
    this.pages = pages;
    this.trial = List.copyOf(trial);
    this.context = context;
    this.options = options;
    this.models = models;
    this.counts = counts;
    this.gradcam = gradcam;
    this.features = List.copyOf(features);
  }

  /**
   * A page.
   *
   * @param checklist what it answers guidelines with, by the name of the {@link Fact}
   */
  public record Made(String html, Map<String, String> checklist) {}

  /** The page of a run. */
  public Made page(Evaluation evaluation) {
    return page(
        evaluation,
        "Held out: fold "
            + options.testFolds().stream().map(String::valueOf).collect(Collectors.joining(", "))
            + ", "
            + "whose patients no stage has learned from; checked on the data.",
        List.of(),
        training(manifests()));
  }

  /**
   * The page of a cross-validation.
   *
   * @param protocol how patients were held out
   * @param folds one row each
   * @param training their curves
   */
  public Made page(
      Evaluation evaluation,
      String protocol,
      List<FoldsSection.Row> folds,
      List<TrainingSection.Graph> training) {
    Map<String, Manifest> manifests = manifests();
    ReportPictures pictures = new ReportPictures(context, models);
    List<Section> sections = new ArrayList<>();
    sections.addAll(answers(evaluation, protocol, folds, manifests, pictures));
    sections.addAll(measures(evaluation, folds));
    sections.addAll(insides(evaluation, training, manifests, pictures));
    sections.add(new MethodSection());
    sections.add(new CardSection(card(evaluation, protocol)));
    List<SettingsSection.Setting> settings = settings(manifests);
    if (!settings.isEmpty()) {
      sections.add(new SettingsSection(settings));
    }
    Map<Fact, String> facts = facts(evaluation, manifests, protocol);
    // The checklist points to the sections that the page has.
    Set<String> ids = sections.stream().map(Section::id).collect(Collectors.toSet());
    ids.add("checklist");
    sections.add(
        settings.isEmpty() ? sections.size() : sections.size() - 1,
        new ChecklistSection(facts, ids));
    Map<String, String> checklist = new TreeMap<>();
    facts.forEach((fact, text) -> checklist.put(fact.name(), text));
    return new Made(Page.html(head(evaluation), sections), checklist);
  }

  private Page.Head head(Evaluation evaluation) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("model", evaluation.modelId());
    facts.put(
        "data",
        String.join(
            ", ",
            new TreeSet<>(
                evaluation.predictions().of(Variant.AS_TRAINED, Level.BEAT).stream()
                    .map(Prediction::dataset)
                    .toList())));
    facts.put(
        "evaluated",
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC)
            .format(Instant.now()));
    return new Page.Head(
        "evaluation report",
        "evaluation of " + evaluation.modelId(),
        "Myocardial infarction from the 12-lead ECG: how well the model reads patients it has never"
            + " seen",
        facts,
        evaluation.simulated()
            ? "SIMULATED ECG. These recordings were made by a generator, not recorded from people."
                + " The figures show that the pipeline works; they say nothing about its worth for"
                + " patients."
            : "",
        Version.current());
  }

  /** What was answered, to whom. */
  private List<Section> answers(
      Evaluation evaluation,
      String protocol,
      List<FoldsSection.Row> folds,
      Map<String, Manifest> manifests,
      ReportPictures pictures) {
    LevelEvaluation patients = patients(evaluation);
    long heldOut = patients.matrix().total();
    List<Section> sections = new ArrayList<>();
    sections.add(
        new SummarySection(
            protocol,
            patients,
            evaluation.figures(),
            List.of(
                new Count("patients held out", heldOut),
                new Count(
                    "of their records",
                    evaluation.predictions().of(Variant.AS_TRAINED, Level.RECORD).size()),
                new Count(
                    "of their beats",
                    evaluation.predictions().of(Variant.AS_TRAINED, Level.BEAT).size()),
                new Count("patients trained the model", learned(folds.isEmpty()).size())),
            models.classes(),
            remarks(evaluation, patients)));
    sections.add(
        new MisreadSection(misread(pictures, evaluation.predictions()), heldOut, models.classes()));
    sections.add(new FlowSection(flow(manifests)));
    Cohort.of(context, groups(evaluation, folds.isEmpty()), models.classes())
        .ifPresent(sections::add);
    return sections;
  }

  /** How good the answers were. */
  private List<Section> measures(Evaluation evaluation, List<FoldsSection.Row> folds) {
    LevelEvaluation patients = patients(evaluation);
    List<Section> sections = new ArrayList<>();
    sections.add(new ResultsSection(models.classes(), evaluation.levels()));
    if (evaluation.levels().stream().anyMatch(level -> level.detection().isPresent())) {
      sections.add(new DetectionSection(evaluation.levels(), models.threshold()));
    }
    if (evaluation.at(patients.level()).size() > 1) {
      sections.add(new BesideSection(patients.level(), evaluation.figures()));
    }
    if (!folds.isEmpty()) {
      sections.add(new FoldsSection(folds));
    }
    sections.add(
        new CalibrationSection(
            patients,
            Optional.ofNullable(evaluation.at(patients.level()).get(Variant.CALIBRATED))));
    if (!evaluation.subgroups().isEmpty()) {
      sections.add(new SubgroupsSection(evaluation.subgroups(), options.subgroups().words()));
    }
    return sections;
  }

  /** How the model came about, and what it looks at. */
  private List<Section> insides(
      Evaluation evaluation,
      List<TrainingSection.Graph> training,
      Map<String, Manifest> manifests,
      ReportPictures pictures) {
    List<Prediction> beats = evaluation.predictions().of(Variant.AS_TRAINED, Level.BEAT);
    List<Section> sections = new ArrayList<>();
    List<TrainingSection.Worker> workers = workers(manifests);
    if (!training.isEmpty() || !workers.isEmpty()) {
      sections.add(new TrainingSection(training, workers));
    }
    pictures.recording(beats).ifPresent(sections::add);
    new LooksAssembler(context, gradcam, trial, models.map())
        .assemble(models.classes())
        .ifPresent(sections::add);
    // Without an S-transform there is nothing to lay Grad-CAM's times and frequencies on.
    List<ExampleBeat> examples =
        models.any().standardizer().input().isImage()
            ? pictures.examples(beats, options.examplesPerClass())
            : List.of();
    if (!examples.isEmpty()) {
      sections.add(new ExamplesSection(examples));
    }
    List<GallerySection.Row> gallery = pictures.gallery(options.galleryPerClass());
    if (!gallery.isEmpty()) {
      sections.add(new GallerySection(gallery, evaluation.simulated()));
    }
    Optional.ofNullable(manifests.get("augment"))
        .flatMap(augment -> GeneratorFacts.of(augment, features, evaluation.simulated()))
        .ifPresent(sections::add);
    return sections;
  }

  private long infarcts(LevelEvaluation level) {
    long sum = 0;
    for (int c = 0; c < models.classes().size(); c++) {
      if (Label.valueOf(models.classes().get(c)).isInfarction()) {
        sum += level.matrix().support(c);
      }
    }
    return sum;
  }

  /** The level of the headline. */
  private static LevelEvaluation patients(Evaluation evaluation) {
    return evaluation.levels().get(evaluation.levels().size() - 1);
  }

  /** What this run did: of the manifests before, and of the evaluation itself. */
  private Map<Fact, String> facts(
      Evaluation evaluation, Map<String, Manifest> manifests, String protocol) {
    Map<Fact, String> facts = RunFacts.of(manifests);
    LevelEvaluation patients = patients(evaluation);
    facts.put(
        Fact.PATIENTS,
        String.format(
            Locale.ROOT,
            "%,d patients held out, %,d of them with an infarct; %,d others to learn from.",
            patients.matrix().total(),
            infarcts(patients),
            models.trainingPatients().size()));
    facts.put(
        Fact.PREDICTION,
        Character.toUpperCase(Aggregation.RULE.charAt(0)) + Aggregation.RULE.substring(1) + ".");
    facts.merge(Fact.PARTITION, protocol, (ingested, own) -> ingested + " " + own);
    if (patients.detection().isPresent()) {
      facts.put(Fact.THRESHOLD, "Probability of infarction from " + models.threshold() + ".");
    }
    if (!evaluation.fits().isEmpty()) {
      facts.put(
          Fact.TEMPERATURE,
          "Temperatures fitted on validation patients: "
              + evaluation.fits().stream()
                  .map(
                      fit ->
                          String.format(
                              Locale.ROOT,
                              "%s %.2f",
                              fit.level().word(),
                              fit.temperature().temperature()))
                  .collect(Collectors.joining(", "))
              + ".");
    }
    facts.putAll(measured(evaluation, patients));
    facts.put(
        Fact.VERSION,
        "rtcn-spark "
            + Version.current()
            + ", model "
            + evaluation.modelId()
            + ", seed "
            + context.settings().seed()
            + ".");
    return facts;
  }

  /** What was measured of the answers. */
  private Map<Fact, String> measured(Evaluation evaluation, LevelEvaluation patients) {
    Map<Fact, String> facts = new EnumMap<>(Fact.class);
    facts.put(
        Fact.INTERVALS,
        String.format(
            Locale.ROOT,
            "Exact intervals of proportions; %,d resamples of patients for the rest.",
            evaluation.evaluator().bootstrap().resamples()));
    long reported =
        evaluation.subgroups().stream().filter(group -> group.evaluation().isPresent()).count();
    if (reported > 0) {
      facts.put(
          Fact.SUBGROUPS,
          reported + " of " + evaluation.subgroups().size() + " groups by sex and age reported.");
    }
    String baselines =
        evaluation.figures().keySet().stream()
            .filter(Variant::isBaseline)
            .map(Variant::word)
            .collect(Collectors.joining(", "));
    if (!baselines.isEmpty()) {
      facts.put(Fact.BASELINES, "On the same patients: " + baselines + ".");
    }
    facts.put(
        Fact.MISREAD,
        String.format(
            Locale.ROOT,
            "%,d of %,d held-out patients misread, each listed.",
            MisreadPatients.of(
                    models.classes(),
                    evaluation.predictions().of(Variant.AS_TRAINED, Level.PATIENT))
                .size(),
            patients.matrix().total()));
    LooksSection.shown(trial)
        .ifPresent(
            row ->
                facts.put(
                    Fact.EXPLANATIONS,
                    String.format(
                        Locale.ROOT,
                        "Lead and segment maps (%s), marked on %d simulated patients: AUROC %.3f.",
                        row.method(),
                        row.twins(),
                        row.auroc())));
    return facts;
  }

  private List<MisreadSection.Patient> misread(
      ReportPictures pictures, VariantPredictions predictions) {
    List<MisreadSection.Patient> misread =
        MisreadPatients.of(models.classes(), predictions.of(Variant.AS_TRAINED, Level.PATIENT));
    return models.any().standardizer().input().isImage()
        ? pictures.misread(misread, predictions, pages)
        : misread;
  }

  /** Patients by what they were for; in a cross-validation everybody is held out once. */
  private Map<String, Set<String>> groups(Evaluation evaluation, boolean singleSplit) {
    Map<String, Set<String>> groups = new LinkedHashMap<>();
    if (singleSplit) {
      groups.put("training", learned(true));
      groups.put("validation", Set.copyOf(validationPatients()));
    }
    groups.put(
        singleSplit ? "held out" : "held out in one fold each",
        evaluation.predictions().of(Variant.AS_TRAINED, Level.PATIENT).stream()
            .map(Prediction::id)
            .collect(Collectors.toSet()));
    return groups;
  }

  /** Whom the network learned from; a model names those of its validation among its patients. */
  private Set<String> learned(boolean singleSplit) {
    Set<String> learned = new TreeSet<>(models.trainingPatients());
    if (singleSplit) {
      validationPatients().forEach(learned::remove);
    }
    return learned;
  }

  private List<String> validationPatients() {
    return context
        .run()
        .current("train")
        .map(TrainFacts.VALIDATION_PATIENTS::require)
        .orElse(List.of());
  }

  /** Mitchell et al. 2019, from what the run knows; the rest is for people to write. */
  private List<CardSection.Entry> card(Evaluation evaluation, String protocol) {
    RtcnModel any = models.any();
    String data =
        evaluation.simulated()
            ? "Simulated ECG: made by a generator, not recorded from people."
            : "Recordings of the data sets in the head of this page, with the labels of their"
                + " makers.";
    return List.of(
        new CardSection.Entry(
            "Model details",
            String.format(
                Locale.ROOT,
                "Residual convolutions then %d Transformer encoder layers over %s, %,d weights;"
                    + " input %s%s. %s",
                any.config().encoderLayers(),
                any.standardizer().input().isImage()
                    ? String.format(
                        Locale.ROOT,
                        "S-transform images of %d voices x %d columns",
                        any.config().voices(),
                        any.config().columns())
                    : "waveforms of " + any.config().columns() + " samples",
                any.weightCount(),
                any.standardizer().input().name().toLowerCase(Locale.ROOT),
                any.config().patientInput() == PatientInput.NONE
                    ? ""
                    : ", and the patient's age and sex",
                models.byFold().size() > 1
                    ? models.byFold().size() + " models, one per fold."
                    : "")),
        new CardSection.Entry(
            "Intended use",
            "Research on methods. Not for diagnosis, treatment or triage; not a medical device."),
        new CardSection.Entry(
            "Factors",
            "Sex and age band are reported where there are enough patients. Device, hospital,"
                + " ethnicity and time since infarction are not in the data."),
        new CardSection.Entry(
            "Metrics",
            "Balanced accuracy and macro AUROC lead, because classes are of unequal size; every"
                + " figure with a 95 % interval, exact for proportions, from resampling patients"
                + " for the rest. "
                + protocol),
        new CardSection.Entry("Training data", data),
        new CardSection.Entry(
            "Evaluation data",
            String.format(
                Locale.ROOT,
                "%,d patients of the same sources, none of them trained on. No external data set.",
                evaluation.predictions().of(Variant.AS_TRAINED, Level.PATIENT).size())),
        new CardSection.Entry(
            "Ethical considerations",
            "Recordings are personal even without names: this page shows the ids of misread"
                + " patients and of some beats, the tables those of everybody."),
        new CardSection.Entry(
            "Caveats",
            "Labels are statements of reports or admissions, not of angiography for this purpose."
                + " Other causes of ST change are in the class of healthy controls only as far as"
                + " the data set has them. Figures of one archive do not carry over to another."));
  }

  private Map<String, Manifest> manifests() {
    Map<String, Manifest> manifests = new LinkedHashMap<>();
    for (String stage : FlowSteps.STAGES) {
      // What is stale has no part in this model.
      context.run().current(stage).ifPresent(manifest -> manifests.put(stage, manifest));
    }
    return manifests;
  }

  private List<FlowSection.Step> flow(Map<String, Manifest> manifests) {
    List<FlowSection.Step> steps = new ArrayList<>();
    manifests.forEach((stage, manifest) -> steps.add(FlowSteps.of(stage, manifest.counts())));
    steps.add(FlowSteps.of("evaluate", counts));
    return steps;
  }

  private List<String> remarks(Evaluation evaluation, LevelEvaluation patients) {
    List<String> remarks = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    List<String> few = new ArrayList<>();
    for (int c = 0; c < models.classes().size(); c++) {
      long support = patients.matrix().support(c);
      if (support == 0) {
        absent.add(models.classes().get(c));
      } else if (support < FEW_PATIENTS) {
        few.add(models.classes().get(c) + " (" + support + ")");
      }
    }
    if (!absent.isEmpty()) {
      remarks.add(
          "No held-out patient has "
              + String.join(", ", absent)
              + ": balanced accuracy, macro F1 and macro AUROC run over the other classes.");
    }
    if (!few.isEmpty()) {
      remarks.add("Classes with few held-out patients: " + String.join(", ", few) + ".");
    }
    patients
        .figure(FigureName.BALANCED_ACCURACY)
        .map(figure -> figure.interval())
        .filter(interval -> interval.undefinedResamples() > 0)
        .ifPresent(interval -> remarks.add(undefined(interval)));
    if (!evaluation.conflicting().isEmpty()) {
      remarks.add(
          "Patients whose records carry different labels, counted per beat and per record but not"
              + " per patient: "
              + evaluation.conflicting().size()
              + ".");
    }
    return remarks;
  }

  private static String undefined(Interval interval) {
    return interval.undefinedResamples()
        + " of "
        + interval.resamples()
        + " resamples of the patients lacked a class and are left out of the intervals of balanced"
        + " accuracy, macro F1 and macro AUROC.";
  }

  /** The learning curve, and that of validation patients where some were set aside. */
  private static List<TrainingSection.Graph> training(Map<String, Manifest> manifests) {
    List<TrainingSection.Curve> curves = new ArrayList<>();
    curve(manifests, "training beats", TrainFacts.Epoch::loss).ifPresent(curves::add);
    curve(manifests, "validation patients", TrainFacts.Epoch::validationLoss)
        .ifPresent(curves::add);
    return curves.isEmpty()
        ? List.of()
        : List.of(
            new TrainingSection.Graph(
                curves.size() > 1 ? "Loss in training" : "Loss on the training beats",
                "epoch",
                "cross-entropy (nats)",
                curves));
  }

  private static Optional<TrainingSection.Curve> curve(
      Map<String, Manifest> manifests, String name, Function<TrainFacts.Epoch, Double> loss) {
    return Optional.ofNullable(manifests.get("train"))
        .flatMap(train -> curve(name, TrainFacts.TRAINING_CURVE.require(train), loss));
  }

  /** A curve of the epochs that have it, if they are two at least. */
  public static Optional<TrainingSection.Curve> curve(
      String name, List<TrainFacts.Epoch> epochs, Function<TrainFacts.Epoch, Double> loss) {
    List<TrainFacts.Epoch> drawn = epochs.stream().filter(e -> loss.apply(e) != null).toList();
    return drawn.size() < 2
        ? Optional.empty()
        : Optional.of(
            new TrainingSection.Curve(
                name,
                drawn.stream().map(e -> (double) e.epoch()).toList(),
                drawn.stream().map(loss).toList()));
  }

  /** Who did how much of the training. */
  private static List<TrainingSection.Worker> workers(Map<String, Manifest> manifests) {
    List<TrainingSection.Worker> workers = new ArrayList<>();
    Optional.ofNullable(manifests.get("train"))
        .map(TrainFacts.EXECUTORS::require)
        .orElse(Map.of())
        .forEach(
            (name, work) ->
                workers.add(new TrainingSection.Worker(name, work.tasks(), work.runTimeS())));
    return workers;
  }

  private List<SettingsSection.Setting> settings(Map<String, Manifest> manifests) {
    Map<String, String> merged = new TreeMap<>();
    manifests.values().forEach(manifest -> merged.putAll(manifest.configuration()));
    merged.putAll(context.settings().flatten("evaluate", "seed", "split.test-folds"));
    return merged.entrySet().stream()
        .map(entry -> new SettingsSection.Setting(entry.getKey(), entry.getValue()))
        .toList();
  }
}
