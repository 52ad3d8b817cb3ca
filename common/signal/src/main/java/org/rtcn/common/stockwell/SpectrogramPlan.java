package org.rtcn.common.stockwell;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The decimated S-transform, magnitude and phase, of windows of one length N: chosen voices, C
 * instants at equal distances.
 *
 * <p>The image equals the same cells of {@link STransform}'s table, but costs far less. At the
 * instants {@code j = c N / C} the factor {@code exp(i 2 pi m j / N) = exp(i 2 pi m c / C)} has
 * period C in m; so the windowed spectrum folded modulo C and a C-point inverse FFT give {@code
 * S[n][j]} exactly. One forward FFT of the real signal serves all voices, and only the bins under
 * the Gaussian are touched.
 *
 * <p>The plan is immutable and safe to share; each thread takes its own {@link Worker}, which
 * allocates nothing per lead.
 */
public final class SpectrogramPlan {
  private final SpectrogramOptions options;
  private final Voice[] voices;

  /** Each weight twice, for real and imaginary part. */
  private final double[][] weights;

  /** Cosine and sine of the angle that brings a voice between the bins to baseband, or null. */
  private final double[][] turns;

  private final DoubleFFT_1D forward;
  private final DoubleFFT_1D inverse;

  public SpectrogramPlan(SpectrogramOptions options) {
    this.options = options;
    this.voices =
        Voice.of(options.voices(), options.fsHz(), options.sampleCount(), options.width());
    this.weights = new double[voices.length][];
    this.turns = new double[voices.length][];
    for (int v = 0; v < voices.length; v++) {
      weights[v] = voices[v].doubledWeights();
      if (voices[v].offset() != 0) {
        turns[v] = new double[2 * options.columns()];
        for (int c = 0; c < options.columns(); c++) {
          double angle = -2 * Math.PI * voices[v].offset() * c / options.columns();
          turns[v][2 * c] = Math.cos(angle);
          turns[v][2 * c + 1] = Math.sin(angle);
        }
      }
    }
    this.forward = Ffts.inDouble(options.sampleCount());
    this.inverse = Ffts.inDouble(options.columns());
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
    private final Spectrum spectrum = new Spectrum(options.sampleCount(), forward);
    private final double[] row = new double[2 * options.columns()];

    // A lead's values, turned to the origin.
    private final double[] real = new double[options.valuesPerLead()];
    private final double[] imaginary = new double[real.length];
    private final double[] angles = new double[real.length];

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
      spectrum.of(signal, signalOffset);
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
      spectrum.of(signal, signalOffset);
      int n = options.sampleCount();
      int columns = options.columns();
      int at = 0;
      for (int v = 0; v < voices.length; v++) {
        fold(v);
        inverse.complexInverse(row, false);
        baseband(v);
        double position = voices[v].bin() + voices[v].offset();
        double turn = 2 * Math.PI * (position * origin % n) / n;
        double cos = Math.cos(turn);
        double sin = Math.sin(turn);
        for (int c = 0; c < columns; c++, at++) {
          double im = row[2 * c + 1];
          real[at] = row[2 * c] * cos - im * sin;
          imaginary[at] = row[2 * c] * sin + im * cos;
          magnitude[imageOffset + at] = (float) Math.sqrt(row[2 * c] * row[2 * c] + im * im);
        }
      }
      Angles.of(real, imaginary, angles);
      for (int i = 0; i < at; i++) {
        phase[imageOffset + i] = (float) angles[i];
      }
    }

    /** The image before rounding to float, for tests. */
    double[][] complexRows(float[] signal) {
      spectrum.of(signal, 0);
      double[][] rows = new double[voices.length][];
      for (int v = 0; v < voices.length; v++) {
        fold(v);
        inverse.complexInverse(row, false);
        baseband(v);
        rows[v] = row.clone();
      }
      return rows;
    }

    private void baseband(int v) {
      double[] turn = turns[v];
      if (turn == null) {
        return;
      }
      for (int i = 0; i < row.length; i += 2) {
        double re = row[i];
        double im = row[i + 1];
        row[i] = re * turn[i] - im * turn[i + 1];
        row[i + 1] = re * turn[i + 1] + im * turn[i];
      }
    }

    /** The windowed spectrum modulo the number of columns, a stretch without wrap at a time. */
    private void fold(int v) {
      Voice voice = voices[v];
      double[] window = weights[v];
      int from = spectrum.index(voice.bin() + voice.first());
      int to = 2 * Math.floorMod(voice.first(), options.columns());
      Arrays.fill(row, 0);
      int done = 0;
      while (done < window.length) {
        int count = Math.min(window.length - done, row.length - to);
        accumulate(spectrum.bins, from + done, window, done, row, to, count);
        done += count;
        to = 0;
      }
    }
  }

  private static void accumulate(
      double[] bins, int from, double[] window, int at, double[] row, int to, int count) {
    for (int i = 0; i < count; i++) {
      row[to + i] += bins[from + i] * window[at + i];
    }
  }
}
