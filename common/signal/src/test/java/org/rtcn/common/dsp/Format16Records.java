package org.rtcn.common.dsp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/** Just enough of WFDB for the reference records: one segment, format 16, one file or several. */
final class Format16Records {
  private Format16Records() {}

  /** The standard leads of a record, in mV. */
  static EcgSignal read(Path header) {
    try {
      List<String> lines =
          Files.readAllLines(header, StandardCharsets.ISO_8859_1).stream()
              .filter(line -> !line.isBlank() && !line.startsWith("#"))
              .toList();
      String[] record = lines.get(0).trim().split("\\s+", -1);
      int signals = Integer.parseInt(record[1]);
      double fsHz = Double.parseDouble(record[2].split("/", -1)[0]);
      int samples = Integer.parseInt(record[3]);
      List<Lead> leads = new ArrayList<>();
      List<float[]> rows = new ArrayList<>();
      String file = "";
      ByteBuffer data = null;
      int inFile = 0;
      int position = 0;
      for (int s = 1; s <= signals; s++) {
        String[] fields = lines.get(s).trim().split("\\s+", -1);
        if (!fields[0].equals(file)) {
          file = fields[0];
          position = 0;
          data =
              ByteBuffer.wrap(Files.readAllBytes(header.resolveSibling(file)))
                  .order(ByteOrder.LITTLE_ENDIAN);
          String name = file;
          inFile =
              (int)
                  lines.subList(1, signals + 1).stream()
                      .filter(line -> line.startsWith(name + " "))
                      .count();
        }
        Optional<Lead> lead = Lead.parse(fields[fields.length - 1]);
        if (lead.isPresent() && Lead.STANDARD_12.contains(lead.get())) {
          String gainField = fields[2].split("/", -1)[0];
          double gain = Double.parseDouble(gainField.split("\\(", -1)[0]);
          double baseline =
              gainField.contains("(")
                  ? Double.parseDouble(gainField.replaceAll(".*\\(|\\).*", ""))
                  : Double.parseDouble(fields[4]);
          float[] row = new float[samples];
          for (int i = 0; i < samples; i++) {
            short adu = data.getShort(2 * (i * inFile + position));
            row[i] = adu == Short.MIN_VALUE ? Float.NaN : (float) ((adu - baseline) / gain);
          }
          leads.add(lead.get());
          rows.add(row);
        }
        position++;
      }
      return new EcgSignal(fsHz, leads, rows.toArray(new float[0][]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
