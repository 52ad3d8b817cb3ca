package org.rtcn.common.stockwell;

import java.io.Serializable;

/**
 * The frequencies at which an S-transform is computed. They need not be bins of the spectrum: a
 * voice between two bins is the same sum with its Gaussian centred there.
 *
 * @param scale how they are spaced
 * @param lowHz the lowest; 0 is the mean
 * @param highHz the highest
 * @param count how many
 */
public record Voices(Scale scale, double lowHz, double highHz, int count) implements Serializable {

  /** Spacing of voices. */
  public enum Scale {
    /** Equal distances in Hz. */
    LINEAR,
    /** Equal ratios, as octaves are. */
    LOGARITHMIC
  }

  private static final int MOST = 1 << 20;

  /**
   * @throws IllegalArgumentException if not 0 &lt;= low &lt;= high, a logarithmic scale begins at
   *     0, or several voices share one frequency
   */
  public Voices {
    if (!(lowHz >= 0 && lowHz <= highHz && highHz < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Invalid voices from " + lowHz + " to " + highHz + " Hz: needs 0 <= low <= high");
    }
    if (scale == Scale.LOGARITHMIC && lowHz == 0) {
      throw new IllegalArgumentException(
          "Invalid voices from 0 Hz on a logarithmic scale: begin above 0, or take a linear one");
    }
    if (count < 1 || count > MOST || (count > 1 && lowHz == highHz)) {
      throw new IllegalArgumentException(
          "Invalid number of voices " + count + " from " + lowHz + " to " + highHz + " Hz");
    }
  }

  /** Voices at equal distances, both ends included. */
  public static Voices linear(double lowHz, double highHz, int count) {
    return new Voices(Scale.LINEAR, lowHz, highHz, count);
  }

  /** Voices at equal ratios, both ends included. */
  public static Voices logarithmic(double lowHz, double highHz, int count) {
    return new Voices(Scale.LOGARITHMIC, lowHz, highHz, count);
  }

  /** Every bin of a spectrum, from the mean to the highest frequency: invertible. */
  public static Voices all(double fsHz, int sampleCount) {
    return bins(fsHz, sampleCount, 0, 1, sampleCount / 2 + 1);
  }

  /** The bins {@code first, first + step, ...} of a spectrum. */
  public static Voices bins(double fsHz, int sampleCount, int first, int step, int count) {
    return linear(
        first * fsHz / sampleCount, (first + step * (count - 1.0)) * fsHz / sampleCount, count);
  }

  /** The frequencies in Hz, ascending. */
  public double[] hz() {
    double[] hz = new double[count];
    for (int i = 0; i < count; i++) {
      double share = count == 1 ? 0 : (double) i / (count - 1);
      hz[i] =
          scale == Scale.LINEAR
              ? lowHz + (highHz - lowHz) * share
              : lowHz * Math.pow(highHz / lowHz, share);
    }
    return hz;
  }
}
