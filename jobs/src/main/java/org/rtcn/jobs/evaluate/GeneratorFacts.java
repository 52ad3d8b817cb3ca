package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.report.GeneratorSection;
import org.rtcn.jobs.run.Manifest;

/** What the manifest of the augment stage says about its model and its beats. */
final class GeneratorFacts {
  private static final Map<String, String> TRANSFERS =
      Map.of(
          "train_real_test_real", "trained on recorded beats, tested on those of other patients",
          "train_generated_test_real",
              "trained on generated beats (recorded ones of other classes), tested on recorded"
                  + " ones",
          "train_real_test_generated", "trained on recorded beats, tested on generated ones");

  private GeneratorFacts() {}

  /** Empty where nothing was generated, or too little to compare. */
  static Optional<GeneratorSection> of(
      Manifest augment, List<FeatureDistances.OfClass> features, boolean simulated) {
    List<GeneratorSection.OfClass> classes = new ArrayList<>();
    List<GeneratorSection.Transfer> transfers = new ArrayList<>();
    if (augment.facts().get("quality") instanceof Map<?, ?> quality) {
      Map<?, ?> nearest =
          augment.facts().get("nearest_training_beat_mv") instanceof Map<?, ?> map ? map : Map.of();
      quality.forEach(
          (label, of) -> {
            if (!(of instanceof Map<?, ?> figures)) {
              return;
            }
            if (label.equals("all")) {
              TRANSFERS.entrySet().stream()
                  .sorted(Map.Entry.comparingByKey())
                  .filter(entry -> figures.containsKey(entry.getKey()))
                  .forEach(
                      entry ->
                          transfers.add(
                              new GeneratorSection.Transfer(
                                  entry.getValue(), number(figures, entry.getKey()))));
            } else {
              Map<?, ?> distances = nearest.get(label) instanceof Map<?, ?> map ? map : Map.of();
              classes.add(row(label.toString(), figures, distances, features));
            }
          });
    }
    List<GeneratorSection.StepError> steps = new ArrayList<>();
    if (augment.facts().get("x0_error_by_step") instanceof List<?> rows) {
      for (Object row : rows) {
        if (row instanceof Map<?, ?> map && map.containsKey("noise_model")) {
          steps.add(
              new GeneratorSection.StepError(
                  (int) number(map, "t"),
                  number(map, "noise_model"),
                  number(map, "noise_wrong_class"),
                  number(map, "noise_same_as_xt"),
                  number(map, "noise_zero"),
                  number(map, "noise_class_mean"),
                  number(map, "noise_gain_low")));
        }
      }
    }
    return classes.isEmpty() && steps.isEmpty()
        ? Optional.empty()
        : Optional.of(new GeneratorSection(classes, transfers, steps, simulated));
  }

  private static GeneratorSection.OfClass row(
      String label, Map<?, ?> figures, Map<?, ?> nearest, List<FeatureDistances.OfClass> features) {
    Optional<FeatureDistances.OfClass> seen =
        features.stream().filter(row -> row.label().equals(label)).findFirst();
    return new GeneratorSection.OfClass(
        label,
        (long) number(figures, "generated_beats"),
        (long) number(figures, "real_beats"),
        number(figures, "recognised_generated"),
        number(figures, "recognised_real"),
        number(figures, "sd_generated_mv"),
        number(figures, "sd_real_mv"),
        number(figures, "mmd2"),
        number(figures, "mmd2_real_halves"),
        number(figures, "frechet_mv2"),
        number(figures, "frechet_mv2_real_halves"),
        seen.map(FeatureDistances.OfClass::distance).orElse(Double.NaN),
        seen.map(FeatureDistances.OfClass::halves).orElse(Double.NaN),
        number(figures, "psd_db"),
        number(figures, "psd_db_real_halves"),
        number(nearest, "generated"),
        number(nearest, "real_to_other_patients"),
        number(figures, "dtw_nearest_mv"));
  }

  /** A figure; not a number where there were too few beats for it. */
  private static double number(Map<?, ?> figures, String name) {
    return figures.get(name) instanceof Number value ? value.doubleValue() : Double.NaN;
  }
}
