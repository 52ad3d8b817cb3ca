package org.rtcn.common.stockwell;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;
import org.jtransforms.fft.FloatFFT_1D;

/**
 * The discrete S-transform of real signals of one length N, as a plan that owns the windows and
 * twiddle factors: complex table, magnitude, phase, and back.
 *
 * <p>With {@code H[k] = (1/N) sum_t x[t] exp(-i 2 pi t k / N)}, and voice n at {@code n fs / N} Hz:
 *
 * <pre>
 * S[n][j] = sum_m H[(m + n) mod N] exp(-2 pi^2 m^2 / n^2) exp(i 2 pi m j / N),  n = 1 .. floor(N/2)
 *           m = -floor((N-1)/2) .. floor(N/2)
 * S[0][j] = mean(x)
 * </pre>
 *
 * Row sums over j give N H[n], so the table of all voices is invertible. Voices between the bins
 * are the same sum with {@code k - n} for m, over the bins k; other {@link GaussianWidth widths}
 * put another width for n in the Gaussian. Source: Stockwell, Mansinha and Lowe, "Localization of
 * the complex spectrum: the S transform", IEEE Trans. Signal Processing 44(4), 1996.
 *
 * <p>The plan is immutable and safe to share; each thread takes its own {@link Worker}, which
 * allocates nothing per call. The methods of the plan itself are for convenience and do allocate.
 *
 * <p>The FFTs are those of JTransforms, on one thread; only the magnitude in double precision
 * inverts many voices side by side instead, where N has no prime factor beyond 5. Lengths whose
 * prime factors go beyond 5 fall on its slow path: 651 = 3 * 7 * 31 takes about five times as long
 * as 600 or 640. Take such a length only where the signal cannot be cut otherwise; padding would
 * change the transform.
 */
public final class STransform {
  private final int sampleCount;
  private final double fsHz;
  private final Voices voices;
  private final Voice[] windows;
  private final double[][] weights;
  private final float[][] floatWeights;
  private final DoubleFFT_1D fft;
  private final FloatFFT_1D floatFft;
  private final boolean complete;

  /** Neighbouring voices that are inverted together; null where N has prime factors beyond 5. */
  private final Block[] blocks;

  /**
   * All voices with Stockwell's own window; a bin counts as 1 Hz.
   *
   * @throws IllegalArgumentException if {@code sampleCount} is less than 2
   */
  public STransform(int sampleCount) {
    this(
        checked(sampleCount),
        sampleCount,
        Voices.all(sampleCount, sampleCount),
        GaussianWidth.STANDARD);
  }

  /**
   * @param sampleCount N, 2 or more
   * @param fsHz sampling rate
   * @param voices which rows
   * @param width of the Gaussian
   * @throws IllegalArgumentException if {@code sampleCount} is less than 2, the rate is not
   *     positive, or a voice lies above half the rate
   */
  public STransform(int sampleCount, double fsHz, Voices voices, GaussianWidth width) {
    this.sampleCount = checked(sampleCount);
    if (!(fsHz > 0)) {
      throw new IllegalArgumentException("Invalid sampling rate " + fsHz + " Hz: must be positive");
    }
    this.fsHz = fsHz;
    this.voices = voices;
    this.windows = Voice.of(voices, fsHz, sampleCount, width);
    this.weights = new double[windows.length][];
    this.floatWeights = new float[windows.length][];
    boolean everyBin = windows.length == sampleCount / 2 + 1;
    for (int v = 0; v < windows.length; v++) {
      weights[v] = windows[v].doubledWeights();
      floatWeights[v] = new float[weights[v].length];
      for (int i = 0; i < weights[v].length; i++) {
        floatWeights[v][i] = (float) weights[v][i];
      }
      everyBin &= windows[v].bin() == v && windows[v].offset() == 0;
    }
    this.complete = everyBin;
    this.fft = Ffts.inDouble(sampleCount);
    this.floatFft = Ffts.inFloat(sampleCount);
    this.blocks = RowsInverse.fits(sampleCount) ? Block.of(windows, sampleCount) : null;
  }

