package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A light check that a generated beat could be a beat of its class: what no training beat comes
 * near is refused. It sees to plausibility, not to quality.
 */
public final class BeatGate {

  /** Why a generated beat is refused. */
  public enum Refusal {
    /** A sample is not finite. */
    NOT_FINITE,
    /** A lead reaches beyond the training beats of all classes, by more than the margin. */
    AMPLITUDE,
    /** A lead moves less than half as much as in the flattest training beat of its class. */
    FLAT,
    /** The QRS complex does not lie where it lies in the training beats of its class. */
    R_PEAK,
    /** It is a near copy of a training beat ({@link NearestBeats.Nearest#isCopy}). */
    COPY
  }

  private static final double FLAT_SHARE = 0.5;

  /** Share of training beats, at each end, whose QRS position does not count. */
  private static final double TRIM = 0.01;

  private final double[] largest;
  private final Map<String, Limits> limits = new HashMap<>();
  private final int toleranceSamples;

  @SuppressWarnings("ArrayRecordComponent")
  private record Limits(double[] smallestSpan, int firstQrs, int lastQrs) {}

  /**
   * Fits the limits.
   *
   * @param beats the training beats
   * @param amplitudeMargin how far beyond the largest training amplitude a beat may reach, 1 for
   *     not at all
   * @param toleranceSamples how far beyond the training beats' range the QRS may lie
   */
  public BeatGate(Collection<TrainingBeat> beats, double amplitudeMargin, int toleranceSamples) {
    if (beats.isEmpty()) {
      throw new IllegalArgumentException("Invalid gate: needs at least one training beat");
    }
    this.toleranceSamples = toleranceSamples;
    this.largest = new double[beats.iterator().next().millivolts().length];
    Map<String, List<TrainingBeat>> byLabel = new HashMap<>();
    for (TrainingBeat beat : beats) {
      byLabel.computeIfAbsent(beat.label(), label -> new ArrayList<>()).add(beat);
      for (int lead = 0; lead < largest.length; lead++) {
        for (float value : beat.millivolts()[lead]) {
          largest[lead] = Math.max(largest[lead], amplitudeMargin * Math.abs(value));
        }
      }
    }
    byLabel.forEach((label, own) -> limits.put(label, fit(own)));
  }

  private static Limits fit(List<TrainingBeat> beats) {
    double[] smallest = new double[beats.get(0).millivolts().length];
    Arrays.fill(smallest, Double.POSITIVE_INFINITY);
    int[] positions = new int[beats.size()];
    for (int i = 0; i < positions.length; i++) {
      float[][] rows = beats.get(i).millivolts();
      positions[i] = qrsPosition(rows);
      for (int lead = 0; lead < smallest.length; lead++) {
        smallest[lead] = Math.min(smallest[lead], FLAT_SHARE * span(rows[lead]));
      }
    }
    Arrays.sort(positions);
    int trimmed = (int) (TRIM * positions.length);
    return new Limits(smallest, positions[trimmed], positions[positions.length - 1 - trimmed]);
  }

  /**
   * Why the beat is refused, empty if it is not.
   *
   * @param beat {@code [lead][sample]} in mV, like the training beats
   * @param label its class
   * @throws IllegalArgumentException if no training beat had that label
   */
  public Optional<Refusal> check(float[][] beat, String label) {
    Limits own = limits.get(label);
    if (own == null) {
      throw new IllegalArgumentException(
          "Invalid label " + label + ": the gate knows " + limits.keySet());
    }
    for (int lead = 0; lead < largest.length; lead++) {
      for (float value : beat[lead]) {
        if (!Float.isFinite(value)) {
          return Optional.of(Refusal.NOT_FINITE);
        }
      }
    }
    for (int lead = 0; lead < largest.length; lead++) {
      for (float value : beat[lead]) {
        if (Math.abs(value) > largest[lead]) {
          return Optional.of(Refusal.AMPLITUDE);
        }
      }
      if (span(beat[lead]) < own.smallestSpan[lead]) {
        return Optional.of(Refusal.FLAT);
      }
    }
    int position = qrsPosition(beat);
    if (position < own.firstQrs - toleranceSamples || position > own.lastQrs + toleranceSamples) {
      return Optional.of(Refusal.R_PEAK);
    }
    return Optional.empty();
  }

  /** Where the leads' slopes together hold most energy within five samples. */
  static int qrsPosition(float[][] beat) {
    int length = beat[0].length;
    double[] energy = new double[length];
    for (float[] lead : beat) {
      for (int i = 1; i < length; i++) {
        double slope = lead[i] - lead[i - 1];
        energy[i] += slope * slope;
      }
    }
    int best = 0;
    double most = -1;
    for (int centre = 2; centre < length - 2; centre++) {
      double sum = 0;
      for (int i = centre - 2; i <= centre + 2; i++) {
        sum += energy[i];
      }
      if (sum > most) {
        most = sum;
        best = centre;
      }
    }
    return best;
  }

  private static double span(float[] lead) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (float value : lead) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return high - low;
  }
}
