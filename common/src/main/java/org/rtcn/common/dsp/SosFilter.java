package org.rtcn.common.dsp;

/**
 * An IIR filter as a cascade of second-order sections in transposed direct form II. Immutable.
 *
 * <p>The zero-phase form runs forward and backward over the extended signal, each pass from the
 * steady state of its first sample, so that its amplitude response is the square of the cascade's
 * and its delay is nil (Gustafsson 1996 discusses the initial states; they and the default
 * extension are those of SciPy's {@code sosfiltfilt}).
 */
public final class SosFilter {

  /** How a signal goes on beyond its ends. */
  public enum Extension {
    /** Reflected through its end point: SciPy's default. A level at the end goes on as a slope. */
    ODD,
    /**
     * Mirrored at its end: the better one for ECG, whose end point may lie on any wave. With the
     * 0.5-40 Hz band, ten seconds cut out of long recordings differ from those filtered in whole by
     * 0.027 mV within 0.2 s of an end, against 0.15 mV with ODD.
     */
    EVEN
  }

  /** Rows b0 b1 b2 a1 a2, with a0 = 1. */
  private final double[][] sections;

  /** The state of each section in the steady state of a unit step at the cascade's input. */
  private final double[][] stepStates;

  /**
   * @param sections rows {@code b0 b1 b2 a1 a2}, normalised so that a0 = 1
   */
  SosFilter(double[][] sections) {
    this.sections = new double[sections.length][];
    this.stepStates = new double[sections.length][2];
    double input = 1;
    for (int i = 0; i < sections.length; i++) {
      double[] s = sections[i].clone();
      this.sections[i] = s;
      double gain = (s[0] + s[1] + s[2]) / (1 + s[3] + s[4]);
      stepStates[i][0] = input * (gain - s[0]);
      stepStates[i][1] = input * (s[2] - s[4] * gain);
      input *= gain;
    }
  }

  /** The sections, rows {@code b0 b1 b2 a1 a2}. */
  double[][] sections() {
    double[][] copy = new double[sections.length][];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = sections[i].clone();
    }
    return copy;
  }

  /** The amplitude response of one pass at a frequency. */
  double amplitude(double frequencyHz, double fsHz) {
    double w = 2 * Math.PI * frequencyHz / fsHz;
    double amplitude = 1;
    for (double[] s : sections) {
      double numerator =
          Math.hypot(
              s[0] + s[1] * Math.cos(w) + s[2] * Math.cos(2 * w),
              s[1] * Math.sin(w) + s[2] * Math.sin(2 * w));
      double denominator =
          Math.hypot(
              1 + s[3] * Math.cos(w) + s[4] * Math.cos(2 * w),
              s[3] * Math.sin(w) + s[4] * Math.sin(2 * w));
      amplitude *= numerator / denominator;
    }
    return amplitude;
  }

  /** The default extension at either end: three times (2 sections + 1) samples. */
  public int defaultPadSamples() {
    return 3 * (2 * sections.length + 1);
  }

  /** One causal pass from a state of rest. */
  public double[] forward(double[] signal) {
    double[] filtered = signal.clone();
    double[][] states = new double[sections.length][2];
    for (int i = 0; i < sections.length; i++) {
      pass(filtered, sections[i], states[i]);
    }
    return filtered;
  }

  /** Forward and backward over the {@link #defaultPadSamples() default} extension. */
  public double[] zeroPhase(double[] signal) {
    return zeroPhase(signal, defaultPadSamples(), Extension.ODD);
  }

  /**
   * Forward and backward over the signal extended at both ends.
   *
   * @param padSamples samples of extension at either end
   * @return as many samples as came in, without delay
   * @throws IllegalArgumentException if the signal has no more samples than the extension
   */
  public double[] zeroPhase(double[] signal, int padSamples, Extension extension) {
    if (signal.length <= padSamples) {
      throw new IllegalArgumentException(
          "Invalid signal of "
              + signal.length
              + " samples: zero-phase filtering needs more than "
              + padSamples);
    }
    int n = signal.length;
    double[] extended = new double[n + 2 * padSamples];
    System.arraycopy(signal, 0, extended, padSamples, n);
    for (int i = 1; i <= padSamples; i++) {
      double before = signal[i];
      double after = signal[n - 1 - i];
      extended[padSamples - i] = extension == Extension.EVEN ? before : 2 * signal[0] - before;
      extended[padSamples + n - 1 + i] =
          extension == Extension.EVEN ? after : 2 * signal[n - 1] - after;
    }
    passFromSteadyState(extended);
    reverse(extended);
    passFromSteadyState(extended);
    reverse(extended);
    double[] filtered = new double[n];
    System.arraycopy(extended, padSamples, filtered, 0, n);
    return filtered;
  }

  private void passFromSteadyState(double[] signal) {
    double first = signal[0];
    for (int i = 0; i < sections.length; i++) {
      double[] state = {stepStates[i][0] * first, stepStates[i][1] * first};
      pass(signal, sections[i], state);
    }
  }

  private static void pass(double[] signal, double[] section, double[] state) {
    double b0 = section[0];
    double b1 = section[1];
    double b2 = section[2];
    double a1 = section[3];
    double a2 = section[4];
    double z1 = state[0];
    double z2 = state[1];
    for (int i = 0; i < signal.length; i++) {
      double x = signal[i];
      double y = b0 * x + z1;
      z1 = b1 * x - a1 * y + z2;
      z2 = b2 * x - a2 * y;
      signal[i] = y;
    }
  }

  private static void reverse(double[] signal) {
    for (int i = 0, j = signal.length - 1; i < j; i++, j--) {
      double swapped = signal[i];
      signal[i] = signal[j];
      signal[j] = swapped;
    }
  }
}
