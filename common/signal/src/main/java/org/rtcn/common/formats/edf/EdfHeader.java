package org.rtcn.common.formats.edf;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.Numbers;

/**
 * The header of an EDF, EDF+ or BDF file.
 *
 * @param sampleBytes 2 for EDF, 3 for BDF
 * @param plus whether it is EDF+ or BDF+
 * @param continuous false where records may have gaps between them
 * @param headerBytes before the first record
 * @param recordCount as stated; -1 for unknown
 * @param recordSeconds length of a record; 0 for files of annotations alone
 * @param patient field of EDF+: code, sex, birth date, name
 * @param recording field of EDF+
 * @param start of the recording
 */
record EdfHeader(
    int sampleBytes,
    boolean plus,
    boolean continuous,
    int headerBytes,
    long recordCount,
    double recordSeconds,
    String patient,
    String recording,
    Start start,
    List<Signal> signals) {
  private static final int FIXED = 256;
  private static final int MAX_SIGNALS = 4096;

  /**
   * When it was recorded, as stated.
   *
   * @param date dd.mm.yy
   * @param time hh.mm.ss
   */
  record Start(String date, String time) {}

  /**
   * A signal.
   *
   * @param offset of its first sample in a record, in samples
   * @param perRecord samples of it in a record
   */
  record Signal(
      String label,
      String unit,
      double physicalMin,
      double physicalMax,
      double digitalMin,
      double digitalMax,
      int offset,
      int perRecord) {

    boolean isAnnotations() {
      return label.equals("EDF Annotations") || label.equals("BDF Annotations");
    }

    /** Physical units of one step. */
    double step() {
      return (physicalMax - physicalMin) / (digitalMax - digitalMin);
    }
  }

  static EdfHeader read(EcgFile file) throws java.io.IOException {
    String name = file.name();
    Bytes in = new Bytes(name, file.head(FIXED));
    boolean bdf = in.u8() == 255;
    in.to(8);
    String patient = text(in, 80);
    String recording = text(in, 80);
    String date = text(in, 8);
    String time = text(in, 8);
    int headerBytes = integer(name, "header length", text(in, 8));
    String reserved = text(in, 44);
    long records = integer(name, "number of records", text(in, 8));
    double seconds = Numbers.number(name, "its record duration", text(in, 8));
    int count = integer(name, "number of signals", text(in, 4));
    if (count < 1 || count > MAX_SIGNALS || headerBytes != FIXED * (count + 1) || seconds < 0) {
      throw FormatException.malformed(
          name,
          "it states %d signals, a header of %d bytes and records of %s s"
              .formatted(count, headerBytes, seconds));
    }
    List<Signal> signals = signals(name, new Bytes(name, file.head(headerBytes)).to(FIXED), count);
    boolean plus = reserved.startsWith("EDF+") || reserved.startsWith("BDF+");
    return new EdfHeader(
        bdf ? 3 : 2,
        plus,
        !(plus && reserved.startsWith("+D", 3)),
        headerBytes,
        records,
        seconds,
        patient,
        recording,
        new Start(date, time),
        signals);
  }

  private static List<Signal> signals(String file, Bytes in, int count) throws FormatException {
    String[] labels = texts(in, count, 16);
    texts(in, count, 80);
    String[] units = texts(in, count, 8);
    String[] physicalMin = texts(in, count, 8);
    String[] physicalMax = texts(in, count, 8);
    String[] digitalMin = texts(in, count, 8);
    String[] digitalMax = texts(in, count, 8);
    texts(in, count, 80);
    String[] perRecord = texts(in, count, 8);
    List<Signal> signals = new ArrayList<>();
    long offset = 0;
    for (int s = 0; s < count; s++) {
      int samples = integer(file, "samples per record of " + labels[s], perRecord[s]);
      if (samples < 0 || offset + samples > 1 << 28) {
        throw FormatException.malformed(
            file, labels[s] + " has " + samples + " samples per record");
      }
      signals.add(
          new Signal(
              labels[s],
              units[s],
              Numbers.number(file, "physical minimum of " + labels[s], physicalMin[s]),
              Numbers.number(file, "physical maximum of " + labels[s], physicalMax[s]),
              Numbers.number(file, "digital minimum of " + labels[s], digitalMin[s]),
              Numbers.number(file, "digital maximum of " + labels[s], digitalMax[s]),
              (int) offset,
              samples));
      offset += samples;
    }
    return signals;
  }

  /** Samples of all signals in a record. */
  int recordSamples() {
    Signal last = signals.get(signals.size() - 1);
    return last.offset() + last.perRecord();
  }

  long recordBytes() {
    return (long) recordSamples() * sampleBytes;
  }

  private static String[] texts(Bytes in, int count, int length) throws FormatException {
    String[] all = new String[count];
    for (int i = 0; i < count; i++) {
      all[i] = text(in, length);
    }
    return all;
  }

  private static String text(Bytes in, int length) throws FormatException {
    return new String(in.take(length), StandardCharsets.ISO_8859_1).replace('\0', ' ').strip();
  }

  private static int integer(String file, String what, String text) throws FormatException {
    double value = Numbers.number(file, "its " + what, text);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw FormatException.malformed(file, "its " + what + " is " + text);
    }
    return (int) value;
  }
}
