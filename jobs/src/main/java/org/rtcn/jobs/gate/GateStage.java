package org.rtcn.jobs.gate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.predict.PredictFacts;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Judges what predict has written: is too much refused or unanswered, and are recordings and
 * answers like those of earlier nights? The table {@code gate} and the manifest say so whether the
 * gate is open or closed.
 */
public final class GateStage {
  private static final String OPEN = "open";
  private static final String CLOSED = "closed";

  private GateStage() {}

  /**
   * Runs the stage.
   *
   * @param against earlier runs, in any order; those whose gate was open are together what this run
   *     is compared with, the others are left out
   * @throws UserException if the gate is closed, after the table was written
   */
  public static Manifest run(StageContext context, GateOptions options, List<String> against) {
    RunDirectory run = context.run();
    Manifest predicted = run.requireStage("predict");
    String model = PredictFacts.MODEL_ID.require(predicted);
    StagePlan plan =
        StagePlan.named("gate", "rejects, recordings and answers against earlier nights")
            .owns(Table.GATE)
            .reads(context.settings().flatten("gate"))
            .input(run, "predict");
    List<RunDirectory> judged = judged(context, against);
    List<RunDirectory> earlier = judged.stream().filter(GateStage::isOpen).toList();
    plan.input("earlier runs", identities(earlier));
    plan.input("earlier runs whose gate is closed", identities(judged) + " " + earlier.isEmpty());
    Manifest manifest =
        StageRunner.run(
            context.replacing(),
            plan,
            output -> {
              List<Judgement> judgements = judge(context, options, model, earlier);
              List<Row> rows =
                  judgements.stream()
                      .map(judgement -> row(judgement, model, predicted.simulated()))
                      .toList();
              output.write(
                  Table.GATE,
                  context.spark().createDataFrame(rows, Table.GATE.schema()).coalesce(1));
              List<String> reasons =
                  Stream.concat(
                          nothingToCompareWith(judged, earlier).stream(),
                          judgements.stream()
                              .filter(judgement -> judgement.verdict() == Judgement.Verdict.FAIL)
                              .map(Judgement::detail))
                      .toList();
              for (Judgement.Verdict verdict : Judgement.Verdict.values()) {
                output.count(
                    "figures." + verdict.word(),
                    judgements.stream().filter(one -> one.verdict() == verdict).count());
              }
              output.count("earlier_runs", earlier.size());
              output.fact(GateFacts.STATE, reasons.isEmpty() ? OPEN : CLOSED);
              output.fact(GateFacts.REASONS, reasons);
              output.fact(GateFacts.SAID, judgements.stream().map(Judgement::detail).toList());
              output.simulated(Boolean.TRUE.equals(predicted.simulated()));
            });
    report(context, manifest);
    return manifest;
  }

  /**
   * A fault that lasts closes one night after the other. Once no other is left to compare with, it
   * would pass.
   */
  private static Optional<String> nothingToCompareWith(
      List<RunDirectory> judged, List<RunDirectory> earlier) {
    return judged.isEmpty() || !earlier.isEmpty()
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "of the %d earlier nights none passed its gate, so there is nothing to compare"
                    + " with",
                judged.size()));
  }

  /** The earlier runs that have been at their gates. */
  private static List<RunDirectory> judged(StageContext context, List<String> against) {
    List<RunDirectory> judged = new ArrayList<>();
    for (String location : new LinkedHashSet<>(against)) {
      RunDirectory run =
          RunDirectory.at(location, context.spark().sparkContext().hadoopConfiguration());
      if (run.root().equals(context.run().root())) {
        throw new UserException(
            "Cannot judge " + run.root() + " against itself: give earlier runs to --against");
      }
      if (run.current("gate").isPresent()) {
        judged.add(run);
      } else {
        context.console().println("  not compared with " + location + ": no gate was run there");
      }
    }
    return judged;
  }

  private static boolean isOpen(RunDirectory run) {
    return run.current("gate")
        .filter(gate -> OPEN.equals(GateFacts.STATE.require(gate)))
        .isPresent();
  }

  private static String identities(List<RunDirectory> runs) {
    return runs.stream()
        .map(run -> run.requireStage("gate").identity())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private static List<Judgement> judge(
      StageContext context, GateOptions options, String model, List<RunDirectory> earlier) {
    List<Figure> night = new NightFigures(context.spark(), context.run()).read();
    Map<String, Figure> reference = reference(context, model, earlier);
    long compared = night.stream().filter(figure -> figure.kind() != Figure.Kind.SHARE).count();
    List<Judgement> judgements = new ArrayList<>();
    for (Figure figure : night) {
      judgements.add(
          figure.kind() == Figure.Kind.SHARE
              ? Judgement.ofShare(
                  figure,
                  figure.name().equals(Figure.REJECTS)
                      ? options.maxRejectsShare()
                      : options.maxUnansweredShare())
              // Bonferroni: all figures together close the gate by chance as rarely as stated.
              : Judgement.ofDrift(
                  figure,
                  reference.get(figure.name()),
                  options,
                  options.significance() / compared));
    }
    return judgements;
  }

  /** Figures by name, added up; answers of another model are no reference for this one's. */
  private static Map<String, Figure> reference(
      StageContext context, String model, List<RunDirectory> earlier) {
    Map<String, Figure> sums = new HashMap<>();
    for (RunDirectory run : earlier) {
      for (Row row : run.read(context.spark(), Table.GATE).collectAsList()) {
        Figure figure =
            new Figure(
                row.getAs("name"),
                Figure.Kind.valueOf(row.<String>getAs("kind").toUpperCase(Locale.ROOT)),
                row.getList(row.fieldIndex("bins")),
                row.<Integer>getList(row.fieldIndex("bin_counts")).stream()
                    .map(Integer::longValue)
                    .toList());
        if (!figure.isOfAnswers() || model.equals(row.getAs("model_id"))) {
          sums.merge(figure.name(), figure, Figure::plus);
        }
      }
    }
    return sums;
  }

  private static Row row(Judgement judgement, String model, Boolean simulated) {
    Figure figure = judgement.figure();
    Figure reference = judgement.reference();
    boolean compared = judgement.drift() != null;
    return RowFactory.create(
        figure.name(),
        figure.kind().name().toLowerCase(Locale.ROOT),
        model,
        figure.value(),
        reference == null ? null : (Double) reference.value(),
        figure.n(),
        reference == null ? 0L : reference.n(),
        compared ? (Double) judgement.drift().distance() : null,
        compared ? (Double) judgement.drift().pValue() : null,
        judgement.limit(),
        judgement.verdict().word(),
        judgement.detail(),
        figure.bins().toArray(new String[0]),
        figure.counts().stream().map(Math::toIntExact).toArray(),
        Boolean.TRUE.equals(simulated));
  }

  private static void report(StageContext context, Manifest manifest) {
    GateFacts.SAID.require(manifest).forEach(line -> context.console().println("  " + line));
    List<String> reasons = GateFacts.REASONS.require(manifest);
    if (!reasons.isEmpty()) {
      throw new UserException(
          String.format(
              "Cannot let %s pass: %s. Look at it; where it is to pass all the same, run rtcn gate"
                  + " again with other limits (rtcn.gate)",
              context.run().root(), String.join("; ", reasons)));
    }
    context.console().println("The gate is open: " + context.run().root());
  }
}
