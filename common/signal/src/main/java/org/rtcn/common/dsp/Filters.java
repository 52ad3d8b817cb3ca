package org.rtcn.common.dsp;

/** Designs filters for any sampling rate, by the bilinear transform. */
public final class Filters {
  private Filters() {}

  /**
   * A Butterworth band-pass filter: the analogue low-pass prototype of the given order, moved to
   * the band (which doubles the order) and through the bilinear transform, with both edges
   * pre-warped so that the amplitude is 1/sqrt(2) there.
   *
   * @param order order of the prototype; the cascade has as many second-order sections
   * @throws IllegalArgumentException if not 0 &lt; lowHz &lt; highHz &lt; fsHz / 2, or order &lt; 1
   */
  public static SosFilter butterworthBandPass(int order, double lowHz, double highHz, double fsHz) {
    if (order < 1) {
      throw new IllegalArgumentException("Invalid filter order " + order + ": must be 1 or more");
    }
    if (!(lowHz > 0 && lowHz < highHz && highHz < fsHz / 2)) {
      throw new IllegalArgumentException(
          "Invalid band "
              + lowHz
              + " to "
              + highHz
              + " Hz at "
              + fsHz
              + " Hz: needs 0 < low < high < half the sampling rate");
    }
    // The bilinear transform with 2 fs = 1: s = (z - 1) / (z + 1).
    double low = Math.tan(Math.PI * lowHz / fsHz);
    double high = Math.tan(Math.PI * highHz / fsHz);
    double width = high - low;
    double centreSquared = low * high;

    // Quadratic pole factors of the digital filter. Each prototype pole p gives two analogue poles,
    // the roots of s^2 - width p s + centre^2.
    double[][] poleFactors = new double[order][];
    int found = 0;
    double[][] lowFactors = new double[order / 2][];
    for (int k = 0; k < order / 2; k++) {
      double angle = Math.PI * (2 * k + 1 + order) / (2.0 * order);
      double re = width * Math.cos(angle) / 2;
      double im = width * Math.sin(angle) / 2;
      // sqrt((width p / 2)^2 - centre^2)
      double discriminantRe = re * re - im * im - centreSquared;
      double discriminantIm = 2 * re * im;
      double modulus = Math.hypot(discriminantRe, discriminantIm);
      double rootRe = Math.sqrt((modulus + discriminantRe) / 2);
      double rootIm = Math.copySign(Math.sqrt((modulus - discriminantRe) / 2), discriminantIm);
      double[] first = digitalPair(re + rootRe, im + rootIm);
      double[] second = digitalPair(re - rootRe, im - rootIm);
      // A pole of larger modulus in s lies at the upper edge.
      boolean firstIsUpper =
          Math.hypot(re + rootRe, im + rootIm) > Math.hypot(re - rootRe, im - rootIm);
      poleFactors[found++] = firstIsUpper ? first : second;
      lowFactors[k] = firstIsUpper ? second : first;
    }
    if (order % 2 == 1) {
      // p = -1: s^2 + width s + centre^2, real or conjugate poles alike.
      double a0 = 1 + width + centreSquared;
      poleFactors[found++] =
          new double[] {2 * (centreSquared - 1) / a0, (1 - width + centreSquared) / a0};
    }
    for (double[] factor : lowFactors) {
      poleFactors[found++] = factor;
    }

    // Zeros: `order` of them at z = 1 and at z = -1. The upper poles take those at -1, the lower
    // ones those at 1, as SciPy pairs the nearest.
    double[][] sections = new double[order][];
    for (int i = 0; i < order; i++) {
      double[] zeros =
          i < order / 2
              ? new double[] {1, 2, 1}
              : i < order - order / 2 ? new double[] {1, 0, -1} : new double[] {1, -2, 1};
      sections[i] =
          new double[] {zeros[0], zeros[1], zeros[2], poleFactors[i][0], poleFactors[i][1]};
    }
    // Unit gain where the analogue filter has it: at the geometric centre of the warped band.
    double centreHz = Math.atan(Math.sqrt(centreSquared)) * fsHz / Math.PI;
    double gain = 1 / new SosFilter(sections).amplitude(centreHz, fsHz);
    for (int i = 0; i < 3; i++) {
      sections[0][i] *= gain;
    }
    return new SosFilter(sections);
  }

  /**
   * A Butterworth high-pass filter, pre-warped so that the amplitude is 1/sqrt(2) at the edge.
   *
   * @throws IllegalArgumentException if not 0 &lt; edgeHz &lt; fsHz / 2, or order &lt; 1
   */
  public static SosFilter butterworthHighPass(int order, double edgeHz, double fsHz) {
    if (order < 1) {
      throw new IllegalArgumentException("Invalid filter order " + order + ": must be 1 or more");
    }
    if (!(edgeHz > 0 && edgeHz < fsHz / 2)) {
      throw new IllegalArgumentException(
          "Invalid high-pass edge "
              + edgeHz
              + " Hz at "
              + fsHz
              + " Hz: must lie below half the sampling rate");
    }
    double edge = Math.tan(Math.PI * edgeHz / fsHz);
    double[][] sections = new double[(order + 1) / 2][];
    for (int k = 0; k < order / 2; k++) {
      // The prototype's pole p moves to edge / p: on the circle of radius edge, at its mirror
      // angle.
      double angle = Math.PI * (2 * k + 1 + order) / (2.0 * order);
      double[] factor = digitalPair(edge * Math.cos(angle), edge * Math.sin(angle));
      // Unit gain at half the sampling rate, z = -1.
      double gain = (1 - factor[0] + factor[1]) / 4;
      sections[k] = new double[] {gain, -2 * gain, gain, factor[0], factor[1]};
    }
    if (order % 2 == 1) {
      double pole = (1 - edge) / (1 + edge);
      double gain = (1 + pole) / 2;
      sections[order / 2] = new double[] {gain, -gain, 0, -pole, 0};
    }
    return new SosFilter(sections);
  }

  /**
   * A second-order notch: zeros on the unit circle at the frequency, bandwidth {@code frequency /
   * quality} at half power.
   *
   * @param quality frequency divided by the -3 dB bandwidth
   * @throws IllegalArgumentException if the frequency is not between 0 and half the sampling rate
   */
  public static SosFilter notch(double frequencyHz, double quality, double fsHz) {
    if (!(frequencyHz > 0 && frequencyHz < fsHz / 2)) {
      throw new IllegalArgumentException(
          "Invalid notch frequency "
              + frequencyHz
              + " Hz at "
              + fsHz
              + " Hz: must lie below half the sampling rate");
    }
    if (!(quality > 0)) {
      throw new IllegalArgumentException("Invalid notch quality " + quality + ": must be positive");
    }
    double w = 2 * Math.PI * frequencyHz / fsHz;
    double gain = 1 / (1 + Math.tan(w / quality / 2));
    return new SosFilter(
        new double[][] {
          {gain, -2 * gain * Math.cos(w), gain, -2 * gain * Math.cos(w), 2 * gain - 1}
        });
  }

  /** The denominator a1 a2 of the analogue pole s and its conjugate under z = (1 + s)/(1 - s). */
  private static double[] digitalPair(double re, double im) {
    double norm = (1 - re) * (1 - re) + im * im;
    double zRe = (1 - re * re - im * im) / norm;
    double zIm = 2 * im / norm;
    return new double[] {-2 * zRe, zRe * zRe + zIm * zIm};
  }
}