  /**
   * Voices side by side for {@link RowsInverse}. Their magnitudes don't change when the windowed
   * bins are moved to the beginning of the row, so that the row's end holds nothing but zeros.
   *
   * @param from first voice
   * @param starts bin of each voice's sample 0
   * @param neighbours whether each start is one more than the one before
   * @param weights {@code [sample][lane]}, 0 for lanes without a voice
   * @param inverse for so many samples
   */
  @SuppressWarnings("ArrayRecordComponent")
  private record Block(
      int from, int[] starts, boolean neighbours, double[] weights, RowsInverse inverse) {

    static Block[] of(Voice[] voices, int sampleCount) {
      Block[] blocks = new Block[(voices.length + RowsInverse.LANES - 1) / RowsInverse.LANES];
      for (int b = 0; b < blocks.length; b++) {
        int from = b * RowsInverse.LANES;
        int to = Math.min(voices.length, from + RowsInverse.LANES);
        blocks[b] = of(from, Arrays.copyOfRange(voices, from, to), sampleCount);
      }
      return blocks;
    }

    private static Block of(int from, Voice[] voices, int sampleCount) {
      int first = voices[0].first();
      int last = voices[0].last();
      int longest = 0;
      boolean neighbours = true;
      for (int v = 0; v < voices.length; v++) {
        first = Math.min(first, voices[v].first());
        last = Math.max(last, voices[v].last());
        longest = Math.max(longest, voices[v].weights().length);
        neighbours &= voices[v].bin() == voices[0].bin() + v;
      }
      neighbours &= last - first < sampleCount;
      int support = neighbours ? last - first + 1 : longest;
      int[] starts = new int[voices.length];
      double[] weights = new double[support * RowsInverse.LANES];
      for (int v = 0; v < voices.length; v++) {
        int lead = neighbours ? first : voices[v].first();
        starts[v] = voices[v].bin() + lead;
        for (int i = 0; i < voices[v].weights().length; i++) {
          weights[(voices[v].first() - lead + i) * RowsInverse.LANES + v] = voices[v].weights()[i];
        }
      }
      return new Block(from, starts, neighbours, weights, new RowsInverse(sampleCount, support));
    }
  }

  private static int checked(int sampleCount) {
    if (sampleCount < 2) {
      throw new IllegalArgumentException(
          "Invalid signal length " + sampleCount + ": the S-transform needs 2 samples or more");
    }
    return sampleCount;
  }

  /** N, the length of the signals. */
  public int sampleCount() {
    return sampleCount;
  }

  /** The sampling rate in Hz. */
  public double fsHz() {
    return fsHz;
  }

  /** Rows of the table; of all voices floor(N/2) + 1, from the mean to the Nyquist frequency. */
  public int voiceCount() {
    return windows.length;
  }

  /** The rows' frequencies. */
  public Voices voices() {
    return voices;
  }

  /** Fresh scratch for one thread. */
  public Worker worker() {
    return new Worker();
  }

  /**
   * The complex table.
   *
   * @param signal N samples, in any unit
   * @return {@code [voice][2 N]}, real and imaginary parts interleaved, in the signal's unit
   * @throws IllegalArgumentException if the length differs from N or a sample is not finite
   */
  public double[][] table(double[] signal) {
    double[] flat = new double[voiceCount() * 2 * sampleCount];
    worker().table(signal, flat);
    return rows(flat, 2 * sampleCount);
  }

  /**
   * The magnitude of the table, {@code [voice][N]}, in the signal's unit.
   *
   * @throws IllegalArgumentException if the length differs from N or a sample is not finite
   */
  public double[][] magnitude(double[] signal) {
    double[] flat = new double[voiceCount() * sampleCount];
    worker().magnitude(signal, flat);
    return rows(flat, sampleCount);
  }

  /**
   * The phase of the table, {@code [voice][N]}, in radians from -pi to pi.
   *
   * @throws IllegalArgumentException if the length differs from N or a sample is not finite
   */
  public double[][] phase(double[] signal) {
    double[] flat = new double[voiceCount() * sampleCount];
    worker().phase(signal, flat);
    return rows(flat, sampleCount);
  }

