package org.rtcn.common.dsp;

import java.util.BitSet;

/** Bridges invalid samples (NaN) and remembers where that was too long a way. */
final class Gaps {
  private Gaps() {}

  /**
   * Replaces each run of NaN by the straight line between its neighbours, or by the nearest sample
   * at the ends of the recording.
   *
   * @param lead samples, changed in place
   * @param maxGapSamples runs longer than this are entered in {@code invalid}
   * @param invalid receives the samples of the long runs
   * @return false if the lead holds no valid sample at all (and was left alone)
   */
  static boolean bridge(double[] lead, int maxGapSamples, BitSet invalid) {
    int n = lead.length;
    for (int i = 0; i < n; i++) {
      if (!Double.isNaN(lead[i])) {
        continue;
      }
      int end = i;
      while (end < n && Double.isNaN(lead[end])) {
        end++;
      }
      if (i == 0 && end == n) {
        return false;
      }
      double left = i == 0 ? lead[end] : lead[i - 1];
      double right = end == n ? lead[i - 1] : lead[end];
      int length = end - i;
      for (int j = 0; j < length; j++) {
        lead[i + j] = left + (right - left) * (j + 1) / (length + 1);
      }
      if (length > maxGapSamples) {
        invalid.set(i, end);
      }
      i = end;
    }
    return true;
  }
}
