package org.rtcn.common.report;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rtcn.common.ecg.EcgSignal;

/**
 * One beat as a picture that stands for itself: the twelve leads on ECG paper with the R peak, and
 * below them the S-transform of chosen leads (time in ms from R, frequency in Hz, colour in mV).
 */
public final class BeatFigure {
  static final double WIDTH = 1000;
  private static final int MAPS_PER_ROW = 3;
  static final double MARGIN = 12;
  private static final double TITLE = 26;
  private static final Pattern VIEW_BOX = Pattern.compile("viewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"");

  /** A drawing's opening, with the size that it gives itself. */
  private static final Pattern OPENING =
      Pattern.compile("<svg (width=\"[0-9.]+mm\" height=\"[0-9.]+mm\" )?");

  /** What the classes of the drawings look like where no page says so. */
  static final String STYLE =
      "<style>.ecg .sheet{fill:#fffaf8}.ecg .mm1{stroke:#f3cfc6;stroke-width:.1;fill:none}"
          + ".ecg .mm5{stroke:#e2a193;stroke-width:.2;fill:none}"
          + ".ecg .trace{fill:none;stroke:#111;stroke-width:.28;stroke-linejoin:round}"
          + ".ecg .lead{font:600 3px Helvetica,Arial,sans-serif;fill:#111}"
          + ".ecg .paper{font:2.4px Helvetica,Arial,sans-serif;fill:#4d4d4d}"
          + ".ecg .look{fill:#d55e00}.ecg .against{fill:#0072b2}.ecg .peak{fill:#0072b2}"
          + ".heat text{font-family:Helvetica,Arial,sans-serif;fill:#1b2530}"
          + ".heat-title{font-size:13px;font-weight:600}.heat .tick,.heat .axis{font-size:12px}"
          + ".heat .frame{fill:none;stroke:#51606e;stroke-width:.8}"
          + ".heat .tickline{stroke:#51606e;stroke-width:1}"
          + ".figure-title{font:600 15px Helvetica,Arial,sans-serif;fill:#1b2530}"
          + ".figure-line{font:13px Helvetica,Arial,sans-serif;fill:#1b2530}</style>";

  private BeatFigure() {}

  /**
   * The figure as an SVG document.
   *
   * @param title one line above everything
   * @param beat the window, any of the twelve leads
   * @param rSample position of the R peak in it
   * @param spectrograms the S-transforms to show
   */
  public static String svg(
      String title, EcgSignal beat, int rSample, List<HeatMap.Spectrogram> spectrograms) {
    StringBuilder body = new StringBuilder(1 << 16);
    double inner = WIDTH - 2 * MARGIN;
    double y = MARGIN + TITLE;
    String drawing = EcgDrawing.beat("beat", title, beat, rSample, List.of());
    y += place(body, drawing, MARGIN, y, inner);
    y += MARGIN;
    y += maps(body, spectrograms, y);
    double height = y + MARGIN;
    return page(height, millimetres(drawing) / inner, List.of(title), body);
  }

  /** Places S-transforms in rows of three below {@code top}; returns their height. */
  static double maps(StringBuilder body, List<HeatMap.Spectrogram> spectrograms, double top) {
    double mapWidth = (WIDTH - 2 * MARGIN - (MAPS_PER_ROW - 1) * MARGIN) / MAPS_PER_ROW;
    double y = top;
    double rowHeight = 0;
    for (int i = 0; i < spectrograms.size(); i++) {
      int column = i % MAPS_PER_ROW;
      if (i > 0 && column == 0) {
        y += rowHeight + MARGIN;
      }
      String map = HeatMap.magnitude("map" + i, evenly(spectrograms.get(i)));
      rowHeight = place(body, map, MARGIN + column * (mapWidth + MARGIN), y, mapWidth);
    }
    return y + rowHeight - top;
  }

  /** Width of a drawing on paper. */
  static double millimetres(String drawing) {
    return size(drawing)[0];
  }

  /**
   * A whole document.
   *
   * @param millimetresPerUnit of paper, so that the ECG in it measures right
   * @param title its first line is set large
   */
  static String page(
      double height, double millimetresPerUnit, List<String> title, CharSequence body) {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < title.size(); i++) {
      lines
          .append("<text class=\"")
          .append(i == 0 ? "figure-title" : "figure-line")
          .append("\" x=\"")
          .append(SvgText.number(MARGIN))
          .append("\" y=\"")
          .append(SvgText.number(MARGIN + 14 + 19 * i))
          .append("\">")
          .append(SvgText.escape(title.get(i)))
          .append("</text>");
    }
    return document(WIDTH, height, millimetresPerUnit, lines, body);
  }

  /** A drawing that stands for itself, with its styles and its size on paper. */
  static String document(
      double width, double height, double millimetresPerUnit, CharSequence... parts) {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\""
        + SvgText.number(width * millimetresPerUnit)
        + "mm\" height=\""
        + SvgText.number(height * millimetresPerUnit)
        + "mm\" viewBox=\"0 0 "
        + SvgText.number(width)
        + " "
        + SvgText.number(height)
        + "\">"
        + STYLE
        + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
        + String.join("", parts)
        + "</svg>\n";
  }

  /** Puts a drawing at a place, scaled to a width; returns its height there. */
  static double place(StringBuilder body, String svg, double x, double y, double width) {
    double[] size = size(svg);
    double height = width * size[1] / size[0];
    body.append(
        OPENING
            .matcher(svg)
            .replaceFirst(
                String.format(
                    "<svg x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" ",
                    SvgText.number(x),
                    SvgText.number(y),
                    SvgText.number(width),
                    SvgText.number(height))));
    return height;
  }

  private static double[] size(String svg) {
    Matcher box = VIEW_BOX.matcher(svg);
    if (!box.find()) {
      throw new IllegalStateException("Cannot place a drawing without a viewBox");
    }
    return new double[] {Double.parseDouble(box.group(1)), Double.parseDouble(box.group(2))};
  }

  /** Voices that don't rise evenly are laid out again: each height shows the nearest voice. */
  private static HeatMap.Spectrogram evenly(HeatMap.Spectrogram given) {
    float[] hz = given.voiceHz();
    int count = hz.length;
    float[] even = new float[count];
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      even[i] = hz[0] + (hz[count - 1] - hz[0]) * i / (count - 1);
      int nearest = 0;
      for (int v = 1; v < count; v++) {
        if (Math.abs(hz[v] - even[i]) < Math.abs(hz[nearest] - even[i])) {
          nearest = v;
        }
      }
      rows[i] = given.magnitude()[nearest];
    }
    return new HeatMap.Spectrogram(given.lead(), rows, even, given.columnMs());
  }
}
