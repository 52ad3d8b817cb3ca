package org.rtcn.jobs.run;

import com.typesafe.config.Config;
import java.time.Duration;
import org.rtcn.common.config.Settings;

/**
 * The times of a {@link Lease}.
 *
 * @param heartbeat between two signs of life of the holder
 * @param expiry a holder on another machine that gave no sign of life for so long has lost it
 * @param patience how long to wait for a lease that somebody holds
 */
public record LeaseOptions(Duration heartbeat, Duration expiry, Duration patience) {
  /** For a moment, where no settings are known. */
  static final LeaseOptions AT_ONCE =
      new LeaseOptions(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ZERO);

  public LeaseOptions {
    if (heartbeat.isNegative() || heartbeat.isZero()) {
      throw new IllegalArgumentException(
          "Invalid heartbeat-s " + seconds(heartbeat) + ": must be above 0");
    }
    if (expiry.compareTo(heartbeat.multipliedBy(3)) < 0) {
      throw new IllegalArgumentException(
          "Invalid expiry-s "
              + seconds(expiry)
              + ": must be at least three times heartbeat-s, "
              + seconds(heartbeat));
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException(
          "Invalid wait-s " + seconds(patience) + ": must be 0 or more");
    }
  }

  /** Those of the section {@code rtcn.run.lease}. */
  public static LeaseOptions of(Settings settings) {
    return settings.read(
        "run.lease",
        config ->
            new LeaseOptions(
                duration(config, "heartbeat-s"),
                duration(config, "expiry-s"),
                duration(config, "wait-s")));
  }

  private static Duration duration(Config config, String key) {
    return Duration.ofMillis(Math.round(config.getDouble(key) * 1e3));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
