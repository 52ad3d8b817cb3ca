package org.rtcn.common.formats;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.FormatException.Reason;

/**
 * A recording: leads of one rate and length.
 *
 * @param part its name within the file, empty where the file holds but one
 * @param fsHz sampling rate in Hz
 * @param sampleCount samples per channel, at least 1
 * @param channels stored leads in the file's order; no lead twice
 * @param facts what the file says besides
 * @param checksumMatches empty where the file states none
 * @param samples gives them
 */
public record EcgRecord(
    String part,
    double fsHz,
    long sampleCount,
    List<EcgChannel> channels,
    EcgFacts facts,
    Optional<Boolean> checksumMatches,
    Samples samples) {
  /** Rates above are claims of a damaged file. */
  private static final double MIN_FS_HZ = 1;

  private static final double MAX_FS_HZ = 1e6;

  public EcgRecord {
    channels = List.copyOf(channels);
  }

  /**
   * Checks what every format has in common.
   *
   * @throws FormatException if the rate cannot be, there are no samples, or a lead stands twice
   */
  public static EcgRecord checked(String file, EcgRecord record) throws FormatException {
    if (!(record.fsHz >= MIN_FS_HZ && record.fsHz <= MAX_FS_HZ)) {
      throw FormatException.malformed(
          file,
          "its sampling rate is %s Hz, and an ECG has %.0f to %.0f"
              .formatted(record.fsHz, MIN_FS_HZ, MAX_FS_HZ));
    }
    if (record.channels.isEmpty() || record.sampleCount < 1) {
      throw new FormatException(
          Reason.EMPTY, "Cannot use " + file + ": it holds no ECG sample; leave it out");
    }
    Set<String> names = new HashSet<>();
    for (EcgChannel channel : record.channels) {
      if (channel.lead().isPresent() && !names.add(channel.name())) {
        throw FormatException.malformed(file, "lead " + channel.name() + " appears twice");
      }
    }
    return record;
  }

  /** The known leads that are stored. */
  public Set<Lead> leads() {
    EnumSet<Lead> leads = EnumSet.noneOf(Lead.class);
    channels.forEach(channel -> channel.lead().ifPresent(leads::add));
    return leads;
  }

  /** A window of all channels in mV, as {@link Samples#read}. */
  public double[][] read(long from, int count) throws IOException {
    return samples.read(from, count);
  }

  /** A window of the known leads in table order (I to V6, then Vx to Vz), in mV. */
  public EcgSignal signal(long from, int count) throws IOException {
    double[][] rows = samples.read(from, count);
    List<Lead> leads = new ArrayList<>(leads());
    float[][] values = new float[leads.size()][];
    for (int c = 0; c < channels.size(); c++) {
      Optional<Lead> lead = channels.get(c).lead();
      if (lead.isPresent()) {
        float[] row = new float[count];
        for (int i = 0; i < count; i++) {
          row[i] = (float) rows[c][i];
        }
        values[leads.indexOf(lead.get())] = row;
      }
    }
    return new EcgSignal(fsHz, leads, values);
  }
}
