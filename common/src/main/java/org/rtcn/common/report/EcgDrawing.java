package org.rtcn.common.report;

import static org.rtcn.common.report.SvgText.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/**
 * Draws 12-lead ECG on paper as clinicians read it: 25 mm/s, 10 mm/mV, 1 mm and 5 mm grid. One unit
 * of the drawing is one millimetre of paper, so a print at full size measures right.
 */
public final class EcgDrawing {
  private static final double PIXELS_PER_MM = 4.5;
  private static final double MM_PER_SECOND = 25;
  private static final double MM_PER_MV = 10;
  private static final double MARGIN_MM = 5;
  private static final double PULSE_MM = 8;

  /** Traces are simplified to within this distance: a third of their line's width. */
  private static final double TOLERANCE_MM = 0.08;

  /** The usual arrangement: limb leads left, chest leads right, read down the columns. */
  private static final List<List<Lead>> COLUMNS =
      List.of(
          List.of(Lead.I, Lead.II, Lead.III),
          List.of(Lead.AVR, Lead.AVL, Lead.AVF),
          List.of(Lead.V1, Lead.V2, Lead.V3),
          List.of(Lead.V4, Lead.V5, Lead.V6));

  /**
   * Where in time a model looked.
   *
   * @param milliseconds centre of each column, relative to the R peak
   * @param weight importance of each column, 0 to 1
   */
  public record Attention(List<Double> milliseconds, List<Double> weight) {
    public Attention {
      milliseconds = List.copyOf(milliseconds);
      weight = List.copyOf(weight);
      if (milliseconds.size() != weight.size()) {
        throw new IllegalArgumentException(
            "Invalid attention: "
                + milliseconds.size()
                + " times but "
                + weight.size()
                + " weights");
      }
    }
  }

  private EcgDrawing() {}

  /**
   * One beat per lead, in four columns of three.
   *
   * @param id unique within the page
   * @param title names the figure for those who do not see it
   * @param beat any of the twelve leads; absent ones stay blank
   * @param rSample position of the R peak
   * @param attention shaded behind the traces
   */
  public static String beat(
      String id, String title, EcgSignal beat, int rSample, Optional<Attention> attention) {
    return draw(id, title, beat, beat.durationSeconds(), false, List.of(rSample), attention);
  }

  /**
   * A recording: four columns of a quarter of its length each (2.5 s of 10 s), and the whole of
   * lead II below.
   */
  public static String recording(String id, String title, EcgSignal recording) {
    return recording(id, title, recording, List.of());
  }

  /**
   * The same with R peaks marked above the whole of lead II.
   *
   * @param rPeaks samples of the recording
   */
  public static String recording(
      String id, String title, EcgSignal recording, List<Integer> rPeaks) {
    return draw(
        id,
        title,
        recording,
        recording.durationSeconds() / COLUMNS.size(),
        true,
        rPeaks,
        Optional.empty());
  }

  private static String draw(
      String id,
      String title,
      EcgSignal signal,
      double secondsPerColumn,
      boolean consecutive,
      List<Integer> rPeaks,
      Optional<Attention> attention) {
    double columnMm = secondsPerColumn * MM_PER_SECOND;
    double gapMm = consecutive ? 0 : 3;
    double left = MARGIN_MM + PULSE_MM;
    int rows = COLUMNS.get(0).size();
    List<Row> heights = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      List<Lead> leads = new ArrayList<>();
      for (List<Lead> column : COLUMNS) {
        leads.add(column.get(row));
      }
      heights.add(Row.of(signal, leads));
    }
    if (consecutive) {
      heights.add(Row.of(signal, List.of(Lead.II)));
    }
    double width = roundUp(left + COLUMNS.size() * (columnMm + gapMm) + MARGIN_MM);
    double height =
        roundUp(2 * MARGIN_MM + heights.stream().mapToDouble(r -> r.above + r.below).sum());

