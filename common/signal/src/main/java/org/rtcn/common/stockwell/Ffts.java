package org.rtcn.common.stockwell;

import org.jtransforms.fft.DoubleFFT_1D;
import org.jtransforms.fft.FloatFFT_1D;
import pl.edu.icm.jlargearrays.ConcurrencyUtils;

/**
 * FFT plans for use inside a Spark task. JTransforms' own threads stay off: its pool is not of
 * daemon threads, and the task's core is the only one it may use.
 */
final class Ffts {
  private Ffts() {}

  static DoubleFFT_1D inDouble(int length) {
    ConcurrencyUtils.setNumberOfThreads(1);
    return new DoubleFFT_1D(length);
  }

  static FloatFFT_1D inFloat(int length) {
    ConcurrencyUtils.setNumberOfThreads(1);
    return new FloatFFT_1D(length);
  }
}
