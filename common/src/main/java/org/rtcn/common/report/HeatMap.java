package org.rtcn.common.report;

import static org.rtcn.common.report.SvgText.number;

import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleToIntFunction;

/** Draws the S-transform of one lead over time and frequency, and where a model looked in it. */
public final class HeatMap {
  private static final double LEFT = 46;
  private static final double TOP = 22;
  private static final double PLOT_WIDTH = 300;
  private static final double PLOT_HEIGHT = 180;
  private static final double BAR = 12;
  private static final double RIGHT = 62;
  private static final double BOTTOM = 42;

  /**
   * What to draw.
   *
   * @param lead name of the lead
   * @param magnitude {@code [voice][column]} in mV, lowest frequency first
   * @param voiceHz frequency of each voice, rising evenly
   * @param columnMs time of each column relative to the R peak, rising evenly
   */
  @SuppressWarnings("ArrayRecordComponent") // drawn once, never compared
  public record Spectrogram(String lead, float[][] magnitude, float[] voiceHz, float[] columnMs) {
    public Spectrogram {
      if (voiceHz.length < 2 || columnMs.length < 2 || magnitude.length != voiceHz.length) {
        throw new IllegalArgumentException(
            "Invalid spectrogram: "
                + magnitude.length
                + " rows, "
                + voiceHz.length
                + " voices and "
                + columnMs.length
                + " columns; needs two or more of each");
      }
      for (float[] row : magnitude) {
        if (row.length != columnMs.length) {
          throw new IllegalArgumentException(
              "Invalid spectrogram: a row of "
                  + row.length
                  + " values for "
                  + columnMs.length
                  + " columns");
        }
      }
    }
  }

  private HeatMap() {}

  /** The magnitude in viridis. */
  public static String magnitude(String id, Spectrogram spectrogram) {
    double max = maximum(spectrogram.magnitude());
    int[][] pixels =
        pixels(spectrogram, (v, c) -> ColourMap.viridis(spectrogram.magnitude()[v][c] / max));
    return draw(
        id,
        "S-transform of lead " + spectrogram.lead(),
        "Magnitude over time (ms around the R peak) and frequency (Hz); the highest is "
            + String.format(Locale.ROOT, "%.3f", max)
            + " mV.",
        spectrogram,
        pixels,
        Optional.of(new Bar("mV", String.format(Locale.ROOT, "%.2f", max), ColourMap::viridis)));
  }

  /**
   * The magnitude in grey under the importance in orange.
   *
   * @param importance Grad-CAM, {@code [voice][column]}, 0 to 1, same shape as the magnitude
   */
  public static String importance(String id, Spectrogram spectrogram, float[][] importance) {
    double max = maximum(spectrogram.magnitude());
    int[][] pixels =
        pixels(
            spectrogram,
            (v, c) -> {
              int base = ColourMap.ink(0.75 * Math.sqrt(spectrogram.magnitude()[v][c] / max));
              return ColourMap.mix(
                  base, ColourMap.ATTENTION, 0.8 * Math.max(0, Math.min(1, importance[v][c])));
            });
    return draw(
        id,
        "Grad-CAM (0 to 1) over the S-transform of lead " + spectrogram.lead(),
        "Orange marks the times and frequencies that spoke for the predicted class; the"
            + " S-transform is below in grey.",
        spectrogram,
        pixels,
        Optional.of(new Bar("", "1", f -> ColourMap.mix(0xffffff, ColourMap.ATTENTION, 0.9 * f))));
  }

  private interface Colour {
    int at(int voice, int column);
  }

  private record Bar(String unit, String highest, DoubleToIntFunction colour) {}

  private static int[][] pixels(Spectrogram s, Colour colour) {
    int voices = s.voiceHz().length;
    int[][] pixels = new int[voices][s.columnMs().length];
    for (int v = 0; v < voices; v++) {
      for (int c = 0; c < pixels[v].length; c++) {
        pixels[voices - 1 - v][c] = colour.at(v, c); // low frequencies at the bottom
      }
    }
    return pixels;
  }

