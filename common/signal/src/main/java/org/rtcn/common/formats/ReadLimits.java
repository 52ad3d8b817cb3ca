package org.rtcn.common.formats;

/**
 * How much a reader takes.
 *
 * @param fileBytes largest file of a format that is read whole, in bytes; formats that are read by
 *     window (EDF, ISHNE, HDF5) are not bound by it
 * @param samples most samples that one recording may hold in memory at once, over all leads
 */
public record ReadLimits(int fileBytes, long samples) {
  /** 128 MiB and 32 million samples: an hour of 12 leads at 500 Hz takes 22 million. */
  public static final ReadLimits DEFAULT = new ReadLimits(128 << 20, 1L << 25);

  /** Checks the values. */
  public ReadLimits {
    if (fileBytes < 1 || samples < 1) {
      throw new IllegalArgumentException(
          "Invalid limits " + fileBytes + ", " + samples + ": must be positive");
    }
  }
}
