package org.rtcn.jobs.train;

import org.rtcn.common.random.RandomStreams;

/** What every worker does around a step. */
final class Steps {
  private Steps() {}

  /** What dropout of a step is drawn from. */
  static long seed(long seed, int worker, int iteration) {
    return RandomStreams.seedOf(seed, "step", worker, iteration);
  }
}
