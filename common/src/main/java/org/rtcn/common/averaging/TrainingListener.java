package org.rtcn.common.averaging;

/** Hears of a training; one after the other, in the order in which they are given. */
@FunctionalInterface
public interface TrainingListener {
  /** After every round; what it throws ends the training. */
  void afterRound(Progress progress);

  /** Asked before every round; false ends the training. */
  default boolean goesOn() {
    return true;
  }

  /** After the last round. */
  default void atEnd(TrainingState state) {}
}
