package org.rtcn.common.metrics;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * From which probability of infarction on a case counts as detected, and where that comes from. A
 * model carries it, so that whoever asks the model decides by the same rule.
 *
 * @param probability between 0 and 1, both excluded, in single precision as tables hold it
 * @param validationPatients on how many patients it was chosen; 0 where it was fixed beforehand.
 *     They are neither those that the network learned from nor those that it is measured on
 */
public record DetectionThreshold(float probability, int validationPatients) {
  /** One half, fixed beforehand. */
  public static final DetectionThreshold FIXED = new DetectionThreshold(0.5f, 0);

  private static final float EDGE = 1e-6f;

  /** Probabilities are told apart in steps of one by this when a threshold is chosen. */
  private static final int STEPS = 1 << 14;

  /**
   * @throws IllegalArgumentException if the threshold is not between 0 and 1, or the patients are
   *     fewer than none
   */
  public DetectionThreshold {
    if (!(probability > 0 && probability < 1)) {
      throw new IllegalArgumentException(
          "Invalid detection threshold " + probability + ": must lie between 0 and 1");
    }
    if (validationPatients < 0) {
      throw new IllegalArgumentException(
          "Invalid detection threshold: chosen on "
              + validationPatients
              + " patients, must be 0 or more");
    }
  }

  /** Where it comes from, in words, for example "fixed beforehand". */
  public String origin() {
    return validationPatients == 0
        ? "fixed beforehand"
        : "highest sensitivity + specificity of "
            + validationPatients
            + " validation patients, whose own beats neither trained the network nor are held out";
  }

  /** In words: the threshold and its origin. */
  public String words() {
    return String.format(Locale.ROOT, "%.3f (%s)", probability, origin());
  }

  /**
   * The step that a probability of infarction falls into: patients are counted by it, so that many
   * take no more room than few.
   */
  public static int stepOf(double probability) {
    return (int) Math.round(Math.max(0, Math.min(1, probability)) * STEPS);
  }

  /**
   * The threshold of highest sensitivity + specificity (Youden 1950). Every gap between
   * neighbouring steps is tried: at one half where it holds it, else at its middle. Of equally good
   * ones the nearest to one half is taken.
   *
   * @param infarcts patients with an infarct by {@link #stepOf} of their probability
   * @param others all other patients in the same way
   * @return {@link #FIXED} where there is no infarct or nothing else
   */
  public static DetectionThreshold highestYouden(
      Map<Integer, Long> infarcts, Map<Integer, Long> others) {
    long positives = infarcts.values().stream().mapToLong(Long::longValue).sum();
    long negatives = others.values().stream().mapToLong(Long::longValue).sum();
    if (positives == 0 || negatives == 0) {
      return FIXED;
    }
    // What it costs and gains to raise the threshold over a step, times both numbers of patients.
    SortedMap<Integer, Long> raising = new TreeMap<>();
    infarcts.forEach((step, n) -> raising.merge(step, -n * negatives, Long::sum));
    others.forEach((step, n) -> raising.merge(step, n * positives, Long::sum));
    double best = 0.5;
    long highest = Long.MIN_VALUE;
    long youden = 0;
    int below = raising.firstKey();
    for (Map.Entry<Integer, Long> at : raising.entrySet()) {
      if (at.getKey() > below) {
        double candidate = inGap(below, at.getKey());
        boolean nearer = Math.abs(candidate - 0.5) < Math.abs(best - 0.5);
        if (youden > highest || (youden == highest && nearer)) {
          highest = youden;
          best = candidate;
        }
      }
      youden += at.getValue();
      below = at.getKey();
    }
    return new DetectionThreshold(
        (float) Math.max(EDGE, Math.min(1 - EDGE, best)), Math.toIntExact(positives + negatives));
  }

  private static double inGap(int below, int above) {
    return below < STEPS / 2 && above > STEPS / 2 ? 0.5 : (below + above) / (2.0 * STEPS);
  }
}
