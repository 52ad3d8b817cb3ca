package org.rtcn.common.dsp;

/** Why a recording gives no beats. */
public enum RecordRefusal {
  /** One of the twelve standard leads is absent. */
  MISSING_LEAD,
  /** Sampled at less than 50 Hz: no QRS complex can be told. */
  RATE_TOO_LOW,
  /** The recording is shorter than a window. */
  TOO_SHORT,
  /** A lead holds no valid sample. */
  INVALID_LEAD,
  /** A lead never moves. */
  FLAT_LEAD,
  /** Nothing that looks like an R peak. */
  NO_R_PEAKS,
  /** R peaks were found, but each beat was refused. */
  NO_BEATS_KEPT
}
