package org.rtcn.common.metrics;

import java.util.List;
import java.util.Optional;

/**
 * What was measured at one level.
 *
 * @param level what one decision is about
 * @param matrix truth against prediction
 * @param detection infarction against none; absent where the classes do not hold both
 * @param baselineClass the constant answer of the majority baseline
 * @param figures all figures, those of one class included
 * @param rocCurves one curve per class against all others; without points where not defined
 * @param reliability bins of the reliability diagram of the answers
 */
public record LevelEvaluation(
    Level level,
    ConfusionMatrix matrix,
    Optional<Detection> detection,
    String baselineClass,
    List<Figure> figures,
    List<ClassRoc> rocCurves,
    List<ProbabilityMetrics.ReliabilityBin> reliability) {

  /** The ROC curve of one class. */
  public record ClassRoc(String className, List<RankingMetrics.RocPoint> points) {
    public ClassRoc {
      points = List.copyOf(points);
    }
  }

  public LevelEvaluation {
    figures = List.copyOf(figures);
    rocCurves = List.copyOf(rocCurves);
    reliability = List.copyOf(reliability);
  }

  /** A figure of all classes together. */
  public Optional<Figure> figure(FigureName name) {
    return figures.stream().filter(f -> f.name() == name && f.className().isEmpty()).findFirst();
  }

  /** A figure of one class. */
  public Optional<Figure> figure(FigureName name, String className) {
    return figures.stream()
        .filter(f -> f.name() == name && f.className().equals(Optional.of(className)))
        .findFirst();
  }
}
