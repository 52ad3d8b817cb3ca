package org.rtcn.jobs.crossval;

import java.util.Arrays;
import java.util.List;
import org.rtcn.common.config.Settings;

/**
 * The options of the cross-validation, from {@code rtcn.crossval}.
 *
 * @param folds which folds are held out in turn; empty for all that hold patients of the classes
 * @param parallelFolds folds at work at the same time
 * @param augmentation whether each fold trains a diffusion model first
 * @param protocol whether patients may stand on both sides
 * @param foldResamples bootstrap resamples of the reports of single folds
 */
public record CrossvalOptions(
    List<Integer> folds,
    int parallelFolds,
    Augmentation augmentation,
    Protocol protocol,
    int foldResamples) {

  /** Whether each fold trains a diffusion model first. */
  public enum Augmentation {
    NONE,
    DDPM
  }

  /**
   * @throws IllegalArgumentException if a number is out of range
   */
  public CrossvalOptions {
    folds = List.copyOf(folds);
    if (folds.stream().distinct().count() != folds.size()) {
      throw new IllegalArgumentException(
          "Invalid crossval.folds " + folds + ": each fold can be held out once");
    }
    if (folds.size() == 1) {
      throw new IllegalArgumentException(
          "Invalid crossval.folds " + folds + ": name two or more, or none for all");
    }
    if (parallelFolds < 1) {
      throw new IllegalArgumentException(
          "Invalid crossval.parallel-folds " + parallelFolds + ": must be 1 or more");
    }
    if (foldResamples < 1) {
      throw new IllegalArgumentException(
          "Invalid crossval.fold-resamples " + foldResamples + ": must be 1 or more");
    }
  }

  /** The options that the settings hold. */
  public static CrossvalOptions of(Settings settings) {
    return settings.read(
        "crossval",
        config ->
            new CrossvalOptions(
                config.getIntList("folds"),
                config.getInt("parallel-folds"),
                augmentation(config.getString("augmentation")),
                protocol(config.getString("protocol")),
                config.getInt("fold-resamples")));
  }

  private static Augmentation augmentation(String word) {
    return switch (word) {
      case "none" -> Augmentation.NONE;
      case "ddpm" -> Augmentation.DDPM;
      default ->
          throw new IllegalArgumentException(
              "Invalid augmentation \"" + word + "\": write none or ddpm");
    };
  }

  private static Protocol protocol(String word) {
    return Arrays.stream(Protocol.values())
        .filter(p -> p.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid protocol \""
                        + word
                        + "\": write inter-patient (intra-patient-leaking shows by how much a split"
                        + " by beats flatters)"));
  }
}
