package org.rtcn.common.averaging;

import java.util.List;

/**
 * Synchronous parameter averaging (McDonald, Hall, Mann 2010): every worker trains a copy of the
 * network for some steps, the copies are averaged, and so on.
 */
public final class AveragingTrainer {
  private AveragingTrainer() {}

  /**
   * Goes from a state to the end of the course, or to where a listener ends it.
   *
   * @return where it has arrived
   */
  public static TrainingState train(
      TrainingState from,
      Course course,
      Rounds rounds,
      List<? extends TrainingListener> listeners) {
    long start = System.nanoTime();
    TrainingState state = from;
    while (state.step() < course.steps() && listeners.stream().allMatch(TrainingListener::goesOn)) {
      Round round = course.round(state.step());
      Rounds.Averaged averaged = rounds.make(state, round);
      state = averaged.state();
      Progress progress =
          new Progress(
              course,
              state,
              round.steps(),
              averaged.loss(),
              state.step() - from.step(),
              (System.nanoTime() - start) / 1e9);
      listeners.forEach(listener -> listener.afterRound(progress));
    }
    TrainingState end = state;
    listeners.forEach(listener -> listener.atEnd(end));
    return end;
  }
}
