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

  /** All of a lead's segments together. */
  public double ofLead(int lead) {
    double sum = 0;
    for (float value : logOdds[lead]) {
      sum += value;
    }
    return sum;
  }

  /** A segment in all leads together. */
  public double ofSegment(Segment segment) {
    double sum = 0;
    for (float[] lead : logOdds) {
      sum += lead[segment.index()];
    }
    return sum;
  }

  /** The lead that says most for the answer. */
  public Lead topLead() {
    int top = 0;
    for (int lead = 1; lead < logOdds.length; lead++) {
      top = ofLead(lead) > ofLead(top) ? lead : top;
    }
    return Lead.STANDARD_12.get(top);
  }

  /** The segment that says most for the answer. */
  public Segment topSegment() {
    Segment top = Segment.P;
    for (Segment segment : Segment.values()) {
      top = ofSegment(segment) > ofSegment(top) ? segment : top;
    }
    return top;
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
