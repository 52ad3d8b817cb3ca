package org.rtcn.common.formats.write;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * Writes EDF+C. Numbers in its header have eight characters, so ranges and the length of records
 * are chosen such that these hold steps and rate exactly, or as nearly as they can.
 */
final class EdfExport {
  private static final int WIDTH = 8;
  private static final int MAX_RECORD_BYTES = 61_440;

  /** What readers take, though the format's authors recommend less. */
  private static final int LARGEST_RECORD_BYTES = 4 << 20;

  private static final double RATE_TOLERANCE = 1e-7;
  private static final int[] RANGES = {
    32_767, 32_000, 30_000, 25_000, 20_000, 16_384, 16_000, 10_000, 8192, 8000, 5000, 4096, 4000,
    2048, 2000, 1024, 1000
  };

  private EdfExport() {}

  /** A range: digital -limit to limit, and its physical end as text. */
  private record Range(int limit, String physical, double error) {}

  static void write(String name, EcgRecord record, OutputFiles files) throws IOException {
    List<Steps.Channel> channels = new ArrayList<>();
    for (Steps.Channel channel : Steps.of(record)) {
      if (channel.missing()) {
        throw new FormatException(
            Reason.FORMAT_UNSUPPORTED,
            "Cannot write %s as EDF: lead %s has missing samples, which EDF cannot hold; use WFDB"
                .formatted(name, channel.source().name()));
      }
      channels.add(channel.largest() > RANGES[0] ? coarse(channel) : channel);
    }
    int perRecord = perRecord(name, record, channels.size());
    String duration = text(perRecord / record.fsHz());
    long records = record.sampleCount() / perRecord;
    Lists lists = new Lists(record.facts(), new BigDecimal(duration), records);
    try (OutputStream out = files.create(name + ".edf")) {
      header(out, record, channels, new long[] {records, perRecord, lists.bytes() / 2}, duration);
      long[] index = {0};
      Steps.visit(
          record,
          perRecord,
          (rows, count) -> {
            for (int from = 0; from < count; from += perRecord) {
              out.write(encoded(channels, rows, from, perRecord));
              out.write(lists.of(index[0]++));
            }
          });
    }
  }

  private static byte[] encoded(
      List<Steps.Channel> channels, double[][] rows, int from, int perRecord) {
    byte[] bytes = new byte[2 * perRecord * rows.length];
    int at = 0;
    for (int c = 0; c < rows.length; c++) {
      for (int i = from; i < from + perRecord; i++) {
        int adu = channels.get(c).adu(rows[c][i]);
        bytes[at++] = (byte) adu;
        bytes[at++] = (byte) (adu >> 8);
      }
    }
    return bytes;
  }

  /** Values that need more than 16 bits are rounded to them. */
  private static Steps.Channel coarse(Steps.Channel channel) {
    double times = Math.ceil(channel.largest() / 32_000.0);
    return new Steps.Channel(
        channel.source(),
        channel.stepMillivolts() * times,
        (int) Math.rint(channel.largest() / times),
        false);
  }

  /**
   * Samples of a record: a divisor of the whole whose duration eight characters hold. Long records
   * are better than tiny ones, whose annotations would outweigh their samples.
   */
  private static int perRecord(String name, EcgRecord record, int channels) throws FormatException {
    long bytesEach = 2L * channels;
    long tenSeconds = Math.max(1, (long) (10 * record.fsHz()));
    long usual = Math.min(MAX_RECORD_BYTES / bytesEach, tenSeconds);
    long least = (long) Math.ceil(record.fsHz() / 10);
    for (long n = Math.min(record.sampleCount(), usual); n >= least; n--) {
      if (fits(record, n)) {
        return (int) n;
      }
    }
    long most = Math.min(record.sampleCount(), LARGEST_RECORD_BYTES / bytesEach);
    for (long n = usual + 1; n <= most; n++) {
      if (fits(record, n)) {
        return (int) n;
      }
    }
    for (long n = least - 1; n >= 1; n--) {
      if (fits(record, n)) {
        return (int) n;
      }
    }
    throw new FormatException(
        Reason.FORMAT_UNSUPPORTED,
        "Cannot write %s as EDF: its header cannot hold %s Hz; use WFDB"
            .formatted(name, record.fsHz()));
  }

  private static boolean fits(EcgRecord record, long samples) {
    if (record.sampleCount() % samples != 0) {
      return false;
    }
    double rate = samples / Double.parseDouble(text(samples / record.fsHz()));
    return Math.abs(rate - record.fsHz()) <= RATE_TOLERANCE * record.fsHz();
  }

  /** Time-stamped lists: each record's own time, and statements one after another. */
  private static final class Lists {
    private static final int LEAST_BYTES = 40;

    private final BigDecimal duration;
    private final List<byte[]> texts = new ArrayList<>();
    private final int bytes;

