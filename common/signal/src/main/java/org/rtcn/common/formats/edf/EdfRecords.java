package org.rtcn.common.formats.edf;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.formats.Numbers;

/** Reads data records in order, a block of them at a time. */
final class EdfRecords {
  private static final int BLOCK = 1 << 16;
  private static final int MAX_TEXTS = 100;

  private EdfRecords() {}

  /** Takes each record. */
  @FunctionalInterface
  interface Visitor {
    void record(long index, byte[] block, int from) throws IOException;
  }

  /** Visits records {@code from} to {@code to - 1}. */
  static void visit(EcgFile file, EdfHeader header, long from, long to, Visitor visitor)
      throws IOException {
    int size = (int) header.recordBytes();
    int perBlock = Math.max(1, BLOCK / size);
    byte[] block = new byte[size * (int) Math.min(perBlock, Math.max(1, to - from))];
    try (InputStream in = file.openAt(header.headerBytes() + from * size)) {
      for (long record = from; record < to; ) {
        int records = (int) Math.min(block.length / size, to - record);
        if (in.readNBytes(block, 0, records * size) < records * size) {
          throw new EOFException("Failed to read " + file.name() + ": it became shorter");
        }
        for (int k = 0; k < records; k++) {
          visitor.record(record + k, block, k * size);
        }
        record += records;
      }
    }
  }

  /**
   * How many records there are: the file's size tells, and must agree with the header.
   *
   * @throws FormatException if the header states more or fewer
   */
  static long count(EcgFile file, EdfHeader header, int maxRecordBytes) throws IOException {
    long size = header.recordBytes();
    if (size == 0 || size > maxRecordBytes) {
      throw FormatException.malformed(file.name(), "its records have " + size + " bytes");
    }
    long there = (file.length() - header.headerBytes()) / size;
    long stated = header.recordCount();
    if (stated >= 0 && there < stated) {
      throw new FormatException(
          Reason.SIGNAL_TRUNCATED,
          "Cannot read %s: it should have %d records of %d bytes, there are %d; copy it again"
              .formatted(file.name(), stated, size, there));
    }
    if (stated >= 0 && there > stated) {
      throw new FormatException(
          Reason.SIGNAL_OVERSIZED,
          "Cannot read %s: it should have %d records of %d bytes, there are %d; correct its header"
              .formatted(file.name(), stated, size, there));
    }
    return there;
  }

  /**
   * What the annotation signals say.
   *
   * @param onsets of the records in s; empty for EDF+C
   * @param texts distinct, in order, at most a hundred
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over.
  record Annotations(double[] onsets, Set<String> texts) {}

  static Annotations annotations(EcgFile file, EdfHeader header, long records) throws IOException {
    Set<String> texts = new LinkedHashSet<>();
    if (records > 1 << 26) {
      throw new FormatException(
          Reason.RECORD_TOO_LONG,
          "Cannot read " + file.name() + ": it has " + records + " records with annotations");
    }
    double[] onsets = new double[header.continuous() ? 0 : (int) records];
    visit(
        file,
        header,
        0,
        records,
        (index, block, from) -> {
          boolean keepsTime = true;
          for (EdfHeader.Signal signal : header.signals()) {
            if (signal.isAnnotations()) {
              int start = from + signal.offset() * header.sampleBytes();
              String lists =
                  new String(
                      block,
                      start,
                      signal.perRecord() * header.sampleBytes(),
                      StandardCharsets.UTF_8);
              String first = collect(lists, texts);
              if (keepsTime && !header.continuous()) {
                onsets[(int) index] = onset(file.name(), first);
              }
              keepsTime = false;
            }
          }
        });
    return new Annotations(onsets, texts);
  }

  /** Adds the texts of a record's lists; the onset of the first list. */
  private static String collect(String lists, Set<String> texts) {
    String first = null;
    for (String list : lists.split("\0", 0)) {
      String[] parts = list.split("\u0014", -1);
      if (parts.length < 2) {
        continue;
      }
      first = first == null ? parts[0] : first;
      for (int i = 1; i < parts.length && texts.size() < MAX_TEXTS; i++) {
        if (!parts[i].isBlank()) {
          texts.add(parts[i]);
        }
      }
    }
    return first;
  }

  private static double onset(String file, String text) throws FormatException {
    return Numbers.number(
        file, "the time of a record", text == null ? null : text.split("\u0015", 2)[0]);
  }
}
