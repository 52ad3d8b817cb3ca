package org.rtcn.common.explain;

import java.util.List;
import org.rtcn.common.ecg.Lead;

/**
 * What each lead and segment says for an answer.
 *
 * @param kind how it was found
 * @param values {@code [lead of STANDARD_12][segment]}; positive speaks for the answer. Those of
 *     {@link MapKind#LEAD_SEGMENT} are log odds, which sum to the change of the contrast's log odds
 *     between the reference beat and this beat; those of {@link MapKind#GRAD_CAM} have no unit
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record LeadSegmentMap(MapKind kind, float[][] values) {

  /** The lead whose segments together say most for the answer; of equals the first. */
  public Lead topLead() {
    double[] sums = new double[values.length];
    for (int lead = 0; lead < sums.length; lead++) {
      for (float value : values[lead]) {
        sums[lead] += value;
      }
    }
    return Lead.STANDARD_12.get(largest(sums));
  }

  /** The segment that says most for the answer, all leads together; of equals the first. */
  public Segment topSegment() {
    double[] sums = new double[Segment.values().length];
    for (float[] lead : values) {
      for (int segment = 0; segment < sums.length; segment++) {
        sums[segment] += lead[segment];
      }
    }
    return Segment.values()[largest(sums)];
  }

  private static int largest(double[] values) {
    int largest = 0;
    for (int i = 1; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }

  /** {@code [lead · segment]}, as tables hold it. */
  public float[] flat() {
    int segments = Segment.values().length;
    float[] flat = new float[values.length * segments];
    for (int lead = 0; lead < values.length; lead++) {
      System.arraycopy(values[lead], 0, flat, lead * segments, segments);
    }
    return flat;
  }

  /** What {@link #flat} gave. */
  public static LeadSegmentMap ofFlat(MapKind kind, float[] flat) {
    int segments = Segment.values().length;
    float[][] map = new float[flat.length / segments][segments];
    for (int lead = 0; lead < map.length; lead++) {
      System.arraycopy(flat, lead * segments, map[lead], 0, segments);
    }
    return new LeadSegmentMap(kind, map);
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
    float[][] first = maps.get(0).values();
    float[][] mean = new float[first.length][first[0].length];
    for (LeadSegmentMap map : maps) {
      for (int lead = 0; lead < mean.length; lead++) {
        for (int segment = 0; segment < mean[lead].length; segment++) {
          mean[lead][segment] += map.values()[lead][segment] / maps.size();
        }
      }
    }
    return new LeadSegmentMap(maps.get(0).kind(), mean);
  }
}
