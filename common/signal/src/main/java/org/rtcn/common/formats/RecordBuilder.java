package org.rtcn.common.formats;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * Puts pieces of leads, in memory, on one timeline: leads that were recorded one after another have
 * NaN where they were not recorded.
 */
public final class RecordBuilder {
  private final String file;
  private final ReadLimits limits;
  private final double fsHz;
  private final Map<String, EcgChannel> channels = new LinkedHashMap<>();
  private final Map<String, double[]> rows = new LinkedHashMap<>();
  private long total;

  public RecordBuilder(String file, ReadLimits limits, double fsHz) {
    this.file = file;
    this.limits = limits;
    this.fsHz = fsHz;
  }

  /** Adds a lead that begins with the recording. */
  public RecordBuilder add(EcgChannel channel, double[] millivolts) throws FormatException {
    return add(channel, 0, millivolts);
  }

  /**
   * Adds a piece of a lead.
   *
   * @param from its first sample on the recording's timeline
   * @throws FormatException if that lead has samples there already, or the whole grows too long
   */
  public RecordBuilder add(EcgChannel channel, long from, double[] millivolts)
      throws FormatException {
    String name = channel.name();
    double[] before = rows.get(name);
    long length = Math.max(from + millivolts.length, before == null ? 0 : before.length);
    total += length - (before == null ? 0 : before.length);
    if (from < 0 || total > limits.samples()) {
      throw new FormatException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s: lead %s would end at sample %d, more than %d in all; split it"
              .formatted(file, name, length, limits.samples()));
    }
    double[] row = millivolts;
    if (before != null || from > 0) {
      row = before == null ? new double[0] : before;
      int had = row.length;
      row = Arrays.copyOf(row, (int) length);
      Arrays.fill(row, Math.min(had, row.length), row.length, Double.NaN);
      for (int i = 0; i < millivolts.length; i++) {
        int at = (int) from + i;
        if (!Double.isNaN(row[at])) {
          throw FormatException.malformed(file, "lead " + name + " appears twice, at sample " + at);
        }
        row[at] = millivolts[i];
      }
    }
    channels.putIfAbsent(name, channel);
    rows.put(name, row);
    return this;
  }

  /** Samples from the beginning to the end of what a lead has so far. */
  public int length(EcgChannel channel) {
    double[] row = rows.get(channel.name());
    return row == null ? 0 : row.length;
  }

  /** The recording; shorter leads end in NaN. */
  public EcgRecord build(String part, EcgFacts facts, Optional<Boolean> checksumMatches)
      throws FormatException {
    int count = rows.values().stream().mapToInt(row -> row.length).max().orElse(0);
    if ((long) count * rows.size() > limits.samples()) {
      throw new FormatException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s: %d leads of %d samples are more than %d in all; split it"
              .formatted(file, rows.size(), count, limits.samples()));
    }
    List<double[]> all = new ArrayList<>();
    for (double[] row : rows.values()) {
      double[] full = row;
      if (row.length < count) {
        full = Arrays.copyOf(row, count);
        Arrays.fill(full, row.length, count, Double.NaN);
      }
      all.add(full);
    }
    return EcgRecord.checked(
        file,
        new EcgRecord(
            part,
            fsHz,
            count,
            List.copyOf(channels.values()),
            facts,
            checksumMatches,
            Samples.of(all.toArray(new double[0][]))));
  }
}
