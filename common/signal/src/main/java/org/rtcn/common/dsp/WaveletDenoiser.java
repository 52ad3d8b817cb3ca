package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Denoising by the discrete wavelet transform: Daubechies-4 (eight taps), every detail coefficient
 * shrunk by the universal threshold {@code sigma sqrt(2 ln n)} with {@code sigma} the median of the
 * finest details over 0.6745, and the coarsest approximation, which holds the baseline wander, set
 * to zero. It has no delay. Ends are continued by half-sample symmetry, as PyWavelets does by
 * default.
 *
 * <p>Source: Donoho, "De-noising by soft-thresholding", IEEE Trans. Information Theory 41(3), 1995.
 * Wavelet: Daubechies, Ten Lectures on Wavelets, 1992, table 6.1.
 */
public final class WaveletDenoiser {
  private static final double[] LOW = {
    -0.010597401785069032,
    0.0328830116668852,
    0.030841381835560764,
    -0.18703481171909309,
    -0.027983769416859854,
    0.6308807679298589,
    0.7148465705529157,
    0.2303778133088965
  };

  private static final double[] HIGH = new double[LOW.length];

  static {
    for (int k = 0; k < LOW.length; k++) {
      HIGH[k] = (k % 2 == 0 ? -1 : 1) * LOW[LOW.length - 1 - k];
    }
  }

  private static final double NORMAL_MAD = 0.6745;

  private final int levels;

  /**
   * @param levels halvings of the rate; the approximation that is removed reaches from 0 to {@code
   *     fs / 2^(levels + 1)} Hz
   * @throws IllegalArgumentException if levels is less than 1
   */
  public WaveletDenoiser(int levels) {
    if (levels < 1) {
      throw new IllegalArgumentException(
          "Invalid number of wavelet levels " + levels + ": must be 1 or more");
    }
    this.levels = levels;
  }

  /** A denoiser that removes what lies below about {@code lowHz}, at any sampling rate. */
  public static WaveletDenoiser above(double lowHz, double fsHz) {
    double octaves = Math.log(fsHz / lowHz) / Math.log(2) - 1;
    return new WaveletDenoiser(Math.max(1, (int) Math.round(octaves)));
  }

  /** Levels in force for signals of a length: no more than leave a full filter's worth. */
  int levelsFor(int sampleCount) {
    int most = (int) (Math.log(sampleCount / (LOW.length - 1.0)) / Math.log(2));
    return Math.max(0, Math.min(levels, most));
  }

  /** The denoised signal, as many samples; shorter than 14 samples it stays as it is. */
  public double[] denoise(double[] signal) {
    int depth = levelsFor(signal.length);
    if (depth == 0) {
      return signal.clone();
    }
    double[][] details = new double[depth][];
    double[] approximation = signal;
    for (int level = 0; level < depth; level++) {
      details[level] = analyse(approximation, HIGH);
      approximation = analyse(approximation, LOW);
    }
    double[] finest = new double[details[0].length];
    for (int i = 0; i < finest.length; i++) {
      finest[i] = Math.abs(details[0][i]);
    }
    double threshold = median(finest) / NORMAL_MAD * Math.sqrt(2 * Math.log(signal.length));
    approximation = new double[approximation.length];
    for (int level = depth - 1; level >= 0; level--) {
      double[] detail = details[level];
      for (int i = 0; i < detail.length; i++) {
        detail[i] = Math.copySign(Math.max(0, Math.abs(detail[i]) - threshold), detail[i]);
      }
      approximation = synthesise(approximation, detail);
    }
    return Arrays.copyOf(approximation, signal.length);
  }

  private static double[] analyse(double[] x, double[] filter) {
    int n = x.length;
    double[] halved = new double[(n + filter.length - 1) / 2];
    for (int k = 0; k < halved.length; k++) {
      double sum = 0;
      for (int j = 0; j < filter.length; j++) {
        int at = Math.floorMod(2 * k + 1 - j, 2 * n);
        sum += filter[j] * x[at < n ? at : 2 * n - 1 - at];
      }
      halved[k] = sum;
    }
    return halved;
  }

  /** An approximation may have one coefficient more than the details of its level. */
  private static double[] synthesise(double[] approximation, double[] detail) {
    int taps = LOW.length;
    double[] x = new double[2 * detail.length - taps + 2];
    for (int i = 0; i < x.length; i++) {
      double sum = 0;
      for (int k = i / 2; 2 * k <= i + taps - 2 && k < detail.length; k++) {
        // The synthesis filters are the analysis filters reversed.
        int tap = taps - 1 - (i + taps - 2 - 2 * k);
        sum += approximation[k] * LOW[tap] + detail[k] * HIGH[tap];
      }
      x[i] = sum;
    }
    return x;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }
}
