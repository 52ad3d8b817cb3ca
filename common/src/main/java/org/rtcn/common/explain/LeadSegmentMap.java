package org.rtcn.common.explain;

import java.util.List;
import org.rtcn.common.ecg.Lead;

/**
 * What each lead and segment says for an answer.
 *
 * @param logOdds {@code [lead of STANDARD_12][segment]}; positive speaks for the answer. They sum
 *     to the change of the contrast's log odds between the reference beat and this beat
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LeadSegmentMap(float[][] logOdds) {

  /** The lead of the map's maximum. */
  public Lead strongestLead() {
    return Lead.STANDARD_12.get(strongest() / Segment.values().length);
  }

  /** The segment of the map's maximum. */
  public Segment strongestSegment() {
    return Segment.values()[strongest() % Segment.values().length];
  }

  /** Place of the maximum in {@link #flat}; of equals the first. */
  private int strongest() {
    float[] flat = flat();
    int strongest = 0;
    for (int i = 1; i < flat.length; i++) {
      strongest = flat[i] > flat[strongest] ? i : strongest;
    }
    return strongest;
  }

  /** {@code [lead · segment]}, as tables hold it. */
  public float[] flat() {
    int segments = Segment.values().length;
    float[] flat = new float[logOdds.length * segments];
    for (int lead = 0; lead < logOdds.length; lead++) {
      System.arraycopy(logOdds[lead], 0, flat, lead * segments, segments);
    }
    return flat;
  }

  /** What {@link #flat} gave. */
  public static LeadSegmentMap ofFlat(float[] flat) {
    int segments = Segment.values().length;
    float[][] map = new float[flat.length / segments][segments];
    for (int lead = 0; lead < map.length; lead++) {
      System.arraycopy(flat, lead * segments, map[lead], 0, segments);
    }
    return new LeadSegmentMap(map);
  }

  /**
   * The mean of several beats' maps.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static LeadSegmentMap mean(List<LeadSegmentMap> maps) {
    if (maps.isEmpty()) {
      throw new IllegalArgumentException("Invalid mean of no map");
    }
    float[][] first = maps.get(0).logOdds();
    float[][] mean = new float[first.length][first[0].length];
    for (LeadSegmentMap map : maps) {
      for (int lead = 0; lead < mean.length; lead++) {
        for (int segment = 0; segment < mean[lead].length; segment++) {
          mean[lead][segment] += map.logOdds()[lead][segment] / maps.size();
        }
      }
    }
    return new LeadSegmentMap(mean);
  }
}