  /**
   * The signal of a table of all voices.
   *
   * @param table {@code [voice][2 N]} as {@link #table} makes it
   * @throws IllegalArgumentException if the plan has other voices than all, or the table another
   *     shape
   */
  public double[] inverse(double[][] table) {
    double[] flat = new double[table.length * 2 * sampleCount];
    for (int v = 0; v < table.length; v++) {
      if (table[v].length != 2 * sampleCount) {
        throw new IllegalArgumentException(
            "Invalid row of " + table[v].length + " values: must be " + 2 * sampleCount);
      }
      System.arraycopy(table[v], 0, flat, v * 2 * sampleCount, 2 * sampleCount);
    }
    double[] signal = new double[sampleCount];
    worker().inverse(flat, signal);
    return signal;
  }

  private static double[][] rows(double[] flat, int length) {
    double[][] rows = new double[flat.length / length][];
    for (int v = 0; v < rows.length; v++) {
      rows[v] = Arrays.copyOfRange(flat, v * length, (v + 1) * length);
    }
    return rows;
  }

  /** Computes with its own scratch; not safe to share between threads. */
  public final class Worker {
    private final Spectrum spectrum = new Spectrum(sampleCount, fft);
    private final double[] row = new double[2 * sampleCount];
    private final float[] floatBins = new float[spectrum.bins.length];
    private final float[] floatRow = new float[2 * sampleCount];
    private final RowsInverse.Rows rows = blocks == null ? null : blocks[0].inverse().rows();
    private final double[] squares = new double[blocks == null ? 0 : rows.re.length];

    /** The spectrum in two arrays, with zeros behind for lanes without a voice. */
    private final double[] re =
        new double[blocks == null ? 0 : spectrum.bins.length / 2 + RowsInverse.LANES];

    private final double[] im = new double[re.length];

    private Worker() {}

    /**
     * The complex table.
     *
     * @param table receives {@code [voice][sample]}, real and imaginary parts interleaved
     * @throws IllegalArgumentException if a length is wrong or a sample is not finite
     */
    public void table(double[] signal, double[] table) {
      require(signal.length, table.length, 2);
      spectrum.of(signal);
      for (int v = 0; v < windows.length; v++) {
        row(v);
        baseband(v);
        System.arraycopy(row, 0, table, v * row.length, row.length);
      }
    }

    /**
     * The magnitude.
     *
     * @param magnitude receives {@code [voice][sample]} in the signal's unit
     * @throws IllegalArgumentException if a length is wrong or a sample is not finite
     */
    public void magnitude(double[] signal, double[] magnitude) {
      require(signal.length, magnitude.length, 1);
      spectrum.of(signal);
      if (blocks != null) {
        for (int i = 0; i < spectrum.bins.length / 2; i++) {
          re[i] = spectrum.bins[2 * i];
          im[i] = spectrum.bins[2 * i + 1];
        }
        for (Block block : blocks) {
          magnitude(block, magnitude);
        }
        return;
      }
      int at = 0;
      for (int v = 0; v < windows.length; v++) {
        row(v);
        for (int j = 0; j < sampleCount; j++) {
          double re = row[2 * j];
          double im = row[2 * j + 1];
          magnitude[at++] = Math.sqrt(re * re + im * im);
        }
      }
    }

