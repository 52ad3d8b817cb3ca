package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rtcn.common.wfdb.SignalGroupReader.TrailingBytes;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;
import org.rtcn.common.wfdb.WfdbRecord.Piece;

/** Reads samples in ADC units. */
final class DigitalReader {
  private final WfdbFiles files;
  private final ChecksumPolicy policy;
  private final SegmentReader reader = new SegmentReader();
  private final SegmentReader.Sums sums = new SegmentReader.Sums();

  DigitalReader(WfdbFiles files, ChecksumPolicy policy) {
    this.files = files;
    this.policy = policy;
  }

  WfdbRecord read(WfdbHeader header, FrameRange range) throws IOException {
    return header.isMultiSegment() ? readSegments(header, range) : readOne(header, range);
  }

  private WfdbRecord readOne(WfdbHeader header, FrameRange range) throws IOException {
    int count = header.signals().size();
    Channel.Digital[] channels = new Channel.Digital[count];
    SampleFormat[] formats = new SampleFormat[count];
    long frames =
        reader.read(
            header,
            files,
            range.start(),
            range.end(),
            0,
            (signal, slot, spec, format) -> {
              formats[signal] = format;
              channels[signal] =
                  new Channel.Digital(signal, slot, spec, true, format.invalidSample(), new int[0]);
              return channels[signal];
            },
            policy,
            TrailingBytes.IGNORE,
            sums);
    refuseEmpty(header, frames);
    int[][] digital = new int[count][];
    List<Piece> pieces = new ArrayList<>();
    for (int s = 0; s < count; s++) {
      SignalSpec spec = header.signals().get(s);
      digital[s] = exactly(channels[s], length(header, frames, spec));
      pieces.add(new Piece(s, 0, digital[s].length, spec, formats[s].invalidSample()));
    }
    return new WfdbRecord(header, Math.toIntExact(frames), digital, pieces, sums.matches());
  }

  private WfdbRecord readSegments(WfdbHeader header, FrameRange range) throws IOException {
    Segments segments = new Segments(files);
    WfdbHeader layout = segments.layout(header);
    long total = layout.frameCount().orElse(0);
    long to = Math.min(range.end(), total);
    long frames = to - range.start();
    refuseEmpty(header, frames);
    int count = layout.signals().size();
    long samples = 0;
    for (SignalSpec spec : layout.signals()) {
      samples += frames * spec.samplesPerFrame();
    }
    if (samples > Segments.MAX_SAMPLES_AT_ONCE) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s at once: %d samples, at most %d; read it by window"
              .formatted(header.recordName(), samples, Segments.MAX_SAMPLES_AT_ONCE));
    }
    int[][] digital = new int[count][];
    boolean[] touched = new boolean[count];
    List<Piece> pieces = new ArrayList<>();
    for (Segments.Part part : segments.parts(layout, range.start(), to)) {
      reader.read(
          part.header(),
          files,
          part.from(),
          part.to(),
          part.at(),
          (signal, slot, spec, format) -> {
            int target = part.targets()[signal];
            if (digital[target] == null) {
              digital[target] = new int[length(layout, frames, spec)];
            }
            if (!touched[target]) {
              touched[target] = true;
              Arrays.fill(digital[target], format.invalidSample());
            }
            int perFrame = spec.samplesPerFrame();
            pieces.add(
                new Piece(
                    target,
                    (int) part.at() * perFrame,
                    (int) (part.at() + part.to() - part.from()) * perFrame,
                    spec,
                    format.invalidSample()));
            if (spec.skew() > 0 || format == SampleFormat.FORMAT_0) {
              Arrays.fill(
                  digital[target],
                  pieces.get(pieces.size() - 1).from(),
                  pieces.get(pieces.size() - 1).to(),
                  format.invalidSample());
            }
            return new Channel.Digital(
                signal, slot, spec, true, format.invalidSample(), digital[target]);
          },
          policy,
          TrailingBytes.IGNORE,
          sums);
    }
    for (int s = 0; s < count; s++) {
      if (digital[s] == null) {
        digital[s] = new int[length(layout, frames, layout.signals().get(s))];
        Arrays.fill(digital[s], Short.MIN_VALUE);
      }
    }
    return new WfdbRecord(layout, (int) frames, digital, pieces, sums.matches());
  }

  static void refuseEmpty(WfdbHeader header, long frames) throws WfdbException {
    if (frames <= 0) {
      throw new WfdbException(
          Reason.EMPTY,
          "Cannot read " + header.recordName() + ": it holds no samples; leave the record out");
    }
  }

  static int length(WfdbHeader header, long frames, SignalSpec spec) throws WfdbException {
    long length = frames * spec.samplesPerFrame();
    if (length > SignalGroupReader.MAX_SAMPLES) {
      throw new WfdbException(
          Reason.RECORD_TOO_LONG,
          "Cannot read %s at once: %d samples of one signal; read it by window"
              .formatted(header.recordName(), length));
    }
    return (int) length;
  }

  private static int[] exactly(Channel.Digital channel, int length) {
    if (channel.samples.length < length) {
      channel.grow(length);
    }
    return channel.samples.length == length
        ? channel.samples
        : Arrays.copyOf(channel.samples, length);
  }
}
