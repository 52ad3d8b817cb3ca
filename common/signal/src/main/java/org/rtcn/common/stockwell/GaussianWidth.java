package org.rtcn.common.stockwell;

import java.io.Serializable;

/**
 * How wide the Gaussian of a voice is: its standard deviation in time is {@code gamma / f^p}
 * seconds, f in Hz. Stockwell's own is {@code gamma = p = 1}: a period of the voice. A larger gamma
 * sees frequency more sharply and time less; p below 1 lets the width vary less with frequency, 0
 * not at all (the short-time Fourier transform).
 *
 * <p>Source: Mansinha, Stockwell, Lowe, "Pattern analysis with two-dimensional spectral
 * localisation: applications of two-dimensional S transforms", Physica A 239, 1997 (gamma);
 * Djurovic, Sejdic, Jiang, "Frequency-based window width optimization for S-transform", AEU 62,
 * 2008 (p).
 *
 * @param gamma factor of the width; seconds times Hz^p
 * @param p power of the frequency
 */
public record GaussianWidth(double gamma, double p) implements Serializable {

  /** Stockwell's: one period of the voice. */
  public static final GaussianWidth STANDARD = new GaussianWidth(1, 1);

  /**
   * @throws IllegalArgumentException if gamma is not positive or p not in [0, 2]
   */
  public GaussianWidth {
    if (!(gamma > 0 && gamma < Double.POSITIVE_INFINITY && p >= 0 && p <= 2)) {
      throw new IllegalArgumentException(
          "Invalid window width gamma " + gamma + ", p " + p + ": needs gamma > 0, 0 <= p <= 2");
    }
  }

  /** Width of the Gaussian in frequency, in bins: {@code exp(-2 pi^2 m^2 / width^2)}. */
  double bins(double hz, double fsHz, int sampleCount) {
    return Math.pow(hz, p) * sampleCount / (gamma * fsHz);
  }
}
