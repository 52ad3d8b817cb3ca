package org.rtcn.benchmarks;

import org.jtransforms.fft.DoubleFFT_1D;
import org.rtcn.common.stockwell.Voices;

/**
 * The S-transform as it is commonly written: per voice the whole spectrum times its Gaussian, and
 * an inverse FFT of full length. What the plans are measured against; windows are made beforehand
 * and nothing is allocated per call, as there.
 */
final class NaiveSTransform {
  private final int n;
  private final int[] bins;
  private final double[][] windows;
  private final DoubleFFT_1D fft;
  private final double[] spectrum;
  private final double[] row;

  NaiveSTransform(int n, double fsHz, Voices voices) {
    this.n = n;
    double[] hz = voices.hz();
    this.bins = new int[hz.length];
    this.windows = new double[hz.length][n];
    for (int v = 0; v < hz.length; v++) {
      double position = hz[v] * n / fsHz;
      bins[v] = (int) Math.rint(position);
      for (int i = 0; i < n; i++) {
        double m = (i <= n / 2 ? i : i - n) - (position - bins[v]);
        windows[v][i] =
            position == 0
                ? (i == 0 ? 1 : 0)
                : Math.exp(-2 * Math.PI * Math.PI * m * m / (position * position));
      }
    }
    this.fft = new DoubleFFT_1D(n);
    this.spectrum = new double[2 * n];
    this.row = new double[2 * n];
  }

  void magnitude(double[] signal, double[] magnitude) {
    transform(signal);
    for (int v = 0; v < bins.length; v++) {
      voice(v);
      for (int j = 0; j < n; j++) {
        magnitude[v * n + j] =
            Math.sqrt(row[2 * j] * row[2 * j] + row[2 * j + 1] * row[2 * j + 1]);
      }
    }
  }

  void image(double[] signal, int columns, float[] image) {
    transform(signal);
    for (int v = 0; v < bins.length; v++) {
      voice(v);
      for (int c = 0; c < columns; c++) {
        int j = c * n / columns;
        image[v * columns + c] =
            (float) Math.sqrt(row[2 * j] * row[2 * j] + row[2 * j + 1] * row[2 * j + 1]);
      }
    }
  }

  private void transform(double[] signal) {
    for (int j = 0; j < n; j++) {
      spectrum[2 * j] = signal[j];
      spectrum[2 * j + 1] = 0;
    }
    fft.complexForward(spectrum);
    for (int k = 0; k < 2 * n; k++) {
      spectrum[k] /= n;
    }
  }

  private void voice(int v) {
    double[] window = windows[v];
    int from = bins[v];
    for (int i = 0; i < n; i++) {
      row[2 * i] = spectrum[2 * from] * window[i];
      row[2 * i + 1] = spectrum[2 * from + 1] * window[i];
      if (++from == n) {
        from = 0;
      }
    }
    fft.complexInverse(row, false);
  }
}
