package org.rtcn.jobs.ablate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.compare.Comparison;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.crossval.Folds;
import org.rtcn.jobs.crossval.Pooled;
import org.rtcn.jobs.crossval.Protocol;
import org.rtcn.jobs.evaluate.DisjointPatients;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.VariantPredictions;
import org.rtcn.jobs.run.Lease;
import org.rtcn.jobs.run.LeaseOptions;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Trains every arm on the same folds with the same seeds and equally many steps, and sets each
 * against the first at every operating point, by the paired bootstrap over patients and seeds.
 * Below {@code RUN/ablation}: a folder per seed and arm with a run per fold, and the comparison.
 */
public final class AblateStage {
  /** Below the run. */
  public static final String FOLDER = "ablation";

  static final String PAPER =
      "The paper that the method comes from (Chen et al., Biology 2025, 14(10), 1425) reports that"
          + " DDPM samples raised the inter-patient accuracy from 61.66 % to 68.39 %. That is the"
          + " authors' claim on their data with their settings; the figures here are this run's own"
          + " and neither confirm nor refute it.";

  private static final Set<Level> LEVELS = Set.of(Level.RECORD, Level.PATIENT);

  private final StageContext context;
  private final CrossvalOptions crossval;
  private final AblateOptions options;
  private final RunDirectory ablation;

  private AblateStage(
      StageContext context,
      CrossvalOptions crossval,
      AblateOptions options,
      RunDirectory ablation) {
    this.context = context;
    this.crossval = crossval;
    this.options = options;
    this.ablation = ablation;
  }

  /** Runs what has not been run, then compares. */
  public static Manifest run(
      StageContext context, CrossvalOptions crossval, AblateOptions options) {
    if (crossval.protocol() != Protocol.INTER_PATIENT) {
      throw new UserException(
          "Cannot ablate with crossval.protocol = "
              + crossval.protocol().word()
              + ": differences between leaking figures mean nothing; set it to inter-patient");
    }
    RunDirectory ablation = context.run().below(FOLDER);
    // Other stages may work in the run itself meanwhile; nobody else on these folds.
    return Lease.holding(
        ablation,
        "ablate",
        LeaseOptions.of(context.settings()),
        () -> new AblateStage(context, crossval, options, ablation).run());
  }

  private Manifest run() {
    context.run().requireStage("transform");
    DisjointPatients.require(context, "ablate");
    Settings settings = context.settings();
    List<Integer> numbers = Folds.numbers(context, context.run(), crossval.folds());
    requireEnough(numbers);
    StagePlan plan =
        StagePlan.named(
                "ablate",
                options.arms().size()
                    + " arms, "
                    + options.seeds()
                    + " seeds, "
                    + numbers.size()
                    + " folds")
            .owns(Table.COMPARISONS)
            .owns("report")
            .reads(settings.flatten("ablate", "evaluate", "seed", "classes"));
    Map<Arm, List<List<Folds.Fold>>> folds = new EnumMap<>(Arm.class);
    for (int seed = 0; seed < options.seeds(); seed++) {
      for (Arm arm : options.arms()) {
        List<Folds.Fold> done = train(seed, arm, numbers);
        folds.computeIfAbsent(arm, a -> new ArrayList<>()).add(done);
        done.forEach(fold -> plan.input(fold.run(), "evaluate"));
      }
    }
    Manifest manifest =
        StageRunner.run(
            context.in(ablation, settings).replacing(),
            plan,
            output -> compare(output, numbers, folds));
    AblateFacts.LINES.require(manifest).forEach(line -> context.console().println("  " + line));
    context.console().println(PAPER);
    context.console().println("Report: " + ablation.path("report/comparison.html"));
    context.console().println("Research use only, not a medical device.");
    return manifest;
  }

  private void requireEnough(List<Integer> folds) {
    if (options.split() == AblateOptions.Split.ONE_FOLD_TRAINS && options.seeds() >= folds.size()) {
      throw new UserException(
          "Cannot ablate: "
              + options.seeds()
              + " seeds train on a fold each, and there are "
              + folds.size()
              + " folds; one or more must be left to measure on. Set rtcn.ablate.seeds lower, or"
              + " rtcn.split.folds higher before ingest");
    }
  }

