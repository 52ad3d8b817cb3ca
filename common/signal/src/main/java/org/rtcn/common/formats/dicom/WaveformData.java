package org.rtcn.common.formats.dicom;

import java.util.OptionalDouble;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * The interleaved samples of a multiplex group. Source: PS3.3 C.10.9.1.5 and following.
 *
 * @param bits allocated per sample: 8, 16 or 32
 * @param interpretation SB, UB, MB or AB of 8 bits, SS or US of 16, SL or UL of 32
 * @param bigEndian byte order of the samples
 */
record WaveformData(
    String file, DataSet.Element element, int bits, String interpretation, boolean bigEndian) {

  /** How many samples there are, over all channels. */
  long count() {
    return element.length() / (bits / 8);
  }

  /**
   * Checks that the samples can be read.
   *
   * @throws FormatException for combinations that PS3.3 does not know
   */
  void check() throws FormatException {
    String allowed =
        switch (bits) {
          case 8 -> "SB UB MB AB";
          case 16 -> "SS US";
          case 32 -> "SL UL";
          default -> "";
        };
    if (interpretation == null
        || interpretation.length() != 2
        || !allowed.contains(interpretation)) {
      throw new FormatException(
          Reason.FORMAT_UNSUPPORTED,
          "Cannot read %s: its samples are %d bits of %s; read are SB, UB, MB, AB of 8, SS, US of 16 and SL, UL of 32"
              .formatted(file, bits, interpretation));
    }
  }

  /** One sample as a whole number. */
  double sample(long index) {
    return value(element.bytes(), element.from() + index * (bits / 8), swapped8());
  }

  /** The value that marks gaps, empty if none is stated or it has another width. */
  OptionalDouble padding(DataSet.Element padding) {
    if (padding == null || padding.items() != null || padding.length() < bits / 8) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(
        value(
            padding.bytes(), padding.from(), bits == 8 && bigEndian && padding.vr().equals("OW")));
  }

  /**
   * The padding value if it marks gaps: writers also state one, often 0, that the signal passes
   * through, and taking that at its word would punch holes into it.
   *
   * @param samples how many to look at
   */
  OptionalDouble believedPadding(DataSet.Element stated, long samples) {
    OptionalDouble padding = padding(stated);
    if (padding.isEmpty()) {
      return padding;
    }
    boolean lower = false;
    boolean higher = false;
    for (long i = 0; i < samples && !(lower && higher); i++) {
      double sample = sample(i);
      lower |= sample < padding.getAsDouble();
      higher |= sample > padding.getAsDouble();
    }
    return lower && higher ? OptionalDouble.empty() : padding;
  }

  /** Bytes in words of big-endian files stand in the words' order. */
  private boolean swapped8() {
    return bits == 8 && bigEndian && element.vr().equals("OW");
  }

  private double value(byte[] bytes, long position, boolean swapped) {
    int at = (int) position;
    if (bits == 8) {
      int index = at;
      if (swapped) {
        int offset = at - element.from();
        boolean sample = bytes == element.bytes() && offset >= 0 && offset < element.length();
        int other = sample ? element.from() + Math.min(offset ^ 1, element.length() - 1) : at + 1;
        index = Math.min(other, bytes.length - 1);
      }
      int b = bytes[index] & 0xff;
      return switch (interpretation) {
        case "SB" -> (byte) b;
        case "MB" -> G711.muLaw(b);
        case "AB" -> G711.aLaw(b);
        default -> b;
      };
    }
    if (bits == 16) {
      int low = bytes[bigEndian ? at + 1 : at] & 0xff;
      int high = bytes[bigEndian ? at : at + 1] & 0xff;
      int v = high << 8 | low;
      return interpretation.equals("SS") ? (short) v : v;
    }
    int v = 0;
    for (int k = 0; k < 4; k++) {
      v = v << 8 | (bytes[bigEndian ? at + k : at + 3 - k] & 0xff);
    }
    return interpretation.equals("SL") ? v : v & 0xffffffffL;
  }
}
