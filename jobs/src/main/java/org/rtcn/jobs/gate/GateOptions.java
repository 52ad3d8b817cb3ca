package org.rtcn.jobs.gate;

import org.rtcn.common.config.Settings;

/**
 * The options of the stage, from {@code rtcn.gate}.
 *
 * @param maxRejectsShare inputs that may be refused
 * @param maxUnansweredShare recordings that may be without an answer
 * @param maxDistance how far a figure may lie from the earlier nights
 * @param significance over all figures of a night: how often chance alone may close the gate
 * @param minRecordings fewer are not compared
 */
public record GateOptions(
    double maxRejectsShare,
    double maxUnansweredShare,
    double maxDistance,
    double significance,
    int minRecordings) {

  /**
   * @throws IllegalArgumentException if a number is out of range
   */
  public GateOptions {
    requireShare("max-rejects-share", maxRejectsShare);
    requireShare("max-unanswered-share", maxUnansweredShare);
    requireShare("max-distance", maxDistance);
    requireShare("significance", significance);
    if (minRecordings < 1) {
      throw new IllegalArgumentException(
          "Invalid min-recordings " + minRecordings + ": must be 1 or more");
    }
  }

  private static void requireShare(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("Invalid " + key + " " + value + ": must be 0 to 1");
    }
  }

  /** The options that the settings hold. */
  public static GateOptions of(Settings settings) {
    return settings.read(
        "gate",
        config ->
            new GateOptions(
                config.getDouble("max-rejects-share"),
                config.getDouble("max-unanswered-share"),
                config.getDouble("max-distance"),
                config.getDouble("significance"),
                config.getInt("min-recordings")));
  }
}
