package org.rtcn.common.report;

import java.util.List;
import java.util.Locale;
import org.rtcn.common.ecg.EcgSignal;

/**
 * A generated beat as a picture: it and others of its class next to real ones, how it came out of
 * the noise, and its S-transform.
 */
public final class SyntheticBeatFigure {
  private static final double MARGIN = BeatFigure.MARGIN;
  private static final double INNER = BeatFigure.WIDTH - 2 * MARGIN;
  private static final double TITLE_LINE = 19;
  private static final double CAPTION = 20;
  private static final double ROW_LABEL = 64;
  private static final double CELL_HEIGHT = 54;
  private static final double GAP = 6;

  /**
   * A beat and its caption.
   *
   * @param caption one line above it
   * @param window any of the twelve leads
   * @param rSample position of the R peak
   */
  public record Beat(String caption, EcgSignal window, int rSample) {}

  /**
   * One column of the denoising: the same leads in each.
   *
   * @param caption one line above it
   * @param noisy {@code [lead][sample]} what the network saw, normalised units
   * @param guess {@code [lead][sample]} the beat that it took that for, mV
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Step(String caption, float[][] noisy, float[][] guess) {}

  private SyntheticBeatFigure() {}

  /**
   * The figure as an SVG document.
   *
   * @param title lines above everything
   * @param generated left; the first is the one that this is about
   * @param real right, row by row
   * @param leadNames names of the steps' leads
   * @param steps from noise to the beat, at least one
   * @param spectrograms the beat's S-transforms
   */
  public static String svg(
      List<String> title,
      List<Beat> generated,
      List<Beat> real,
      List<String> leadNames,
      List<Step> steps,
      List<HeatMap.Spectrogram> spectrograms) {
    StringBuilder body = new StringBuilder(1 << 17);
    double y = MARGIN + TITLE_LINE * title.size() + 4;
    double half = (INNER - MARGIN) / 2;
    double millimetresPerUnit = 0;
    for (int row = 0; row < Math.max(generated.size(), real.size()); row++) {
      double height = 0;
      for (int side = 0; side < 2; side++) {
        List<Beat> beats = side == 0 ? generated : real;
        if (row < beats.size()) {
          Beat beat = beats.get(row);
          double x = MARGIN + side * (half + MARGIN);
          text(body, "figure-line", x, y + 14, beat.caption());
          String drawing =
              EcgDrawing.beat(
                  "beat" + row + (side == 0 ? "s" : "r"),
                  beat.caption(),
                  beat.window(),
                  beat.rSample(),
                  List.of());
          millimetresPerUnit = BeatFigure.millimetres(drawing) / half;
          height = Math.max(height, BeatFigure.place(body, drawing, x, y + CAPTION, half));
        }
      }
      y += CAPTION + height + MARGIN;
    }
    text(body, "figure-title", MARGIN, y + 14, "From noise to the beat, from step t = T to 1");
    y += TITLE_LINE;
    text(
        body,
        "figure-line",
        MARGIN,
        y + 14,
        "Blue: what the network sees, normalised, and how much of it (of its power) is beat. Black:"
            + " the beat that it takes it for.");
    y += CAPTION + 4;
    y += denoising(body, leadNames, steps, y) + MARGIN;
    y += BeatFigure.maps(body, spectrograms, y);
    return BeatFigure.page(y + MARGIN, millimetresPerUnit, title, body);
  }

  private static double denoising(
      StringBuilder body, List<String> leadNames, List<Step> steps, double top) {
    double width = (INNER - ROW_LABEL - GAP * (steps.size() - 1)) / steps.size();
    for (int column = 0; column < steps.size(); column++) {
      double x = MARGIN + ROW_LABEL + column * (width + GAP);
      text(body, "figure-line", x, top + 13, steps.get(column).caption());
    }
    double y = top + CAPTION;
    for (int lead = 0; lead < leadNames.size(); lead++) {
      int own = lead;
      double noise = largest(steps.stream().map(step -> step.noisy()[own]).toArray(float[][]::new));
      double beat = largest(steps.stream().map(step -> step.guess()[own]).toArray(float[][]::new));
      text(body, "figure-title", MARGIN, y + CELL_HEIGHT, leadNames.get(lead));
      text(
          body,
          "figure-line",
          MARGIN,
          y + CELL_HEIGHT + 18,
          String.format(Locale.ROOT, "±%.1f mV", beat));
      for (int column = 0; column < steps.size(); column++) {
        double x = MARGIN + ROW_LABEL + column * (width + GAP);
        cell(body, steps.get(column).noisy()[lead], noise, "#0072b2", x, y, width);
        cell(body, steps.get(column).guess()[lead], beat, "#111", x, y + CELL_HEIGHT, width);
      }
      y += 2 * CELL_HEIGHT + GAP;
    }
    return y - top;
  }

  private static double largest(float[][] traces) {
    double largest = 1e-6;
    for (float[] trace : traces) {
      for (float value : trace) {
        largest = Math.max(largest, Math.abs(value));
      }
    }
    return largest;
  }

  private static void cell(
      StringBuilder body,
      float[] trace,
      double range,
      String colour,
      double x,
      double y,
      double width) {
    body.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#fff\""
                + " stroke=\"#c8d0d8\" stroke-width=\".6\"/><polyline fill=\"none\" stroke=\"%s\""
                + " stroke-width=\"1.1\" stroke-linejoin=\"round\" points=\"",
            x,
            y,
            width,
            CELL_HEIGHT,
            colour));
    for (int i = 0; i < trace.length; i++) {
      body.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              x + width * i / (trace.length - 1.0),
              y + CELL_HEIGHT / 2 * (1 - 0.94 * trace[i] / range)));
    }
    body.append("\"/>");
  }

  private static void text(StringBuilder body, String kind, double x, double y, String words) {
    body.append("<text class=\"")
        .append(kind)
        .append("\" x=\"")
        .append(SvgText.number(x))
        .append("\" y=\"")
        .append(SvgText.number(y))
        .append("\">")
        .append(SvgText.escape(words))
        .append("</text>");
  }
}
