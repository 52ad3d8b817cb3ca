package org.rtcn.jobs.train;

/**
 * Where training stands.
 *
 * @param epoch from 1
 * @param epochs all of them
 * @param step steps of each worker done so far
 * @param steps all of them
 * @param loss mean loss over the steps since the last report
 * @param examplesPerSecond over all workers, since training was started or resumed
 * @param elapsedSeconds since training was started or resumed
 * @param remainingSeconds to go at the pace so far
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
    double remainingSeconds,
    boolean epochDone) {

  /** Hears of progress after every averaging. */
  @FunctionalInterface
  public interface Listener {
    /** The network stands as the progress says. */
    void on(TrainingProgress progress);

    /** Asked before each epoch; false ends the training. */
    default boolean goOn() {
      return true;
    }
  }
}