  private List<Folds.Fold> train(int index, Arm arm, List<Integer> numbers) {
    boolean isCrossValidation = options.split() == AblateOptions.Split.CROSS_VALIDATION;
    long seed = context.settings().seed() + index;
    context.console().printf("%nseed %d, arm %s: %s%n", seed, arm.word(), arm.note());
    List<String> assignments = new ArrayList<>(arm.settings());
    assignments.add("seed=" + seed);
    assignments.add("evaluate.bootstrap-resamples=" + crossval.foldResamples());
    // Maps are looked at with a model of one's own, not in a comparison of hundreds.
    assignments.add("evaluate.gradcam-per-class=0");
    assignments.add("evaluate.twins-per-site=0");
    if (arm != options.arms().get(0) || (isCrossValidation && index > 0)) {
      // The same patients give the same baseline: once is enough.
      assignments.add("evaluate.baseline.components=0");
    }
    List<Folds.Split> splits =
        isCrossValidation
            ? numbers.stream().map(Folds.Split::holdingOut).toList()
            : List.of(Folds.Split.trainingOn(numbers.get(index), numbers));
    return new Folds(
            context, ablation.below("seed-" + seed).below(arm.word()), crossval.parallelFolds())
        .run(splits, arm.augmentation(), assignments.toArray(new String[0]));
  }

  private void compare(
      StageOutput output, List<Integer> numbers, Map<Arm, List<List<Folds.Fold>>> folds) {
    List<Comparison.Contender> contenders = new ArrayList<>();
    for (Arm arm : options.arms()) {
      List<VariantPredictions> seeds =
          folds.get(arm).stream().map(of -> measured(of, numbers)).toList();
      contenders.addAll(Comparison.atEveryPoint(arm.word(), arm.note(), seeds));
      if (arm == options.arms().get(0)) {
        // In a cross-validation no seed has a part in it.
        List<VariantPredictions> own =
            seeds.stream().filter(of -> !of.of(Variant.LOGISTIC, Level.PATIENT).isEmpty()).toList();
        contenders.addAll(
            Comparison.logistic(
                "on the median beat",
                own.size() == 1 ? Collections.nCopies(seeds.size(), own.get(0)) : own));
      }
    }
    Settings settings = context.settings();
    Comparison comparison =
        Comparison.of(settings.classes(), EvaluateOptions.of(settings), contenders);
    Optional<String> primary = primary(comparison);
    List<String> remarks = new ArrayList<>();
    primary.ifPresent(line -> remarks.add("Primary end point, named beforehand. " + line + "."));
    remarks.add(
        "Same folds, "
            + options.seeds()
            + (options.seeds() == 1 ? " seed" : " seeds")
            + ", equally many steps, one decision per held-out patient, "
            + numbers.size()
            + " folds"
            + (options.split() == AblateOptions.Split.CROSS_VALIDATION
                ? " held out in turn."
                : ": each seed trains on one, those on which none trains are measured."));
    remarks.add(PAPER);
    comparison.write(
        context.spark(),
        output,
        "report",
        "Ablation: what helps against classes of unequal size",
        remarks);
    List<String> lines = new ArrayList<>(comparison.lines());
    primary.ifPresent(line -> lines.add("primary end point: " + line));
    output.fact(AblateFacts.LINES, lines);
    primary.ifPresent(line -> output.fact(AblateFacts.PRIMARY, line));
  }

  /**
   * What the ablation was made to find out: macro AUROC of generated beats against recorded beats
   * seen more often, as trained.
   */
  private Optional<String> primary(Comparison comparison) {
    return options.arms().containsAll(List.of(Arm.DDPM, Arm.OVERSAMPLING))
        ? comparison.difference(FigureName.MACRO_AUROC, Arm.DDPM.word(), Arm.OVERSAMPLING.word())
        : Optional.empty();
  }

  /** The predictions of one training per fold that count. */
  private VariantPredictions measured(List<Folds.Fold> folds, List<Integer> numbers) {
    VariantPredictions all = Pooled.read(context, folds, LEVELS).predictions();
    if (options.split() == AblateOptions.Split.CROSS_VALIDATION) {
      return all;
    }
    Set<Integer> training = Set.copyOf(numbers.subList(0, options.seeds()));
    VariantPredictions measured = new VariantPredictions();
    for (Variant variant : all.variants()) {
      for (Level level : LEVELS) {
        measured.add(
            variant,
            level,
            all.of(variant, level).stream()
                .filter(row -> !training.contains(row.fold().orElseThrow()))
                .toList());
      }
    }
    return measured;
  }
}
