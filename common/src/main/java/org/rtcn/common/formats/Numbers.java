package org.rtcn.common.formats;

import java.util.Arrays;
import java.util.Base64;

/** Numbers as text formats write them. */
public final class Numbers {
  private static final int MAX_SHOWN = 24;

  private Numbers() {}

  /**
   * A number.
   *
   * @param what it is, for messages
   */
  public static double number(String file, String what, String text) throws FormatException {
    try {
      double value = Double.parseDouble(text.strip());
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException | NullPointerException e) {
      // Refused below.
    }
    throw FormatException.malformed(file, what + " is '" + text + "', not a number");
  }

  /** Whole numbers, or numbers with fractions, between white space and commas. */
  public static double[] list(String file, String what, String text) throws FormatException {
    double[] values = new double[Math.max(16, text.length() / 4)];
    int count = 0;
    int at = 0;
    int length = text.length();
    while (true) {
      while (at < length && isBetween(text.charAt(at))) {
        at++;
      }
      if (at == length) {
        return Arrays.copyOf(values, count);
      }
      int start = at;
      while (at < length && !isBetween(text.charAt(at))) {
        at++;
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, 2 * count);
      }
      values[count++] = one(file, what, text, start, at);
    }
  }

  private static boolean isBetween(char c) {
    return c == ',' || c == ' ' || c == '\n' || c == '\t' || c == '\r';
  }

  private static double one(String file, String what, String text, int from, int to)
      throws FormatException {
    int at = from;
    boolean minus = text.charAt(at) == '-';
    if (minus || text.charAt(at) == '+') {
      at++;
    }
    if (to > at && to - at <= 9) {
      int value = 0;
      int i = at;
      while (i < to && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        value = 10 * value + text.charAt(i) - '0';
        i++;
      }
      if (i == to) {
        return minus ? -value : value;
      }
    }
    return number(file, what, text.substring(from, Math.min(to, from + MAX_SHOWN)));
  }

  /** Bytes in base64, with line ends. */
  public static byte[] base64(String file, String what, String text) throws FormatException {
    try {
      return Base64.getMimeDecoder().decode(text.strip());
    } catch (IllegalArgumentException e) {
      throw FormatException.malformed(file, what + " is no base64: " + e.getMessage());
    }
  }

  /** 16-bit little-endian integers. */
  public static double[] int16(byte[] bytes, double times) {
    double[] values = new double[bytes.length / 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = (short) ((bytes[2 * i] & 0xff) | bytes[2 * i + 1] << 8) * times;
    }
    return values;
  }
}
