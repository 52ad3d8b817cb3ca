package org.rtcn.common.report;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.rtcn.common.ecg.InfarctSite;
import org.rtcn.common.metrics.ConfusionMatrix;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.ProbabilityMetrics.ReliabilityBin;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;

/**
 * Writes the report: one HTML page without scripts and without anything to load. The same data give
 * the same bytes.
 */
public final class ReportWriter {
  /** Points per ROC curve are thinned to this many: the page would grow with the beats. */
  private static final int MOST_ROC_POINTS = 300;

  private static final List<FigureName> CLASS_COLUMNS =
      List.of(
          FigureName.SENSITIVITY,
          FigureName.SPECIFICITY,
          FigureName.PPV,
          FigureName.NPV,
          FigureName.F1,
          FigureName.AUROC);

  private static final List<FigureName> SUMMARY_ROWS =
      List.of(
          FigureName.ACCURACY,
          FigureName.BALANCED_ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.MCC,
          FigureName.KAPPA,
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.MAJORITY_ACCURACY,
          FigureName.MAJORITY_BALANCED_ACCURACY);

  private final Configuration configuration;

  public ReportWriter() {
    configuration = Templates.configuration();
  }

  /** The page. */
  public String html(ReportData data) {
    Map<String, Object> model = new HashMap<>();
    model.put("data", data);
    model.put("headlines", Headline.of(data.headlineLevel()).stream().map(View::of).toList());
    model.put("headlineLevel", data.headlineLevel().level().word());
    model.put("counts", data.counts().stream().map(View::of).toList());
    model.put("flow", data.flow().stream().map(View::of).toList());
    model.put("classNames", classNames(data));
    List<Map<String, Object>> levels = new ArrayList<>();
    for (LevelEvaluation level : reversed(data.levels())) {
      levels.add(level(data, level));
    }
    model.put("levels", levels);
    model.put("detection", detection(reversed(data.levels())));
    model.put("training", trainingCharts(data));
    model.put(
        "workers",
        data.workers().stream()
            .map(
                worker ->
                    Map.of(
                        "name",
                        worker.name(),
                        "tasks",
                        Figures.count(worker.tasks()),
                        "seconds",
                        String.format(Locale.ROOT, "%.1f", worker.seconds())))
            .toList());
    model.put(
        "recording",
        data.recording()
            .map(
                r ->
                    Map.of(
                        "caption",
                        r.caption(),
                        "svg",
                        EcgDrawing.recording("recording", r.caption(), r.signal())))
            .orElse(null));
    model.put("examples", examples(data));
    model.put("gallery", gallery(data));
    try (StringWriter out = new StringWriter()) {
      configuration.getTemplate("report.ftlh").process(model, out);
      return out.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to write the report", e);
    } catch (TemplateException e) {
      throw new IllegalStateException("Failed to fill the report's template", e);
    }
  }

  private static List<Map<String, String>> classNames(ReportData data) {
    return data.classes().stream()
        .map(name -> Map.of("code", name, "words", className(name)))
        .toList();
  }

  private static String className(String code) {
    if (code.equals("HC")) {
      return "healthy control";
    }
    for (InfarctSite site : InfarctSite.values()) {
      if (site.name().equals(code)) {
        return site.description() + " infarction";
      }
    }
    return code;
  }

