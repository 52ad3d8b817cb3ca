package org.rtcn.common.averaging;

/** What makes a round: tasks on a cluster, or this thread. */
@FunctionalInterface
public interface Rounds {
  /**
   * Every worker makes the round's steps from the same state.
   *
   * @return where the mean of them stands, and their mean loss
   */
  Averaged make(TrainingState from, Round round);

  /**
   * What a round comes to.
   *
   * @param state the workers' mean
   * @param loss their mean
   */
  record Averaged(TrainingState state, double loss) {
    /** Of the workers' sum. */
    public static Averaged of(WeightedSum sum) {
      return new Averaged(sum.mean(), sum.loss());
    }
  }
}
