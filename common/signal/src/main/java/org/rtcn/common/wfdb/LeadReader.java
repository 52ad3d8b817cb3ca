package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.GainStretch;
import org.rtcn.common.wfdb.SignalGroupReader.TrailingBytes;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/**
 * Reads the ECG leads of records straight from bytes to mV. A plan object for one thread: buffers
 * and scales are kept from record to record.
 */
public final class LeadReader {
  private static final int KEPT_SCALES = 16;

  /** One step of a smaller gain is 10 mV or more: larger than any wave of an ECG. */
  private static final double MIN_GAIN = 0.1;

  /**
   * One step of a larger gain is less than a femtovolt, far below the noise of any resistor; what
   * {@code convert} writes of floating-point samples may have steps of a picovolt.
   */
  private static final double MAX_GAIN = 1e12;

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
   * @param signal the leads whose names are known, in mV; NaN where nothing valid was recorded. All
   *     have one rate: leads of lower ones were resampled
   * @param gains of the leads, in time order, as the headers of the record's segments state them
   * @param sourceFsHz rate of each lead in the record; empty where none was resampled
   * @param invalidCount samples of each lead that are NaN
   * @param checksumMatches null where no checksum was stated or could be checked
   */
  public record Leads(
      EcgSignal signal,
      List<GainStretch> gains,
      List<Double> sourceFsHz,
      List<Integer> invalidCount,
      Boolean checksumMatches) {
    public Leads {
      gains = List.copyOf(gains);
      sourceFsHz = List.copyOf(sourceFsHz);
      invalidCount = List.copyOf(invalidCount);
    }

    /** Whether any sample of any lead is valid. */
    public boolean isAnyValid() {
      int samples = signal.sampleCount();
      return invalidCount.stream().anyMatch(invalid -> invalid < samples);
    }
  }

  /**
   * Samples per frame of the leads that are read, the most of any.
   *
   * @throws WfdbException as {@link #read}
   */
  public static int samplesPerFrame(WfdbHeader layout) throws WfdbException {
    return LeadRates.of(layout).highest();
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
    LeadRates rates = LeadRates.of(layout);
    FrameRange wider = rates.withMargin(range);
    float[][] values = rowArrays(rates.leads().size());
    SegmentReader.Sums sums = new SegmentReader.Sums();
    List<GainStretch> gains = new ArrayList<>();
    List<Integer> invalid = new ArrayList<>();
    if (layout.isMultiSegment()) {
      long frames = readSegments(segments, layout, wider, rates, values, sums, gains);
      rates.align(values, wider, range, frames);
    } else {
      Channel.Physical[] channels = new Channel.Physical[values.length];
      long frames = readOne(layout, files, wider, rates, values, channels, sums);
      addGains(gains, layout, 0, rates, rates.rows());
      for (int row = 0; row < channels.length && !rates.areMixed(); row++) {
        invalid.add(channels[row].invalidOf(values[row]));
      }
      rates.align(values, wider, range, frames);
    }
    if (invalid.isEmpty()) {
      for (float[] row : values) {
        invalid.add(Channel.Physical.nanCount(row));
      }
    }
    earlier = arrays == ArrayPolicy.REUSED ? values : earlier;
    return new Leads(
        new EcgSignal(rates.fsHz(), rates.leads(), values),
        shifted(gains, (wider.start() - range.start()) * rates.highest(), values),
        rates.sourceFsHz(),
        invalid,
        sums.matches());
  }

  private long readSegments(
      Segments segments,
      WfdbHeader layout,
      FrameRange range,
      LeadRates rates,
      float[][] values,
      SegmentReader.Sums sums,
      List<GainStretch> gains)
      throws IOException {
    long to = Math.min(range.end(), layout.frameCount().orElse(0));
    long frames = to - range.start();
    DigitalReader.refuseEmpty(layout, frames);
    int[] rows = rates.rows();
    allot(layout, frames, rows, values);
    for (Segments.Part part : segments.parts(layout, range.start(), to)) {
      int[] targets = part.targets();
      int[] partRows = Arrays.stream(targets).map(target -> rows[target]).toArray();
      addGains(gains, part.header(), part.at() * rates.highest(), rates, partRows);
      reader.read(
          part.header(),
          segments.files(),
          part.from(),
          part.to(),
          part.at(),
          (signal, slot, spec, format) ->
              channel(layout, signal, slot, spec, format, partRows[signal], values),
          ChecksumPolicy.REFUSE,
          TrailingBytes.IGNORE,
          sums);
    }
    return frames;
  }

