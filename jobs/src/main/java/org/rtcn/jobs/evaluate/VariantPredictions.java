package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.common.metrics.Variant;

/** The predictions of one evaluation, by variant and level. */
public final class VariantPredictions {
  private final Map<Variant, Map<Level, List<List<Prediction>>>> rows =
      new EnumMap<>(Variant.class);

  /**
   * Adds rows of one level.
   *
   * @param more is held, not copied
   */
  public void add(Variant variant, Level level, List<Prediction> more) {
    if (!more.isEmpty()) {
      rows.computeIfAbsent(variant, v -> new EnumMap<>(Level.class))
          .computeIfAbsent(level, l -> new ArrayList<>())
          .add(more);
    }
  }

  /** The rows of a variant at a level; none where it was not made. */
  public List<Prediction> of(Variant variant, Level level) {
    List<List<Prediction>> parts =
        rows.getOrDefault(variant, Map.of()).getOrDefault(level, List.of());
    return PredictionList.joined(parts.isEmpty() ? List.of(List.of()) : parts);
  }

  /** The variants that hold rows, in their order. */
  public List<Variant> variants() {
    return List.copyOf(rows.keySet());
  }

  /** All figures of all variants: per variant its levels, from beat to patient. */
  public Map<Variant, List<LevelEvaluation>> evaluate(Evaluator evaluator) {
    Map<Variant, List<LevelEvaluation>> evaluations = new EnumMap<>(Variant.class);
    rows.forEach(
        (variant, levels) -> {
          List<LevelEvaluation> of = new ArrayList<>();
          for (Level level : levels.keySet()) {
            of.add(evaluator.evaluate(level, of(variant, level)));
          }
          evaluations.put(variant, List.copyOf(of));
        });
    return evaluations;
  }
}
