package org.rtcn.jobs.ablate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rtcn.common.config.Settings;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.compare.Comparison;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.crossval.Folds;
import org.rtcn.jobs.crossval.Pooled;
import org.rtcn.jobs.crossval.Protocol;
import org.rtcn.jobs.evaluate.DisjointPatients;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.Evaluation;
import org.rtcn.jobs.run.Lease;
import org.rtcn.jobs.run.LeaseOptions;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Cross-validates every arm on the same folds with the same seed, and sets each against the first
 * by the paired patient bootstrap. Below {@code RUN/ablation}: a folder per arm with a run per
 * fold, and the comparison.
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

  private AblateStage() {}

  /**
   * Runs what has not been run, then compares.
   *
   * @param arms two or more; the first is what the others are set against
   */
  public static Manifest run(StageContext context, CrossvalOptions crossval, List<Arm> arms) {
    if (crossval.protocol() != Protocol.INTER_PATIENT) {
      throw new org.rtcn.common.error.UserException(
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
        () -> run(context, crossval, arms, ablation));
  }

  private static Manifest run(
      StageContext context, CrossvalOptions crossval, List<Arm> arms, RunDirectory ablation) {
    context.run().requireStage("transform");
    DisjointPatients.require(context, "ablate");
    Settings settings = context.settings();
    List<Integer> numbers = Folds.numbers(context, context.run(), crossval.folds());
    EvaluateOptions options = EvaluateOptions.of(settings);
    Map<Arm, List<Folds.Fold>> folds = new EnumMap<>(Arm.class);
    StagePlan plan =
        StagePlan.named("ablate", arms.size() + " arms on " + numbers.size() + " folds")
            .owns(Table.COMPARISONS)
            .owns("report")
            .reads(settings.flatten("ablate", "evaluate", "seed", "classes"));
    for (Arm arm : arms) {
      context.console().printf("%narm %s: %s%n", arm.word(), arm.note());
      List<String> assignments = new ArrayList<>(arm.settings());
      assignments.add("evaluate.bootstrap-resamples=" + crossval.foldResamples());
      if (arm != arms.get(0)) {
        // The same patients give the same baseline: once is enough.
        assignments.add("evaluate.baseline.components=0");
      }
      List<Folds.Fold> done =
          new Folds(context, ablation.below(arm.word()), crossval.parallelFolds())
              .run(numbers, arm.augmentation(), assignments.toArray(new String[0]));
      folds.put(arm, done);
      done.forEach(fold -> plan.input(fold.run(), "evaluate"));
    }
    Manifest manifest =
        StageRunner.run(
            context.in(ablation, settings).replacing(),
            plan,
            output -> {
              List<Comparison.Contender> contenders = new ArrayList<>();
              for (Arm arm : arms) {
                Evaluation evaluation = Pooled.of(context, options, folds.get(arm), LEVELS);
                contenders.add(
                    new Comparison.Contender(
                        arm.word(), arm.note(), levels(evaluation, Variant.AS_TRAINED)));
                Map<Level, List<Prediction>> logistic = levels(evaluation, Variant.LOGISTIC);
                if (arm == arms.get(0) && !logistic.get(Level.PATIENT).isEmpty()) {
                  contenders.add(
                      new Comparison.Contender(
                          "logistic regression", Variant.LOGISTIC.label(), logistic));
                }
              }
              Comparison comparison = Comparison.of(settings.classes(), options, contenders);
              comparison.write(
                  context.spark(),
                  output,
                  "report",
                  "Ablation: what helps against classes of unequal size",
                  List.of(
                      "Same folds, same seed, one decision per held-out patient, "
                          + numbers.size()
                          + " folds.",
                      PAPER));
              output.fact("lines", comparison.lines());
            });
    if (manifest.facts().get("lines") instanceof List<?> lines) {
      lines.forEach(line -> context.console().println("  " + line));
    }
    context.console().println(PAPER);
    context.console().println("Report: " + ablation.path("report/comparison.html"));
    context.console().println("Research use only, not a medical device.");
    return manifest;
  }

  private static Map<Level, List<Prediction>> levels(Evaluation evaluation, Variant variant) {
    Map<Level, List<Prediction>> rows = new EnumMap<>(Level.class);
    for (Level level : LEVELS) {
      rows.put(level, evaluation.predictions().of(variant, level));
    }
    return rows;
  }
}
