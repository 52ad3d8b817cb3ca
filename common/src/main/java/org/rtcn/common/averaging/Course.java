package org.rtcn.common.averaging;

/**
 * How long a training is and in what portions it is made. A round ends after so many steps of each
 * worker, and at the end of an epoch.
 *
 * @param workers side by side
 * @param epochs passes over the examples; 1 where examples are drawn
 * @param stepsPerEpoch steps of each worker
 * @param averagingFrequency steps of a worker between two averagings
 * @param reportEvery steps of a worker from one row of the learning curve to the next, at least
 * @param examplesPerStep of all workers together
 */
public record Course(
    int workers,
    int epochs,
    int stepsPerEpoch,
    int averagingFrequency,
    int reportEvery,
    long examplesPerStep) {

  /**
   * @throws IllegalArgumentException if a number is not positive, or there are more than 2³¹ steps
   */
  public Course {
    if (Math.min(Math.min(workers, epochs), Math.min(stepsPerEpoch, averagingFrequency)) < 1
        || Math.min(reportEvery, examplesPerStep) < 1
        || (long) epochs * stepsPerEpoch > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Invalid training of "
              + epochs
              + " epochs of "
              + stepsPerEpoch
              + " steps, averaged every "
              + averagingFrequency
              + ", by "
              + workers
              + " workers: must be positive, with fewer than 2^31 steps");
    }
  }

  /** Steps of each worker. */
  public int steps() {
    return epochs * stepsPerEpoch;
  }

  /** Whether each row of the learning curve is an epoch. */
  public boolean reportsEpochs() {
    return reportEvery == stepsPerEpoch;
  }

  /** The round that begins after so many steps. */
  Round round(int step) {
    int epoch = step / stepsPerEpoch;
    int from = step % stepsPerEpoch;
    int to = (int) Math.min(stepsPerEpoch, (from / averagingFrequency + 1L) * averagingFrequency);
    return new Round(epoch, from, to);
  }

  /** Whether the learning curve gets a row after so many steps. */
  boolean reports(int step, int lastReported) {
    return step - lastReported >= reportEvery || step == steps();
  }

  /** Whether a training that was last reported then can stand there. */
  boolean passes(int step, int lastReported) {
    return step <= steps()
        && lastReported <= step
        && (step == lastReported || !reports(step, lastReported));
  }
}
