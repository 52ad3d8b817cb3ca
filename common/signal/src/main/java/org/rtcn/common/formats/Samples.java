package org.rtcn.common.formats;

import java.io.IOException;

/** Gives the samples of a recording by window. */
@FunctionalInterface
public interface Samples {

  /**
   * Samples of all channels.
   *
   * @param from first sample, at least 0
   * @param count samples, within the recording
   * @return {@code [channel][sample]} in mV, NaN where nothing valid was recorded; the caller's own
   */
  double[][] read(long from, int count) throws IOException;

  /** Samples that are in memory. */
  static Samples of(double[][] millivolts) {
    return (from, count) -> {
      double[][] window = new double[millivolts.length][];
      for (int c = 0; c < window.length; c++) {
        int start = Math.toIntExact(from);
        window[c] = java.util.Arrays.copyOfRange(millivolts[c], start, start + count);
      }
      return window;
    };
  }
}
