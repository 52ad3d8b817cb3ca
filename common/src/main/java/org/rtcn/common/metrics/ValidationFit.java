package org.rtcn.common.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is chosen on validation patients at one level: temperature, class offsets and detection
 * threshold. Held-out patients take no part.
 *
 * @param level the level that it was fitted on and is good for
 * @param temperature calibration
 * @param offsets decision between the classes
 * @param threshold decision between infarction and none; absent where the classes do not hold both
 * @param cases how many validation decisions it rests on
 */
public record ValidationFit(
    Level level,
    TemperatureScaling temperature,
    ClassOffsets offsets,
    Optional<DetectionThreshold> threshold,
    long cases) {

  /**
   * Fits.
   *
   * @param rows validation predictions of one level, with truths among the classes
   * @throws IllegalArgumentException if there are none
   */
  public static ValidationFit of(Evaluator evaluator, Level level, List<Prediction> rows) {
    Cases cases = Cases.of(evaluator.classes(), level, PredictionList.byId(rows));
    return new ValidationFit(
        level,
        TemperatureScaling.fit(cases.truth(), cases.probabilities()),
        ClassOffsets.fit(cases.truth(), cases.probabilities()),
        evaluator.measuresDetection()
            ? Optional.of(
                DetectionThreshold.highestYouden(cases.isInfarct(), cases.infarctScores()))
            : Optional.empty(),
        cases.size());
  }

  /** What was chosen, by the name of the variant that it leads to. */
  public Map<Variant, PredictionRule> rules(List<String> classes) {
    Map<Variant, PredictionRule> rules = new EnumMap<>(Variant.class);
    TemperatureScaling scaling = temperature;
    ClassOffsets shifts = offsets;
    rules.put(
        Variant.CALIBRATED, row -> row.withProbabilities(scaling.apply(row.probabilityArray())));
    rules.put(Variant.BALANCED, row -> row.withProbabilities(shifts.apply(row.probabilityArray())));
    threshold.ifPresent(t -> rules.put(Variant.THRESHOLD, t.rule(classes)));
    return rules;
  }
}
