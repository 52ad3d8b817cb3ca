package org.rtcn.common.report;

import java.util.List;
import org.rtcn.common.metrics.Detection;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;

/** Infarction against none as charts: ROC with the operating point, decision curve, calibration. */
final class DetectionCharts {
  private DetectionCharts() {}

  /** The charts of a level, as SVG; none where a kind has no case. */
  static List<String> of(String word, LevelEvaluation level) {
    Detection detection = level.detection().orElseThrow();
    if (detection.roc().isEmpty()) {
      return List.of();
    }
    return List.of(roc(word, level, detection), decisionCurve(word, detection));
  }

  private static String roc(String word, LevelEvaluation level, Detection detection) {
    List<RocPoint> points = Views.thinned(detection.roc());
    double auroc =
        level
            .figure(FigureName.DETECTION_AUROC)
            .map(figure -> figure.interval().value())
            .orElse(Double.NaN);
    double sensitivity = detection.matrix().sensitivity(1);
    double specificity = detection.matrix().specificity(1);
    return new Chart(
            "roc-detection-" + word,
            "ROC of detection, per " + word,
            "1 - specificity",
            "sensitivity")
        .diagonal()
        .lines(
            List.of(
                new Chart.Series(
                    "AUROC " + Figures.three(auroc),
                    points.stream().map(RocPoint::falsePositiveRate).toList(),
                    points.stream().map(RocPoint::truePositiveRate).toList()),
                new Chart.Series("as decided", List.of(1 - specificity), List.of(sensitivity))),
            Chart.Form.LINE_AND_LONE_POINTS)
        .limits("x", 0, 1)
        .limits("y", 0, 1)
        .svg(460, 420);
  }

  private static String decisionCurve(String word, Detection detection) {
    List<Detection.NetBenefit> curve = detection.curve();
    double highest =
        curve.stream().mapToDouble(at -> Math.max(at.model(), at.all())).max().orElse(0);
    // Below nothing gained the curves fall without end; what lies there is cut off.
    double lowest = -0.25 * Math.max(highest, 0.1);
    List<Detection.NetBenefit> model = curve.stream().filter(at -> at.model() >= lowest).toList();
    List<Detection.NetBenefit> all = curve.stream().filter(at -> at.all() >= lowest).toList();
    return new Chart(
            "decision-curve-" + word,
            "Decision curve, per " + word,
            "threshold probability",
            "net benefit (true positives per case)")
        .lines(
            List.of(
                new Chart.Series(
                    "the model",
                    model.stream().map(Detection.NetBenefit::threshold).toList(),
                    model.stream().map(Detection.NetBenefit::model).toList()),
                new Chart.Series(
                    "treat all",
                    all.stream().map(Detection.NetBenefit::threshold).toList(),
                    all.stream().map(Detection.NetBenefit::all).toList()),
                new Chart.Series("treat none", List.of(0.0, 1.0), List.of(0.0, 0.0))),
            Chart.Form.LINE)
        .limits("x", 0, 1)
        .svg(460, 420);
  }

  /** The share of infarcts where their probability was low to where it was high. */
  static String calibration(String name, Detection detection) {
    return new Chart(
            "calibration-" + name.replace(' ', '-'),
            "Calibration, " + name,
            "mean probability of infarction",
            "share with infarction, exact interval")
        .diagonal()
        .intervals(
            detection.reliability().stream()
                .map(
                    bin ->
                        new Chart.Bar(
                            bin.meanProbability(), bin.share(), bin.low(), bin.high(), bin.cases()))
                .toList())
        .limits("x", 0, 1)
        .limits("y", 0, 1)
        .svg(460, 420);
  }
}
