package org.rtcn.common.formats.sierra;

import java.util.Arrays;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.ReadLimits;

/**
 * Philips' XLI: each lead is a block of LZW with fixed 10-bit codes over bytes, high bytes first;
 * the values are second differences, and III to aVF are what the leads differ from what I and II
 * make of them.
 *
 * <p>Source: sierra-ecg-tools, its description of the format.
 */
final class Xli {
  private static final int CODE_BITS = 10;

  /** The last code ends a block. */
  private static final int END = (1 << CODE_BITS) - 1;

  private Xli() {}

  /**
   * Samples of each lead in steps.
   *
   * @param limbLeads whether the first six are I to aVF, of which four are stored as residuals
   */
  static double[][] decode(
      String file, byte[] bytes, int leads, boolean limbLeads, ReadLimits limits)
      throws FormatException {
    if (leads < 1 || leads > 64) {
      throw FormatException.malformed(file, "it has " + leads + " leads");
    }
    int[][] rows = new int[leads][];
    Bytes in = new Bytes(file, bytes);
    for (int lead = 0; lead < leads; lead++) {
      int length = in.i32();
      in.skip(2);
      int start = in.i16();
      if (length < 0) {
        throw FormatException.malformed(file, "block " + lead + " has " + length + " bytes");
      }
      byte[] block = in.take(length);
      rows[lead] = undifference(unpack(file, block, limits.samples() / leads), start);
      if (rows[lead].length != rows[0].length) {
        throw FormatException.malformed(
            file, "its leads have %d and %d samples".formatted(rows[0].length, rows[lead].length));
      }
    }
    if (limbLeads) {
      rebuildLimbLeads(rows);
    }
    double[][] out = new double[leads][];
    for (int lead = 0; lead < leads; lead++) {
      out[lead] = new double[rows[lead].length];
      for (int i = 0; i < out[lead].length; i++) {
        out[lead][i] = rows[lead][i];
      }
    }
    return out;
  }

  /** LZW: the words of the table are chains of one byte and the word before. */
  private static short[] unpack(String file, byte[] block, long limit) throws FormatException {
    int[] before = new int[END];
    byte[] last = new byte[END];
    byte[] firstByte = new byte[END];
    int[] length = new int[END];
    for (int i = 0; i < 256; i++) {
      before[i] = -1;
      last[i] = (byte) i;
      firstByte[i] = (byte) i;
      length[i] = 1;
    }
    int next = 256;
    int previous = -1;
    byte[] out = new byte[4 * block.length + 16];
    int count = 0;
    long bits = 0;
    int have = 0;
    int at = 0;
    while (true) {
      while (have < CODE_BITS && at < block.length) {
        bits = bits << 8 | (block[at++] & 0xff);
        have += 8;
      }
      if (have < CODE_BITS) {
        break;
      }
      int code = (int) (bits >> (have - CODE_BITS)) & END;
      have -= CODE_BITS;
      if (code == END) {
        break;
      }
      if (code > next || (code == next && (previous < 0 || next == END))) {
        throw FormatException.malformed(file, "its XLI block has the unknown code " + code);
      }
      if (previous >= 0 && next < END) {
        before[next] = previous;
        firstByte[next] = firstByte[previous];
        last[next] = code == next ? firstByte[previous] : firstByte[code];
        length[next] = length[previous] + 1;
        next++;
      }
      int end = count + length[code];
      if (end > 2 * limit) {
        throw new FormatException(
            Reason.RECORD_TOO_LONG,
            "Cannot read %s: a lead has more than %d samples; split it".formatted(file, limit));
      }
      if (end > out.length) {
        out = Arrays.copyOf(out, Math.max(end, 2 * out.length));
      }
      for (int word = code, to = end; word >= 0; word = before[word]) {
        out[--to] = last[word];
      }
      count = end;
      previous = code;
    }
    int half = count / 2;
    short[] values = new short[half];
    for (int i = 0; i < half; i++) {
      values[i] = (short) (out[i] << 8 | (out[half + i] & 0xff));
    }
    return values;
  }

  private static int[] undifference(short[] stored, int start) {
    int[] x = new int[stored.length];
    int c = start;
    for (int i = 0; i < x.length; i++) {
      if (i < 2) {
        x[i] = stored[i];
      } else {
        x[i] = (short) (2 * x[i - 1] - x[i - 2] - c);
        c = stored[i] - 64;
      }
    }
    return x;
  }

  private static void rebuildLimbLeads(int[][] rows) {
    int[] one = rows[0];
    int[] two = rows[1];
    for (int i = 0; i < one.length; i++) {
      int three = two[i] - one[i] - rows[2][i];
      rows[2][i] = three;
      rows[3][i] = -rows[3][i] - Math.floorDiv(one[i] + two[i], 2);
      rows[4][i] = Math.floorDiv(one[i] - three, 2) - rows[4][i];
      rows[5][i] = Math.floorDiv(two[i] + three, 2) - rows[5][i];
    }
  }
}
