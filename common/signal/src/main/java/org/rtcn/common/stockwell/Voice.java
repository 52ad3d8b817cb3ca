package org.rtcn.common.stockwell;

/**
 * The window of one voice over the bins of the spectrum.
 *
 * @param bin the bin nearest to the voice
 * @param offset the voice's distance from it, in bins; 0 if the voice is a bin
 * @param first first bin with a weight, relative to {@code bin}
 * @param weights {@code exp(-2 pi^2 m^2 / width^2)}, m the distance of a bin from the voice, within
 *     half a spectrum and where it exceeds 1.7e-17
 */
@SuppressWarnings("ArrayRecordComponent")
record Voice(int bin, double offset, int first, double[] weights) {
  /** Beyond 1.4 widths the window is below 1.7e-17: nothing in double precision. */
  private static final double SUPPORT_PER_WIDTH = 1.4;

  /** A voice this near to a bin is that bin: frequencies in Hz are rounded. */
  private static final double ROUNDING = 1e-9;

  static Voice[] of(Voices voices, double fsHz, int sampleCount, GaussianWidth width) {
    double nyquistBin = sampleCount / 2.0;
    double[] hz = voices.hz();
    Voice[] all = new Voice[hz.length];
    for (int v = 0; v < all.length; v++) {
      double position = hz[v] * sampleCount / fsHz;
      if (position > nyquistBin + ROUNDING) {
        throw new IllegalArgumentException(
            "Invalid voice at "
                + hz[v]
                + " Hz: lies above half the sampling rate of "
                + fsHz
                + " Hz");
      }
      all[v] = at(position, width.bins(hz[v], fsHz, sampleCount), sampleCount);
    }
    return all;
  }

  private static Voice at(double position, double width, int sampleCount) {
    int bin = (int) Math.rint(position);
    double offset = Math.abs(position - bin) < ROUNDING * Math.max(1, bin) ? 0 : position - bin;
    if (bin == 0 && offset == 0) {
      // The transform's row at frequency 0 is the mean.
      return new Voice(0, 0, 0, new double[] {1});
    }
    double reach = SUPPORT_PER_WIDTH * width;
    // m = i - offset with -N/2 < m <= N/2, so that each bin counts once.
    int first =
        (int) Math.max(Math.ceil(offset - reach), Math.floor(offset - sampleCount / 2.0) + 1);
    int last = (int) Math.min(Math.floor(offset + reach), Math.floor(offset + sampleCount / 2.0));
    if (last < first) {
      // Far narrower than a bin, between two bins: nothing in double precision.
      return new Voice(bin, offset, 0, new double[1]);
    }
    double[] weights = new double[last - first + 1];
    for (int i = first; i <= last; i++) {
      double ratio = (i - offset) / width;
      weights[i - first] = Math.exp(-2 * Math.PI * Math.PI * ratio * ratio);
    }
    return new Voice(bin, offset, first, weights);
  }

  int last() {
    return first + weights.length - 1;
  }

  /** The weights, each twice: for the real and the imaginary part side by side. */
  double[] doubledWeights() {
    double[] doubled = new double[2 * weights.length];
    for (int i = 0; i < weights.length; i++) {
      doubled[2 * i] = weights[i];
      doubled[2 * i + 1] = weights[i];
    }
    return doubled;
  }
}
