package org.rtcn.jobs.ablate;

import java.util.List;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;

/**
 * The options of the ablation, from {@code rtcn.ablate}.
 *
 * @param arms two or more; the first is what the others are set against
 * @param seeds trainings of each arm: the first with {@code rtcn.seed}, the next with the number
 *     after it, and so on
 * @param split who trains and who is measured
 */
public record AblateOptions(List<Arm> arms, int seeds, Split split) {
  private static final int MOST_SEEDS = 1000;

  /** Who trains and who is measured. */
  public enum Split {
    /** Every fold is held out once; all patients are measured. */
    CROSS_VALIDATION,
    /**
     * Each seed trains on one fold alone, the first on the first; the patients of folds on which no
     * seed trains are measured. Few patients train, many are measured, and each seed has other
     * patients.
     */
    ONE_FOLD_TRAINS
  }

  /**
   * @throws IllegalArgumentException if arms repeat or are fewer than two, or seeds out of range
   */
  public AblateOptions {
    arms = List.copyOf(arms);
    if (arms.size() < 2 || arms.stream().distinct().count() < arms.size()) {
      throw new IllegalArgumentException(
          "Invalid arms "
              + arms.stream().map(Arm::word).toList()
              + ": name two or more, each once");
    }
    if (seeds < 1 || seeds > MOST_SEEDS) {
      throw new IllegalArgumentException(
          "Invalid seeds "
              + seeds
              + ": must be 1 to "
              + MOST_SEEDS
              + ", and fewer than 3 say little");
    }
  }

  /** The options that the settings hold. */
  public static AblateOptions of(Settings settings) {
    return settings.read(
        "ablate",
        config ->
            new AblateOptions(
                config.getStringList("arms").stream().map(Arm::of).toList(),
                config.getInt("seeds"),
                Choices.of(Split.class, config, "split")));
  }
}
