package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LevelEvaluation;

/**
 * A headline figure beside what guessing would give: the same lines on the page and on the console.
 *
 * @param label for example "Balanced accuracy"
 * @param level for example "patient"
 * @param interval the figure
 * @param baseline what the baseline gives; NaN where not defined
 * @param baselineLabel for example "always HC"
 */
public record Headline(
    String label, String level, Interval interval, double baseline, String baselineLabel) {

  /** The headline figures of a level. Figures that were not measured are left out. */
  public static List<Headline> of(LevelEvaluation evaluation) {
    String always = "always " + evaluation.baselineClass();
    List<Headline> lines = new ArrayList<>();
    add(
        lines,
        evaluation,
        FigureName.BALANCED_ACCURACY,
        "Balanced accuracy",
        FigureName.MAJORITY_BALANCED_ACCURACY,
        always);
    add(lines, evaluation, FigureName.ACCURACY, "Accuracy", FigureName.MAJORITY_ACCURACY, always);
    evaluation
        .figure(FigureName.MACRO_AUROC)
        .ifPresent(
            figure ->
                lines.add(
                    new Headline(
                        "Macro AUROC",
                        evaluation.level().word(),
                        figure.interval(),
                        0.5,
                        "chance")));
    evaluation
        .figure(FigureName.DETECTION_AUROC)
        .ifPresent(
            figure ->
                lines.add(
                    new Headline(
                        "Detection of MI, AUROC",
                        evaluation.level().word(),
                        figure.interval(),
                        0.5,
                        "chance")));
    return List.copyOf(lines);
  }

  private static void add(
      List<Headline> lines,
      LevelEvaluation evaluation,
      FigureName name,
      String label,
      FigureName baseline,
      String baselineLabel) {
    Optional<Double> base = evaluation.figure(baseline).map(figure -> figure.interval().value());
    evaluation
        .figure(name)
        .ifPresent(
            figure ->
                lines.add(
                    new Headline(
                        label,
                        evaluation.level().word(),
                        figure.interval(),
                        base.orElse(Double.NaN),
                        baselineLabel)));
  }

  /** One line for the console, for example {@code Accuracy 0.731 [0.650, 0.808] ...}. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%-22s %s  [%s, %s]   %s: %s",
        label,
        Figures.three(interval.value()),
        Figures.three(interval.low()),
        Figures.three(interval.high()),
        baselineLabel,
        Figures.three(baseline));
  }
}
