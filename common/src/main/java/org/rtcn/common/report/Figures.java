package org.rtcn.common.report;

import java.util.Locale;

/** Numbers as the report writes them. */
final class Figures {
  private Figures() {}

  /** Three decimals; a dash where the figure is not defined. */
  static String three(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }

  /** A count with thin groups of three. */
  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value).replace(',', '\u2009');
  }

  /** A percentage without decimals; a dash where not defined. */
  static String percent(double fraction) {
    return Double.isNaN(fraction) ? "–" : String.format(Locale.ROOT, "%.0f %%", 100 * fraction);
  }
}
