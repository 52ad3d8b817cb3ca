package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the real training beat that a generated beat resembles most: a look at memorisation. */
public final class NearestBeats {
  private final Map<String, List<TrainingBeat>> byLabel = new HashMap<>();

  /**
   * A real beat and how far away it is.
   *
   * @param beatId the real beat
   * @param distanceMv root mean square difference over leads and samples, in mV
   * @param otherPatientMv the same to the nearest beat of another patient of the class (another
   *     beat, where the class has one patient); infinite if there is none
   * @param warpedDistanceMv mean absolute difference per lead and sample after time warping, in mV
   */
  public record Nearest(
      String beatId, double distanceMv, double otherPatientMv, double warpedDistanceMv) {

    /**
     * Whether a beat is a near copy: less than {@code share} as far from the nearest real beat as
     * from the nearest one of another patient. A new patient's beat lies between patients; a beat
     * learnt by heart lies next to one of them.
     */
    public boolean isCopy(double share) {
      return distanceMv < share * otherPatientMv;
    }
  }

  public NearestBeats(Collection<TrainingBeat> beats) {
    beats.stream()
        .sorted(Comparator.comparing(TrainingBeat::beatId))
        .forEach(beat -> byLabel.computeIfAbsent(beat.label(), l -> new ArrayList<>()).add(beat));
  }

  /**
   * The nearest beat of the label; the first by key among equals.
   *
   * @throws IllegalArgumentException if there is none of that label
   */
  public Nearest to(float[][] beat, String label) {
    List<TrainingBeat> candidates = byLabel.get(label);
    if (candidates == null) {
      throw new IllegalArgumentException("Cannot find a training beat of class " + label);
    }
    boolean onePatient =
        candidates.stream().map(TrainingBeat::patientId).distinct().limit(2).count() == 1;
    TrainingBeat nearest = null;
    double least = Double.POSITIVE_INFINITY;
    double leastOther = Double.POSITIVE_INFINITY;
    for (TrainingBeat candidate : candidates) {
      double sum = squaredDistance(beat, candidate.millivolts(), leastOther);
      boolean same =
          nearest != null && !onePatient && candidate.patientId().equals(nearest.patientId());
      if (sum < least) {
        leastOther = same ? leastOther : least;
        least = sum;
        nearest = candidate;
      } else if (!same && sum < leastOther) {
        leastOther = sum;
      }
    }
    if (nearest == null) {
      throw new IllegalArgumentException("Cannot compare a beat that is not finite");
    }
    double values = (double) beat.length * beat[0].length;
    double warped = SampleQuality.dynamicTimeWarping(doubles(beat), doubles(nearest.millivolts()));
    return new Nearest(
        nearest.beatId(),
        Math.sqrt(least / values),
        Math.sqrt(leastOther / values),
        warped / values);
  }

  private static double[][] doubles(float[][] rows) {
    double[][] result = new double[rows.length][rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < rows[row].length; i++) {
        result[row][i] = rows[row][i];
      }
    }
    return result;
  }

  /** Gives up once the sum reaches {@code enough}. */
  private static double squaredDistance(float[][] a, float[][] b, double enough) {
    double sum = 0;
    for (int lead = 0; lead < a.length && sum < enough; lead++) {
      for (int i = 0; i < a[lead].length; i++) {
        double difference = a[lead][i] - b[lead][i];
        sum += difference * difference;
      }
    }
    return sum;
  }
}
