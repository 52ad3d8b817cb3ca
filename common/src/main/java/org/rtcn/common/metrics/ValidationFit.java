package org.rtcn.common.metrics;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is chosen on validation patients at one level: temperature and class offsets. Held-out
 * patients take no part. (The threshold of detection is the model's: {@link DetectionThreshold}.)
 *
 * @param level the level that it was fitted on and is good for
 * @param temperature calibration
 * @param offsets decision between the classes
 * @param cases how many validation decisions it rests on
 */
public record ValidationFit(
    Level level, TemperatureScaling temperature, ClassOffsets offsets, long cases) {

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
        cases.size());
  }

  /** What was chosen, by the name of the variant that it leads to. */
  public Map<Variant, PredictionRule> rules() {
    Map<Variant, PredictionRule> rules = new EnumMap<>(Variant.class);
    TemperatureScaling scaling = temperature;
    rules.put(
        Variant.CALIBRATED, row -> row.withProbabilities(scaling.apply(row.probabilityArray())));
    rules.put(Variant.BALANCED, offsets.rule());
    return rules;
  }
}
