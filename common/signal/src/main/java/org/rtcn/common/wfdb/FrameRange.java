package org.rtcn.common.wfdb;

/**
 * A window of a record, in frames.
 *
 * @param start first frame, 0-based
 * @param count frames; what lies past the record's end is left out
 */
public record FrameRange(long start, long count) {
  /** The whole record. */
  public static final FrameRange ALL = new FrameRange(0, Long.MAX_VALUE);

  public FrameRange {
    if (start < 0 || count <= 0) {
      throw new IllegalArgumentException(
          "Invalid window of " + count + " frames from " + start + ": must lie in the record");
    }
  }

  boolean isAll() {
    return start == 0 && count == Long.MAX_VALUE;
  }

  /** First frame after the window, or the largest long. */
  long end() {
    return count == Long.MAX_VALUE ? Long.MAX_VALUE : Math.addExact(start, count);
  }
}
