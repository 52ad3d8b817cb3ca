package org.rtcn.common.stockwell;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The full discrete S-transform of real signals of one length N, as a plan that owns the windows
 * and twiddle factors.
 *
 * <p>With {@code H[k] = (1/N) sum_t x[t] exp(-i 2 pi t k / N)}:
 *
 * <pre>
 * S[n][j] = sum_m H[(m + n) mod N] exp(-2 pi^2 m^2 / n^2) exp(i 2 pi m j / N),  n = 1 .. floor(N/2)
 *           m = -floor((N-1)/2) .. floor(N/2)
 * S[0][j] = mean(x)
 * </pre>
 *
 * Row sums over j give N H[n], so the transform is invertible. Voice n lies at {@code n fs / N} Hz.
 * Source: Stockwell, Mansinha and Lowe, "Localization of the complex spectrum: the S transform",
 * IEEE Trans. Signal Processing 44(4), 1996.
 *
 * <p>Immutable and safe to share between threads. Lengths with a large prime factor are several
 * times slower than 512, 600 or 640.
 */
public final class STransform {
  private final int sampleCount;
  private final DoubleFFT_1D fft;
  private final double[][] weights;

  /**
   * @throws IllegalArgumentException if {@code sampleCount} is less than 2
   */
  public STransform(int sampleCount) {
    if (sampleCount < 2) {
      throw new IllegalArgumentException(
          "Invalid signal length " + sampleCount + ": the S-transform needs 2 samples or more");
    }
    this.sampleCount = sampleCount;
    this.fft = Gaussians.singleThreadedFft(sampleCount);
    this.weights = new double[voiceCount()][];
    for (int voice = 1; voice < weights.length; voice++) {
      weights[voice] = Gaussians.weights(sampleCount, voice);
    }
  }

  /** N, the length of the signals. */
  public int sampleCount() {
    return sampleCount;
  }

  /** Rows of the table: floor(N/2) + 1, from the mean (voice 0) to the Nyquist frequency. */
  public int voiceCount() {
    return sampleCount / 2 + 1;
  }

  /**
   * The complex table.
   *
   * @param signal N samples, in any unit
   * @return {@code [voice][2 N]}, real and imaginary parts interleaved, in the signal's unit
   * @throws IllegalArgumentException if the length differs from N or a sample is not finite
   */
  public double[][] table(double[] signal) {
    double[] spectrum = spectrum(signal);
    double[][] table = new double[voiceCount()][2 * sampleCount];
    for (int voice = 0; voice < table.length; voice++) {
      row(spectrum, voice, table[voice]);
    }
    return table;
  }

  /**
   * The magnitude of the table, {@code [voice][N]}, in the signal's unit.
   *
   * @throws IllegalArgumentException if the length differs from N or a sample is not finite
   */
  public double[][] magnitude(double[] signal) {
    double[] spectrum = spectrum(signal);
    double[] row = new double[2 * sampleCount];
    double[][] magnitude = new double[voiceCount()][sampleCount];
    for (int voice = 0; voice < magnitude.length; voice++) {
      row(spectrum, voice, row);
      for (int j = 0; j < sampleCount; j++) {
        magnitude[voice][j] = Math.hypot(row[2 * j], row[2 * j + 1]);
      }
    }
    return magnitude;
  }

  private double[] spectrum(double[] signal) {
    if (signal.length != sampleCount) {
      throw new IllegalArgumentException(
          "Invalid signal of " + signal.length + " samples: this plan is for " + sampleCount);
    }
    double[] spectrum = new double[2 * sampleCount];
    for (int j = 0; j < sampleCount; j++) {
      spectrum[2 * j] = signal[j];
    }
    fft.complexForward(spectrum);
    for (int k = 0; k < spectrum.length; k++) {
      spectrum[k] /= sampleCount;
    }
    // A NaN or infinite sample reaches the mean, whatever the others are.
    if (!Double.isFinite(spectrum[0])) {
      throw new IllegalArgumentException("Invalid signal: holds samples that are not finite");
    }
    return spectrum;
  }

  private void row(double[] spectrum, int voice, double[] row) {
    Arrays.fill(row, 0);
    if (voice == 0) {
      for (int j = 0; j < sampleCount; j++) {
        row[2 * j] = spectrum[0];
      }
      return;
    }
    double[] window = weights[voice];
    int first = Gaussians.firstOffset(sampleCount, voice);
    for (int i = 0; i < window.length; i++) {
      int to = Math.floorMod(first + i, sampleCount);
      int from = Math.floorMod(first + i + voice, sampleCount);
      row[2 * to] = spectrum[2 * from] * window[i];
      row[2 * to + 1] = spectrum[2 * from + 1] * window[i];
    }
    fft.complexInverse(row, false);
  }
}
