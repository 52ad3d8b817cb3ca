package org.rtcn.common.stockwell;

/**
 * The angle of a complex number to 1e-7 rad, several times faster than {@link Math#atan2}, which is
 * exact to the last digit of a double and would cost more than the transform itself.
 *
 * <p>Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 4.4.49: arctan on [-1, 1]
 * with an error of at most 2e-8.
 */
final class Angles {
  private Angles() {}

  /**
   * The angles of {@code re + i im}, -pi to pi; 0 for 0.
   *
   * @param re one value each
   * @param angles receives as many
   */
  static void of(double[] re, double[] im, double[] angles) {
    // The arithmetic by itself: several values at a time, which the signs below would prevent.
    for (int i = 0; i < angles.length; i++) {
      double across = Math.abs(re[i]);
      double up = Math.abs(im[i]);
      double z = Math.min(across, up) / Math.max(across, up);
      double q = z * z;
      angles[i] =
          z
              * (1
                  + q
                      * (-0.3333314528
                          + q
                              * (0.1999355085
                                  + q
                                      * (-0.1420889944
                                          + q
                                              * (0.1065626393
                                                  + q
                                                      * (-0.0752896400
                                                          + q
                                                              * (0.0429096138
                                                                  + q
                                                                      * (-0.0161657367
                                                                          + q
                                                                              * 0.0028662257))))))));
    }
    for (int i = 0; i < angles.length; i++) {
      angles[i] = turned(angles[i], re[i], im[i]);
    }
  }

  /** From the eighth of the circle to the angle's own. */
  private static double turned(double eighth, double re, double im) {
    if (!(Math.max(Math.abs(re), Math.abs(im)) > 0)) {
      return 0;
    }
    // By sign bits: these branches, taken at random, would cost more than all the arithmetic. A
    // difference below 0 is never -0, and a zero added to -0 gives 0.
    double angle = mirrored(eighth, Math.abs(re) - Math.abs(im), Math.PI / 2);
    angle = mirrored(angle, re + 0.0, Math.PI);
    long sign = Double.doubleToRawLongBits(im + 0.0) & Long.MIN_VALUE;
    return Double.longBitsToDouble(Double.doubleToRawLongBits(angle) ^ sign);
  }

  /** {@code side < 0 ? about - angle : angle}. */
  private static double mirrored(double angle, double side, double about) {
    long negative = Double.doubleToRawLongBits(side) >> 63;
    double turned =
        Double.longBitsToDouble(Double.doubleToRawLongBits(angle) ^ (negative & Long.MIN_VALUE));
    return turned + Double.longBitsToDouble(negative & Double.doubleToRawLongBits(about));
  }
}
