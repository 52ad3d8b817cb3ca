package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.diffusion.BeatQuality;
import org.rtcn.common.report.GeneratorSection;
import org.rtcn.jobs.augment.AugmentFacts;
import org.rtcn.jobs.run.Manifest;

/** What the manifest of the augment stage says about its model and its beats. */
final class GeneratorFacts {
  private static final Map<String, String> TRANSFERS =
      Map.of(
          BeatQuality.REAL_REAL, "trained on recorded beats, tested on those of other patients",
          BeatQuality.GENERATED_REAL,
              "trained on generated beats (recorded ones of other classes), tested on recorded"
                  + " ones",
          BeatQuality.REAL_GENERATED, "trained on recorded beats, tested on generated ones");

  private GeneratorFacts() {}

  /** Empty where nothing was generated, or too little to compare. */
  static Optional<GeneratorSection> of(
      Manifest augment, List<FeatureDistances.OfClass> features, boolean simulated) {
    List<GeneratorSection.OfClass> classes = new ArrayList<>();
    List<GeneratorSection.Transfer> transfers = new ArrayList<>();
    Map<String, AugmentFacts.Nearest> nearest = AugmentFacts.NEAREST.in(augment).orElse(Map.of());
    AugmentFacts.QUALITY
        .in(augment)
        .orElse(Map.of())
        .forEach(
            (label, figures) -> {
              if (label.equals(BeatQuality.ALL)) {
                TRANSFERS.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .filter(entry -> figures.containsKey(entry.getKey()))
                    .forEach(
                        entry ->
                            transfers.add(
                                new GeneratorSection.Transfer(
                                    entry.getValue(), number(figures, entry.getKey()))));
              } else {
                classes.add(row(label, figures, nearest.get(label), features));
              }
            });
    List<GeneratorSection.StepError> steps =
        AugmentFacts.ERRORS_BY_STEP.in(augment).orElse(List.of()).stream()
            .map(
                row ->
                    new GeneratorSection.StepError(
                        row.t(),
                        row.noise().model(),
                        row.noise().wrongClass(),
                        row.noise().sameAsXt(),
                        row.noise().zero(),
                        row.noise().classMean(),
                        row.noise().gainLow()))
            .toList();
    return classes.isEmpty() && steps.isEmpty()
        ? Optional.empty()
        : Optional.of(new GeneratorSection(classes, transfers, steps, simulated));
  }

  private static GeneratorSection.OfClass row(
      String label,
      Map<String, Double> figures,
      AugmentFacts.Nearest nearest,
      List<FeatureDistances.OfClass> features) {
    Optional<FeatureDistances.OfClass> seen =
        features.stream().filter(row -> row.label().equals(label)).findFirst();
    return new GeneratorSection.OfClass(
        label,
        (long) number(figures, BeatQuality.GENERATED_BEATS),
        (long) number(figures, BeatQuality.REAL_BEATS),
        compared(figures, BeatQuality.RECOGNISED_GENERATED, BeatQuality.RECOGNISED_REAL),
        compared(figures, BeatQuality.SD_GENERATED_MV, BeatQuality.SD_REAL_MV),
        distance(figures, BeatQuality.MMD2),
        distance(figures, BeatQuality.FRECHET_MV2),
        new GeneratorSection.Compared(
            seen.map(FeatureDistances.OfClass::distance).orElse(Double.NaN),
            seen.map(FeatureDistances.OfClass::halves).orElse(Double.NaN)),
        distance(figures, BeatQuality.PSD_DB),
        new GeneratorSection.Nearest(
            new GeneratorSection.Compared(
                nearest == null ? Double.NaN : nearest.generated(),
                nearest == null || nearest.realToOtherPatients() == null
                    ? Double.NaN
                    : nearest.realToOtherPatients()),
            number(figures, BeatQuality.DTW_NEAREST_MV)));
  }

  private static GeneratorSection.Compared compared(
      Map<String, Double> figures, String generated, String real) {
    return new GeneratorSection.Compared(number(figures, generated), number(figures, real));
  }

  private static GeneratorSection.Compared distance(Map<String, Double> figures, String name) {
    return compared(figures, name, name + BeatQuality.REAL_HALVES);
  }

  /** A figure; not a number where there were too few beats for it. */
  private static double number(Map<String, Double> figures, String name) {
    return figures.getOrDefault(name, Double.NaN);
  }
}
