package org.rtcn.jobs.evaluate;

import java.util.List;
import org.rtcn.common.config.Settings;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.metrics.Subgroup;

/**
 * The options of the stage, from {@code rtcn.evaluate}, {@code rtcn.seed} and {@code
 * rtcn.split.test-folds}.
 *
 * @param testFolds the folds that nothing has learned from
 * @param bootstrap how intervals are made
 * @param calibrationBins bins of the expected calibration error
 * @param subgroups when a subgroup has too few patients to report
 * @param baselineComponents principal components of the logistic baseline; 0 leaves it out
 * @param baselinePenalty on its squared weights
 * @param gradcamPerClass held-out beats per class that are explained in the gradcam table
 * @param twinsPerSite simulated patients of each site on whom the maps are tried
 * @param examplesPerClass beats shown per class, classified correctly and wrongly each
 * @param galleryPerClass synthetic beats shown per class
 */
public record EvaluateOptions(
    List<Integer> testFolds,
    PatientBootstrap bootstrap,
    int calibrationBins,
    Subgroup.Rule subgroups,
    int baselineComponents,
    double baselinePenalty,
    int gradcamPerClass,
    int twinsPerSite,
    int examplesPerClass,
    int galleryPerClass) {

  /**
   * @throws IllegalArgumentException if no fold is held out or a number is out of range
   */
  public EvaluateOptions {
    testFolds = List.copyOf(testFolds);
    if (testFolds.isEmpty()) {
      throw new IllegalArgumentException(
          "Invalid split.test-folds []: name at least one fold to evaluate on");
    }
    if (calibrationBins < 1) {
      throw new IllegalArgumentException(
          "Invalid calibration-bins " + calibrationBins + ": must be 1 or more");
    }
    requireNotNegative("baseline.components", baselineComponents);
    if (!(baselinePenalty >= 0)) {
      throw new IllegalArgumentException(
          "Invalid baseline.penalty " + baselinePenalty + ": must be 0 or more");
    }
    requireNotNegative("gradcam-per-class", gradcamPerClass);
    requireNotNegative("twins-per-site", twinsPerSite);
    requireNotNegative("examples-per-class", examplesPerClass);
    requireNotNegative("gallery-per-class", galleryPerClass);
  }

  private static void requireNotNegative(String key, int value) {
    if (value < 0) {
      throw new IllegalArgumentException("Invalid " + key + " " + value + ": must be 0 or more");
    }
  }

  /** The options that the settings hold. */
  public static EvaluateOptions of(Settings settings) {
    return settings.read(
        "evaluate",
        config ->
            new EvaluateOptions(
                settings.testFolds(),
                new PatientBootstrap(
                    settings.seed(),
                    config.getInt("bootstrap-resamples"),
                    config.getDouble("confidence")),
                config.getInt("calibration-bins"),
                new Subgroup.Rule(
                    config.getInt("subgroups.min-patients"),
                    config.getInt("subgroups.min-per-kind")),
                config.getInt("baseline.components"),
                config.getDouble("baseline.penalty"),
                config.getInt("gradcam-per-class"),
                config.getInt("twins-per-site"),
                config.getInt("examples-per-class"),
                config.getInt("gallery-per-class")));
  }
}
