package org.rtcn.common.stockwell;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The decimated S-transform, magnitude and phase, of windows of one length N: chosen voices, every
 * D-th sample.
 *
 * <p>The image equals the same cells of {@link STransform}'s table, but costs far less. At the
 * samples {@code j = D c} the factor {@code exp(i 2 pi m D c / N)} has period {@code C = N / D} in
 * m; so the windowed spectrum folded modulo C and a C-point inverse FFT give {@code S[n][D c]}
 * exactly. One forward FFT serves all voices, and only the bins under the Gaussian are touched.
 *
 * <p>The plan is immutable and safe to share; each thread takes its own {@link Worker}.
 */
public final class SpectrogramPlan {
  private final SpectrogramOptions options;
  private final int[] voices;
  private final double[][] weights;
  private final DoubleFFT_1D forward;
  private final DoubleFFT_1D inverse;

  public SpectrogramPlan(SpectrogramOptions options) {
    this.options = options;
    this.voices = options.voices();
    this.weights = new double[voices.length][];
    for (int v = 0; v < voices.length; v++) {
      weights[v] = Gaussians.weights(options.sampleCount(), voices[v]);
    }
    this.forward = Gaussians.singleThreadedFft(options.sampleCount());
    this.inverse = Gaussians.singleThreadedFft(options.columns());
  }

  /** The options that the plan was made from. */
  public SpectrogramOptions options() {
    return options;
  }

  /** Fresh scratch for one thread. */
  public Worker worker() {
    return new Worker();
  }

  /** Computes images with its own scratch; not safe to share between threads. */
  public final class Worker {
    private final double[] packed = new double[options.sampleCount()];

    /** H, complex, all N bins. */
    private final double[] spectrum = new double[2 * options.sampleCount()];

    private final double[] row = new double[2 * options.columns()];

    private Worker() {}

    /** The plan this worker belongs to. */
    public SpectrogramPlan plan() {
      return SpectrogramPlan.this;
    }

    /**
     * The image of all leads of a window, {@code [lead][voice][column]} flattened, in mV.
     *
     * @param leads {@code [lead][N]} in mV
     * @throws IllegalArgumentException if a row's length differs from N or a sample is not finite
     */
    public float[] image(float[][] leads) {
      float[] image = new float[leads.length * options.valuesPerLead()];
      for (int lead = 0; lead < leads.length; lead++) {
        if (leads[lead].length != options.sampleCount()) {
          throw new IllegalArgumentException(
              "Invalid window of "
                  + leads[lead].length
                  + " samples: this plan is for "
                  + options.sampleCount());
        }
        magnitude(leads[lead], 0, image, lead * options.valuesPerLead());
      }
      return image;
    }

    /**
     * The image of one lead, {@code [voice][column]}, in the signal's unit.
     *
     * @param signal holds N samples from {@code signalOffset}
     * @param image receives voices times columns values from {@code imageOffset}
     * @throws IllegalArgumentException if a sample is not finite
     */
    public void magnitude(float[] signal, int signalOffset, float[] image, int imageOffset) {
      transform(signal, signalOffset);
      int columns = options.columns();
      int at = imageOffset;
      for (int v = 0; v < voices.length; v++) {
        fold(v);
        inverse.complexInverse(row, false);
        for (int c = 0; c < columns; c++) {
          double re = row[2 * c];
          double im = row[2 * c + 1];
          image[at++] = (float) Math.sqrt(re * re + im * im);
        }
      }
    }

    /**
     * Magnitude and phase of one lead's image, each {@code [voice][column]}.
     *
     * <p>The phase is that of S with {@code origin} as the instant 0, so that it is the same
     * wherever the beat lies in its recording, and varies slowly from column to column: the voice's
     * oscillation itself is {@code magnitude cos(phase + 2 pi f t)}, t seconds after the origin.
     * Turning the signal upside down turns the phase by pi.
     *
     * @param signal holds N samples from {@code signalOffset}
     * @param origin sample of the window that counts as instant 0 (the R peak)
     * @param magnitude receives the signal's unit from {@code imageOffset}
     * @param phase receives radians, -pi to pi, from {@code imageOffset}; exact to 1e-6
     * @throws IllegalArgumentException if a sample is not finite
     */
    public void polar(
        float[] signal,
        int signalOffset,
        int origin,
        float[] magnitude,
        float[] phase,
        int imageOffset) {
      transform(signal, signalOffset);
      int n = options.sampleCount();
      int columns = options.columns();
      int at = imageOffset;
      for (int v = 0; v < voices.length; v++) {
        fold(v);
        inverse.complexInverse(row, false);
        double turn = 2 * Math.PI * ((long) voices[v] * origin % n) / n;
        double cos = Math.cos(turn);
        double sin = Math.sin(turn);
        for (int c = 0; c < columns; c++) {
          double re = row[2 * c];
          double im = row[2 * c + 1];
          magnitude[at] = (float) Math.sqrt(re * re + im * im);
          phase[at++] = (float) Angles.of(re * cos - im * sin, re * sin + im * cos);
        }
      }
    }

    /** The image before rounding to float, for tests. */
    double[][] complexRows(float[] signal) {
      transform(signal, 0);
      double[][] rows = new double[voices.length][];
      for (int v = 0; v < voices.length; v++) {
        fold(v);
        inverse.complexInverse(row, false);
        rows[v] = row.clone();
      }
      return rows;
    }

    private void transform(float[] signal, int offset) {
      int n = options.sampleCount();
      for (int j = 0; j < n; j++) {
        packed[j] = signal[offset + j];
      }
      forward.realForward(packed);
      if (!Double.isFinite(packed[0])) {
        throw new IllegalArgumentException("Invalid window: holds samples that are not finite");
      }
      double scale = 1.0 / n;
      spectrum[0] = packed[0] * scale;
      spectrum[1] = 0;
      // JTransforms packs Re[N/2] (even N) or Im[(N-1)/2] (odd N) beside the mean.
      int half = n / 2;
      boolean even = n % 2 == 0;
      for (int k = 1; k <= half; k++) {
        double re;
        double im;
        if (even && k == half) {
          re = packed[1] * scale;
          im = 0;
        } else {
          re = packed[2 * k] * scale;
          im = (!even && k == half ? packed[1] : packed[2 * k + 1]) * scale;
        }
        spectrum[2 * k] = re;
        spectrum[2 * k + 1] = im;
        spectrum[2 * (n - k)] = re;
        spectrum[2 * (n - k) + 1] = -im;
      }
    }

    private void fold(int v) {
      Arrays.fill(row, 0);
      int n = options.sampleCount();
      int columns = options.columns();
      double[] window = weights[v];
      int first = Gaussians.firstOffset(n, voices[v]);
      int from = Math.floorMod(first + voices[v], n);
      int to = Math.floorMod(first, columns);
      for (double weight : window) {
        row[2 * to] += spectrum[2 * from] * weight;
        row[2 * to + 1] += spectrum[2 * from + 1] * weight;
        if (++from == n) {
          from = 0;
        }
        if (++to == columns) {
          to = 0;
        }
      }
    }
  }
}
