package org.rtcn.jobs.train;

/** Counts steps and time of a training. */
final class Clock {
  private final TrainingOptions options;
  private final int stepsPerEpoch;
  private final long startNanos = System.nanoTime();
  private int step;
  private long examples;

  Clock(TrainingOptions options, long examples) {
    this.options = options;
    this.stepsPerEpoch = options.stepsPerEpoch(examples);
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
        stepsPerEpoch * options.epochs(),
        loss,
        examples / seconds,
        seconds,
        step % stepsPerEpoch == 0);
  }
}
