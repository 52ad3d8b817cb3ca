package org.rtcn.common.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.rtcn.common.ecg.InfarctSite;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.explain.Segment;
import org.rtcn.common.metrics.ConfusionMatrix;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;
import org.rtcn.common.metrics.Variant;

/** What several sections write alike. */
final class Views {
  /** Points per ROC curve are thinned to this many: the page would grow with the beats. */
  private static final int MOST_ROC_POINTS = 300;

  private static final int PIECES_NAMED = 5;

  /** A map whose strongest piece says less than this is drawn paler, as the little that it says. */
  private static final double FAINT_LOG_ODDS = 0.5;

  /** Less would be printed as 0.0. */
  private static final float SHOWN_LOG_ODDS = 0.05f;

  private Views() {}

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

  static Map<String, String> cell(Optional<Figure> figure) {
    return intervalCell(figure.map(Figure::interval));
  }

  /** The same of an interval. */
  static Map<String, String> intervalCell(Optional<Interval> figure) {
    Interval interval = figure.orElse(Interval.valueOnly(Double.NaN, 0));
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
            : leftOut((double) interval.undefinedResamples() / interval.resamples()));
  }

  private static String leftOut(double share) {
    return (share < 0.005 ? "less than 1 %" : Figures.percent(share)) + " left out";
  }

  static Map<String, Object> matrix(ConfusionMatrix matrix) {
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

  static List<RocPoint> thinned(List<RocPoint> points) {
    if (points.size() <= MOST_ROC_POINTS) {
      return points;
    }
    return IntStream.range(0, MOST_ROC_POINTS)
        .mapToObj(i -> points.get((int) ((long) i * (points.size() - 1) / (MOST_ROC_POINTS - 1))))
        .toList();
  }

  /** Orange where a piece speaks for the answer, blue where it speaks against it. */
  static List<EcgDrawing.Shade> shades(LeadSegmentMap map) {
    double strongest = map.kind() == MapKind.LEAD_SEGMENT ? FAINT_LOG_ODDS : Float.MIN_NORMAL;
    for (float value : map.flat()) {
      strongest = Math.max(strongest, Math.abs(value));
    }
    List<EcgDrawing.Shade> shades = new ArrayList<>();
    for (int lead = 0; lead < map.values().length; lead++) {
      for (Segment segment : Segment.values()) {
        shades.add(
            new EcgDrawing.Shade(
                Lead.STANDARD_12.get(lead),
                segment.fromMs(),
                segment.toMs(),
                map.values()[lead][segment.index()] / strongest));
      }
    }
    return shades;
  }

  /** What is shaded behind the leads, in words. */
  static String shading(Optional<LeadSegmentMap> map) {
    return map.isPresent() && map.get().kind() == MapKind.GRAD_CAM
        ? "Shaded behind the leads in orange: Grad-CAM in time, shared among the leads by"
            + " |image × gradient|; it has no sign and no unit. On simulated twins it ranked leads"
            + " and segments of this model better than their contributions in log odds did."
        : "Shaded behind the leads: what each lead and segment (P, QRS, ST, T) says for the answer"
            + " (orange) or against it (blue).";
  }

  /** The pieces that say most for the answer, in words. */
  static String strongest(LeadSegmentMap map) {
    record Piece(String name, float says) {}
    List<Piece> pieces = new ArrayList<>();
    for (int lead = 0; lead < map.values().length; lead++) {
      for (Segment segment : Segment.values()) {
        pieces.add(
            new Piece(
                Lead.STANDARD_12.get(lead).label() + " " + segment.label(),
                map.values()[lead][segment.index()]));
      }
    }
    boolean isLogOdds = map.kind() == MapKind.LEAD_SEGMENT;
    float least = isLogOdds ? SHOWN_LOG_ODDS : Float.MIN_NORMAL;
    String strongest =
        pieces.stream()
            .filter(piece -> piece.says() >= least)
            .sorted(Comparator.comparingDouble(piece -> -piece.says()))
            .limit(PIECES_NAMED)
            .map(
                piece ->
                    isLogOdds
                        ? String.format(Locale.ROOT, "%s +%.1f", piece.name(), piece.says())
                        : piece.name())
            .collect(Collectors.joining(", "));
    return strongest.isEmpty()
        ? "no lead or segment" + (isLogOdds ? " by " + SHOWN_LOG_ODDS + " or more" : "")
        : strongest;
  }

  /** Short, with the long name to hover over. */
  static Map<String, String> heading(FigureName name) {
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

  /** All variants at one level. */
  static Map<Variant, LevelEvaluation> at(
      Map<Variant, List<LevelEvaluation>> variants, Level level) {
    Map<Variant, LevelEvaluation> found = new EnumMap<>(Variant.class);
    variants.forEach(
        (variant, levels) ->
            levels.stream()
                .filter(of -> of.level() == level)
                .findFirst()
                .ifPresent(of -> found.put(variant, of)));
    return found;
  }

  /** The highest level first: that of the headline. */
  static List<LevelEvaluation> reversed(List<LevelEvaluation> levels) {
    List<LevelEvaluation> list = new ArrayList<>(levels);
    Collections.reverse(list);
    return list;
  }

  /** The name of a figure in a table of all figures. */
  static String label(FigureName name) {
    return (name.scope() == FigureName.Scope.DETECTION ? "Detection: " : "") + name.label();
  }

  static Map<String, String> of(Count count) {
    return Map.of("name", count.name(), "value", Figures.count(count.value()));
  }
}
