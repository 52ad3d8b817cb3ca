package org.rtcn.common.stockwell;

import org.jtransforms.fft.DoubleFFT_1D;

/**
 * The spectrum {@code H[k] = (1/N) sum_t x[t] exp(-i 2 pi t k / N)} of real signals of one length,
 * laid out from {@code -N/2} to {@code N}, so that no window has to wrap around. Scratch of one
 * thread.
 */
final class Spectrum {
  private final int sampleCount;
  private final DoubleFFT_1D forward;
  private final double[] packed;

  /** Index of bin 0. */
  private final int origin;

  /** Real and imaginary parts interleaved. */
  final double[] bins;

  Spectrum(int sampleCount, DoubleFFT_1D forward) {
    this.sampleCount = sampleCount;
    this.forward = forward;
    this.packed = new double[sampleCount];
    this.origin = sampleCount / 2 + 1;
    this.bins = new double[2 * (origin + sampleCount + 1)];
  }

  /** Index in {@link #bins} of the real part of a bin from -N/2 to N. */
  int index(int bin) {
    return 2 * (origin + bin);
  }

  /**
   * @throws IllegalArgumentException if a sample is not finite
   */
  void of(float[] signal, int offset) {
    for (int j = 0; j < sampleCount; j++) {
      packed[j] = signal[offset + j];
    }
    transform("window");
  }

  /**
   * @throws IllegalArgumentException if a sample is not finite
   */
  void of(double[] signal) {
    System.arraycopy(signal, 0, packed, 0, sampleCount);
    transform("signal");
  }

  private void transform(String what) {
    int n = sampleCount;
    forward.realForward(packed);
    // A NaN or infinite sample reaches the mean, whatever the others are.
    if (!Double.isFinite(packed[0])) {
      throw new IllegalArgumentException("Invalid " + what + ": holds samples that are not finite");
    }
    double scale = 1.0 / n;
    int half = n / 2;
    boolean even = n % 2 == 0;
    for (int k = 0; k <= half; k++) {
      double re;
      double im;
      if (k == 0) {
        re = packed[0] * scale;
        im = 0;
      } else if (even && k == half) {
        re = packed[1] * scale;
        im = 0;
      } else {
        // JTransforms packs Im[(N-1)/2] (odd N) next to the mean.
        re = packed[2 * k] * scale;
        im = (!even && k == half && n > 1 ? packed[1] : packed[2 * k + 1]) * scale;
      }
      int at = index(k);
      bins[at] = re;
      bins[at + 1] = im;
      int mirrored = index(-k);
      bins[mirrored] = re;
      bins[mirrored + 1] = -im;
      int above = index(n - k);
      bins[above] = re;
      bins[above + 1] = -im;
    }
    // -0 and N are the mean again, with an imaginary part of +0.
    bins[index(0) + 1] = 0;
    bins[index(n) + 1] = 0;
  }
}
