package org.rtcn.common.wfdb;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** Writes single-segment format 16 records; the bytes depend on the arguments alone. */
public final class WfdbWriter {
  private WfdbWriter() {}

  /**
   * The two files of a record.
   *
   * @param headerName for example {@code s0011_sim.hea}
   * @param header its bytes
   * @param signalName for example {@code s0011_sim.dat}
   * @param signal its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // Written once, then passed to a stream.
  public record Files(String headerName, byte[] header, String signalName, byte[] signal) {}

  /**
   * Encodes signals as one header and one format 16 file, with initial values and checksums.
   *
   * @param recordName letters, digits, {@code _} and {@code -}
   * @param fsHz samples per second
   * @param gainAduPerMillivolt of all signals
   * @param names one per signal
   * @param adu {@code [signal][sample]} in -32,768..32,767; -32,768 marks a sample invalid
   * @param comments lines without {@code #}
   * @throws IllegalArgumentException if an argument cannot be written
   */
  public static Files format16(
      String recordName,
      double fsHz,
      double gainAduPerMillivolt,
      List<String> names,
      int[][] adu,
      List<String> comments) {
    if (!recordName.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "Invalid record name '" + recordName + "': use letters, digits, '_' and '-'");
    }
    if (names.isEmpty() || names.size() != adu.length) {
      throw new IllegalArgumentException(
          "Invalid signals: " + names.size() + " names for " + adu.length + " signals");
    }
    int samples = adu[0].length;
    byte[] signal = new byte[Math.multiplyExact(2 * adu.length, samples)];
    StringBuilder header = new StringBuilder();
    header.append(
        String.format(Locale.ROOT, "%s %d %s %d\n", recordName, adu.length, number(fsHz), samples));
    for (int s = 0; s < adu.length; s++) {
      int[] row = adu[s];
      if (row.length != samples || samples == 0) {
        throw new IllegalArgumentException(
            "Invalid signals: rows of " + samples + " and " + row.length + " samples");
      }
      for (int i = 0; i < samples; i++) {
        if (row[i] != (short) row[i]) {
          throw new IllegalArgumentException(
              "Invalid sample " + row[i] + " of " + names.get(s) + ": format 16 holds 16 bits");
        }
        int at = 2 * (i * adu.length + s);
        signal[at] = (byte) row[i];
        signal[at + 1] = (byte) (row[i] >> 8);
      }
      header.append(
          String.format(
              Locale.ROOT,
              "%s.dat 16 %s(0)/mV 16 0 %d %d 0 %s\n",
              recordName,
              number(gainAduPerMillivolt),
              row[0],
              (short) WfdbReader.checksum(row),
              line(names.get(s))));
    }
    for (String comment : comments) {
      header.append("# ").append(line(comment)).append('\n');
    }
    return new Files(
        recordName + ".hea",
        header.toString().getBytes(StandardCharsets.UTF_8),
        recordName + ".dat",
        signal);
  }

  private static String number(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("Invalid rate or gain " + value + ": must be positive");
    }
    return value == Math.rint(value) && value < 1e9
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String line(String text) {
    if (text.chars().anyMatch(c -> c == '\n' || c == '\r')) {
      throw new IllegalArgumentException("Invalid text '" + text + "': must be one line");
    }
    return text;
  }
}