    private void magnitude(Block block, double[] magnitude) {
      int lanes = RowsInverse.LANES;
      double[] weights = block.weights();
      int support = weights.length / lanes;
      int count = block.starts().length;
      int end = block.inverse().support() * lanes;
      if (block.neighbours()) {
        int from = spectrum.index(block.starts()[0]) / 2;
        for (int m = 0; m < support; m++) {
          multiply(re, from + m, weights, m * lanes, rows.re, m * lanes, lanes);
          multiply(im, from + m, weights, m * lanes, rows.im, m * lanes, lanes);
        }
        Arrays.fill(rows.re, support * lanes, end, 0);
        Arrays.fill(rows.im, support * lanes, end, 0);
      } else {
        Arrays.fill(rows.re, 0, end, 0);
        Arrays.fill(rows.im, 0, end, 0);
        for (int v = 0; v < count; v++) {
          int from = spectrum.index(block.starts()[v]) / 2;
          // The weights behind a shorter voice are 0, and so may be the bins.
          int own = Math.min(support, re.length - from);
          for (int m = 0; m < own; m++) {
            double weight = weights[m * lanes + v];
            rows.re[m * lanes + v] = weight * re[from + m];
            rows.im[m * lanes + v] = weight * im[from + m];
          }
        }
      }
      block.inverse().transform(rows);
      roots(rows.re, rows.im, squares);
      int at = block.from() * sampleCount;
      int j = 0;
      // Eight columns at a time: a cache line of each row.
      for (; j + 8 <= sampleCount; j += 8) {
        int f = j * lanes;
        for (int v = 0; v < count; v++) {
          int to = at + v * sampleCount + j;
          magnitude[to] = squares[f];
          magnitude[to + 1] = squares[f + lanes];
          magnitude[to + 2] = squares[f + 2 * lanes];
          magnitude[to + 3] = squares[f + 3 * lanes];
          magnitude[to + 4] = squares[f + 4 * lanes];
          magnitude[to + 5] = squares[f + 5 * lanes];
          magnitude[to + 6] = squares[f + 6 * lanes];
          magnitude[to + 7] = squares[f + 7 * lanes];
          f++;
        }
      }
      for (; j < sampleCount; j++) {
        for (int v = 0; v < count; v++) {
          magnitude[at + v * sampleCount + j] = squares[j * lanes + v];
        }
      }
    }

    /**
     * The magnitude in single precision, exact to 2e-6 of the largest value.
     *
     * @param magnitude receives {@code [voice][sample]} in the signal's unit
     * @throws IllegalArgumentException if a length is wrong or a sample is not finite
     */
    public void magnitude(float[] signal, float[] magnitude) {
      require(signal.length, magnitude.length, 1);
      floatSpectrum(signal);
      int at = 0;
      for (int v = 0; v < windows.length; v++) {
        floatRow(v);
        for (int j = 0; j < sampleCount; j++) {
          float re = floatRow[2 * j];
          float im = floatRow[2 * j + 1];
          magnitude[at++] = (float) Math.sqrt(re * re + im * im);
        }
      }
    }

    /**
     * The complex table in single precision, exact to 2e-6 of the largest value.
     *
     * @param table receives {@code [voice][sample]}, real and imaginary parts interleaved
     * @throws IllegalArgumentException if a length is wrong or a sample is not finite
     */
    public void table(float[] signal, float[] table) {
      require(signal.length, table.length, 2);
      floatSpectrum(signal);
      for (int v = 0; v < windows.length; v++) {
        floatRow(v);
        double offset = windows[v].offset();
        if (offset != 0) {
          for (int j = 0; j < sampleCount; j++) {
            double angle = -2 * Math.PI * offset * j / sampleCount;
            double cos = Math.cos(angle);
            double sin = Math.sin(angle);
            double re = floatRow[2 * j];
            double im = floatRow[2 * j + 1];
            floatRow[2 * j] = (float) (re * cos - im * sin);
            floatRow[2 * j + 1] = (float) (re * sin + im * cos);
          }
        }
        System.arraycopy(floatRow, 0, table, v * floatRow.length, floatRow.length);
      }
    }

    /**
     * The phase.
     *
     * @param phase receives {@code [voice][sample]}, radians from -pi to pi
     * @throws IllegalArgumentException if a length is wrong or a sample is not finite
     */
    public void phase(double[] signal, double[] phase) {
      require(signal.length, phase.length, 1);
      spectrum.of(signal);
      int at = 0;
      for (int v = 0; v < windows.length; v++) {
        row(v);
        baseband(v);
        for (int j = 0; j < sampleCount; j++) {
          phase[at++] = Math.atan2(row[2 * j + 1], row[2 * j]);
        }
      }
    }

