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
   */
  public record Nearest(String beatId, double distanceMv) {}

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
    String nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (TrainingBeat candidate : candidates) {
      double sum = squaredDistance(beat, candidate.millivolts(), least);
      if (sum < least) {
        least = sum;
        nearest = candidate.beatId();
      }
    }
    return new Nearest(nearest, Math.sqrt(least / ((double) beat.length * beat[0].length)));
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
