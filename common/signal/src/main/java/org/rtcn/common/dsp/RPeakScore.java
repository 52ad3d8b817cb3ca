package org.rtcn.common.dsp;

/**
 * R peaks against a reference, beat by beat, in the manner of ANSI/AAMI EC57: each reference beat
 * and each detection counts once; a detection within the tolerance of a reference beat is a true
 * positive, the nearer one where two compete. EC57 itself takes 150 ms and leaves out the first
 * five minutes; both are the caller's choice here, and are said with the figure.
 *
 * @param referenceBeats beats of the reference
 * @param detections detections
 * @param truePositives pairs within the tolerance
 * @param meanErrorMs mean of detection minus reference over the pairs; NaN without pairs
 * @param deviationMs standard deviation of that difference; NaN without pairs
 * @param meanAbsoluteErrorMs mean distance over the pairs; NaN without pairs
 */
public record RPeakScore(
    int referenceBeats,
    int detections,
    int truePositives,
    double meanErrorMs,
    double deviationMs,
    double meanAbsoluteErrorMs) {

  /**
   * Scores detections.
   *
   * @param detected sample indices, ascending
   * @param reference sample indices, ascending
   * @param fsHz their sampling rate
   * @param toleranceSeconds largest distance of a pair
   * @throws IllegalArgumentException if an argument is out of range or an index array doesn't
   *     ascend
   */
  public static RPeakScore of(
      int[] detected, int[] reference, double fsHz, double toleranceSeconds) {
    if (!(fsHz > 0 && toleranceSeconds > 0)) {
      throw new IllegalArgumentException(
          "Invalid scoring at " + fsHz + " Hz within " + toleranceSeconds + " s: must be positive");
    }
    requireAscending(detected, "detections");
    requireAscending(reference, "reference");
    double tolerance = toleranceSeconds * fsHz;
    int pairs = 0;
    double sum = 0;
    double squares = 0;
    double distances = 0;
    int d = 0;
    int r = 0;
    while (d < detected.length && r < reference.length) {
      int error = detected[d] - reference[r];
      int distance = Math.abs(error);
      if (distance > tolerance) {
        if (error < 0) {
          d++;
        } else {
          r++;
        }
      } else if (d + 1 < detected.length && Math.abs(detected[d + 1] - reference[r]) < distance) {
        d++;
      } else if (r + 1 < reference.length && Math.abs(detected[d] - reference[r + 1]) < distance) {
        r++;
      } else {
        double ms = 1000.0 * error / fsHz;
        pairs++;
        sum += ms;
        squares += ms * ms;
        distances += Math.abs(ms);
        d++;
        r++;
      }
    }
    double mean = pairs == 0 ? Double.NaN : sum / pairs;
    return new RPeakScore(
        reference.length,
        detected.length,
        pairs,
        mean,
        pairs == 0 ? Double.NaN : Math.sqrt(Math.max(0, squares / pairs - mean * mean)),
        pairs == 0 ? Double.NaN : distances / pairs);
  }

  /** Reference beats without a detection. */
  public int falseNegatives() {
    return referenceBeats - truePositives;
  }

  /** Detections without a reference beat. */
  public int falsePositives() {
    return detections - truePositives;
  }

  /** Share of the reference beats that were found; NaN without reference beats. */
  public double sensitivity() {
    return (double) truePositives / referenceBeats;
  }

  /** Share of the detections that are beats; NaN without detections. */
  public double positivePredictiveValue() {
    return (double) truePositives / detections;
  }

  private static void requireAscending(int[] samples, String name) {
    for (int i = 1; i < samples.length; i++) {
      if (samples[i] < samples[i - 1]) {
        throw new IllegalArgumentException(
            "Invalid " + name + ": sample " + samples[i] + " follows " + samples[i - 1]);
      }
    }
  }
}
