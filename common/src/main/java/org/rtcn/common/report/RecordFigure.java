package org.rtcn.common.report;

import java.util.List;
import org.rtcn.common.ecg.EcgSignal;

/**
 * A recording as a picture that stands for itself: the standard sheet of a 12-lead ECG (25 mm/s, 10
 * mm/mV; four columns of a quarter of the time each, lead II below over all of it, the calibration
 * pulse of 1 mV left of each row), with the R peaks where they are known.
 */
public final class RecordFigure {
  private static final double MARGIN = 12;
  private static final double LINE = 20;

  /** Width of the picture for ten seconds of ECG. */
  private static final double WIDTH = 1400;

  private RecordFigure() {}

  /**
   * The figure as an SVG document.
   *
   * @param lines what stands above it: the first is its title
   * @param recording any of the twelve leads; absent ones stay blank
   * @param rPeaks samples of the recording
   */
  public static String svg(List<String> lines, EcgSignal recording, List<Integer> rPeaks) {
    StringBuilder text = new StringBuilder();
    double y = MARGIN;
    for (int i = 0; i < lines.size(); i++) {
      y += LINE;
      text.append("<text class=\"")
          .append(i == 0 ? "figure-title" : "figure-line")
          .append("\" x=\"")
          .append(SvgText.number(MARGIN))
          .append("\" y=\"")
          .append(SvgText.number(y - 5))
          .append("\">")
          .append(SvgText.escape(lines.get(i)))
          .append("</text>");
    }
    StringBuilder sheet = new StringBuilder(1 << 16);
    String drawing = EcgDrawing.recording("recording", lines.get(0), recording, rPeaks);
    double inner = WIDTH - 2 * MARGIN;
    double height = BeatFigure.place(sheet, drawing, MARGIN, y + MARGIN / 2, inner);
    return BeatFigure.document(
        WIDTH, y + height + 2 * MARGIN, BeatFigure.millimetres(drawing) / inner, text, sheet);
  }
}
