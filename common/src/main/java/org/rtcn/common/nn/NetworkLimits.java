package org.rtcn.common.nn;

/**
 * What a network may cost, so that a configuration of unknown origin is refused before anything is
 * allocated for it. Far above every network that this project trains.
 */
final class NetworkLimits {
  /** Weights: a checkpoint, four times as many numbers, still fits a file that can be read. */
  static final long MOST_WEIGHTS = 1L << 26;

  /** Numbers that one part hands on, per example. */
  static final long LARGEST_ACTIVATION = 1L << 22;

  /** Floating-point operations of a forward pass, per example. */
  static final long MOST_FLOPS = 20_000_000_000L;

  private NetworkLimits() {}

  static void require(String what, double value, double most, String remedy) {
    if (!(value <= most)) {
      throw new IllegalArgumentException(
          String.format(
              java.util.Locale.ROOT,
              "Invalid network: %s %,.0f, at most %,.0f are allowed; %s",
              what,
              value,
              most,
              remedy));
    }
  }
}
