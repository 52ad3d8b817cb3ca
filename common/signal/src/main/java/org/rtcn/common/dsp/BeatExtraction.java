package org.rtcn.common.dsp;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a recording gave.
 *
 * @param rPeaks R peaks found
 * @param beats those kept, in order
 * @param refusedBeats how many were not, by reason; {@code rPeaks} is the sum of both
 * @param refusal why there are no beats; empty if there are
 * @param detail the refusal in words, empty if there is none
 */
public record BeatExtraction(
    int rPeaks,
    List<Beat> beats,
    Map<BeatRefusal, Integer> refusedBeats,
    Optional<RecordRefusal> refusal,
    String detail) {

  /** Copies the collections. */
  public BeatExtraction {
    beats = List.copyOf(beats);
    refusedBeats = Map.copyOf(refusedBeats);
  }

  static BeatExtraction refused(RecordRefusal refusal, String detail) {
    return new BeatExtraction(0, List.of(), Map.of(), Optional.of(refusal), detail);
  }
}
