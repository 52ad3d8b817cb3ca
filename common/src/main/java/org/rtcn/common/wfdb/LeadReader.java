package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.SignalGroupReader.TrailingBytes;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/**
 * Reads the ECG leads of records straight from bytes to mV. A plan object for one thread: buffers
 * and scales are kept from record to record.
 */
public final class LeadReader {
  private static final int KEPT_SCALES = 16;

  private final ArrayPolicy arrays;
  private final SegmentReader reader = new SegmentReader();
  private final List<Scale> scales = new ArrayList<>();
  private float[][] earlier = new float[0][];

  /** Who owns the arrays that are handed out. */
  public enum ArrayPolicy {
    /** The caller: each read makes new ones. */
    FRESH,
    /** The reader: the next read overwrites them. */
    REUSED
  }

  public LeadReader(ArrayPolicy arrays) {
    this.arrays = arrays;
  }

  /**
   * The leads of a record or window.
   *
   * @param signal the leads whose names are known, in mV; NaN where nothing valid was recorded
   * @param gainAduPerMillivolt of each lead, as its (first) header states
   * @param invalidCount samples of each lead that are NaN
   * @param checksumMatches null where no checksum was stated or could be checked
   */
  public record Leads(
      EcgSignal signal,
      List<Float> gainAduPerMillivolt,
      List<Integer> invalidCount,
      Boolean checksumMatches) {
    public Leads {
      gainAduPerMillivolt = List.copyOf(gainAduPerMillivolt);
      invalidCount = List.copyOf(invalidCount);
    }
  }

  /**
   * Reads a whole record; its checksums must match and its files must end where the header says.
   *
   * @throws WfdbException if the record cannot be read as it stands
   * @throws IOException if the storage fails
   */
  public Leads read(WfdbHeader header, WfdbFiles files) throws IOException {
    return read(header, files, FrameRange.ALL);
  }

  /**
   * Reads a window. Checksums are checked of the files or segments that it reads whole.
   *
   * @throws WfdbException if the record cannot be read as it stands
   * @throws IOException if the storage fails
   */
  public Leads read(WfdbHeader header, WfdbFiles files, FrameRange range) throws IOException {
    Segments segments = new Segments(files);
    WfdbHeader layout = segments.layout(header);
    List<Lead> leads = new ArrayList<>();
    int[] rows = new int[layout.signals().size()];
    double fsHz = assignRows(layout, leads, rows);
    float[][] values = rowArrays(leads.size());
    SegmentReader.Sums sums = new SegmentReader.Sums();
    List<Integer> invalid = new ArrayList<>();
    long frames;
    if (layout.isMultiSegment()) {
      long to = Math.min(range.end(), layout.frameCount().orElse(0));
      frames = to - range.start();
      DigitalReader.refuseEmpty(header, frames);
      allot(layout, frames, rows, values);
      for (Segments.Part part : segments.parts(layout, range.start(), to)) {
        int[] targets = part.targets();
        reader.read(
            part.header(),
            files,
            part.from(),
            part.to(),
            part.at(),
            (signal, slot, spec, format) ->
                channel(header, signal, slot, spec, format, rows[targets[signal]], values),
            ChecksumPolicy.REFUSE,
            TrailingBytes.IGNORE,
            sums);
      }
      for (float[] row : values) {
        invalid.add(Channel.Physical.nanCount(row));
      }
    } else {
      Channel.Physical[] channels = new Channel.Physical[leads.size()];
      frames =
          reader.read(
              layout,
              files,
              range.start(),
              range.end(),
              0,
              (signal, slot, spec, format) -> {
                Channel.Physical channel =
                    channel(header, signal, slot, spec, format, rows[signal], values);
                if (rows[signal] >= 0) {
                  channels[rows[signal]] = channel;
                }
                return channel;
              },
              ChecksumPolicy.REFUSE,
              TrailingBytes.REFUSE,
              sums);
      DigitalReader.refuseEmpty(header, frames);
      for (int s = 0; s < rows.length; s++) {
        if (rows[s] >= 0) {
          int length = DigitalReader.length(layout, frames, layout.signals().get(s));
          values[rows[s]] = exactly(channels[rows[s]], length);
        }
      }
      for (int row = 0; row < channels.length; row++) {
        invalid.add(channels[row].invalidOf(values[row]));
      }
    }
    List<Float> gains = new ArrayList<>();
    for (Lead lead : leads) {
      SignalSpec spec = layout.signals().get(layout.indexOf(lead));
      gains.add((float) (spec.gainAduPerUnit() / WfdbRecord.millivoltsPerUnit(layout, spec)));
    }
    earlier = arrays == ArrayPolicy.REUSED ? values : earlier;
    return new Leads(new EcgSignal(fsHz, leads, values), gains, invalid, sums.matches());
  }

