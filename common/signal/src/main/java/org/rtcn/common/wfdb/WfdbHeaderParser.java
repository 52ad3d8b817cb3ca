package org.rtcn.common.wfdb;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * Reads header(5) strictly: what is optional there takes its stated default here, what is there but
 * does not parse refuses the header. No number of a header is trusted before it is checked.
 */
final class WfdbHeaderParser {
  /** A header is text of a few KiB; beyond this it is no header. */
  static final int MAX_HEADER_BYTES = 1 << 20;

  static final int MAX_SIGNALS = 4096;

  static final int MAX_SEGMENTS = 1 << 20;

  /** Digits of a number that is none of a million. */
  private static final int MAX_DIGITS = 40;

  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final Pattern INTEGER = Pattern.compile("[-+]?\\d+");
  private static final Pattern DIGITS = Pattern.compile("\\d+");
  private static final String NUMBER = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
  private static final Pattern FREQUENCY =
      Pattern.compile("(" + NUMBER + ")(?:/" + NUMBER + "(?:\\(" + NUMBER + "\\))?)?");
  private static final Pattern FORMAT =
      Pattern.compile("(\\d+)(?:x(\\d+))?(?::(\\d+))?(?:\\+(\\d+))?");
  private static final Pattern GAIN =
      Pattern.compile("(" + NUMBER + ")(?:\\(([-+]?\\d+)\\))?(?:/(\\S+))?");

  private final String file;

  private WfdbHeaderParser(String file) {
    this.file = file;
  }

  /**
   * Parses a header.
   *
   * @param file name for messages
   * @throws WfdbException if the text is no header
   */
  static WfdbHeader parse(String file, InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(MAX_HEADER_BYTES + 1);
    WfdbHeaderParser parser = new WfdbHeaderParser(file);
    if (bytes.length > MAX_HEADER_BYTES) {
      throw parser.malformed("more than " + MAX_HEADER_BYTES + " bytes", "is it a header?");
    }
    return parser.parse(parser.text(bytes));
  }

  /**
   * The files that a header names, as far as it can be understood: of a header that cannot be read.
   *
   * @return signal files, and the headers of segments
   */
  static List<String> mentioned(String file, InputStream in) throws IOException {
    WfdbHeaderParser parser = new WfdbHeaderParser(file);
    List<String> names = new ArrayList<>();
    String text;
    try {
      text = parser.text(in.readNBytes(MAX_HEADER_BYTES));
    } catch (WfdbException e) {
      return names;
    }
    List<String> lines = text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
    boolean first = true;
    boolean segments = false;
    for (String line : lines) {
      String name = BLANKS.split(line, 2)[0];
      if (line.startsWith("#")) {
        continue;
      }
      if (first) {
        first = false;
        segments = name.matches("[^/]*/\\d+");
      } else if (isPlain(name) && !name.equals("~") && names.size() < MAX_SIGNALS) {
        names.add(segments ? name + ".hea" : name);
      }
    }
    return names;
  }

