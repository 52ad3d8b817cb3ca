package org.rtcn.common.formats.write;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.wfdb.WfdbWriter;

/** Writes WFDB: integers, gains and missing samples as the source has them. */
final class WfdbExport {
  private WfdbExport() {}

  static void write(String name, EcgRecord record, OutputFiles files) throws IOException {
    List<Steps.Channel> channels = Steps.of(record);
    // The most negative value of a format marks a missing sample.
    int format = channels.stream().anyMatch(c -> c.largest() > Short.MAX_VALUE) ? 32 : 16;
    int[] first = new int[channels.size()];
    int[] sums = new int[channels.size()];
    try (OutputStream out = files.create(name + ".dat")) {
      long[] written = {0};
      Steps.visit(
          record,
          1,
          (rows, count) -> {
            out.write(encoded(channels, rows, count, format, written[0] == 0 ? first : null, sums));
            written[0] += count;
          });
    }
    List<WfdbWriter.Line> lines = new ArrayList<>();
    for (int c = 0; c < channels.size(); c++) {
      Steps.Channel channel = channels.get(c);
      lines.add(
          new WfdbWriter.Line(
              Facts.oneLine(channel.source().name()),
              1,
              1 / channel.stepMillivolts(),
              0,
              "mV",
              first[c],
              (short) sums[c]));
    }
    String header =
        WfdbWriter.header(
            name, record.fsHz(), record.sampleCount(), format, lines, comments(record.facts()));
    try (OutputStream out = files.create(name + ".hea")) {
      out.write(header.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A window's bytes; notes the first values and adds to the checksums. */
  private static byte[] encoded(
      List<Steps.Channel> channels,
      double[][] rows,
      int count,
      int format,
      int[] first,
      int[] sums) {
    int width = format / 8;
    int missing = format == 16 ? Short.MIN_VALUE : Steps.MISSING;
    byte[] bytes = new byte[Math.multiplyExact(count * width, rows.length)];
    for (int c = 0; c < rows.length; c++) {
      Steps.Channel channel = channels.get(c);
      int at = c * width;
      for (int i = 0; i < count; i++, at += width * rows.length) {
        int adu = channel.adu(rows[c][i]);
        adu = adu == Steps.MISSING ? missing : adu;
        if (i == 0 && first != null) {
          first[c] = adu;
        }
        sums[c] += adu;
        for (int b = 0; b < width; b++) {
          bytes[at + b] = (byte) (adu >> (8 * b));
        }
      }
    }
    return bytes;
  }

  private static List<String> comments(EcgFacts facts) {
    List<String> comments = new ArrayList<>();
    facts.ageYears().ifPresent(age -> comments.add("age: " + number(age)));
    facts.sex().ifPresent(sex -> comments.add("sex: " + sex));
    facts.patientId().ifPresent(id -> comments.add("patient: " + id));
    facts.recordedAt().ifPresent(time -> comments.add("recorded: " + time));
    facts.device().ifPresent(device -> comments.add("device: " + device));
    facts.statements().forEach(statement -> comments.add("Statement: " + statement));
    return comments;
  }

  private static String number(float age) {
    return age == Math.rint(age) ? Integer.toString((int) age) : Float.toString(age);
  }
}
