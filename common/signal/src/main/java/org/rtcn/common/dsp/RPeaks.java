package org.rtcn.common.dsp;

/**
 * The R peaks of a recording, or why there are none.
 *
 * @param samples sample indices, ascending; one per heartbeat, valid for every lead
 * @param finding whether beats were found
 * @param detail why not, in words; empty if there are beats
 */
@SuppressWarnings("ArrayRecordComponent")
public record RPeaks(int[] samples, Finding finding, String detail) {

  /** What the search came to. */
  public enum Finding {
    FOUND,
    /** The signal is too short to filter. */
    TOO_SHORT,
    /** No steep waves: the leads are disconnected, flat, or hold asystole. */
    TOO_FAINT,
    /** Waves, but none that stand out of the others: noise, or fibrillation. */
    NOTHING_STANDS_OUT
  }

  static RPeaks none(Finding finding, String detail) {
    return new RPeaks(new int[0], finding, detail);
  }
}
