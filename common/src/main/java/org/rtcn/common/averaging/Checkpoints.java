package org.rtcn.common.averaging;

import java.util.function.ObjIntConsumer;

/** Writes a checkpoint once in a while and at the end. */
final class Checkpoints implements TrainingListener {
  private final TrainingRun.Keeping keeping;
  private final ObjIntConsumer<byte[]> store;
  private final int workers;
  private final LearningCurve curve;
  private final EarlyStopping best;
  private long savedNanos = System.nanoTime();
  private int savedStep;

  /**
   * @param store takes a checkpoint and its step
   * @param curve hears of each round before this, and so does {@code best}
   */
  Checkpoints(
      TrainingRun.Keeping keeping,
      ObjIntConsumer<byte[]> store,
      int workers,
      LearningCurve curve,
      EarlyStopping best) {
    this.keeping = keeping;
    this.store = store;
    this.workers = workers;
    this.curve = curve;
    this.best = best;
  }

  /** The checkpoint that the training goes on from need not be written again. */
  void resume(Checkpoint checkpoint) {
    savedStep = checkpoint.state().step();
  }

  @Override
  public void afterRound(Progress progress) {
    if (keeping.seconds() > 0 && System.nanoTime() - savedNanos >= keeping.seconds() * 1e9) {
      save(progress.state());
    }
  }

  @Override
  public void atEnd(TrainingState state) {
    if (keeping.seconds() > 0 && state.step() > savedStep) {
      save(state);
    }
  }

  private void save(TrainingState state) {
    Checkpoint.Header header =
        new Checkpoint.Header(
            keeping.fingerprint(),
            workers,
            state.step(),
            curve.lossSum(),
            curve.rows(),
            best.bestRow(),
            best.bestLoss());
    store.accept(new Checkpoint(header, state, best.best()).toBytes(), state.step());
    savedNanos = System.nanoTime();
    savedStep = state.step();
  }
}
