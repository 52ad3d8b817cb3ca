package org.rtcn.jobs.crossval;

import static org.apache.spark.sql.functions.lit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.evaluate.DisjointPatients;
import org.rtcn.jobs.evaluate.EvaluateFacts;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.EvaluateStage;
import org.rtcn.jobs.evaluate.Evaluation;
import org.rtcn.jobs.evaluate.ReportAssembler;
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
 * k-fold cross-validation over patients: {@code spectrograms}, {@code beats} and {@code splits} in;
 * per fold a model and its figures; predictions, metrics and a report of all folds together out,
 * below {@code RUN/crossval}.
 */
public final class CrossvalStage {
  /** Where the folds and their common result lie, below the run. */
  public static final String FOLDER = "crossval";

  /** The same for beats assigned to folds one by one: its name says what it is. */
  public static final String LEAKING_FOLDER = "crossval-intra-patient-leaking";

  private CrossvalStage() {}

  /**
   * Runs all folds that have not been run, then measures them together.
   *
   * @throws UserException if a patient stands in two folds
   */
  public static Manifest run(StageContext context, CrossvalOptions options) {
    boolean leaking = options.protocol() == Protocol.INTRA_PATIENT_LEAKING;
    RunDirectory base = context.run().below(leaking ? LEAKING_FOLDER : FOLDER);
    // Other stages may work in the run itself meanwhile; nobody else on these folds.
    return Lease.holding(
        base,
        "crossval",
        LeaseOptions.of(context.settings()),
        () -> run(context, options, leaking));
  }

  private static Manifest run(StageContext context, CrossvalOptions options, boolean leaking) {
    context.run().requireStage("transform");
    DisjointPatients.require(context, "cross-validate");
    List<Integer> wanted = Folds.numbers(context, context.run(), options.folds());
    RunDirectory base =
        leaking
            ? LeakingSplit.make(context, LEAKING_FOLDER, wanted.size())
            : context.run().below(FOLDER);
    List<Integer> numbers = leaking ? Folds.numbers(context, base, List.of()) : wanted;
    Settings settings = context.settings();
    List<Folds.Fold> folds =
        new Folds(context, base, options.parallelFolds())
            .run(
                numbers.stream().map(Folds.Split::holdingOut).toList(),
                options.augmentation(),
                "evaluate.bootstrap-resamples=" + options.foldResamples());

    EvaluateOptions evaluate = EvaluateOptions.of(settings);
    StagePlan plan =
        StagePlan.named("crossval", numbers.size() + " folds measured together")
            .owns(
                Table.PREDICTIONS,
                Table.PREDICTION_VARIANTS,
                Table.METRICS,
                Table.BOOTSTRAP,
                Table.GRADCAM)
            .owns("report")
            .reads(settings.flatten("evaluate", "seed", "classes"))
            .input(context.run(), "transform");
    for (Folds.Fold fold : folds) {
      plan.input(fold.run(), "evaluate");
    }
    StageContext pooled = context.in(base, settings).replacing();
    Manifest manifest =
        StageRunner.run(pooled, plan, output -> measure(pooled, options, evaluate, folds, output));
    if (leaking) {
      context
          .console()
          .println(
              "INTRA-PATIENT, LEAKING: the model has learned other beats of the same patients."
                  + " These figures say nothing about new patients.");
    }
    EvaluateStage.printHeadlines(pooled, manifest, CrossvalFacts.HEADLINES);
    return manifest;
  }

  /** A fold's maps; where folds show different kinds, those in log odds alone. */
  private static Dataset<Row> explained(StageContext context, Folds.Fold fold, Set<MapKind> kinds) {
    Dataset<Row> rows = fold.run().read(context.spark(), Table.GRADCAM);
    return kinds.size() == 1 || CrossvalReport.map(fold) == MapKind.LEAD_SEGMENT
        ? rows
        : rows.withColumn(
            "lead_segment", lit(null).cast(rows.schema().apply("lead_segment").dataType()));
  }

  private static void measure(
      StageContext context,
      CrossvalOptions options,
      EvaluateOptions evaluate,
      List<Folds.Fold> folds,
      StageOutput output) {
    Evaluation evaluation = Pooled.of(context, evaluate, folds);
    evaluation.write(context.spark(), output, Pooled.beats(context, folds, evaluation));
    Set<MapKind> kinds = folds.stream().map(CrossvalReport::map).collect(Collectors.toSet());
    folds.stream()
        .map(fold -> explained(context, fold, kinds))
        .reduce(Dataset::union)
        .ifPresent(all -> output.write(Table.GRADCAM, all.coalesce(1)));
    output.write(
        EvaluateStage.METRICS_JSON,
        EvaluateStage.json(
            evaluation,
            Map.of("protocol", options.protocol().word(), "folds", Pooled.foldFacts(folds))));
    output.count("folds", folds.size());
    output.count("beats.kept", evaluation.predictions().of(Variant.AS_TRAINED, Level.BEAT).size());
    output.count("records", evaluation.predictions().of(Variant.AS_TRAINED, Level.RECORD).size());
    output.count(
        "patients.kept", evaluation.predictions().of(Variant.AS_TRAINED, Level.PATIENT).size());
    if (!evaluation.conflicting().isEmpty()) {
      output.count("patients.refused.CONFLICTING_LABELS", evaluation.conflicting().size());
    }
    output.simulated(evaluation.simulated());
    output.fact(CrossvalFacts.MODEL_ID, evaluation.modelId());
    output.fact(CrossvalFacts.PROTOCOL, options.protocol().word());
    output.fact(CrossvalFacts.HEADLINES, EvaluateFacts.HeadlineFact.of(evaluation));
    ReportAssembler.Made page =
        CrossvalReport.made(
            context,
            evaluate,
            options,
            evaluation,
            folds,
            output.counts(),
            output.staged(context.spark(), Table.GRADCAM));
    output.fact(CrossvalFacts.CHECKLIST, page.checklist());
    output.write(EvaluateStage.REPORT, page.html().getBytes(StandardCharsets.UTF_8));
  }
}
