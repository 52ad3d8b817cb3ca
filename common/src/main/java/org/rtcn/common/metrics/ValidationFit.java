package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Comparator;
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
    List<Prediction> ordered = new ArrayList<>(rows);
    ordered.sort(Comparator.comparing(Prediction::id));
    Cases cases = Cases.of(evaluator.classes(), level, ordered);
    return new ValidationFit(
        level,
        TemperatureScaling.fit(cases.truth(), cases.probabilities()),
        ClassOffsets.fit(cases.truth(), cases.probabilities()),
        cases.size());
  }

  /** The variants of some predictions of this level that the rules lead to. */
  public Map<Variant, List<Prediction>> apply(List<Prediction> rows) {
    Map<Variant, List<Prediction>> variants = new EnumMap<>(Variant.class);
    variants.put(Variant.CALIBRATED, temperature.apply(rows));
    variants.put(Variant.BALANCED, offsets.apply(rows));
    return variants;
  }
}
