package org.rtcn.jobs.train;

/**
 * Where training stands.
 *
 * @param epoch from 1
 * @param epochs all of them
 * @param step steps of each worker done so far
 * @param steps all of them
 * @param loss mean weighted cross-entropy over the examples since the last report
 * @param examplesPerSecond over all workers, since the start
 * @param elapsedSeconds since the start
 * @param epochDone whether the epoch ends here
 */
public record TrainingProgress(
    int epoch,
    int epochs,
    int step,
    int steps,
    double loss,
    double examplesPerSecond,
    double elapsedSeconds,
    boolean epochDone) {

  /** Seconds to go at the pace so far. */
  public double remainingSeconds() {
    return elapsedSeconds * (steps - step) / Math.max(1, step);
  }

  /** Hears of progress after every averaging. */
  @FunctionalInterface
  public interface Listener {
    void on(TrainingProgress progress);
  }
}
