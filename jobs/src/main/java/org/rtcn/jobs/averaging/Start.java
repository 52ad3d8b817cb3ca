package org.rtcn.jobs.averaging;

import org.rtcn.common.averaging.Checkpoint;
import org.rtcn.common.averaging.TrainingRun;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.CheckpointFiles;

/** Where a training starts. */
public enum Start {
  /** With fresh weights; earlier checkpoints are removed. */
  AFRESH,
  /** From the last checkpoint, where there is one. */
  RESUME;

  /**
   * The state that the training goes on from.
   *
   * @param fresh the state before the first step
   * @throws UserException if the checkpoint belongs to another training
   */
  public TrainingState of(TrainingRun run, CheckpointFiles files, TrainingState fresh) {
    if (this == RESUME) {
      return run.resume(files.latest(Checkpoint::parse), fresh);
    }
    files.clear();
    return fresh;
  }
}