  private long readOne(
      WfdbHeader layout,
      WfdbFiles files,
      FrameRange range,
      LeadRates rates,
      float[][] values,
      Channel.Physical[] channels,
      SegmentReader.Sums sums)
      throws IOException {
    int[] rows = rates.rows();
    long frames =
        reader.read(
            layout,
            files,
            range.start(),
            range.end(),
            0,
            (signal, slot, spec, format) -> {
              Channel.Physical channel =
                  channel(layout, signal, slot, spec, format, rows[signal], values);
              if (rows[signal] >= 0) {
                channels[rows[signal]] = channel;
              }
              return channel;
            },
            ChecksumPolicy.REFUSE,
            TrailingBytes.REFUSE,
            sums);
    DigitalReader.refuseEmpty(layout, frames);
    for (int s = 0; s < rows.length; s++) {
      if (rows[s] >= 0) {
        int length = DigitalReader.length(layout, frames, layout.signals().get(s));
        values[rows[s]] = exactly(channels[rows[s]], length);
      }
    }
    return frames;
  }

  /** Adds the gains of some frames, unless they go on as before. */
  private static void addGains(
      List<GainStretch> gains, WfdbHeader header, long fromSample, LeadRates rates, int[] rows)
      throws WfdbException {
    Float[] stated = new Float[rates.leads().size()];
    for (int s = 0; s < rows.length; s++) {
      if (rows[s] >= 0) {
        SignalSpec spec = header.signals().get(s);
        stated[rows[s]] = (float) gain(header, spec);
      }
    }
    List<Float> list = Arrays.asList(stated);
    if (gains.isEmpty() || !gains.get(gains.size() - 1).aduPerMillivolt().equals(list)) {
      gains.add(new GainStretch(Math.toIntExact(fromSample), list));
    }
  }

  /** The same as seen from a window that begins later. */
  private static List<GainStretch> shifted(List<GainStretch> gains, long by, float[][] values) {
    List<GainStretch> moved = new ArrayList<>();
    for (GainStretch stretch : gains) {
      int from = (int) Math.max(0, stretch.fromSample() + by);
      if (from == 0) {
        moved.clear();
      }
      if (values.length == 0 || from < values[0].length) {
        moved.add(new GainStretch(from, stretch.aduPerMillivolt()));
      }
    }
    return moved;
  }

  /**
   * ADC units per mV.
   *
   * @throws WfdbException if no ECG can have as many or as few
   */
  public static double gain(WfdbHeader header, SignalSpec spec) throws WfdbException {
    double gain = spec.gainAduPerUnit() / WfdbRecord.millivoltsPerUnit(header, spec);
    if (!(Math.abs(gain) >= MIN_GAIN && Math.abs(gain) <= MAX_GAIN)) {
      throw new WfdbException(
          Reason.GAIN_IMPLAUSIBLE,
          "Cannot use %s: signal '%s' has %s units per mV, and an ECG has %s to %s; correct the gain"
              .formatted(header.recordName(), spec.description(), gain, MIN_GAIN, MAX_GAIN));
    }
    return gain;
  }

  /**
   * Reads a record to its end without keeping a sample: sizes, checksums, gains and units are
   * checked as by {@link #read(WfdbHeader, WfdbFiles)}, in bounded memory.
   *
   * @return whether the stated checksums match; empty if there are none
   */
  public Optional<Boolean> verify(WfdbHeader header, WfdbFiles files) throws IOException {
    Segments segments = new Segments(files);
    WfdbHeader layout = segments.layout(header);
    int[] rows = LeadRates.of(layout).rows();
    SegmentReader.Sums sums = new SegmentReader.Sums();
    if (layout.isMultiSegment()) {
      for (Segments.Part part :
          segments.parts(layout, 0, Math.max(1, layout.frameCount().orElse(0)))) {
        int[] partRows = Arrays.stream(part.targets()).map(target -> rows[target]).toArray();
        verify(part.header(), files, partRows, TrailingBytes.IGNORE, sums);
      }
    } else {
      long frames = verify(layout, files, rows, TrailingBytes.REFUSE, sums);
      DigitalReader.refuseEmpty(layout, frames);
    }
    return Optional.ofNullable(sums.matches());
  }

  private long verify(
      WfdbHeader header,
      WfdbFiles files,
      int[] rows,
      TrailingBytes trailing,
      SegmentReader.Sums sums)
      throws IOException {
    for (int s = 0; s < rows.length; s++) {
      if (rows[s] >= 0) {
        double unused = gain(header, header.signals().get(s));
      }
    }
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
