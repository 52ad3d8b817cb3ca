package org.rtcn.common.drift;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a recording is known by when nights are compared: figures so simple that a changed gain, a
 * changed unit, another filter, another sampling rate or missing leads move one of them. Of leads
 * the median counts, so that one bad electrode does not.
 */
public enum SignalFigure {
  /** Standard deviation of a lead, mV. */
  AMPLITUDE_MV(Bins.logarithmic(-4, 3)),
  /** Absolute mean of a lead, mV. */
  OFFSET_MV(Bins.logarithmic(-5, 3)),
  /** Root mean square of a lead's slope, mV/s: noise and mains raise it, a low-pass lowers it. */
  SLOPE_MV_PER_S(Bins.logarithmic(-2, 6)),
  /** Samples of the twelve leads that are missing or invalid, as a share. */
  MISSING_SHARE(Bins.linear(0, 1, 50)),
  /** Sampling rate, Hz. */
  SAMPLING_RATE_HZ(Bins.logarithmic(1, 5)),
  /** Length, s. */
  DURATION_S(Bins.logarithmic(-1, 6)),
  /** Heart rate, beats per minute, of a recording's median RR interval. */
  HEART_RATE_BPM(Bins.linear(0, 300, 60));

  @SuppressWarnings("ImmutableEnumChecker") // It has no setters.
  private final Bins bins;

  SignalFigure(Bins bins) {
    this.bins = bins;
  }

  /** For example {@code amplitude_mv}. */
  public String figureName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public Bins bins() {
    return bins;
  }

  /**
   * The figures of one recording's samples.
   *
   * @param leads [lead][sample], mV, NaN where invalid; null for a lead that is absent
   * @param samples samples that each lead has or should have, at least 1
   * @param samplingRate Hz
   * @return those that are defined; never the heart rate, which beats tell
   */
  public static Map<SignalFigure, Double> of(float[][] leads, int samples, double samplingRate) {
    double[] amplitude = undefined(leads.length);
    double[] offset = undefined(leads.length);
    double[] slope = undefined(leads.length);
    long valid = 0;
    for (int lead = 0; lead < leads.length; lead++) {
      if (leads[lead] != null) {
        valid += measure(leads[lead], samplingRate, lead, amplitude, offset, slope);
      }
    }
    Map<SignalFigure, Double> figures = new EnumMap<>(SignalFigure.class);
    figures.put(AMPLITUDE_MV, median(amplitude));
    figures.put(OFFSET_MV, median(offset));
    figures.put(SLOPE_MV_PER_S, median(slope));
    figures.put(MISSING_SHARE, 1 - valid / ((double) leads.length * samples));
    figures.put(SAMPLING_RATE_HZ, samplingRate);
    figures.put(DURATION_S, samples / samplingRate);
    figures.values().removeIf(value -> Double.isNaN(value));
    return figures;
  }

  private static long measure(
      float[] signal,
      double samplingRate,
      int lead,
      double[] amplitude,
      double[] offset,
      double[] slope) {
    long valid = 0;
    long steps = 0;
    double sum = 0;
    double squares = 0;
    double stepSquares = 0;
    float before = Float.NaN;
    for (float value : signal) {
      if (!Float.isNaN(value)) {
        valid++;
        sum += value;
        squares += (double) value * value;
        if (!Float.isNaN(before)) {
          steps++;
          stepSquares += ((double) value - before) * ((double) value - before);
        }
      }
      before = value;
    }
    if (valid > 0) {
      double mean = sum / valid;
      offset[lead] = Math.abs(mean);
      amplitude[lead] = Math.sqrt(Math.max(0, squares / valid - mean * mean));
    }
    if (steps > 0) {
      slope[lead] = Math.sqrt(stepSquares / steps) * samplingRate;
    }
    return valid;
  }

  private static double[] undefined(int length) {
    double[] values = new double[length];
    Arrays.fill(values, Double.NaN);
    return values;
  }

  /** Of those that are defined; NaN if none is. */
  private static double median(double[] values) {
    double[] defined = Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
    if (defined.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(defined);
    int middle = defined.length / 2;
    return defined.length % 2 == 1 ? defined[middle] : (defined[middle - 1] + defined[middle]) / 2;
  }
}
