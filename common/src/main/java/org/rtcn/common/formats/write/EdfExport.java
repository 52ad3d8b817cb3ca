package org.rtcn.common.formats.write;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
  private static final double RATE_TOLERANCE = 1e-7;
  private static final int[] RANGES = {
    32_767, 32_000, 30_000, 25_000, 20_000, 16_384, 16_000, 10_000, 8192, 8000, 5000, 4096, 4000,
    2048, 2000, 1024, 1000
  };

  private EdfExport() {}

  /** A range: digital -limit to limit, and its physical end as text. */
  private record Range(int limit, String physical, double error) {}

  static byte[] bytes(String name, EcgRecord record) throws IOException {
    List<Digitised> channels = new ArrayList<>();
    for (Digitised channel : Digitised.of(record)) {
      if (channel.hasMissing()) {
        throw new FormatException(
            Reason.FORMAT_UNSUPPORTED,
            "Cannot write %s as EDF: lead %s has missing samples, which EDF cannot hold; use WFDB"
                .formatted(name, channel.channel().name()));
      }
      channels.add(channel.largest() > RANGES[0] ? coarse(channel) : channel);
    }
    int perRecord = perRecord(name, record, channels.size());
    String duration = text(perRecord / record.fsHz());
    int records = (int) (record.sampleCount() / perRecord);
    byte[] statements = statements(record.facts());
    int annotationSamples = Math.max(20, statements.length / 2 + 20);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    header(out, record, channels, new int[] {records, perRecord, annotationSamples}, duration);
    for (int r = 0; r < records; r++) {
      for (Digitised channel : channels) {
        for (int i = r * perRecord; i < (r + 1) * perRecord; i++) {
          out.write(channel.adu()[i]);
          out.write(channel.adu()[i] >> 8);
        }
      }
      byte[] lists = new byte[2 * annotationSamples];
      String onset = new BigDecimal(duration).multiply(BigDecimal.valueOf(r)).toPlainString();
      byte[] mark = ("+" + onset + "\u0014\u0014\0").getBytes(StandardCharsets.UTF_8);
      System.arraycopy(mark, 0, lists, 0, Math.min(mark.length, lists.length));
      if (r == 0) {
        System.arraycopy(statements, 0, lists, mark.length, statements.length);
      }
      out.writeBytes(lists);
    }
    return out.toByteArray();
  }

  /** Values that need more than 16 bits are rounded to them. */
  private static Digitised coarse(Digitised channel) {
    double times = Math.ceil(channel.largest() / 32_000.0);
    int[] adu = new int[channel.adu().length];
    for (int i = 0; i < adu.length; i++) {
      adu[i] = (int) Math.rint(channel.adu()[i] / times);
    }
    return new Digitised(
        channel.channel(),
        channel.stepMillivolts() * times,
        adu,
        (int) Math.rint(channel.largest() / times));
  }

  /** Samples of a record: a divisor of the whole whose duration eight characters hold. */
  private static int perRecord(String name, EcgRecord record, int channels) throws FormatException {
    int most =
        (int)
            Math.min(
                record.sampleCount(),
                Math.min(
                    MAX_RECORD_BYTES / (2L * channels), (long) Math.max(1, 10 * record.fsHz())));
    for (int n = most; n >= 1; n--) {
      if (record.sampleCount() % n == 0) {
        double rate = n / Double.parseDouble(text(n / record.fsHz()));
        if (Math.abs(rate - record.fsHz()) <= RATE_TOLERANCE * record.fsHz()) {
          return n;
        }
      }
    }
    throw new FormatException(
        Reason.FORMAT_UNSUPPORTED,
        "Cannot write %s as EDF: its header cannot hold %s Hz; use WFDB"
            .formatted(name, record.fsHz()));
  }

  private static Range range(Digitised channel) {
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
      ByteArrayOutputStream out,
      EcgRecord record,
      List<Digitised> channels,
      int[] counts,
      String duration) {
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
    field(head, Integer.toString(counts[0]), 8);
    field(head, duration, 8);
    field(head, Integer.toString(signals), 4);
    List<Range> ranges = channels.stream().map(EdfExport::range).toList();
    channels.forEach(channel -> field(head, "ECG " + channel.channel().name(), 16));
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
    out.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String patient(EcgFacts facts) {
    String id = facts.patientId().map(text -> text.replaceAll("[^\\x21-\\x7e]", "_")).orElse("X");
    String sex = facts.sex().map(text -> text.equals("male") ? "M" : "F").orElse("X");
    return (id.length() > 60 ? id.substring(0, 60) : id) + " " + sex + " X X";
  }

  private static byte[] statements(EcgFacts facts) {
    StringBuilder lists = new StringBuilder();
    for (String statement : facts.statements()) {
      lists.append("+0\u0014").append(statement).append("\u0014\0");
    }
    return lists.toString().getBytes(StandardCharsets.UTF_8);
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
