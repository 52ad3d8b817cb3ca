package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.rtcn.common.wfdb.WfdbException.Reason;

/** Finds the segments of a record, and where their signals go. */
final class Segments {
  /**
   * Samples of a record of segments that may be read in one piece: gaps cost memory without bytes
   * behind them.
   */
  static final long MAX_SAMPLES_AT_ONCE = 1L << 27;

  private final WfdbFiles files;

  Segments(WfdbFiles files) {
    this.files = files;
  }

  WfdbFiles files() {
    return files;
  }

  /**
   * A segment that the window touches.
   *
   * @param header its own header
   * @param targets number in the layout of each of its signals, -1 for one the layout lacks
   * @param from first frame of the segment to read
   * @param to first frame after the last
   * @param at where it goes in the window, in frames
   */
  @SuppressWarnings("ArrayRecordComponent") // Handed over within the package.
  record Part(WfdbHeader header, int[] targets, long from, long to, long at) {}

  WfdbHeader layout(WfdbHeader header) throws IOException {
    if (!header.isMultiSegment()) {
      return header;
    }
    WfdbHeader first = null;
    long total = 0;
    for (WfdbHeader.Segment segment : header.segments()) {
      total += segment.frames();
      if (first == null && !segment.isGap()) {
        first = segmentHeader(header, segment);
      }
    }
    if (first == null) {
      throw new WfdbException(
          Reason.EMPTY,
          "Cannot read " + header.recordName() + ": all its segments are gaps; leave it out");
    }
    if (header.frameCount().isPresent() && header.frameCount().getAsInt() != total) {
      throw malformed(
          header,
          "its segments hold "
              + total
              + " frames and the record line states "
              + header.frameCount().getAsInt());
    }
    return new WfdbHeader(
        header.recordName(),
        header.fsHz(),
        total == 0 ? OptionalInt.empty() : OptionalInt.of((int) total),
        header.baseTime(),
        header.baseDate(),
        first.signals(),
        header.segments(),
        header.comments());
  }

  /** The segments that lie in frames {@code from} to {@code to} of a record with its layout. */
  List<Part> parts(WfdbHeader layout, long from, long to) throws IOException {
    List<Part> parts = new ArrayList<>();
    long start = 0;
    for (WfdbHeader.Segment segment : layout.segments()) {
      long end = start + segment.frames();
      if (!segment.isGap() && end > from && start < to) {
        WfdbHeader header = segmentHeader(layout, segment);
        long first = Math.max(from, start);
        parts.add(
            new Part(
                header,
                targets(layout, header),
                first - start,
                Math.min(to, end) - start,
                first - from));
      }
      start = end;
    }
    return parts;
  }

  private int[] targets(WfdbHeader layout, WfdbHeader segment) throws WfdbException {
    List<SignalSpec> wanted = layout.signals();
    List<SignalSpec> given = segment.signals();
    int[] targets = new int[given.size()];
    boolean[] taken = new boolean[wanted.size()];
    for (int s = 0; s < targets.length; s++) {
      targets[s] = -1;
      if (!layout.isVariableLayout()) {
        // Fixed layout: the same signals in the same order.
        targets[s] = given.size() == wanted.size() ? s : -1;
      } else {
        for (int w = 0; w < wanted.size() && targets[s] < 0; w++) {
          if (!taken[w] && wanted.get(w).description().equals(given.get(s).description())) {
            targets[s] = w;
            taken[w] = true;
          }
        }
      }
      if (targets[s] < 0
          || wanted.get(targets[s]).samplesPerFrame() != given.get(s).samplesPerFrame()) {
        throw malformed(
            layout,
            "signal %d ('%s') of segment %s is not in the layout"
                .formatted(s, given.get(s).description(), segment.recordName()));
      }
    }
    return targets;
  }

  private WfdbHeader segmentHeader(WfdbHeader record, WfdbHeader.Segment segment)
      throws IOException {
    WfdbHeader header;
    try {
      header = WfdbReader.readHeader(segment.name() + ".hea", files);
    } catch (WfdbException e) {
      if (e.reason() == Reason.HEADER_MISSING) {
        throw new WfdbException(
            Reason.SEGMENT_MISSING,
            "Cannot find segment %s of %s; put its header and signals next to the record"
                .formatted(segment.name(), record.recordName()),
            e);
      }
      throw e;
    }
    if (header.isMultiSegment()) {
      throw malformed(record, "segment " + segment.name() + " is made of segments itself");
    }
    if (header.fsHz() != record.fsHz()) {
      throw malformed(
          record,
          "segment %s has %s Hz and the record %s Hz"
              .formatted(segment.name(), header.fsHz(), record.fsHz()));
    }
    if (segment.frames() > 0
        && header.frameCount().isPresent()
        && header.frameCount().getAsInt() != segment.frames()) {
      throw malformed(
          record,
          "segment %s holds %d frames and the record states %d"
              .formatted(segment.name(), header.frameCount().getAsInt(), segment.frames()));
    }
    return header;
  }

  private static WfdbException malformed(WfdbHeader record, String what) {
    return new WfdbException(
        Reason.HEADER_MALFORMED,
        "Cannot read " + record.recordName() + ": " + what + "; check the headers");
  }
}
