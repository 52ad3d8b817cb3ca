package org.rtcn.jobs.augment;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.Deque;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmState;
import org.rtcn.common.diffusion.DdpmTraining;

/**
 * Where an executor's workers train: broadcast, so that each executor has one for as long as the
 * training lasts. It keeps the networks between rounds, since building one takes seconds.
 */
final class TrainingDesk implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] untrained;
  private transient Deque<DdpmTraining> idle;

  TrainingDesk(DdpmModel untrained) {
    this.untrained = untrained.toBytes();
  }

  /** Makes some steps as one of the workers. */
  DdpmState advance(BeatPool pool, DdpmState from, int steps, int worker) {
    DdpmTraining training = take();
    if (training == null) {
      training = new DdpmTraining(DdpmModel.fromBytes(untrained), pool.beats());
    }
    DdpmState end = training.advance(from, steps, worker);
    giveBack(training);
    return end;
  }

  private synchronized DdpmTraining take() {
    return idle == null ? null : idle.poll();
  }

  private synchronized void giveBack(DdpmTraining training) {
    if (idle == null) {
      idle = new ArrayDeque<>();
    }
    idle.add(training);
  }
}