    String description =
        "Electrocardiogram, "
            + signal.leads().size()
            + " leads, 25 mm/s, 10 mm/mV, grid 1 mm and 5 mm.";
    StringBuilder svg = new StringBuilder(1 << 15);
    // On screen a millimetre of paper is at most PIXELS_PER_MM wide, however few it holds.
    svg.append(
        SvgText.open(id, "ecg", width, height, title, description)
            .replaceFirst(
                "class=\"ecg\"",
                "class=\"ecg\" style=\"max-width:" + Math.round(width * PIXELS_PER_MM) + "px\""));
    grid(svg, id, width, height);
    double baseline = MARGIN_MM;
    for (int row = 0; row < heights.size(); row++) {
      baseline += heights.get(row).above;
      pulse(svg, baseline);
      if (row < rows) {
        for (int column = 0; column < COLUMNS.size(); column++) {
          int from = consecutive ? (int) Math.round(column * secondsPerColumn * signal.fsHz()) : 0;
          int to =
              Math.min(
                  signal.sampleCount(), from + (int) Math.round(secondsPerColumn * signal.fsHz()));
          double x = left + column * (columnMm + gapMm);
          double top = baseline - heights.get(row).above;
          double bottom = baseline + heights.get(row).below;
          attention.ifPresent(
              a -> shade(svg, a, x, columnMm, rPeaks.get(0) / signal.fsHz(), top, bottom));
          lead(svg, signal, COLUMNS.get(column).get(row), from, to, x, top, baseline);
          if (consecutive && column > 0) {
            separator(svg, x, baseline);
          }
        }
      } else {
        double top = baseline - heights.get(row).above;
        lead(svg, signal, Lead.II, 0, signal.sampleCount(), left, top, baseline);
        for (int peak : rPeaks) {
          mark(svg, left + peak / signal.fsHz() * MM_PER_SECOND, top);
        }
      }
      baseline += heights.get(row).below;
    }
    svg.append("<text class=\"paper\" x=\"")
        .append(number(width - 2))
        .append("\" y=\"")
        .append(number(height - 1.4))
        .append("\" text-anchor=\"end\">25 mm/s · 10 mm/mV</text></svg>");
    return svg.toString();
  }

  private static void grid(StringBuilder svg, String id, double width, double height) {
    svg.append("<defs><pattern id=\"")
        .append(id)
        .append(
            "-mm\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\">"
                + "<path class=\"mm1\" d=\"M1 0V5M2 0V5M3 0V5M4 0V5M0 1H5M0 2H5M0 3H5M0 4H5\"/>"
                + "<path class=\"mm5\" d=\"M0 0V5M0 0H5\"/></pattern></defs><rect class=\"sheet\""
                + " width=\"")
        .append(number(width))
        .append("\" height=\"")
        .append(number(height))
        .append("\"/><rect fill=\"url(#")
        .append(id)
        .append("-mm)\" width=\"")
        .append(number(width))
        .append("\" height=\"")
        .append(number(height))
        .append("\"/>");
  }

  /** The calibration pulse: 1 mV for 0.2 s. */
  private static void pulse(StringBuilder svg, double baseline) {
    svg.append("<path class=\"trace\" d=\"M")
        .append(number(MARGIN_MM))
        .append(' ')
        .append(number(baseline))
        .append("h1v-")
        .append(number(MM_PER_MV))
        .append("h5v")
        .append(number(MM_PER_MV))
        .append("h1\"/>");
  }

  private static void separator(StringBuilder svg, double x, double baseline) {
    svg.append("<path class=\"trace\" d=\"M")
        .append(number(x))
        .append(' ')
        .append(number(baseline - 4))
        .append("v2m0 4v2\"/>");
  }

  /** An R peak: a triangle that points down at it. */
  private static void mark(StringBuilder svg, double x, double top) {
    svg.append("<path class=\"peak\" d=\"M")
        .append(number(x))
        .append(' ')
        .append(number(top + 1.8))
        .append("l-.8-1.5h1.6z\"/>");
  }

  private static void shade(
      StringBuilder svg,
      Attention attention,
      double x,
      double columnMm,
      double rSeconds,
      double top,
      double bottom) {
    List<Double> times = attention.milliseconds();
    if (times.size() < 2) {
      return;
    }
    double step = (times.get(1) - times.get(0)) / 1000 * MM_PER_SECOND;
    for (int i = 0; i < times.size(); i++) {
      // Squared: the eye should find the peak, not the plain.
      double weight = attention.weight().get(i);
      double centre = (rSeconds + times.get(i) / 1000) * MM_PER_SECOND;
      double from = Math.max(0, centre - step / 2);
      double to = Math.min(columnMm, centre + step / 2);
      if (weight < 0.02 || to <= from) {
        continue;
      }
      svg.append("<rect class=\"look\" opacity=\"")
          .append(number(0.45 * weight * weight))
          .append("\" x=\"")
          .append(number(x + from))
          .append("\" y=\"")
          .append(number(top))
          .append("\" width=\"")
          .append(number(to - from))
          .append("\" height=\"")
          .append(number(bottom - top))
          .append("\"/>");
    }
  }

  private static void lead(
      StringBuilder svg,
      EcgSignal signal,
      Lead lead,
      int from,
      int to,
      double x,
      double top,
      double baseline) {
    int row = signal.leads().indexOf(lead);
    svg.append("<text class=\"lead\" x=\"")
        .append(number(x + 1))
        .append("\" y=\"")
        .append(number(Math.max(top + 3.5, baseline - 13)))
        .append("\">")
        .append(SvgText.escape(lead.label()))
        .append("</text>");
    if (row < 0) {
      return;
    }
    String path = path(signal.millivolts()[row], from, to, signal.fsHz(), x, baseline);
    if (!path.isEmpty()) {
      svg.append("<path class=\"trace\" d=\"").append(path).append("\"/>");
    }
  }

  /** The trace in mm; it breaks where samples are invalid. */
  private static String path(
      float[] millivolts, int from, int to, double fsHz, double x, double baseline) {
    StringBuilder path = new StringBuilder();
    int start = from;
    while (start < to) {
      if (Float.isNaN(millivolts[start])) {
        start++;
        continue;
      }
      int end = start;
      while (end < to && !Float.isNaN(millivolts[end])) {
        end++;
      }
      double[] xs = new double[end - start];
      double[] ys = new double[end - start];
      for (int i = 0; i < xs.length; i++) {
        xs[i] = x + (start - from + i) / fsHz * MM_PER_SECOND;
        ys[i] = baseline - millivolts[start + i] * MM_PER_MV;
      }
      boolean[] kept = Polyline.simplify(xs, ys, TOLERANCE_MM);
      char command = 'M';
      for (int i = 0; i < xs.length; i++) {
        if (kept[i]) {
          path.append(command).append(number(xs[i])).append(' ').append(number(ys[i]));
          command = 'L';
        }
      }
      start = end;
    }
    return path.toString();
  }

  private static double roundUp(double mm) {
    return 5 * Math.ceil(mm / 5);
  }

  /** Room above and below the baseline of a row, in mm. */
  private record Row(double above, double below) {
    static Row of(EcgSignal signal, List<Lead> leads) {
      double highest = 0.8;
      double lowest = -0.5;
      for (Lead lead : leads) {
        int row = signal.leads().indexOf(lead);
        if (row >= 0) {
          for (float v : signal.millivolts()[row]) {
            if (!Float.isNaN(v)) {
              highest = Math.max(highest, Math.min(v, 4));
              lowest = Math.min(lowest, Math.max(v, -4));
            }
          }
        }
      }
      return new Row(roundUp(highest * MM_PER_MV + 2), roundUp(-lowest * MM_PER_MV + 1));
    }
  }
}
