package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.metrics.Difference;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;

/**
 * Several models side by side at one operating point.
 *
 * @param number of the point on its page, from 1
 * @param title what the point is
 * @param contenders the first is what the others are set against
 * @param pairs further differences
 * @param level what one decision is about, for example {@code patient}
 * @param over what intervals are over, for example "patients"
 */
public record PointSection(
    int number,
    String title,
    List<Contender> contenders,
    List<Pair> pairs,
    String level,
    String over)
    implements Section {
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
          FigureName.DETECTION_AVERAGE_PRECISION,
          FigureName.DETECTION_SENSITIVITY_AT_SPECIFICITY_90);

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
          FigureName.BRIER,
          FigureName.DETECTION_AUROC,
          FigureName.DETECTION_SENSITIVITY_AT_SPECIFICITY_90);

  /**
   * One of those compared.
   *
   * @param name short
   * @param note what it is
   * @param cases how many decisions
   * @param figures its figures
   * @param differences from the first; empty for the first itself and where no case is shared
   */
  public record Contender(
      String name, String note, long cases, List<Figure> figures, List<Difference> differences) {
    public Contender {
      figures = List.copyOf(figures);
      differences = List.copyOf(differences);
    }

    /** A figure of all classes together. */
    public Optional<Interval> figure(FigureName name) {
      return figures.stream()
          .filter(figure -> figure.name() == name && figure.className().isEmpty())
          .map(Figure::interval)
          .findFirst();
    }
  }

  /**
   * Two of those compared.
   *
   * @param name whose figures come off better where the differences are above 0
   * @param reference the other
   */
  public record Pair(String name, String reference, List<Difference> differences) {
    public Pair {
      differences = List.copyOf(differences);
    }
  }

  public PointSection {
    contenders = List.copyOf(contenders);
    pairs = List.copyOf(pairs);
  }

  @Override
  public String id() {
    return "point" + number;
  }

  @Override
  public String heading() {
    return title.substring(0, 1).toUpperCase(Locale.ROOT)
        + title.substring(1)
        + ": figures per "
        + level
        + ", 95 % intervals over "
        + over;
  }

  @Override
  public String html() {
    return Templates.fill("point.ftlh", view());
  }

  private Map<String, Object> view() {
    List<Contender> others = contenders.stream().filter(c -> !c.differences().isEmpty()).toList();
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Map<String, Object>> differences = new ArrayList<>();
    for (FigureName name : FIGURES) {
      rows.add(
          row(label(name), contenders.stream().map(contender -> contender.figure(name)).toList()));
      if (!others.isEmpty()) {
        differences.add(
            row(
                label(name),
                others.stream().map(other -> difference(other.differences(), name)).toList()));
      }
    }
    Map<String, Object> model = new HashMap<>();
    model.put("over", over);
    model.put("first", number == 1);
    model.put("pairNames", PAIR_FIGURES.stream().map(PointSection::label).toList());
    model.put("contenders", contenders);
    model.put("rows", rows);
    model.put("differences", differences);
    model.put("differenceNames", others.stream().map(Contender::name).toList());
    model.put(
        "pairs",
        pairs.stream()
            .map(
                pair ->
                    row(
                        pair.name() + " against " + pair.reference(),
                        PAIR_FIGURES.stream()
                            .map(name -> difference(pair.differences(), name))
                            .toList()))
            .toList());
    plots(model);
    return model;
  }

  private static Map<String, Object> row(String label, List<Optional<Interval>> figures) {
    return Map.of("label", label, "cells", figures.stream().map(Views::intervalCell).toList());
  }

  private void plots(Map<String, Object> model) {
    List<String> plots = new ArrayList<>();
    List<String> differencePlots = new ArrayList<>();
    for (FigureName name : PLOTTED) {
      Map<String, Interval> values = new LinkedHashMap<>();
      Map<String, Interval> changes = new LinkedHashMap<>();
      for (Contender contender : contenders) {
        contender
            .figure(name)
            .filter(Interval::isDefined)
            .ifPresent(interval -> values.put(contender.name(), interval));
        difference(contender.differences(), name)
            .filter(Interval::isDefined)
            .ifPresent(interval -> changes.put(contender.name(), interval));
      }
      if (!values.isEmpty()) {
        plots.add(
            forest(id() + "-figure-" + plots.size(), label(name), values)
                .limits("x", 0, 1)
                .svg(520, 130 + 34 * values.size()));
      }
      if (!changes.isEmpty()) {
        differencePlots.add(
            forest(
                    id() + "-difference-" + differencePlots.size(),
                    label(name) + ", difference",
                    changes)
                .verticalAt(0)
                .svg(520, 130 + 34 * changes.size()));
      }
    }
    model.put("plots", plots);
    model.put("differencePlots", differencePlots);
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
                .toLowerCase(Locale.ROOT)
                .replace("auroc", "AUROC")
                .replace("auprc", "AUPRC")
        : name.label();
  }
}
