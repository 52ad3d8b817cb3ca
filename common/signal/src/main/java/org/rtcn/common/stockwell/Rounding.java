package org.rtcn.common.stockwell;

import java.io.Serializable;

/**
 * Rounds images to fewer binary digits before they are stored: they stay plain floats that any
 * engine reads, and compress far better. Magnitudes keep so many digits after the leading one
 * (their relative error is at most {@code 2^-(bits + 1)}), phases so many after the point less one.
 *
 * @param bits 1 to 23; 23 changes nothing
 */
public record Rounding(int bits) implements Serializable {
  private static final int MANTISSA_BITS = 23;

  /**
   * @throws IllegalArgumentException if bits is not within 1 to 23
   */
  public Rounding {
    if (bits < 1 || bits > MANTISSA_BITS) {
      throw new IllegalArgumentException(
          "Invalid number of digits " + bits + ": must be 1 to " + MANTISSA_BITS);
    }
  }

  /** Rounds in place, to the nearest; values are finite. */
  public void magnitudes(float[] values) {
    int dropped = MANTISSA_BITS - bits;
    if (dropped == 0) {
      return;
    }
    int half = 1 << (dropped - 1);
    int mask = -(1 << dropped);
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat((Float.floatToRawIntBits(values[i]) + half) & mask);
    }
  }

  /** Rounds radians in place to multiples of {@code 2^(1 - bits)}. */
  public void phases(float[] values) {
    if (bits == MANTISSA_BITS) {
      return;
    }
    double scale = Math.scalb(1.0, bits - 1);
    double step = 1 / scale;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (Math.rint(values[i] * scale) * step);
    }
  }
}
