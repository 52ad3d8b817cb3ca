package org.rtcn.common.report;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.rtcn.common.ecg.InfarctSite;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.Segment;
import org.rtcn.common.metrics.ConfusionMatrix;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.ProbabilityMetrics.ReliabilityBin;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.Variant;

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

  private static final List<FigureName> BESIDE_ROWS =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.ACCURACY,
          FigureName.MACRO_F1,
          FigureName.MACRO_AUROC,
          FigureName.MACRO_AVERAGE_PRECISION,
          FigureName.MCC,
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.DETECTION_BALANCED_ACCURACY,
          FigureName.DETECTION_SENSITIVITY,
          FigureName.DETECTION_SPECIFICITY,
          FigureName.DETECTION_AUROC,
          FigureName.DETECTION_AVERAGE_PRECISION);

  private static final List<FigureName> CALIBRATION_ROWS =
      List.of(
          FigureName.LOG_LOSS,
          FigureName.BRIER,
          FigureName.ECE,
          FigureName.DETECTION_BRIER,
          FigureName.DETECTION_CALIBRATION_SLOPE,
          FigureName.DETECTION_CALIBRATION_INTERCEPT);

  private static final List<FigureName> SUBGROUP_COLUMNS =
      List.of(
          FigureName.BALANCED_ACCURACY,
          FigureName.ACCURACY,
          FigureName.DETECTION_SENSITIVITY,
          FigureName.DETECTION_SPECIFICITY,
          FigureName.DETECTION_AUROC);

  private final Configuration configuration;

  public ReportWriter() {
    configuration = Templates.configuration();
  }

  /** The page. */
  public String html(ReportData data) {
    Map<String, Object> model = new HashMap<>();
    model.put("data", data);
    model.put(
        "headlines",
        Headline.of(data.headlineLevel(), at(data, data.headlineLevel().level())).stream()
            .map(View::of)
            .toList());
    model.put("beside", beside(data));
    model.put("calibration", calibration(data));
    model.put("subgroups", subgroups(data));
    model.put("folds", folds(data));
    model.put("looks", data.looks().map(ReportWriter::looks).orElse(null));
    model.put("cohort", data.cohort().orElse(null));
    model.put("misread", misread(data));
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
    model.put("generator", data.generator().map(GeneratorView::of).orElse(null));
    // The checklist points to the sections that the page has come to have.
    model.put("checklist", Map.of("lists", List.of()));
    model.put("checklist", checklist(data, fill(model)));
    return withContents(fill(model));
  }

  private String fill(Map<String, Object> model) {
    try (StringWriter out = new StringWriter()) {
      configuration.getTemplate("report.ftlh").process(model, out);
      return out.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to write the report", e);
    } catch (TemplateException e) {
      throw new IllegalStateException("Failed to fill the report's template", e);
    }
  }

  /** The headings that the page came to have, as links on top of it. */
  private static String withContents(String page) {
    StringBuilder links = new StringBuilder();
    Matcher heading = HEADING.matcher(page);
    while (heading.find()) {
      links
          .append("<li><a href=\"#")
          .append(heading.group(1))
          .append("\">")
          .append(heading.group(2))
          .append("</a></li>");
    }
    return page.replace("<!--contents-->", links);
  }

  private static final Pattern HEADING = Pattern.compile("<h2 id=\"([^\"]+)\">([^<]+)</h2>");

  private static final int PIECES_NAMED = 5;

  /** A map whose strongest piece says less than this is drawn paler, as the little that it says. */
  private static final double FAINT_LOG_ODDS = 0.5;

  /** More would not be read; the table predictions holds them all. */
  private static final int MOST_MISREAD = 100;

  private static Map<String, Object> misread(ReportData data) {
    List<Map<String, Object>> drawn = new ArrayList<>();
    for (ReportData.Misread of : data.misread()) {
      of.beat()
          .ifPresent(
              beat ->
                  drawn.add(
                      Map.of(
                          "what", of.kind(),
                          "patient", of.patientId(),
                          "truth", beat.truth(),
                          "predicted", beat.predicted(),
                          "probability", Figures.three(beat.probability()),
                          "pieces", beat.pieces().map(ReportWriter::strongest).orElse(""),
                          "page", of.page().orElse(""),
                          "ecg",
                              EcgDrawing.smallBeat(
                                  "misread-" + drawn.size(),
                                  "Beat " + beat.beatId() + " in 12 leads",
                                  beat.window(),
                                  beat.rSample(),
                                  beat.pieces().map(ReportWriter::shades).orElse(List.of())))));
    }
    return Map.of(
        "linked",
        data.misread().stream().anyMatch(of -> of.page().isPresent()),
        "drawn",
        drawn,
        "patients",
        data.misread().size(),
        "of",
        data.levels().get(data.levels().size() - 1).matrix().total(),
        "more",
        Math.max(0, data.misread().size() - MOST_MISREAD),
        "rows",
        data.misread().stream()
            .limit(MOST_MISREAD)
            .map(
                of ->
                    Map.of(
                        "page",
                        of.page().orElse(""),
                        "id",
                        of.patientId(),
                        "kind",
                        of.kind(),
                        "truth",
                        of.truth(),
                        "answer",
                        of.answer(),
                        "mi",
                        Figures.three(of.probabilityMi()),
                        "cells",
                        of.probabilities().stream().map(Figures::three).toList()))
            .toList());
  }

  private static Map<String, Object> checklist(ReportData data, String page) {
    Set<String> sections = new TreeSet<>();
    Matcher heading = HEADING.matcher(page);
    while (heading.find()) {
      sections.add(heading.group(1));
    }
    List<Checklist.Item> items = Checklist.items(data.facts(), sections);
    List<Map<String, Object>> lists = new ArrayList<>();
    for (String guideline : List.of("TRIPOD+AI", "STARD", "STARD-AI")) {
      List<Checklist.Item> of =
          items.stream().filter(item -> item.guideline().equals(guideline)).toList();
      lists.add(
          Map.of(
              "name",
              guideline,
              "items",
              of,
              "answered",
              of.stream().filter(Checklist.Item::isAnswered).count(),
              "of",
              of.size()));
    }
    return Map.of("lists", lists);
  }

  /** All variants at one level. */
  private static Map<Variant, LevelEvaluation> at(ReportData data, Level level) {
    Map<Variant, LevelEvaluation> found = new EnumMap<>(Variant.class);
    data.variants()
        .forEach(
            (variant, levels) ->
                levels.stream()
                    .filter(of -> of.level() == level)
                    .findFirst()
                    .ifPresent(of -> found.put(variant, of)));
    return found;
  }

  /** The model, rules and baselines beside each other, at the headline's level. */
  private static Map<String, Object> beside(ReportData data) {
    Map<Variant, LevelEvaluation> variants = at(data, data.headlineLevel().level());
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : BESIDE_ROWS) {
      List<Map<String, String>> cells = new ArrayList<>();
      variants.forEach(
          (variant, of) ->
              cells.add(cell(variant.measures(name.scope()) ? of.figure(name) : Optional.empty())));
      rows.add(
          Map.of(
              "label",
              (name.scope() == FigureName.Scope.DETECTION ? "Detection: " : "") + name.label(),
              "cells",
              cells));
    }
    return Map.of(
        "names",
        variants.keySet().stream()
            .map(v -> Map.of("name", v.word().replace('_', ' '), "label", v.label()))
            .toList(),
        "rows",
        variants.size() < 2 ? List.of() : rows);
  }

  private static Map<String, Object> calibration(ReportData data) {
    Map<Variant, LevelEvaluation> variants = at(data, data.headlineLevel().level());
    LevelEvaluation before = data.headlineLevel();
    Optional<LevelEvaluation> after = Optional.ofNullable(variants.get(Variant.CALIBRATED));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (FigureName name : CALIBRATION_ROWS) {
      List<Map<String, String>> cells = new ArrayList<>();
      cells.add(cell(before.figure(name)));
      after.ifPresent(of -> cells.add(cell(of.figure(name))));
      rows.add(
          Map.of(
              "label",
              (name.scope() == FigureName.Scope.DETECTION ? "Detection: " : "") + name.label(),
              "cells",
              cells));
    }
    return Map.of(
        "rows",
        rows,
        "after",
        after.isPresent(),
        "charts",
        Stream.concat(
                before
                    .detection()
                    .map(of -> DetectionCharts.calibration("as trained", of))
                    .stream(),
                after
                    .flatMap(LevelEvaluation::detection)
                    .map(of -> DetectionCharts.calibration("after temperature scaling", of))
                    .stream())
            .toList());
  }

  private static List<Map<String, Object>> subgroups(ReportData data) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Subgroup subgroup : data.subgroups()) {
      rows.add(
          Map.of(
              "name",
              subgroup.name().replace("=", ": "),
              "patients",
              Figures.count(subgroup.patients()),
              "infarcts",
              Figures.count(subgroup.infarcts()),
              "reported",
              subgroup.evaluation().isPresent(),
              "cells",
              subgroup
                  .evaluation()
                  .map(of -> SUBGROUP_COLUMNS.stream().map(n -> cell(of.figure(n))).toList())
                  .orElse(List.of())));
    }
    return rows;
  }

  private static List<Map<String, String>> folds(ReportData data) {
    return data.folds().stream()
        .map(
            fold ->
                Map.of(
                    "fold", Integer.toString(fold.fold()),
                    "heldOut", Figures.count(fold.heldOut()),
                    "trained", Figures.count(fold.trained()),
                    "balanced", Figures.three(fold.balancedAccuracy()),
                    "accuracy", Figures.three(fold.accuracy()),
                    "auroc", Figures.three(fold.macroAuroc()),
                    "detection", Figures.three(fold.detectionAuroc())))
        .toList();
  }

  private static Map<String, Object> looks(ReportData.Looks looks) {
    List<Map<String, Object>> classes = new ArrayList<>();
    for (ReportData.ClassLook look : looks.classes()) {
      String id = "look-" + classes.size();
      classes.add(
          Map.of(
              "name", look.className(),
              "words", className(look.className()),
              "beats", Figures.count(look.beats()),
              "pieces", look.pieces().map(ReportWriter::strongest).orElse(""),
              "ecg",
                  EcgDrawing.beat(
                      id + "-ecg",
                      "Mean of " + look.beats() + " beats of " + look.className(),
                      look.meanBeat(),
                      look.rSample(),
                      look.pieces().map(ReportWriter::shades).orElse(List.of())),
              "cam", HeatMap.importance(id + "-cam", look.spectrogram(), look.importance())));
    }
    List<Map<String, String>> sanity =
        looks.sanity().stream()
            .map(
                row ->
                    Map.of(
                        "depth",
                        row.depth(),
                        "mean",
                        Figures.three(row.mean()),
                        "range",
                        Figures.three(row.low()) + " to " + Figures.three(row.high())))
            .toList();
    return Map.of(
        "trial",
        looks.trial().stream().map(ReportWriter::trial).toList(),
        "belief",
        belief(looks.trial()),
        "classes",
        classes,
        "beats",
        Figures.count(looks.beats()),
        "sanity",
        sanity,
        "deletion",
        looks.deletion().isEmpty()
            ? ""
            : new Chart(
                    "deletion",
                    "Deletion: the answer's probability as the image goes",
                    "share of the image deleted",
                    "mean probability of the answer")
                .lines(
                    List.of(
                        new Chart.Series("most important first", looks.shares(), looks.deletion()),
                        new Chart.Series("at random", looks.shares(), looks.deletionAtRandom())),
                    Chart.Form.LINE_AND_POINTS)
                .limits("x", 0, 1)
                .limits("y", 0, 1)
                .svg(460, 380));
  }

  private static List<Map<String, String>> classNames(ReportData data) {
    return data.classes().stream()
        .map(name -> Map.of("code", name, "words", className(name)))
        .toList();
  }

  static String className(String code) {
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
          case CLASS_ACCURACY -> "Accuracy";
          case AVERAGE_PRECISION -> "AUPRC";
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
            : "",
        "counts",
        interval
            .counts()
            .map(of -> Figures.count(of.hits()) + " of " + Figures.count(of.of()))
            .orElse(""),
        "left",
        interval.undefinedResamples() == 0 || !interval.hasBounds()
            ? ""
            : Figures.percent((double) interval.undefinedResamples() / interval.resamples())
                + " left out");
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
                          Figures.count(m.matrix().total()),
                          "matrix",
                          matrix(m.matrix()),
                          "charts",
                          DetectionCharts.of(level.level().word(), level))));
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

  static List<RocPoint> thinned(List<RocPoint> points) {
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
      views.add(example("example-" + views.size(), beat));
    }
    return views;
  }

  private static Map<String, Object> example(String id, ReportData.ExampleBeat beat) {
    Map<String, Object> view = new HashMap<>();
    view.put("beatId", beat.beatId());
    view.put("truth", beat.truth());
    view.put("predicted", beat.predicted());
    view.put("probability", Figures.three(beat.probability()));
    view.put("kind", beat.kind());
    view.put("lead", beat.spectrogram().lead());
    view.put(
        "ecg",
        EcgDrawing.beat(
            id + "-ecg",
            "Beat " + beat.beatId() + " in 12 leads",
            beat.window(),
            beat.rSample(),
            beat.pieces().map(ReportWriter::shades).orElse(List.of())));
    view.put("pieces", beat.pieces().map(ReportWriter::strongest).orElse(""));
    view.put("heat", HeatMap.magnitude(id + "-st", beat.spectrogram()));
    view.put(
        "cam",
        beat.importance()
            .map(map -> HeatMap.importance(id + "-cam", beat.spectrogram(), map))
            .orElse(""));
    return view;
  }

  private static Map<String, String> trial(ReportData.TrialRow row) {
    return Map.of(
        "method", row.method(),
        "twins", Figures.count(row.twins()),
        "auroc", Figures.three(row.auroc()),
        "rank", Figures.three(row.rankCorrelation()),
        "leads", Figures.percent(row.leads()),
        "segments", Figures.percent(row.segments()),
        "dose", Figures.percent(row.dose()));
  }

  /** How far this model's maps can be trusted, in one sentence. */
  private static String belief(List<ReportData.TrialRow> trial) {
    if (trial.isEmpty()) {
      return "";
    }
    ReportData.TrialRow own = trial.get(0);
    String verdict =
        own.auroc() >= 0.8 && own.leads() >= 0.8 && own.segments() >= 0.6
            ? "can be read as a hint at where the infarct shows"
            : own.auroc() >= 0.65
                ? "point roughly the right way and are often wrong in detail"
                : "are no evidence of where an infarct shows";
    return String.format(
        Locale.ROOT,
        "On %d simulated patients whose infarct could be taken away, this model's maps of lead and"
            + " segment found a lead of the site in %s, a changed segment in %s, and ranked changed"
            + " before unchanged pieces with an AUROC of %s: they %s.",
        own.twins(),
        Figures.percent(own.leads()),
        Figures.percent(own.segments()),
        Figures.three(own.auroc()),
        verdict);
  }

  /** Orange where a piece speaks for the answer, blue where it speaks against it. */
  static List<EcgDrawing.Shade> shades(LeadSegmentMap map) {
    double strongest = FAINT_LOG_ODDS;
    for (float value : map.flat()) {
      strongest = Math.max(strongest, Math.abs(value));
    }
    List<EcgDrawing.Shade> shades = new ArrayList<>();
    for (int lead = 0; lead < map.logOdds().length; lead++) {
      for (Segment segment : Segment.values()) {
        shades.add(
            new EcgDrawing.Shade(
                Lead.STANDARD_12.get(lead),
                segment.fromMs(),
                segment.toMs(),
                map.logOdds()[lead][segment.index()] / strongest));
      }
    }
    return shades;
  }

  /** The pieces that say most for the answer, in words. */
  static String strongest(LeadSegmentMap map) {
    record Piece(String name, float logOdds) {}
    List<Piece> pieces = new ArrayList<>();
    for (int lead = 0; lead < map.logOdds().length; lead++) {
      for (Segment segment : Segment.values()) {
        pieces.add(
            new Piece(
                Lead.STANDARD_12.get(lead).label() + " " + segment.label(),
                map.logOdds()[lead][segment.index()]));
      }
    }
    return pieces.stream()
        .filter(piece -> piece.logOdds() > 0)
        .sorted(Comparator.comparingDouble(piece -> -piece.logOdds()))
        .limit(PIECES_NAMED)
        .map(piece -> String.format(Locale.ROOT, "%s +%.1f", piece.name(), piece.logOdds()))
        .collect(Collectors.joining(", "));
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
              EcgDrawing.smallBeat(
                  id + "-" + views.size(),
                  what + beat.id(),
                  beat.window(),
                  beat.rSample(),
                  List.of())));
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
    static Map<String, Object> of(Headline headline) {
      return Map.of(
          "beside",
          headline.beside().entrySet().stream()
              .map(
                  other ->
                      Map.of(
                          "name", other.getKey(), "value", Figures.three(other.getValue().value())))
              .toList(),
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