  private static Map<String, Object> level(ReportData data, LevelEvaluation level) {
    String word = level.level().word();
    Map<String, Object> view = new HashMap<>();
    view.put("name", word);
    view.put("total", Figures.count(level.matrix().total()));
    view.put("matrix", matrix(level.matrix()));
    view.put("columns", CLASS_COLUMNS.stream().map(ReportWriter::heading).toList());
    view.put(
        "classes",
        data.classes().stream()
            .map(
                name ->
                    Map.of(
                        "name",
                        name,
                        "n",
                        Figures.count(level.matrix().support(data.classes().indexOf(name))),
                        "cells",
                        CLASS_COLUMNS.stream().map(f -> cell(level.figure(f, name))).toList()))
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
                        cell(level.figure(f))))
            .toList());
    view.put("roc", roc(word, level));
    view.put("reliability", reliability(word, level));
    return view;
  }

  /** Short, with the long name to hover over. */
  private static Map<String, String> heading(FigureName name) {
    String brief =
        switch (name) {
          case PPV -> "PPV";
          case NPV -> "NPV";
          default -> name.label();
        };
    return Map.of("brief", brief, "full", name.label());
  }

  private static Map<String, Object> matrix(ConfusionMatrix matrix) {
    List<Object> rows = new ArrayList<>();
    for (int t = 0; t < matrix.classes().size(); t++) {
      List<Object> cells = new ArrayList<>();
      for (int p = 0; p < matrix.classes().size(); p++) {
        double fraction = matrix.rowFraction(t, p);
        double shade = Double.isNaN(fraction) ? 0 : fraction;
        int hue = t == p ? 0x0b4f6c : 0x9a3b00;
        int colour = ColourMap.mix(0xffffff, hue, 0.85 * shade);
        cells.add(
            Map.of(
                "count",
                Figures.count(matrix.count(t, p)),
                "percent",
                Figures.percent(fraction),
                "colour",
                ColourMap.css(colour),
                "light",
                ColourMap.wantsWhiteText(colour)));
      }
      rows.add(
          Map.of(
              "name",
              matrix.classes().get(t),
              "cells",
              cells,
              "support",
              Figures.count(matrix.support(t))));
    }
    return Map.of("classes", matrix.classes(), "rows", rows);
  }

  private static Map<String, String> cell(Optional<Figure> figure) {
    Interval interval = figure.map(Figure::interval).orElse(Interval.valueOnly(Double.NaN, 0));
    return Map.of(
        "value",
        Figures.three(interval.value()),
        "interval",
        interval.isDefined() && interval.hasBounds()
            ? Figures.three(interval.low()) + " to " + Figures.three(interval.high())
            : "");
  }

  /** A matrix per level, and one table with a column per level; without matrices: not measured. */
  private static Map<String, Object> detection(List<LevelEvaluation> levels) {
    List<Map<String, Object>> matrices = new ArrayList<>();
    for (LevelEvaluation level : levels) {
      level
          .detection()
          .ifPresent(
              m ->
                  matrices.add(
                      Map.of(
                          "level",
                          level.level().word(),
                          "total",
                          Figures.count(m.total()),
                          "matrix",
                          matrix(m))));
    }
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : FigureName.of(FigureName.Scope.DETECTION)) {
      rows.add(
          Map.of(
              "label",
              name.label(),
              "cells",
              levels.stream().map(level -> cell(level.figure(name))).toList()));
    }
    return Map.of("matrices", matrices, "rows", rows);
  }

  private static String roc(String word, LevelEvaluation level) {
    List<Chart.Series> series = new ArrayList<>();
    for (LevelEvaluation.ClassRoc curve : level.rocCurves()) {
      if (curve.points().isEmpty()) {
        continue;
      }
      List<RocPoint> points = thinned(curve.points());
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

  private static List<RocPoint> thinned(List<RocPoint> points) {
    if (points.size() <= MOST_ROC_POINTS) {
      return points;
    }
    return IntStream.range(0, MOST_ROC_POINTS)
        .mapToObj(i -> points.get((int) ((long) i * (points.size() - 1) / (MOST_ROC_POINTS - 1))))
        .toList();
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

  private static List<String> trainingCharts(ReportData data) {
    List<String> charts = new ArrayList<>();
    for (ReportData.TrainingChart chart : data.training()) {
      charts.add(
          new Chart("training-" + charts.size(), chart.title(), chart.xLabel(), chart.yLabel())
              .lines(
                  chart.curves().stream()
                      .map(c -> new Chart.Series(c.name(), c.x(), c.y()))
                      .toList(),
                  Chart.Form.LINE_AND_POINTS)
              .svg(520, 340));
    }
    return charts;
  }

  private static List<Map<String, Object>> examples(ReportData data) {
    List<Map<String, Object>> views = new ArrayList<>();
    for (ReportData.ExampleBeat beat : data.examples()) {
      String id = "example-" + views.size();
      boolean right = beat.truth().equals(beat.predicted());
      Map<String, Object> view = new HashMap<>();
      view.put("beatId", beat.beatId());
      view.put("truth", beat.truth());
      view.put("predicted", beat.predicted());
      view.put("probability", Figures.three(beat.probability()));
      view.put("right", right);
      view.put("lead", beat.spectrogram().lead());
      view.put(
          "ecg",
          EcgDrawing.beat(
              id + "-ecg",
              "Beat " + beat.beatId() + " in 12 leads",
              beat.window(),
              beat.rSample(),
              beat.importance().map(map -> attention(map, beat.spectrogram().columnMs()))));
      view.put("heat", HeatMap.magnitude(id + "-st", beat.spectrogram()));
      view.put(
          "cam",
          beat.importance()
              .map(map -> HeatMap.importance(id + "-cam", beat.spectrogram(), map))
              .orElse(""));
      views.add(view);
    }
    return views;
  }

  /** The importance of each moment: the mean over the frequencies, the highest made 1. */
  private static EcgDrawing.Attention attention(float[][] importance, float[] columnMs) {
    double[] means = new double[columnMs.length];
    double highest = 0;
    for (int c = 0; c < means.length; c++) {
      for (float[] row : importance) {
        means[c] += row[c] / importance.length;
      }
      highest = Math.max(highest, means[c]);
    }
    List<Double> times = new ArrayList<>();
    List<Double> weights = new ArrayList<>();
    for (int c = 0; c < means.length; c++) {
      times.add((double) columnMs[c]);
      weights.add(highest > 0 ? means[c] / highest : 0);
    }
    return new EcgDrawing.Attention(times, weights);
  }

  private static List<Map<String, Object>> gallery(ReportData data) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (ReportData.GalleryRow row : data.gallery()) {
      rows.add(
          Map.of(
              "className",
              row.className(),
              "words",
              className(row.className()),
              "real",
              gallery("real-" + rows.size(), "Real beat ", row.real()),
              "synthetic",
              gallery("synthetic-" + rows.size(), "Synthetic beat ", row.synthetic())));
    }
    return rows;
  }

  private static List<Map<String, String>> gallery(
      String id, String what, List<ReportData.GalleryBeat> beats) {
    List<Map<String, String>> views = new ArrayList<>();
    for (ReportData.GalleryBeat beat : beats) {
      views.add(
          Map.of(
              "id",
              beat.id(),
              "note",
              beat.note(),
              "svg",
              EcgDrawing.beat(
                  id + "-" + views.size(),
                  what + beat.id(),
                  beat.window(),
                  beat.rSample(),
                  Optional.empty())));
    }
    return views;
  }

  private static <T> List<T> reversed(Collection<T> values) {
    List<T> list = new ArrayList<>(values);
    Collections.reverse(list);
    return list;
  }

  /** Small views with numbers already written. */
  private static final class View {
    static Map<String, String> of(Headline headline) {
      return Map.of(
          "label",
          headline.label(),
          "value",
          Figures.three(headline.interval().value()),
          "interval",
          headline.interval().hasBounds()
              ? Figures.three(headline.interval().low())
                  + " to "
                  + Figures.three(headline.interval().high())
              : "no interval",
          "baseline",
          Figures.three(headline.baseline()),
          "baselineLabel",
          headline.baselineLabel());
    }

    static Map<String, String> of(ReportData.Count count) {
      return Map.of("name", count.name(), "value", Figures.count(count.value()));
    }

    static Map<String, Object> of(ReportData.FlowStep step) {
      return Map.of(
          "stage",
          step.stage(),
          "kept",
          step.kept().stream().map(View::of).toList(),
          "refused",
          step.refused().stream().map(View::of).toList());
    }
  }
}
