package org.rtcn.common.diffusion;

/**
 * A beat to learn from.
 *
 * @param beatId its key; training sorts by it, so that the order of input does not matter
 * @param patientId whose beat it is
 * @param label its class
 * @param millivolts {@code [lead][sample]} in mV, finite; not copied
 * @param rrSeconds the RR interval before it, in s; NaN if unknown
 */
@SuppressWarnings("ArrayRecordComponent")
public record TrainingBeat(
    String beatId, String patientId, String label, float[][] millivolts, float rrSeconds) {

  /** A beat whose RR interval is not known. */
  public TrainingBeat(String beatId, String patientId, String label, float[][] millivolts) {
    this(beatId, patientId, label, millivolts, Float.NaN);
  }
}
