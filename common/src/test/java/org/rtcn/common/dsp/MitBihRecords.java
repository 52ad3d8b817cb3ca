package org.rtcn.common.dsp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Just enough of WFDB for the MIT-BIH records: two signals in format 212, 200 adu/mV, .atr. */
final class MitBihRecords {
  private MitBihRecords() {}

  /** A beat or artefact mark: its sample and its code. */
  record Mark(int sample, int code) {
    boolean isBeat() {
      return (code >= 1 && code <= 13) || code == 34 || code == 38 || code == 41;
    }

    boolean isVentricularExtrasystole() {
      return code == 5;
    }

    boolean isArtefact() {
      return code == 16;
    }
  }

  /** Both signals in mV. */
  static float[][] signals(Path dat) {
    byte[] bytes = read(dat);
    float[][] rows = new float[2][bytes.length / 3];
    for (int i = 0; i < rows[0].length; i++) {
      int middle = bytes[3 * i + 1] & 0xff;
      rows[0][i] = physical((bytes[3 * i] & 0xff) | ((middle & 0x0f) << 8));
      rows[1][i] = physical((bytes[3 * i + 2] & 0xff) | ((middle & 0xf0) << 4));
    }
    return rows;
  }

  private static float physical(int twelveBits) {
    int adu = twelveBits > 2047 ? twelveBits - 4096 : twelveBits;
    return (adu - 1024) / 200f;
  }

  static List<Mark> marks(Path atr) {
    byte[] bytes = read(atr);
    List<Mark> marks = new ArrayList<>();
    int at = 0;
    int sample = 0;
    while (at + 1 < bytes.length) {
      int word = word(bytes, at);
      at += 2;
      int code = word >> 10;
      int value = word & 0x3ff;
      if (word == 0) {
        break;
      } else if (code == 59) {
        sample += (word(bytes, at) << 16) | word(bytes, at + 2);
        at += 4;
      } else if (code == 63) {
        at += value + (value & 1);
      } else if (code < 60) {
        sample += value;
        marks.add(new Mark(sample, code));
      }
    }
    return marks;
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