  /**
   * Headers are ASCII by their specification; comments and names come in UTF-8 or Latin-1. What is
   * not UTF-8 is taken as Latin-1, which loses nothing.
   */
  private String text(byte[] bytes) throws WfdbException {
    for (byte b : bytes) {
      if (b == 0) {
        throw new WfdbException(
            Reason.HEADER_ENCODING,
            "Cannot read "
                + file
                + ": it holds zero bytes, as UTF-16 or binary files do; save it as UTF-8 text");
      }
    }
    int start = bytes.length >= 3 && bytes[0] == -17 && bytes[1] == -69 && bytes[2] == -65 ? 3 : 0;
    ByteBuffer buffer = ByteBuffer.wrap(bytes, start, bytes.length - start);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
    } catch (CharacterCodingException e) {
      return new String(bytes, StandardCharsets.ISO_8859_1);
    }
  }

  private WfdbHeader parse(String text) throws WfdbException {
    List<String> lines = new ArrayList<>();
    List<String> comments = new ArrayList<>();
    text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .forEach(
            line -> {
              if (line.startsWith("#")) {
                comments.add(line.substring(1).strip());
              } else {
                lines.add(line);
              }
            });
    if (lines.isEmpty()) {
      throw malformed("no record line", "the file is empty or all comments");
    }
    String[] record = BLANKS.split(lines.get(0), -1);
    if (record.length < 2) {
      throw malformed("record line '" + lines.get(0) + "'", "it must state the signal count");
    }
    int signalCount = integer(record[1], "signal count", 0, MAX_SIGNALS);
    if (signalCount == 0) {
      throw new WfdbException(
          Reason.EMPTY, "Cannot read " + file + ": it describes 0 signals; leave the record out");
    }
    double fsHz = record.length > 2 ? frequency(record[2]) : WfdbHeader.DEFAULT_FS_HZ;
    OptionalInt frames = record.length > 3 ? frames(record[3]) : OptionalInt.empty();
    Optional<String> time = record.length > 4 ? Optional.of(record[4]) : Optional.empty();
    Optional<String> date = record.length > 5 ? Optional.of(record[5]) : Optional.empty();
    int slash = record[0].lastIndexOf('/');
    List<String> further = lines.subList(1, lines.size());
    if (slash >= 0) {
      String name = record[0].substring(0, slash);
      if (name.indexOf('/') >= 0 || !DIGITS.matcher(record[0].substring(slash + 1)).matches()) {
        throw folderInName(record[0]);
      }
      int count = integer(record[0].substring(slash + 1), "segment count", 1, MAX_SEGMENTS);
      List<WfdbHeader.Segment> segments = segments(record[0], further, count);
      return new WfdbHeader(name, fsHz, frames, time, date, List.of(), segments, comments);
    }
    if (further.size() < signalCount) {
      throw malformed(further.size() + " signal lines", "the record line states " + signalCount);
    }
    List<SignalSpec> signals = new ArrayList<>(signalCount);
    // Lines behind the stated number are disregarded: header(5) asks for "at least as many".
    for (String line : further.subList(0, signalCount)) {
      signals.add(signal(line));
    }
    return new WfdbHeader(record[0], fsHz, frames, time, date, signals, List.of(), comments);
  }

  private WfdbException folderInName(String name) {
    return new WfdbException(
        Reason.PATH_ESCAPES,
        "Cannot read "
            + file
            + ": the record name '"
            + name
            + "' on its first line holds a folder; write the name without it, there and in the"
            + " signal lines");
  }

  private List<WfdbHeader.Segment> segments(String record, List<String> lines, int count)
      throws WfdbException {
    if (lines.size() < count) {
      throw malformed(lines.size() + " segment lines", "the record line states " + count);
    }
    List<WfdbHeader.Segment> segments = new ArrayList<>(count);
    long total = 0;
    for (String line : lines.subList(0, count)) {
      String[] field = BLANKS.split(line, -1);
      if (field.length > 2 && field[1].matches("\\d{1,3}(x\\d+)?(:\\d+)?(\\+\\d+)?")) {
        // A signal line: what stands before the slash is no record of segments.
        throw folderInName(record);
      }
      if (field.length != 2) {
        throw malformed("segment line '" + line + "'", "it must state a record and its length");
      }
      checkPlain(field[0]);
      int length = integer(field[1], "segment length", 0, SignalGroupReader.MAX_SAMPLES);
      if (length == 0 && !segments.isEmpty()) {
        throw malformed("segment length 0 of " + field[0], "only a layout segment has none");
      }
      segments.add(new WfdbHeader.Segment(field[0], length));
      total += length;
    }
    if (total > SignalGroupReader.MAX_SAMPLES) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read " + file + ": its segments hold " + total + " frames; cut the record");
    }
    return segments;
  }

  private SignalSpec signal(String line) throws WfdbException {
    // The description is the rest of the line and may hold blanks.
    String[] field = BLANKS.split(line, 9);
    if (field.length < 2) {
      throw malformed("signal line '" + line + "'", "it must state a file and a format");
    }
    checkPlain(field[0]);
    Matcher format = match(FORMAT, field[1], "signal format");
    int code = integer(format.group(1), "signal format", 0, 9999);
    int perFrame =
        format.group(2) == null
            ? 1
            : integer(format.group(2), "samples per frame", 1, SignalGroupReader.MAX_FRAME);
    int skew = format.group(3) == null ? 0 : integer(format.group(3), "skew", 0, Integer.MAX_VALUE);
    long offset =
        format.group(4) == null ? 0 : whole(format.group(4), "byte offset", 0, Long.MAX_VALUE);

    double gain = SignalSpec.DEFAULT_GAIN_ADU_PER_UNIT;
    Integer baseline = null;
    String units = "mV";
    if (field.length > 2) {
      Matcher stated = match(GAIN, field[2], "gain");
      double value = Double.parseDouble(stated.group(1));
      if (!Double.isFinite(value)) {
        throw malformed("gain '" + field[2] + "'", "it must be finite");
      }
      gain = value == 0 ? gain : value;
      if (stated.group(2) != null) {
        baseline = integer(stated.group(2), "baseline", Integer.MIN_VALUE, Integer.MAX_VALUE);
      }
      units = stated.group(3) == null ? units : stated.group(3);
    }
    int resolution = field.length > 3 ? integer(field[3], "ADC resolution", 0, 64) : 0;
    int zero = field.length > 4 ? signed(field[4], "ADC zero") : 0;
    OptionalInt initial =
        field.length > 5 ? OptionalInt.of(signed(field[5], "initial value")) : OptionalInt.empty();
    // Written signed by some programs and unsigned by others, by some as a sum of more bits.
    OptionalInt checksum =
        field.length > 6 ? OptionalInt.of(lowBits(field[6])) : OptionalInt.empty();
    int block = field.length > 7 ? signed(field[7], "block size") : 0;
    return new SignalSpec(
        new SignalSpec.Storage(field[0], code, perFrame, skew, offset, block),
        new SignalSpec.Calibration(
            gain, baseline == null ? zero : baseline, units, resolution, zero),
        initial,
        checksum,
        field.length > 8 ? field[8] : "");
  }

  /**
   * A header may name only its neighbours: nothing outside its folder, no URL, no standard input.
   */
  private void checkPlain(String name) throws WfdbException {
    if (!isPlain(name)) {
      throw new WfdbException(
          Reason.PATH_ESCAPES,
          "Cannot read "
              + file
              + ": '"
              + name
              + "', which it names, is not a plain name; put the file next to its header and name"
              + " it without folders");
    }
  }

  private static boolean isPlain(String name) {
    return !name.equals(".")
        && !name.equals("..")
        && !name.equals("-")
        && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
  }

  private double frequency(String text) throws WfdbException {
    double fsHz = Double.parseDouble(match(FREQUENCY, text, "sampling rate").group(1));
    if (!(fsHz > 0) || Double.isInfinite(fsHz)) {
      throw malformed("sampling rate '" + text + "'", "it must be positive");
    }
    return fsHz;
  }

  private OptionalInt frames(String text) throws WfdbException {
    long frames = whole(text, "sample count", 0, Long.MAX_VALUE);
    if (frames > SignalGroupReader.MAX_SAMPLES) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read "
              + file
              + ": "
              + frames
              + " samples per signal, at most "
              + SignalGroupReader.MAX_SAMPLES
              + "; cut the record into shorter ones");
    }
    // header(5): zero means not stated.
    return frames == 0 ? OptionalInt.empty() : OptionalInt.of((int) frames);
  }

  private Matcher match(Pattern pattern, String text, String what) throws WfdbException {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw malformed(what + " '" + text + "'", "it does not follow header(5)");
    }
    return matcher;
  }

  /** The 16 that count of a checksum. */
  private int lowBits(String text) throws WfdbException {
    if (text.length() > MAX_DIGITS || !INTEGER.matcher(text).matches()) {
      throw malformed("checksum '" + text + "'", "it must be a whole number");
    }
    return new BigInteger(text).intValue() & 0xffff;
  }

  private int signed(String text, String what) throws WfdbException {
    return integer(text, what, Integer.MIN_VALUE, Integer.MAX_VALUE);
  }

  private int integer(String text, String what, int min, int max) throws WfdbException {
    return (int) whole(text, what, min, max);
  }

  private long whole(String text, String what, long min, long max) throws WfdbException {
    long value;
    try {
      value = Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw malformed(what + " '" + text + "'", "it must be a whole number");
    }
    if (value < min || value > max) {
      throw malformed(what + " " + text, "it must lie in " + min + ".." + max);
    }
    return value;
  }

  private WfdbException malformed(String what, String remedy) {
    return new WfdbException(
        Reason.HEADER_MALFORMED,
        "Cannot read " + file + ": invalid " + what + "; " + remedy + " (check the header)");
  }
}