    Lists(EcgFacts facts, BigDecimal duration, long records) {
      this.duration = duration;
      int total = 0;
      int longest = 0;
      for (String statement : facts.statements()) {
        byte[] list = ("+0\u0014" + statement + "\u0014\0").getBytes(StandardCharsets.UTF_8);
        texts.add(list);
        total += list.length;
        longest = Math.max(longest, list.length);
      }
      // As much for each record as spreads all of them, with room for what does not divide evenly.
      long share = Math.min(total, total / records + longest);
      this.bytes = (int) (LEAST_BYTES + share + share % 2);
    }

    int bytes() {
      return bytes;
    }

    byte[] of(long record) {
      byte[] lists = new byte[bytes];
      String onset = duration.multiply(BigDecimal.valueOf(record)).toPlainString();
      byte[] mark = ("+" + onset + "\u0014\u0014\0").getBytes(StandardCharsets.UTF_8);
      System.arraycopy(mark, 0, lists, 0, mark.length);
      int at = mark.length;
      while (!texts.isEmpty() && at + texts.get(0).length <= bytes) {
        byte[] text = texts.remove(0);
        System.arraycopy(text, 0, lists, at, text.length);
        at += text.length;
      }
      return lists;
    }
  }

  private static Range range(Steps.Channel channel) {
    Range best = null;
    for (int limit : RANGES) {
      if (limit >= channel.largest()) {
        double end = limit * channel.stepMillivolts();
        // The minus sign takes one of the characters.
        String physical = text(end, WIDTH - 1);
        double error = Math.abs(Double.parseDouble(physical) - end) / end;
        if (best == null || error < best.error() * 0.99) {
          best = new Range(limit, physical, error);
        }
      }
    }
    return best;
  }

  private static void header(
      OutputStream out,
      EcgRecord record,
      List<Steps.Channel> channels,
      long[] counts,
      String duration)
      throws IOException {
    int signals = channels.size() + 1;
    LocalDateTime start = record.facts().recordedAt().orElse(LocalDateTime.of(1985, 1, 1, 0, 0));
    StringBuilder head = new StringBuilder();
    field(head, "0", 8);
    field(head, patient(record.facts()), 80);
    String day =
        record.facts().recordedAt().isEmpty()
            ? "X"
            : start
                .format(DateTimeFormatter.ofPattern("dd-MMM-yyyy", Locale.ENGLISH))
                .toUpperCase(Locale.ROOT);
    field(head, "Startdate " + day + " X X X", 80);
    field(head, start.format(DateTimeFormatter.ofPattern("dd.MM.yy", Locale.ROOT)), 8);
    field(head, start.format(DateTimeFormatter.ofPattern("HH.mm.ss", Locale.ROOT)), 8);
    field(head, Integer.toString(256 * (signals + 1)), 8);
    field(head, "EDF+C", 44);
    field(head, Long.toString(counts[0]), 8);
    field(head, duration, 8);
    field(head, Integer.toString(signals), 4);
    List<Range> ranges = channels.stream().map(EdfExport::range).toList();
    channels.forEach(channel -> field(head, "ECG " + channel.source().name(), 16));
    field(head, "EDF Annotations", 16);
    field(head, "", 80 * signals);
    channels.forEach(channel -> field(head, "mV", 8));
    field(head, "", 8);
    ranges.forEach(range -> field(head, "-" + range.physical(), 8));
    field(head, "-1", 8);
    ranges.forEach(range -> field(head, range.physical(), 8));
    field(head, "1", 8);
    ranges.forEach(range -> field(head, "-" + range.limit(), 8));
    field(head, "-32768", 8);
    ranges.forEach(range -> field(head, "" + range.limit(), 8));
    field(head, "32767", 8);
    field(head, "", 80 * signals);
    channels.forEach(channel -> field(head, "" + counts[1], 8));
    field(head, "" + counts[2], 8);
    field(head, "", 32 * signals);
    out.write(head.toString().getBytes(StandardCharsets.US_ASCII));
  }

  private static String patient(EcgFacts facts) {
    String id = facts.patientId().map(text -> text.replaceAll("[^\\x21-\\x7e]", "_")).orElse("X");
    String sex = facts.sex().map(text -> text.equals("male") ? "M" : "F").orElse("X");
    return (id.length() > 70 ? id.substring(0, 70) : id) + " " + sex + " X X";
  }

  private static void field(StringBuilder head, String text, int width) {
    String cut = text.length() > width ? text.substring(0, width) : text;
    head.append(cut).append(" ".repeat(width - cut.length()));
  }

  private static String text(double value) {
    return text(value, WIDTH);
  }

  /** The plain decimal of at most so many characters that comes nearest. */
  private static String text(double value, int width) {
    String best = "0";
    double least = Double.POSITIVE_INFINITY;
    for (int digits = 1; digits <= width; digits++) {
      String text =
          BigDecimal.valueOf(value)
              .round(new MathContext(digits))
              .stripTrailingZeros()
              .toPlainString();
      double error = Math.abs(Double.parseDouble(text) - value);
      if (text.length() <= width && error < least) {
        best = text;
        least = error;
      }
    }
    return best;
  }
}
