package org.rtcn.common.averaging;

/**
 * Where training stands after a round.
 *
 * @param course all of it
 * @param state the workers' mean
 * @param roundSteps steps of each worker in this round
 * @param loss mean over them
 * @param stepsHere steps of each worker since training was started or resumed
 * @param elapsedSeconds since then
 */
public record Progress(
    Course course,
    TrainingState state,
    int roundSteps,
    double loss,
    int stepsHere,
    double elapsedSeconds) {

  /** Steps that each worker has made. */
  public int step() {
    return state.step();
  }

  /** The epoch that it stands in or at the end of, from 1. */
  public int epoch() {
    return (step() - 1) / course.stepsPerEpoch() + 1;
  }

  /** Over all workers, since training was started or resumed. */
  public double examplesPerSecond() {
    return course.examplesPerStep() * (double) stepsHere / elapsedSeconds;
  }

  /** To go at the pace so far. */
  public double remainingSeconds() {
    return elapsedSeconds * (course.steps() - step()) / Math.max(1, stepsHere);
  }
}
