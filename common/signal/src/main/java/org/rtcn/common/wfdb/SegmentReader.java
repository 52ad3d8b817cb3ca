package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.rtcn.common.wfdb.SignalGroupReader.TrailingBytes;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/** Reads the files of one segment into channels, and checks the sums. */
final class SegmentReader {
  private final SignalGroupReader groups = new SignalGroupReader();

  /** Makes the channel of a signal. */
  @FunctionalInterface
  interface ChannelMaker {
    Channel channel(int signal, int slot, SignalSpec spec, SampleFormat format)
        throws WfdbException;
  }

  /** Sums of the samples, and which were stated and could be checked. */
  static final class Sums {
    boolean any;
    boolean all = true;

    /** What the record's own lines say about a whole read; null where nothing was checked. */
    Boolean matches() {
      return any ? all : null;
    }
  }

  /**
   * Reads frames {@code from} to {@code to}.
   *
   * @param at frame of the output that takes {@code from}
   * @return frames of the window that the segment holds
   */
  long read(
      WfdbHeader header,
      WfdbFiles files,
      long from,
      long to,
      long at,
      ChannelMaker maker,
      ChecksumPolicy policy,
      TrailingBytes trailing,
      Sums sums)
      throws IOException {
    List<SignalSpec> signals = header.signals();
    Map<String, List<Integer>> byFile = new LinkedHashMap<>();
    for (int s = 0; s < signals.size(); s++) {
      byFile.computeIfAbsent(signals.get(s).fileName(), name -> new ArrayList<>()).add(s);
    }
    OptionalInt frames = header.frameCount();
    for (Map.Entry<String, List<Integer>> group : byFile.entrySet()) {
      String file = group.getKey();
      List<SignalSpec> specs = new ArrayList<>();
      group.getValue().forEach(s -> specs.add(signals.get(s)));
      SampleFormat format = formatOf(file, specs);
      SignalGroupReader.frameLength(file, specs);
      List<Channel> channels = new ArrayList<>();
      int slot = 0;
      long least = Long.MAX_VALUE;
      long most = 0;
      for (int i = 0; i < specs.size(); i++) {
        SignalSpec spec = specs.get(i);
        Channel channel = maker.channel(group.getValue().get(i), slot, spec, format);
        channel.window(from, to, at);
        channels.add(channel);
        slot += spec.samplesPerFrame();
        least = Math.min(least, spec.skew());
        most = Math.max(most, spec.skew());
      }
      SignalGroupReader.Result result =
          groups.read(
              file,
              specs,
              channels,
              format,
              files,
              frames,
              from + least,
              to > Long.MAX_VALUE - most ? Long.MAX_VALUE : to + most,
              trailing);
      if (frames.isEmpty() && (to == Long.MAX_VALUE || result.frames() < to)) {
        // A file of unstated length settles how many frames the next ones must hold.
        frames = OptionalInt.of(Math.toIntExact(result.frames()));
      }
      if (format == SampleFormat.FORMAT_0
          && (double) result.frames() * slot * byFile.size() > Segments.MAX_SAMPLES_AT_ONCE) {
        // Null signals have no bytes that would bound what a header claims.
        throw new WfdbException(
            Reason.RECORD_TOO_LONG,
            "Cannot read %s at once: %d frames of null signals; read it by window"
                .formatted(header.recordName(), result.frames()));
      }
      // header(5): where no length is stated, checksums are placeholders.
      if (result.complete() && format != SampleFormat.FORMAT_0 && header.frameCount().isPresent()) {
        for (Channel channel : channels) {
          check(signals.get(channel.signal), channel, policy, sums);
        }
      }
    }
    long last = frames.isPresent() ? Math.min(to, frames.getAsInt()) : to;
    return Math.max(0, last - from);
  }

  private static SampleFormat formatOf(String file, List<SignalSpec> specs) throws WfdbException {
    SignalSpec first = specs.get(0);
    for (SignalSpec spec : specs) {
      if (spec.format() != first.format() || spec.byteOffset() != first.byteOffset()) {
        throw new WfdbException(
            Reason.HEADER_MALFORMED,
            "Cannot read %s: its signals state formats %d+%d and %d+%d; one file has one format"
                .formatted(
                    file, first.format(), first.byteOffset(), spec.format(), spec.byteOffset()));
      }
    }
    return SampleFormat.of(first.format())
        .orElseThrow(
            () ->
                new WfdbException(
                    Reason.FORMAT_UNSUPPORTED,
                    "Cannot read %s: signal format %d; convert it to one of these: %s"
                        .formatted(file, first.format(), SampleFormat.codes())));
  }

  /** Checksums are of the samples as stored: before the skew is undone. */
  private static void check(SignalSpec spec, Channel channel, ChecksumPolicy policy, Sums sums)
      throws WfdbException {
    if (spec.checksum().isEmpty()) {
      return;
    }
    sums.any = true;
    int stated = spec.checksum().getAsInt();
    if (stated != channel.checksum()) {
      sums.all = false;
      if (policy == ChecksumPolicy.REFUSE) {
        throw new WfdbException(
            Reason.CHECKSUM_MISMATCH,
            "Cannot trust %s: signal %d (%s) has checksum %d and the header states %d; fetch it again"
                .formatted(
                    spec.fileName(),
                    channel.signal,
                    spec.description(),
                    channel.checksum(),
                    stated));
      }
    }
  }
}
