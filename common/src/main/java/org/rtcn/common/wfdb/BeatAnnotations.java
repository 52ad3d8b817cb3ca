package org.rtcn.common.wfdb;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The beats of an annotation file in the MIT format: where a person or program has put a beat
 * label, of whatever kind. Rhythm, noise and other marks are left out.
 *
 * <p>Source: WFDB Applications Guide, annot(5): 16-bit words, little endian, of a 6-bit code and a
 * 10-bit time difference; SKIP carries a longer one, AUX a text.
 */
public final class BeatAnnotations {
  private static final int SKIP = 59;
  private static final int AUX = 63;

  /** The codes that WFDB's isqrs() counts as beats: 1 to 13, 25, 30, 34, 35, 38 and 41. */
  private static final long BEAT_CODES =
      0x3ffeL | 1L << 25 | 1L << 30 | 1L << 34 | 1L << 35 | 1L << 38 | 1L << 41;

  private BeatAnnotations() {}

  /**
   * The samples of the beats, in the file's order.
   *
   * @throws IOException if the file cannot be read or ends within a word
   */
  public static int[] samples(InputStream file) throws IOException {
    DataInputStream in = new DataInputStream(file);
    int[] beats = new int[1024];
    int count = 0;
    int sample = 0;
    try {
      while (true) {
        int word = word(in);
        int code = word >> 10;
        int value = word & 0x3ff;
        if (word == 0) {
          break;
        } else if (code == SKIP) {
          sample += word(in) << 16 | word(in);
        } else if (code == AUX) {
          in.skipNBytes(value + (value & 1));
        } else if (code < SKIP) {
          sample += value;
          if ((BEAT_CODES >> code & 1) == 1) {
            if (count == beats.length) {
              beats = Arrays.copyOf(beats, 2 * count);
            }
            beats[count++] = sample;
          }
        }
      }
    } catch (EOFException e) {
      throw new IOException("Failed to read annotations: the file ends without its end mark", e);
    }
    return Arrays.copyOf(beats, count);
  }

  private static int word(DataInputStream in) throws IOException {
    int low = in.readUnsignedByte();
    return low | in.readUnsignedByte() << 8;
  }
}
