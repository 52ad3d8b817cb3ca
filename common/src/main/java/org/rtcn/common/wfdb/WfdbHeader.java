package org.rtcn.common.wfdb;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The header of a single-segment record.
 *
 * @param recordName as the header's first line states it
 * @param fsHz frames per second, in Hz; 250 where the header states none
 * @param frameCount frames (samples per signal of one sample per frame); empty if not stated, then
 *     the signal file's length tells
 * @param baseTime start of the recording as stated, for example {@code 12:33:59}
 * @param baseDate date of the recording as stated, for example {@code 12-May-2020}
 * @param signals one per signal line, in order
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
    List<String> comments) {

  /** Frame rate where the header states none: header(5). */
  public static final double DEFAULT_FS_HZ = 250;

  public WfdbHeader {
    signals = List.copyOf(signals);
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
}
