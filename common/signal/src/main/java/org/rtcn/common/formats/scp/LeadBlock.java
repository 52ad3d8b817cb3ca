package org.rtcn.common.formats.scp;

import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * The content of section 5 (reference beat) or 6 (rhythm).
 *
 * @param stepNanovolts of its integers
 * @param intervalMicroseconds between samples
 * @param bimodal whether parts are stored at a lower rate; of section 6 only
 * @param samples per lead, differences undone
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over.
record LeadBlock(int stepNanovolts, int intervalMicroseconds, boolean bimodal, int[][] samples) {
  private static final int OVERFLOW = 1 << 16;

  /**
   * Reads a section.
   *
   * @param huffman null where values are plain 16-bit integers
   * @param limit most samples of a lead
   */
  static LeadBlock read(String file, Bytes section, int leads, Huffman huffman, long limit)
      throws FormatException {
    int step = section.u16();
    int interval = section.u16();
    int order = section.u8();
    boolean bimodal = section.u8() != 0;
    if (step == 0 || interval == 0 || order > 2) {
      throw FormatException.malformed(
          file,
          "its steps are %d nV, its samples %d microseconds apart, its differences of order %d"
              .formatted(step, interval, order));
    }
    int[] lengths = new int[leads];
    long sum = 0;
    for (int lead = 0; lead < leads; lead++) {
      lengths[lead] = section.u16();
      sum += lengths[lead];
    }
    if (section.left() - sum >= OVERFLOW) {
      throw new FormatException(
          Reason.FILE_MALFORMED,
          "Cannot read %s: its leads' byte counts add up to %d of %d bytes, so they overflowed their 16 bits; export a shorter strip"
              .formatted(file, sum, section.left()));
    }
    int[][] samples = new int[leads][];
    for (int lead = 0; lead < leads; lead++) {
      byte[] bytes = section.take(lengths[lead]);
      samples[lead] = huffman == null ? plain(bytes) : huffman.decode(bytes, limit);
    }
    return new LeadBlock(step, interval, bimodal, samples).undifferenced(order);
  }

  private static int[] plain(byte[] bytes) {
    int[] values = new int[bytes.length / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) ((bytes[2 * i] & 0xff) | bytes[2 * i + 1] << 8);
    }
    return values;
  }

  /** Undoes differences; the first values stand as they are. */
  private LeadBlock undifferenced(int order) {
    for (int[] x : samples) {
      for (int i = order; order > 0 && i < x.length; i++) {
        x[i] += order == 1 ? x[i - 1] : 2 * x[i - 1] - x[i - 2];
      }
    }
    return this;
  }
}
