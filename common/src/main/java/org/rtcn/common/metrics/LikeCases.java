package org.rtcn.common.metrics;

import java.util.List;
import java.util.Optional;
import org.rtcn.common.storage.StrictJson;

/**
 * What an evaluation says of cases with a probability like that of a new one: how many of them had
 * an infarct. It lies next to the model as a file.
 *
 * @param modelId of the model that was evaluated
 * @param simulated whether any of the cases is simulated
 * @param level what one case is, for example {@code record}
 * @param cases how many were evaluated
 * @param infarcts how many of them have an infarct
 * @param confidence of the intervals
 * @param groups by probability, the lowest first
 * @param map the kind of map that explains this model's answers best; null where none was tried
 */
public record LikeCases(
    String modelId,
    boolean simulated,
    String level,
    long cases,
    long infarcts,
    double confidence,
    List<Group> groups,
    String map) {
  /** A longer file is refused before it is read. */
  public static final long LONGEST_FILE = 1L << 20;

  private static final String WHAT =
      "file …-evaluation.json next to the model: it was damaged or written by another version,"
          + " evaluate again or delete it";

  /**
   * Cases of neighbouring probability.
   *
   * @param lowest the lowest probability of infarction among them
   * @param highest the highest
   * @param cases how many
   * @param infarcts how many of them have an infarct
   * @param low lower end of the interval of their share of infarcts
   * @param high its upper end
   */
  public record Group(
      double lowest, double highest, long cases, long infarcts, double low, double high) {
    /**
     * @throws IllegalArgumentException if these are no probabilities and counts
     */
    public Group {
      // Not so for NaN.
      if (!(0 <= lowest && lowest <= highest && highest <= 1)
          || !(0 <= low && low <= high && high <= 1)
          || infarcts < 0
          || infarcts > cases
          || cases == 0) {
        throw new IllegalArgumentException(
            "a group must have probabilities between 0 and 1 and no more infarcts than cases");
      }
    }

    private double away(double probability) {
      return Math.max(0, Math.max(lowest - probability, probability - highest));
    }
  }

  /**
   * @throws IllegalArgumentException if something is missing or the counts disagree
   */
  public LikeCases {
    if (modelId == null || level == null || groups == null || groups.isEmpty()) {
      throw new IllegalArgumentException("a part is missing");
    }
    groups = List.copyOf(groups);
    if (groups.stream().mapToLong(Group::cases).sum() != cases
        || groups.stream().mapToLong(Group::infarcts).sum() != infarcts
        || !(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("its groups do not add up to its cases");
    }
  }

  /** The file next to a model's folder that says how it was evaluated. */
  public static String fileOf(String folder) {
    return folder + "-evaluation.json";
  }

  /**
   * The groups of an evaluation.
   *
   * @return empty where the classes do not hold both infarcts and others
   */
  public static Optional<LikeCases> of(
      String modelId, boolean simulated, LevelEvaluation level, double confidence) {
    return level
        .detection()
        .map(
            detection ->
                new LikeCases(
                    modelId,
                    simulated,
                    level.level().word(),
                    detection.reliability().stream().mapToLong(Detection.CountBin::cases).sum(),
                    detection.reliability().stream().mapToLong(Detection.CountBin::infarcts).sum(),
                    confidence,
                    detection.reliability().stream()
                        .map(
                            bin ->
                                new Group(
                                    bin.lowest(),
                                    bin.highest(),
                                    bin.cases(),
                                    bin.infarcts(),
                                    bin.low(),
                                    bin.high()))
                        .toList(),
                    null));
  }

  /** The same, with the kind of map that explains the model's answers best. */
  public LikeCases explainedBy(String map) {
    return new LikeCases(modelId, simulated, level, cases, infarcts, confidence, groups, map);
  }

  /** The group that a probability of infarction falls into, or lies nearest to. */
  public Group at(double probability) {
    Group nearest = groups.get(0);
    for (Group group : groups) {
      if (group.away(probability) < nearest.away(probability)) {
        nearest = group;
      }
    }
    return nearest;
  }

  /** The file. */
  public byte[] toJson() {
    return StrictJson.writePretty(this);
  }

  /**
   * Reads what {@link #toJson} wrote; of unknown origin, like a model.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  public static LikeCases parse(byte[] json) {
    return StrictJson.read(json, LikeCases.class, WHAT);
  }
}
