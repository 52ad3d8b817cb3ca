package org.rtcn.common.report;

import java.util.Locale;

/** Colour maps that stay readable with any colour vision, and in grey print. */
final class ColourMap {
  private static final int[] VIRIDIS = {
    0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b,
    0xfde725
  };

  /** Orange of Okabe and Ito's palette, for what a model looked at. */
  static final int ATTENTION = 0xd55e00;

  private ColourMap() {}

  /**
   * Viridis (Smith and van der Walt 2015), by ten of its colours and straight lines between.
   *
   * @param fraction 0 to 1; beyond is clamped
   * @return 0xRRGGBB
   */
  static int viridis(double fraction) {
    double at = Math.max(0, Math.min(1, fraction)) * (VIRIDIS.length - 1);
    int below = Math.min((int) at, VIRIDIS.length - 2);
    return mix(VIRIDIS[below], VIRIDIS[below + 1], at - below);
  }

  /** White (0) to black (1). */
  static int ink(double fraction) {
    return mix(0xffffff, 0x000000, Math.max(0, Math.min(1, fraction)));
  }

  /** The colour {@code share} of the way from one to the other. */
  static int mix(int from, int to, double share) {
    int colour = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      int a = (from >> shift) & 0xff;
      int b = (to >> shift) & 0xff;
      colour |= (int) Math.round(a + (b - a) * share) << shift;
    }
    return colour;
  }

  /**
   * Whether white text reads better on this colour than black (WCAG 2 contrast). The better one has
   * at least 4.58, whatever the colour; with a dark grey some colours would have neither.
   */
  static boolean wantsWhiteText(int colour) {
    return 1.05 / (luminance(colour) + 0.05) > (luminance(colour) + 0.05) / 0.05;
  }

  private static double luminance(int colour) {
    double sum = 0;
    double[] weights = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double c = ((colour >> (16 - 8 * i)) & 0xff) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }

  /** As CSS writes it. */
  static String css(int colour) {
    return String.format(Locale.ROOT, "#%06x", colour);
  }
}
