package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.metrics.Difference;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LevelEvaluation;

/** The page that sets several models beside each other. */
public final class ComparisonReport {
  /** What is compared, in the order of the page. */
  public static final List<FigureName> FIGURES =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.MACRO_AVERAGE_PRECISION,
          FigureName.MCC,
          FigureName.KAPPA,
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.DETECTION_BALANCED_ACCURACY,
          FigureName.DETECTION_ACCURACY,
          FigureName.DETECTION_SENSITIVITY,
          FigureName.DETECTION_SPECIFICITY,
          FigureName.DETECTION_AUROC,
          FigureName.DETECTION_AVERAGE_PRECISION);

  private static final List<FigureName> PLOTTED =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.MACRO_AUROC,
          FigureName.DETECTION_BALANCED_ACCURACY,
          FigureName.DETECTION_AUROC);

  /** Figures of the table that sets each against each. */
  public static final List<FigureName> PAIR_FIGURES =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.DETECTION_AUROC);

  private ComparisonReport() {}

  /**
   * One of those compared.
   *
   * @param name short
   * @param note what it is
   * @param cases how many decisions
   * @param evaluation its figures
   * @param differences from the first; empty for the first itself and where no case is shared
   */
  public record Contender(
      String name,
      String note,
      long cases,
      LevelEvaluation evaluation,
      List<Difference> differences) {
    public Contender {
      differences = List.copyOf(differences);
    }
  }

  /**
   * Two of those compared, neither the first.
   *
   * @param name whose figures come off better where the differences are above 0
   * @param reference the other
   */
  public record Pair(String name, String reference, List<Difference> differences) {
    public Pair {
      differences = List.copyOf(differences);
    }
  }

  /**
   * What the page shows.
   *
   * @param level what one decision is about, for example {@code patient}
   * @param pairs those beside the differences from the first
   * @param remarks to be read with the figures
   */
  public record Data(
      String title,
      String version,
      String created,
      boolean simulated,
      String level,
      List<Contender> contenders,
      List<Pair> pairs,
      List<String> remarks) {
    public Data {
      contenders = List.copyOf(contenders);
      pairs = List.copyOf(pairs);
      remarks = List.copyOf(remarks);
    }
  }

  /** The page. */
  public static String html(Data data) {
    Map<String, Object> model = new HashMap<>();
    model.put("data", data);
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : FIGURES) {
      List<Map<String, String>> cells = new ArrayList<>();
      for (Contender contender : data.contenders()) {
        cells.add(cell(contender.evaluation().figure(name).map(Figure::interval)));
      }
      rows.add(Map.of("label", label(name), "cells", cells));
    }
    model.put("rows", rows);
    List<Contender> others =
        data.contenders().stream().filter(c -> !c.differences().isEmpty()).toList();
    model.put("differenceNames", others.stream().map(Contender::name).toList());
    List<Map<String, Object>> differences = new ArrayList<>();
    for (FigureName name : others.isEmpty() ? List.<FigureName>of() : FIGURES) {
      List<Map<String, String>> cells = new ArrayList<>();
      for (Contender contender : others) {
        cells.add(cell(difference(contender.differences(), name)));
      }
      differences.add(Map.of("label", label(name), "cells", cells));
    }
    model.put("differences", differences);
    List<String> plots = new ArrayList<>();
    List<String> differencePlots = new ArrayList<>();
    for (FigureName name : PLOTTED) {
      Map<String, Interval> values = new LinkedHashMap<>();
      Map<String, Interval> changes = new LinkedHashMap<>();
      for (Contender contender : data.contenders()) {
        contender
            .evaluation()
            .figure(name)
            .map(Figure::interval)
            .filter(Interval::isDefined)
            .ifPresent(interval -> values.put(contender.name(), interval));
        difference(contender.differences(), name)
            .filter(Interval::isDefined)
            .ifPresent(interval -> changes.put(contender.name(), interval));
      }
      if (!values.isEmpty()) {
        plots.add(
            forest("figure-" + plots.size(), label(name), values)
                .limits("x", 0, 1)
                .svg(520, 130 + 34 * values.size()));
      }
      if (!changes.isEmpty()) {
        differencePlots.add(
            forest("difference-" + differencePlots.size(), label(name) + ", difference", changes)
                .verticalAt(0)
                .svg(520, 130 + 34 * changes.size()));
      }
    }
    model.put("pairNames", PAIR_FIGURES.stream().map(ComparisonReport::label).toList());
    model.put(
        "pairs",
        data.pairs().stream()
            .map(
                pair ->
                    Map.of(
                        "label",
                        pair.name() + " against " + pair.reference(),
                        "cells",
                        PAIR_FIGURES.stream()
                            .map(name -> cell(difference(pair.differences(), name)))
                            .toList()))
            .toList());
    model.put("plots", plots);
    model.put("differencePlots", differencePlots);
    return Templates.fill("comparison.ftlh", model);
  }

  private static Chart forest(String id, String title, Map<String, Interval> intervals) {
    List<Chart.Range> ranges = new ArrayList<>();
    intervals.forEach((name, i) -> ranges.add(new Chart.Range(name, i.value(), i.low(), i.high())));
    return new Chart(id, title, "", "").ranges(ranges);
  }

  private static Optional<Interval> difference(List<Difference> differences, FigureName name) {
    return differences.stream()
        .filter(d -> d.name() == name && d.className().isEmpty())
        .map(Difference::interval)
        .findFirst();
  }

  private static String label(FigureName name) {
    return name.scope() == FigureName.Scope.DETECTION
        ? "Detection of MI: "
            + name.label()
                .toLowerCase(java.util.Locale.ROOT)
                .replace("auroc", "AUROC")
                .replace("auprc", "AUPRC")
        : name.label();
  }

  private static Map<String, String> cell(Optional<Interval> figure) {
    Interval interval = figure.orElse(Interval.valueOnly(Double.NaN, 0));
    return Map.of(
        "value",
        Figures.three(interval.value()),
        "interval",
        interval.isDefined() && interval.hasBounds()
            ? Figures.three(interval.low()) + " to " + Figures.three(interval.high())
            : "");
  }
}
