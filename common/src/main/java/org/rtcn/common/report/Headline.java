package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Variant;

/**
 * A headline figure next to what guessing would give: the same lines on the page and on the
 * console.
 *
 * @param label for example "Balanced accuracy"
 * @param level for example "patient"
 * @param interval the figure
 * @param baseline what the baseline gives; NaN where not defined
 * @param baselineLabel for example "always HC"
 * @param beside the same figure of other answers to the same patients, by name
 */
public record Headline(
    String label,
    String level,
    Interval interval,
    double baseline,
    String baselineLabel,
    Map<String, Interval> beside) {

  public Headline {
    // In the order of insertion: Map.copyOf has none.
    beside = Collections.unmodifiableMap(new LinkedHashMap<>(beside));
  }

  /**
   * The headline figures of a level with the same figures of rules and baselines.
   *
   * @param variants the same level of each variant that was measured
   */
  public static List<Headline> of(
      LevelEvaluation evaluation, Map<Variant, LevelEvaluation> variants) {
    return of(evaluation).stream().map(line -> line.with(variants)).toList();
  }

  private Headline with(Map<Variant, LevelEvaluation> variants) {
    FigureName name =
        NAMES.entrySet().stream()
            .filter(entry -> entry.getValue().equals(label))
            .findFirst()
            .orElseThrow()
            .getKey();
    Map<String, Interval> found = new LinkedHashMap<>();
    BESIDE.forEach(
        (variant, words) -> {
          LevelEvaluation other = variants.get(variant);
          boolean tells =
              variant == Variant.LOGISTIC
                  || (variant == Variant.BALANCED
                      && (name == FigureName.BALANCED_ACCURACY || name == FigureName.ACCURACY));
          if (other != null && tells) {
            other.figure(name).ifPresent(figure -> found.put(words, figure.interval()));
          }
        });
    return new Headline(label, level, interval, baseline, baselineLabel, found);
  }

  private static final Map<FigureName, String> NAMES =
      Map.of(
          FigureName.BALANCED_ACCURACY, "Balanced accuracy",
          FigureName.ACCURACY, "Accuracy",
          FigureName.MACRO_AUROC, "Macro AUROC",
          FigureName.DETECTION_AUROC, "Detection of MI, AUROC");

  private static final Map<Variant, String> BESIDE = new EnumMap<>(Variant.class);

  static {
    BESIDE.put(Variant.BALANCED, "decided with validation offsets");
    BESIDE.put(Variant.LOGISTIC, "logistic regression");
  }

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
                        "chance",
                        Map.of())));
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
                        "chance",
                        Map.of())));
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
                        baselineLabel,
                        Map.of())));
  }

  /** One line for the console, for example {@code Accuracy 0.731 [0.650, 0.808] ...}. */
  public String line() {
    StringBuilder others = new StringBuilder();
    beside.forEach(
        (name, other) ->
            others.append("   ").append(name).append(": ").append(Figures.three(other.value())));
    return String.format(
        Locale.ROOT,
        "%-22s %s  [%s, %s]   %s: %s%s",
        label,
        Figures.three(interval.value()),
        Figures.three(interval.low()),
        Figures.three(interval.high()),
        baselineLabel,
        Figures.three(baseline),
        others);
  }
}
