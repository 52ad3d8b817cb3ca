package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.ProbabilityMetrics.ReliabilityBin;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;

/**
 * What was measured of the classes.
 *
 * @param classes the model's classes in order
 * @param levels one per level, at least one; the last is the headline's
 */
public record ResultsSection(List<String> classes, List<LevelEvaluation> levels)
    implements Section {
  private static final List<FigureName> CLASS_COLUMNS =
      List.of(
          FigureName.SENSITIVITY,
          FigureName.SPECIFICITY,
          FigureName.PPV,
          FigureName.NPV,
          FigureName.F1,
          FigureName.CLASS_ACCURACY,
          FigureName.AUROC,
          FigureName.AVERAGE_PRECISION);

  private static final List<FigureName> SUMMARY_ROWS =
      List.of(
          FigureName.ACCURACY,
          FigureName.BALANCED_ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.MACRO_AVERAGE_PRECISION,
          FigureName.MCC,
          FigureName.KAPPA,
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.MAJORITY_ACCURACY,
          FigureName.MAJORITY_BALANCED_ACCURACY);

  /**
   * @throws IllegalArgumentException if there is no level
   */
  public ResultsSection {
    classes = List.copyOf(classes);
    levels = List.copyOf(levels);
    if (levels.isEmpty()) {
      throw new IllegalArgumentException("Invalid report: needs one evaluated level or more");
    }
  }

  @Override
  public String id() {
    return "results";
  }

  @Override
  public String heading() {
    return "Which infarct, if any";
  }

  @Override
  public String html() {
    return Templates.fill(
        "results.ftlh",
        Map.of("levels", Views.reversed(levels).stream().map(this::level).toList()));
  }

  private Map<String, Object> level(LevelEvaluation level) {
    String word = level.level().word();
    Map<String, Object> view = new HashMap<>();
    view.put("name", word);
    view.put("total", Figures.count(level.matrix().total()));
    view.put("matrix", Views.matrix(level.matrix()));
    view.put("columns", CLASS_COLUMNS.stream().map(Views::heading).toList());
    view.put(
        "classes",
        classes.stream()
            .map(
                name ->
                    Map.of(
                        "name",
                        name,
                        "n",
                        Figures.count(level.matrix().support(classes.indexOf(name))),
                        "cells",
                        CLASS_COLUMNS.stream()
                            .map(f -> Views.cell(level.figure(f, name)))
                            .toList()))
            .toList());
    view.put(
        "summary",
        SUMMARY_ROWS.stream()
            .map(
                f ->
                    Map.of(
                        "label",
                        f == FigureName.MAJORITY_ACCURACY
                                || f == FigureName.MAJORITY_BALANCED_ACCURACY
                            ? f.label() + " (" + level.baselineClass() + ")"
                            : f.label(),
                        "cell",
                        Views.cell(level.figure(f))))
            .toList());
    view.put("roc", roc(word, level));
    view.put("reliability", reliability(word, level));
    return view;
  }

  private static String roc(String word, LevelEvaluation level) {
    List<Chart.Series> series = new ArrayList<>();
    for (LevelEvaluation.ClassRoc curve : level.rocCurves()) {
      if (curve.points().isEmpty()) {
        continue;
      }
      List<RocPoint> points = Views.thinned(curve.points());
      double auroc =
          level
              .figure(FigureName.AUROC, curve.className())
              .map(f -> f.interval().value())
              .orElse(Double.NaN);
      series.add(
          new Chart.Series(
              curve.className() + " " + Figures.three(auroc),
              points.stream().map(RocPoint::falsePositiveRate).toList(),
              points.stream().map(RocPoint::truePositiveRate).toList()));
    }
    return series.isEmpty()
        ? ""
        : new Chart(
                "roc-" + word,
                "ROC, one class against the others",
                "1 - specificity",
                "sensitivity")
            .diagonal()
            .lines(series, Chart.Form.LINE)
            .limits("x", 0, 1)
            .limits("y", 0, 1)
            .svg(460, 420);
  }

  private static String reliability(String word, LevelEvaluation level) {
    List<ReliabilityBin> bins =
        level.reliability().stream().filter(bin -> bin.count() > 0).toList();
    return bins.isEmpty()
        ? ""
        : new Chart(
                "reliability-" + word,
                "Calibration of the answer",
                "mean probability of the answer",
                "fraction right")
            .diagonal()
            .lines(
                List.of(
                    new Chart.Series(
                        "answers, by probability",
                        bins.stream().map(ReliabilityBin::confidence).toList(),
                        bins.stream().map(ReliabilityBin::accuracy).toList())),
                Chart.Form.LINE_AND_POINTS)
            .limits("x", 0, 1)
            .limits("y", 0, 1)
            .svg(460, 420);
  }
}
