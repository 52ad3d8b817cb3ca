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

  /** The angle of {@code re + i im}, -pi to pi; 0 for 0. */
  static double of(double re, double im) {
    double across = Math.abs(re);
    double up = Math.abs(im);
    double large = Math.max(across, up);
    if (!(large > 0)) {
      return 0;
    }
    double z = Math.min(across, up) / large;
    double q = z * z;
    double angle =
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
                                                                        + q * 0.0028662257))))))));
    // By sign bits: these branches, taken at random, would cost more than all the arithmetic. A
    // difference below 0 is never -0, and a zero added to -0 gives 0.
    angle = mirrored(angle, across - up, Math.PI / 2);
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