  /**
   * Reads a record to its end without keeping a sample: sizes and checksums are checked as by
   * {@link #read(WfdbHeader, WfdbFiles)}, in bounded memory.
   *
   * @return whether the stated checksums match; empty if there are none
   */
  public Optional<Boolean> verify(WfdbHeader header, WfdbFiles files) throws IOException {
    Segments segments = new Segments(files);
    WfdbHeader layout = segments.layout(header);
    SegmentReader.Sums sums = new SegmentReader.Sums();
    if (layout.isMultiSegment()) {
      for (Segments.Part part :
          segments.parts(layout, 0, Math.max(1, layout.frameCount().orElse(0)))) {
        verify(part.header(), files, TrailingBytes.IGNORE, sums);
      }
    } else {
      long frames = verify(layout, files, TrailingBytes.REFUSE, sums);
      DigitalReader.refuseEmpty(layout, frames);
    }
    return Optional.ofNullable(sums.matches());
  }

  private long verify(
      WfdbHeader header, WfdbFiles files, TrailingBytes trailing, SegmentReader.Sums sums)
      throws IOException {
    return reader.read(
        header,
        files,
        0,
        Long.MAX_VALUE,
        0,
        (signal, slot, spec, format) ->
            new Channel.Digital(signal, slot, spec, false, 0, new int[0]),
        ChecksumPolicy.REFUSE,
        trailing,
        sums);
  }

  /** Names the rows in table order; the signals' rows, -1 for what is no known lead. */
  private static double assignRows(WfdbHeader layout, List<Lead> leads, int[] rows)
      throws WfdbException {
    Arrays.fill(rows, -1);
    double fsHz = 0;
    for (Lead lead : Lead.values()) {
      int index = layout.indexOf(lead);
      if (index >= 0) {
        SignalSpec spec = layout.signals().get(index);
        double rate = layout.fsHz() * spec.samplesPerFrame();
        if (!leads.isEmpty() && rate != fsHz) {
          throw new WfdbException(
              Reason.HEADER_MALFORMED,
              "Cannot read %s: lead %s has %s Hz and others %s Hz; resample it first"
                  .formatted(layout.recordName(), lead.label(), rate, fsHz));
        }
        double unused = WfdbRecord.millivoltsPerUnit(layout, spec);
        fsHz = rate;
        rows[index] = leads.size();
        leads.add(lead);
      }
    }
    return leads.isEmpty() ? layout.fsHz() : fsHz;
  }

  private float[][] rowArrays(int count) {
    float[][] values = new float[count][];
    for (int row = 0; row < count; row++) {
      values[row] =
          arrays == ArrayPolicy.REUSED && row < earlier.length ? earlier[row] : new float[0];
    }
    return values;
  }

  private static void allot(WfdbHeader layout, long frames, int[] rows, float[][] values)
      throws WfdbException {
    long samples = 0;
    for (int s = 0; s < rows.length; s++) {
      if (rows[s] >= 0) {
        int length = DigitalReader.length(layout, frames, layout.signals().get(s));
        samples += length;
        if (samples > Segments.MAX_SAMPLES_AT_ONCE) {
          throw new WfdbException(
              Reason.RECORD_TOO_LONG,
              "Cannot read %s at once: more than %d samples; read it by window"
                  .formatted(layout.recordName(), Segments.MAX_SAMPLES_AT_ONCE));
        }
        if (values[rows[s]].length != length) {
          values[rows[s]] = new float[length];
        }
        Arrays.fill(values[rows[s]], Float.NaN);
      }
    }
  }

  private Channel.Physical channel(
      WfdbHeader header,
      int signal,
      int slot,
      SignalSpec spec,
      SampleFormat format,
      int row,
      float[][] values)
      throws WfdbException {
    if (row < 0) {
      return new Channel.Physical(signal, slot, spec, false, null, new float[0]);
    }
    return new Channel.Physical(
        signal,
        slot,
        spec,
        true,
        scale(spec, WfdbRecord.millivoltsPerUnit(header, spec), format),
        values[row]);
  }

  private Scale scale(SignalSpec spec, double factor, SampleFormat format) {
    for (Scale scale : scales) {
      if (scale.serves(spec, factor, format)) {
        return scale;
      }
    }
    if (scales.size() == KEPT_SCALES) {
      scales.remove(0);
    }
    Scale scale = new Scale(spec, factor, format);
    scales.add(scale);
    return scale;
  }

  /** The channel's values at the record's length: what never came is NaN. */
  private static float[] exactly(Channel.Physical channel, int length) {
    if (channel.capacity() < length) {
      channel.grow(length);
    }
    int filled = Math.min(channel.filled, length);
    float[] values =
        channel.capacity() == length ? channel.values : Arrays.copyOf(channel.values, length);
    Arrays.fill(values, filled, length, Float.NaN);
    return values;
  }
}