    /**
     * The signal of a table of all voices: a row's sum is N times its bin of the spectrum.
     *
     * @param table {@code [voice][sample]}, real and imaginary parts interleaved
     * @param signal receives N samples
     * @throws IllegalArgumentException if the plan has other voices than all, or a length is wrong
     */
    public void inverse(double[] table, double[] signal) {
      if (!complete) {
        throw new IllegalArgumentException(
            "Cannot invert " + windows.length + " voices: only the table of all voices holds it");
      }
      require(signal.length, table.length, 2);
      int half = sampleCount / 2;
      for (int n = 0; n <= half; n++) {
        double re = 0;
        double im = 0;
        int from = n * 2 * sampleCount;
        for (int j = 0; j < sampleCount; j++) {
          re += table[from + 2 * j];
          im += table[from + 2 * j + 1];
        }
        row[2 * n] = re;
        row[2 * n + 1] = im;
        if (n > 0 && sampleCount - n > half) {
          row[2 * (sampleCount - n)] = re;
          row[2 * (sampleCount - n) + 1] = -im;
        }
      }
      fft.complexInverse(row, true);
      for (int j = 0; j < sampleCount; j++) {
        signal[j] = row[2 * j];
      }
    }

    private void require(int signalLength, int resultLength, int valuesPerCell) {
      if (signalLength != sampleCount) {
        throw new IllegalArgumentException(
            "Invalid signal of " + signalLength + " samples: this plan is for " + sampleCount);
      }
      int expected = windows.length * sampleCount * valuesPerCell;
      if (resultLength != expected) {
        throw new IllegalArgumentException(
            "Invalid result of " + resultLength + " values: this plan makes " + expected);
      }
    }

    /** The row relative to its nearest bin; the phase is wrong for voices between the bins. */
    private void row(int v) {
      Voice voice = windows[v];
      Arrays.fill(row, 0);
      double[] window = weights[v];
      int from = spectrum.index(voice.bin() + voice.first());
      // Offsets below 0 stand at the end of the row.
      int negative = Math.min(window.length, Math.max(0, -2 * voice.first()));
      int to = 2 * Math.floorMod(voice.first(), sampleCount);
      multiply(spectrum.bins, from, window, 0, row, to, negative);
      multiply(
          spectrum.bins,
          from + negative,
          window,
          negative,
          row,
          Math.max(0, 2 * voice.first()),
          window.length - negative);
      fft.complexInverse(row, false);
    }

    private void baseband(int v) {
      double offset = windows[v].offset();
      if (offset == 0) {
        return;
      }
      for (int j = 0; j < sampleCount; j++) {
        double angle = -2 * Math.PI * offset * j / sampleCount;
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double re = row[2 * j];
        double im = row[2 * j + 1];
        row[2 * j] = re * cos - im * sin;
        row[2 * j + 1] = re * sin + im * cos;
      }
    }

    private void floatSpectrum(float[] signal) {
      spectrum.of(signal, 0);
      for (int i = 0; i < floatBins.length; i++) {
        floatBins[i] = (float) spectrum.bins[i];
      }
    }

    private void floatRow(int v) {
      Voice voice = windows[v];
      Arrays.fill(floatRow, 0);
      float[] window = floatWeights[v];
      int from = spectrum.index(voice.bin() + voice.first());
      int negative = Math.min(window.length, Math.max(0, -2 * voice.first()));
      int to = 2 * Math.floorMod(voice.first(), sampleCount);
      multiply(floatBins, from, window, 0, floatRow, to, negative);
      multiply(
          floatBins,
          from + negative,
          window,
          negative,
          floatRow,
          Math.max(0, 2 * voice.first()),
          window.length - negative);
      floatFft.complexInverse(floatRow, false);
    }
  }

  private static void roots(double[] re, double[] im, double[] magnitude) {
    for (int i = 0; i < magnitude.length; i++) {
      magnitude[i] = Math.sqrt(re[i] * re[i] + im[i] * im[i]);
    }
  }

  private static void multiply(
      double[] bins, int from, double[] window, int at, double[] row, int to, int count) {
    for (int i = 0; i < count; i++) {
      row[to + i] = bins[from + i] * window[at + i];
    }
  }

  private static void multiply(
      float[] bins, int from, float[] window, int at, float[] row, int to, int count) {
    for (int i = 0; i < count; i++) {
      row[to + i] = bins[from + i] * window[at + i];
    }
  }
}
