package org.rtcn.jobs.train;

/** Counts steps and time of a training. */
final class Clock {
  private final TrainingOptions options;
  private final int stepsPerEpoch;
  private final int firstStep;
  private final long startNanos = System.nanoTime();
  private int step;
  private long examples;

  /**
   * @param examples of an epoch
   * @param firstStep steps done before, where a training goes on
   */
  Clock(TrainingOptions options, long examples, int firstStep) {
    this.options = options;
    this.stepsPerEpoch = options.stepsPerEpoch(examples);
    this.firstStep = firstStep;
    this.step = firstStep;
  }

  int steps() {
    return stepsPerEpoch * options.epochs();
  }

  boolean epochBegins() {
    return step % stepsPerEpoch == 0;
  }

  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  int step() {
    return step;
  }

  void advance(int steps, long examplesSeen) {
    step += steps;
    examples += examplesSeen;
  }

  TrainingProgress report(double loss) {
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new TrainingProgress(
        (step - 1) / stepsPerEpoch + 1,
        options.epochs(),
        step,
        steps(),
        loss,
        examples / seconds,
        seconds,
        seconds * (steps() - step) / Math.max(1, step - firstStep),
        step % stepsPerEpoch == 0);
  }
}