  private static String draw(
      String id,
      String title,
      String description,
      Spectrogram s,
      int[][] pixels,
      Optional<Bar> bar) {
    double width = LEFT + PLOT_WIDTH + RIGHT;
    double height = TOP + PLOT_HEIGHT + BOTTOM;
    StringBuilder svg = new StringBuilder(1 << 14);
    svg.append(SvgText.open(id, "heat", width, height, title, description));
    text(svg, "heat-title", LEFT, 14, "start", title);
    image(svg, LEFT, TOP, PLOT_WIDTH, PLOT_HEIGHT, pixels);

    // Pixels have width: the axis runs over their outer edges.
    double msStep = s.columnMs()[1] - s.columnMs()[0];
    double msFrom = s.columnMs()[0] - msStep / 2;
    double msTo = s.columnMs()[s.columnMs().length - 1] + msStep / 2;
    for (double ms = 200 * Math.ceil(msFrom / 200); ms <= msTo; ms += 200) {
      double x = LEFT + (ms - msFrom) / (msTo - msFrom) * PLOT_WIDTH;
      line(svg, x, TOP + PLOT_HEIGHT, x, TOP + PLOT_HEIGHT + 4);
      text(svg, "tick", x, TOP + PLOT_HEIGHT + 16, "middle", number(ms));
    }
    text(svg, "axis", LEFT + PLOT_WIDTH / 2, height - 6, "middle", "time from the R peak (ms)");
    double hzStep = s.voiceHz()[1] - s.voiceHz()[0];
    double hzFrom = s.voiceHz()[0] - hzStep / 2;
    double hzTo = s.voiceHz()[s.voiceHz().length - 1] + hzStep / 2;
    for (double hz = 10 * Math.ceil(hzFrom / 10); hz <= hzTo; hz += 10) {
      double y = TOP + PLOT_HEIGHT - (hz - hzFrom) / (hzTo - hzFrom) * PLOT_HEIGHT;
      line(svg, LEFT - 4, y, LEFT, y);
      text(svg, "tick", LEFT - 7, y + 4, "end", number(hz));
    }
    svg.append("<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(13 ")
        .append(number(TOP + PLOT_HEIGHT / 2))
        .append(") rotate(-90)\">frequency (Hz)</text>");
    bar.ifPresent(
        b -> {
          int[][] ramp = new int[64][1];
          for (int i = 0; i < 64; i++) {
            ramp[i][0] = b.colour().applyAsInt(1 - i / 63.0);
          }
          double x = LEFT + PLOT_WIDTH + 12;
          image(svg, x, TOP, BAR, PLOT_HEIGHT, ramp);
          text(svg, "tick", x + BAR + 4, TOP + 9, "start", b.highest());
          text(svg, "tick", x + BAR + 4, TOP + PLOT_HEIGHT, "start", "0");
          text(svg, "tick", x + BAR + 4, TOP + PLOT_HEIGHT / 2, "start", b.unit());
        });
    return svg.append("</svg>").toString();
  }

  private static void image(
      StringBuilder svg, double x, double y, double width, double height, int[][] pixels) {
    svg.append("<image x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\" width=\"")
        .append(number(width))
        .append("\" height=\"")
        .append(number(height))
        .append("\" preserveAspectRatio=\"none\" href=\"")
        .append(PngImage.dataUri(pixels))
        .append("\"/><rect class=\"frame\" x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\" width=\"")
        .append(number(width))
        .append("\" height=\"")
        .append(number(height))
        .append("\"/>");
  }

  private static void line(StringBuilder svg, double x1, double y1, double x2, double y2) {
    svg.append("<path class=\"tickline\" d=\"M")
        .append(number(x1))
        .append(' ')
        .append(number(y1))
        .append('L')
        .append(number(x2))
        .append(' ')
        .append(number(y2))
        .append("\"/>");
  }

  private static void text(
      StringBuilder svg, String cssClass, double x, double y, String anchor, String text) {
    svg.append("<text class=\"")
        .append(cssClass)
        .append("\" text-anchor=\"")
        .append(anchor)
        .append("\" x=\"")
        .append(number(x))
        .append("\" y=\"")
        .append(number(y))
        .append("\">")
        .append(SvgText.escape(text))
        .append("</text>");
  }

  private static double maximum(float[][] values) {
    double max = 0;
    for (float[] row : values) {
      for (float v : row) {
        max = Math.max(max, v);
      }
    }
    return max > 0 ? max : 1;
  }
}
