package org.rtcn.common.stockwell;

import org.jtransforms.fft.DoubleFFT_1D;
import pl.edu.icm.jlargearrays.ConcurrencyUtils;

/** What the plans share: the voices' Gaussian windows and single-threaded FFT plans. */
final class Gaussians {

  /** Beyond 1.4 n bins the window of voice n is below 1.7e-17: nothing in double precision. */
  private static final double SUPPORT_PER_VOICE = 1.4;

  private Gaussians() {}

  /** The first offset m with a weight: {@code -floor((N-1)/2)} or the edge of the support. */
  static int firstOffset(int sampleCount, int voice) {
    return -Math.min((sampleCount - 1) / 2, support(voice));
  }

  /**
   * The weights {@code exp(-2 pi^2 m^2 / n^2)} of voice n, m from {@link #firstOffset} to {@code
   * floor(N/2)} or the edge of the support.
   */
  static double[] weights(int sampleCount, int voice) {
    int first = firstOffset(sampleCount, voice);
    int last = Math.min(sampleCount / 2, support(voice));
    double[] weights = new double[last - first + 1];
    for (int m = first; m <= last; m++) {
      double ratio = (double) m / voice;
      weights[m - first] = Math.exp(-2 * Math.PI * Math.PI * ratio * ratio);
    }
    return weights;
  }

  /**
   * An FFT plan for use inside a Spark task. JTransforms' own threads stay off: its pool is not of
   * daemon threads, and the task's core is the only one it may use.
   */
  static DoubleFFT_1D singleThreadedFft(int length) {
    ConcurrencyUtils.setNumberOfThreads(1);
    return new DoubleFFT_1D(length);
  }

  private static int support(int voice) {
    return (int) Math.ceil(SUPPORT_PER_VOICE * voice);
  }
}
