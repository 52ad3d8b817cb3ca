package org.rtcn.common.report;

/** Small helpers for writing SVG by hand. */
final class SvgText {
  private SvgText() {}

  /** A number with at most two decimals and no trailing zeros: hundredths of a mm are enough. */
  static String number(double value) {
    long hundredths = Math.round(value * 100);
    if (hundredths % 100 == 0) {
      return Long.toString(hundredths / 100);
    }
    String sign = hundredths < 0 ? "-" : "";
    long absolute = Math.abs(hundredths);
    String fraction =
        absolute % 10 == 0
            ? Long.toString(absolute % 100 / 10)
            : (absolute % 100 < 10 ? "0" : "") + absolute % 100;
    return sign + (absolute >= 100 ? Long.toString(absolute / 100) : "0") + "." + fraction;
  }

  /** Text made safe for element content and attributes. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** As {@link #open}, for a drawing whose unit is a millimetre of paper: it says its size. */
  static String openPaper(
      String id, String cssClass, double width, double height, String title, String description) {
    return open(id, cssClass, width, height, title, description)
        .replaceFirst(
            "<svg ", "<svg width=\"" + number(width) + "mm\" height=\"" + number(height) + "mm\" ");
  }

  /** The opening of an accessible figure: role, title and description. */
  static String open(
      String id, String cssClass, double width, double height, String title, String description) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" class=\""
        + cssClass
        + "\" viewBox=\"0 0 "
        + number(width)
        + " "
        + number(height)
        + "\" aria-labelledby=\""
        + id
        + "-t "
        + id
        + "-d\"><title id=\""
        + id
        + "-t\">"
        + escape(title)
        + "</title><desc id=\""
        + id
        + "-d\">"
        + escape(description)
        + "</desc>";
  }
}
