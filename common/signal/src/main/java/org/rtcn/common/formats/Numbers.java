package org.rtcn.common.formats;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Numbers as text formats write them. */
public final class Numbers {
  private static final int MAX_SHOWN = 24;
  private static final int MAX_EXACT_DIGITS = 15;
  private static final double[] POWERS_OF_TEN = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
  };

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
    double plain = plainDecimal(text, from, to, '.');
    return Double.isNaN(plain)
        ? number(file, what, text.substring(from, Math.min(to, from + MAX_SHOWN)))
        : plain;
  }

  /**
   * A number of at most 15 digits without an exponent, rounded as Java rounds it: both the digits
   * and the power of ten are exact, so one division is. NaN for all else.
   *
   * @param point what stands before the fraction
   */
  public static double plainDecimal(String text, int from, int to, char point) {
    int at = from;
    boolean minus = at < to && text.charAt(at) == '-';
    if (minus || (at < to && text.charAt(at) == '+')) {
      at++;
    }
    long digits = 0;
    int count = 0;
    int fraction = -1;
    for (; at < to; at++) {
      char c = text.charAt(at);
      if (c >= '0' && c <= '9' && count < MAX_EXACT_DIGITS) {
        digits = 10 * digits + c - '0';
        count++;
        fraction += fraction >= 0 ? 1 : 0;
      } else if (c == point && fraction < 0) {
        fraction = 0;
      } else {
        return Double.NaN;
      }
    }
    if (count == 0) {
      return Double.NaN;
    }
    double value = fraction > 0 ? digits / POWERS_OF_TEN[fraction] : digits;
    return minus ? -value : value;
  }

  /** Bytes in base64, with line ends. */
  public static byte[] base64(String file, String what, String text) throws FormatException {
    // What is no Latin letter becomes a question mark, which is no base64 either.
    byte[] letters = text.getBytes(StandardCharsets.ISO_8859_1);
    try {
      return Base64.getDecoder().decode(lines(text, letters));
    } catch (IllegalArgumentException e) {
      // Blanks within the lines, perhaps.
      try {
        return Base64.getDecoder().decode(withoutBlanks(letters));
      } catch (IllegalArgumentException again) {
        throw FormatException.malformed(file, what + " is no base64: " + again.getMessage());
      }
    }
  }

  /** The lines one behind the other, without the blanks around them. */
  private static byte[] lines(String text, byte[] letters) {
    byte[] joined = new byte[letters.length];
    int count = 0;
    for (int from = 0; from < letters.length; ) {
      int end = text.indexOf('\n', from);
      end = end < 0 ? letters.length : end;
      int first = from;
      int last = end;
      while (first < last && isBlank(letters[first])) {
        first++;
      }
      while (last > first && isBlank(letters[last - 1])) {
        last--;
      }
      System.arraycopy(letters, first, joined, count, last - first);
      count += last - first;
      from = end + 1;
    }
    return count == joined.length ? joined : Arrays.copyOf(joined, count);
  }

  private static byte[] withoutBlanks(byte[] letters) {
    byte[] packed = new byte[letters.length];
    int count = 0;
    for (byte letter : letters) {
      if (!isBlank(letter)) {
        packed[count++] = letter;
      }
    }
    return Arrays.copyOf(packed, count);
  }

  private static boolean isBlank(byte letter) {
    return letter >= 0 && letter <= ' ';
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
