package org.rtcn.common.simulate;

import java.util.SplittableRandom;
import org.rtcn.common.random.RandomStreams;

/**
 * Random numbers that are the same on every machine: the library's own Gaussians are not specified
 * bit by bit, so they are made here with {@link StrictMath} (Marsaglia's polar method).
 */
final class GaussianStream {
  private final SplittableRandom random;
  private double spare;
  private boolean hasSpare;

  private GaussianStream(SplittableRandom random) {
    this.random = random;
  }

  static GaussianStream of(long seed, Object... keyPath) {
    return new GaussianStream(RandomStreams.of(seed, keyPath));
  }

  /** Uniform in [low, high). */
  double uniform(double low, double high) {
    return low + (high - low) * random.nextDouble();
  }

  /** Uniform in low..high, both included. */
  int integer(int low, int high) {
    return random.nextInt(low, high + 1);
  }

  double normal() {
    if (hasSpare) {
      hasSpare = false;
      return spare;
    }
    double u;
    double v;
    double s;
    do {
      u = 2 * random.nextDouble() - 1;
      v = 2 * random.nextDouble() - 1;
      s = u * u + v * v;
    } while (s >= 1 || s == 0);
    double factor = Math.sqrt(-2 * StrictMath.log(s) / s);
    spare = v * factor;
    hasSpare = true;
    return u * factor;
  }

  double normal(double mean, double deviation) {
    return mean + deviation * normal();
  }

  /** A normal value drawn in again to the limits: no heap at the ends, as clamping would leave. */
  double normalWithin(double mean, double deviation, double low, double high) {
    double value;
    do {
      value = normal(mean, deviation);
    } while (value < low || value > high);
    return value;
  }

  /** A positive factor with median 1. */
  double factor(double logDeviation) {
    return StrictMath.exp(logDeviation * normal());
  }
}
