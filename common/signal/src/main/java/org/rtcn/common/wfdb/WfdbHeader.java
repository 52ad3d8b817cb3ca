package org.rtcn.common.wfdb;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.LeadNames;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * The header of a record. A record of several segments has no signals of its own: {@link
 * WfdbReader#layout} finds them.
 *
 * @param recordName as the header's first line states it
 * @param fsHz frames per second, in Hz; 250 where the header states none
 * @param frameCount frames (samples per signal of one sample per frame); empty if not stated, then
 *     the signal file's length tells
 * @param baseTime start of the recording as stated, for example {@code 12:33:59}
 * @param baseDate date of the recording as stated, for example {@code 12-May-2020}
 * @param signals one per signal line, in order
 * @param segments empty for a record of one segment
 * @param comments text of the lines that open with {@code #}, without it and without surrounding
 *     blanks, in order
 */
public record WfdbHeader(
    String recordName,
    double fsHz,
    OptionalInt frameCount,
    Optional<String> baseTime,
    Optional<String> baseDate,
    List<SignalSpec> signals,
    List<Segment> segments,
    List<String> comments) {

  /**
   * A part of a record.
   *
   * @param name of its own record, or {@code ~} for a gap
   * @param frames its length; the first segment of a variable-layout record has 0
   */
  public record Segment(String name, int frames) {
    /** Whether nothing was recorded. */
    public boolean isGap() {
      return name.equals("~");
    }
  }

  /** Frame rate where the header states none: header(5). */
  public static final double DEFAULT_FS_HZ = 250;

  public WfdbHeader {
    signals = List.copyOf(signals);
    segments = List.copyOf(segments);
    comments = List.copyOf(comments);
  }

  /**
   * The value of the first comment {@code key: value}, whatever its case: {@code comment("age")} is
   * {@code "81"} for {@code # age: 81}. Empty if there is no such comment.
   */
  public Optional<String> comment(String key) {
    String prefix = key.toLowerCase(Locale.ROOT) + ":";
    return comments.stream()
        .filter(comment -> comment.toLowerCase(Locale.ROOT).startsWith(prefix))
        .map(comment -> comment.substring(prefix.length()).strip())
        .findFirst();
  }

  /** Whether the header states that the record was simulated: {@code # Simulated: yes}. */
  public boolean isSimulated() {
    return comment("Simulated").orElse("").toLowerCase(Locale.ROOT).startsWith("yes");
  }

  /** Whether the record is made of segments. */
  public boolean isMultiSegment() {
    return !segments.isEmpty();
  }

  /**
   * Whether segments may differ in their signals: the first segment is then the layout, a header
   * without samples that names every signal.
   */
  public boolean isVariableLayout() {
    return isMultiSegment() && segments.get(0).frames() == 0 && !segments.get(0).isGap();
  }

  /** This header with other signals. */
  WfdbHeader withSignals(List<SignalSpec> other) {
    return new WfdbHeader(
        recordName, fsHz, frameCount, baseTime, baseDate, other, segments, comments);
  }

  /**
   * The signal that holds a lead, or -1: the one of its own name, else one of a voltage by another
   * of its names ({@link LeadNames}), such as {@code ECG lead II} or {@code MDC_ECG_LEAD_II}. (What
   * is named X, Y or Z may be anything.)
   *
   * @throws WfdbException if two signals claim to be that lead
   */
  public int indexOf(Lead lead) throws WfdbException {
    int own = indexOf(lead, signal -> Lead.parse(signal.description()));
    return own >= 0 || !Lead.STANDARD_12.contains(lead)
        ? own
        : indexOf(
            lead,
            signal ->
                signal.millivoltsPerUnit().isPresent()
                    ? LeadNames.parse(signal.description())
                    : Optional.empty());
  }

  private int indexOf(Lead lead, Function<SignalSpec, Optional<Lead>> names) throws WfdbException {
    int found = -1;
    for (int s = 0; s < signals.size(); s++) {
      if (names.apply(signals.get(s)).filter(lead::equals).isPresent()) {
        if (found >= 0) {
          throw new WfdbException(
              Reason.HEADER_MALFORMED,
              "Cannot read %s: signals %d and %d are both lead %s; rename one"
                  .formatted(recordName, found, s, lead.label()));
        }
        found = s;
      }
    }
    return found;
  }
}
