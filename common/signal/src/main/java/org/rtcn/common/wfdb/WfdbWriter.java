package org.rtcn.common.wfdb;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Writes single-segment records of one signal file in any format that holds samples; the bytes
 * depend on the arguments alone.
 */
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
   * A signal to write.
   *
   * @param name for example {@code avr}
   * @param samplesPerFrame at least 1
   * @param gainAduPerUnit positive
   * @param baseline ADC value at physical 0
   * @param units for example {@code mV}
   * @param adu samples; the most negative value of the format marks one as invalid
   */
  @SuppressWarnings("ArrayRecordComponent") // Read once, never changed.
  public record Signal(
      String name,
      int samplesPerFrame,
      double gainAduPerUnit,
      int baseline,
      String units,
      int[] adu) {
    public Signal {
      if (samplesPerFrame < 1 || adu.length % samplesPerFrame != 0) {
        throw new IllegalArgumentException(
            "Invalid signal %s: %d samples are no whole number of frames of %d"
                .formatted(name, adu.length, samplesPerFrame));
      }
      if (!units.matches("\\S+")) {
        throw new IllegalArgumentException(
            "Invalid units '" + units + "' of " + name + ": must be one word");
      }
      line(name);
    }

    private int frames() {
      return adu.length / samplesPerFrame;
    }
  }

  /**
   * Encodes ECG leads in mV as one header and one format 16 file, with initial values and
   * checksums.
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
    if (names.size() != adu.length) {
      throw new IllegalArgumentException(
          "Invalid signals: " + names.size() + " names for " + adu.length + " signals");
    }
    List<Signal> signals = new ArrayList<>();
    for (int s = 0; s < adu.length; s++) {
      signals.add(new Signal(names.get(s), 1, gainAduPerMillivolt, 0, "mV", adu[s]));
    }
    return write(recordName, fsHz, 16, signals, comments);
  }

  /**
   * Encodes signals as one header and one signal file, with initial values and checksums.
   *
   * @param recordName letters, digits, {@code _} and {@code -}
   * @param fsHz frames per second
   * @param format 8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516 or 524. Format 8 holds steps
   *     of up to 127 and no invalid samples; FLAC up to 8 signals of equal samples per frame
   * @param signals of equal numbers of frames
   * @param comments lines without {@code #}
   * @throws IllegalArgumentException if an argument cannot be written
   */
  public static Files write(
      String recordName, double fsHz, int format, List<Signal> signals, List<String> comments) {
    SampleFormat code = format(format);
    check(code, signals);
    int frames = signals.get(0).frames();
    List<Line> lines = new ArrayList<>();
    for (Signal signal : signals) {
      lines.add(
          new Line(
              signal.name(),
              signal.samplesPerFrame(),
              signal.gainAduPerUnit(),
              signal.baseline(),
              signal.units(),
              signal.adu()[0],
              (short) WfdbReader.checksum(signal.adu())));
    }
    return new Files(
        recordName + ".hea",
        header(recordName, fsHz, frames, format, lines, comments).getBytes(StandardCharsets.UTF_8),
        recordName + ".dat",
        encode(code, signals, frames));
  }

  /**
   * What a header says of a signal.
   *
   * @param first its first sample
   * @param checksum of its samples, signed 16 bits
   */
  public record Line(
      String name,
      int samplesPerFrame,
      double gainAduPerUnit,
      int baseline,
      String units,
      int first,
      int checksum) {}

  /**
   * The text of a header whose signals stand in {@code recordName.dat}, for those who write that
   * file themselves.
   *
   * @param format as for {@link #write}
   * @throws IllegalArgumentException if an argument cannot be written
   */
  public static String header(
      String recordName,
      double fsHz,
      long frames,
      int format,
      List<Line> signals,
      List<String> comments) {
    if (!recordName.matches("[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException(
          "Invalid record name '" + recordName + "': use letters, digits, '_' and '-'");
    }
    int bits = format(format).bits();
    StringBuilder header = new StringBuilder();
    header.append(
        String.format(
            Locale.ROOT, "%s %d %s %d\n", recordName, signals.size(), number(fsHz), frames));
    for (Line signal : signals) {
      header.append(
          String.format(
              Locale.ROOT,
              "%s.dat %d%s %s(%d)/%s %d 0 %d %d 0 %s\n",
              recordName,
              format,
              signal.samplesPerFrame() == 1 ? "" : "x" + signal.samplesPerFrame(),
              number(signal.gainAduPerUnit()),
              signal.baseline(),
              signal.units(),
              bits,
              signal.first(),
              signal.checksum(),
              line(signal.name())));
    }
    for (String comment : comments) {
      header.append("# ").append(line(comment)).append('\n');
    }
    return header.toString();
  }

  private static SampleFormat format(int format) {
    return SampleFormat.of(format)
        .filter(f -> f != SampleFormat.FORMAT_0)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Invalid signal format " + format + ": it holds no samples; use 16"));
  }

  private static void check(SampleFormat format, List<Signal> signals) {
    if (signals.isEmpty()) {
      throw new IllegalArgumentException("Invalid signals: a record needs at least one");
    }
    Signal first = signals.get(0);
    for (Signal signal : signals) {
      if (signal.frames() != first.frames() || signal.frames() == 0) {
        throw new IllegalArgumentException(
            "Invalid signals: rows of " + first.frames() + " and " + signal.frames() + " frames");
      }
      if (format.isFlac()
          && (signals.size() > FlacStream.MAX_CHANNELS
              || signal.samplesPerFrame() != first.samplesPerFrame())) {
        throw new IllegalArgumentException(
            "Invalid signals: FLAC holds up to %d of equal samples per frame, these are %d"
                .formatted(FlacStream.MAX_CHANNELS, signals.size()));
      }
      int before = signal.adu()[0];
      for (int value : signal.adu()) {
        if (format == SampleFormat.FORMAT_8) {
          long step = (long) value - before;
          if (step != (byte) step) {
            throw new IllegalArgumentException(
                "Invalid step %d of %s: format 8 holds steps of -128..127"
                    .formatted(step, signal.name()));
          }
          before = value;
        } else if (value < format.invalidSample() || value > format.maxSample()) {
          throw new IllegalArgumentException(
              "Invalid sample %d of %s: format %d holds %d bits"
                  .formatted(value, signal.name(), format.code(), format.bits()));
        }
      }
    }
  }

  private static byte[] encode(SampleFormat format, List<Signal> signals, int frames) {
    if (format.isFlac()) {
      return FlacWriter.encode(
          signals.stream().map(Signal::adu).toArray(int[][]::new), format.bits());
    }
    int frameLength = signals.stream().mapToInt(Signal::samplesPerFrame).sum();
    int[] block = new int[Math.multiplyExact(frameLength, frames)];
    int slot = 0;
    for (Signal signal : signals) {
      int[] row = format == SampleFormat.FORMAT_8 ? steps(signal.adu()) : signal.adu();
      int perFrame = signal.samplesPerFrame();
      for (int frame = 0; frame < frames; frame++) {
        System.arraycopy(row, frame * perFrame, block, frame * frameLength + slot, perFrame);
      }
      slot += perFrame;
    }
    byte[] bytes = new byte[Math.toIntExact(format.bytesFor(block.length))];
    format.encode(block, bytes);
    return bytes;
  }

  /** Differences; the first is 0, for the header states the initial value. */
  private static int[] steps(int[] values) {
    int[] steps = new int[values.length];
    Arrays.setAll(steps, i -> i == 0 ? 0 : values[i] - values[i - 1]);
    return steps;
  }

  private static String number(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException("Invalid rate or gain " + value + ": must be positive");
    }
    // Other readers know no exponents in capitals.
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  private static String line(String text) {
    if (text.chars().anyMatch(c -> c == '\n' || c == '\r')) {
      throw new IllegalArgumentException("Invalid text '" + text + "': must be one line");
    }
    return text;
  }
}
