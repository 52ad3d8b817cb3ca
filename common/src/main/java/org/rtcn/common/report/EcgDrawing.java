package org.rtcn.common.report;

import static org.rtcn.common.report.SvgText.number;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/**
 * Draws 12-lead ECG on paper as clinicians read it: 10 mm/mV, recordings at 25 mm/s and single
 * beats at 50 mm/s, with a grid of 1 mm and 5 mm. The drawing says its size in millimetres: on
 * paper, and on a screen that knows its own size, callipers measure right.
 */
public final class EcgDrawing {
  private static final double RECORDING_MM_PER_SECOND = 25;
  private static final double BEAT_MM_PER_SECOND = 50;
  private static final double MM_PER_MV = 10;
  private static final double MARGIN_MM = 5;
  private static final double PULSE_MM = 8;
  private static final double LEFT_MM = MARGIN_MM + PULSE_MM;

  /** Recordings up to this long are drawn with all of their samples. */
  private static final double ALL_SAMPLES_SECONDS = 30;

  /** Longer ones are simplified to within this distance: a third of their line's width. */
  private static final double TOLERANCE_MM = 0.08;

  private static final double WIDEST_BEAT_MM = 232;

  /** The usual arrangement: limb leads left, chest leads right, read down the columns. */
  private static final List<List<Lead>> FOUR_COLUMNS =
      List.of(
          List.of(Lead.I, Lead.II, Lead.III),
          List.of(Lead.AVR, Lead.AVL, Lead.AVF),
          List.of(Lead.V1, Lead.V2, Lead.V3),
          List.of(Lead.V4, Lead.V5, Lead.V6));

  /** Single beats are narrow: limb leads above, chest leads below. */
  private static final List<List<Lead>> SIX_COLUMNS =
      List.of(
          List.of(Lead.I, Lead.V1),
          List.of(Lead.II, Lead.V2),
          List.of(Lead.III, Lead.V3),
          List.of(Lead.AVR, Lead.V4),
          List.of(Lead.AVL, Lead.V5),
          List.of(Lead.AVF, Lead.V6));

  /**
   * A stretch of a lead that a model's answer rests on, shaded behind the trace.
   *
   * @param lead which lead
   * @param fromMs its start, relative to the R peak
   * @param toMs its end
   * @param weight 0 to 1 where it speaks for the answer, 0 to -1 where it speaks against it
   */
  public record Shade(Lead lead, double fromMs, double toMs, double weight) {}

  private EcgDrawing() {}

  /**
   * One beat per lead: the limb leads, and below them the chest leads. At 50 mm/s where that fits a
   * sheet of A4 next to a heat map, else at 25 mm/s.
   *
   * @param id unique within the page
   * @param title names the figure for those who do not see it
   * @param beat any of the twelve leads; absent ones stay blank
   * @param rSample position of the R peak
   * @param shades behind the traces; may be none
   */
  public static String beat(
      String id, String title, EcgSignal beat, int rSample, List<Shade> shades) {
    Form form = Form.BEAT.widthMm(beat) <= WIDEST_BEAT_MM ? Form.BEAT : Form.SMALL_BEAT;
    return draw(id, title, beat, form, List.of(rSample), shades);
  }

  /** The same at 25 mm/s, so that two stand side by side. */
  public static String smallBeat(
      String id, String title, EcgSignal beat, int rSample, List<Shade> shades) {
    return draw(id, title, beat, Form.SMALL_BEAT, List.of(rSample), shades);
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
    return draw(id, title, recording, Form.RECORDING, rPeaks, List.of());
  }

  /** How the leads are laid out. */
  private enum Form {
    /** The same moment in every column. */
    BEAT(BEAT_MM_PER_SECOND, 3),
    /** The same at the paper speed of recordings. */
    SMALL_BEAT(RECORDING_MM_PER_SECOND, 3),
    /** Column after column in time, and a strip of lead II below. */
    RECORDING(RECORDING_MM_PER_SECOND, 0);

    private final double mmPerSecond;
    private final double gapMm;

    Form(double mmPerSecond, double gapMm) {
      this.mmPerSecond = mmPerSecond;
      this.gapMm = gapMm;
    }

    List<List<Lead>> columns() {
      return this == RECORDING ? FOUR_COLUMNS : SIX_COLUMNS;
    }

    double widthMm(EcgSignal signal) {
      return LEFT_MM
          + columns().size() * (secondsPerColumn(signal) * mmPerSecond + gapMm)
          + MARGIN_MM;
    }

    double secondsPerColumn(EcgSignal signal) {
      return this == RECORDING
          ? signal.durationSeconds() / columns().size()
          : signal.durationSeconds();
    }
  }

  private static String draw(
      String id,
      String title,
      EcgSignal signal,
      Form form,
      List<Integer> rPeaks,
      List<Shade> shades) {
    List<Row> rows = rows(signal, form);
    double width = roundUp(form.widthMm(signal));
    double height = roundUp(2 * MARGIN_MM + rows.stream().mapToDouble(Row::height).sum());
    String scale = number(form.mmPerSecond) + " mm/s · " + number(MM_PER_MV) + " mm/mV";
    StringBuilder svg = new StringBuilder(1 << 15);
    svg.append(
        SvgText.openPaper(
            id,
            "ecg",
            width,
            height,
            title,
            "Electrocardiogram, "
                + signal.leads().size()
                + " leads, "
                + scale
                + ", grid 1 mm and 5 mm."));
    grid(svg, id, width, height);
    double top = MARGIN_MM;
    for (Row row : rows) {
      double baseline = top + row.above;
      pulse(svg, baseline, form.mmPerSecond);
      if (row.strip) {
        lead(
            svg, signal, Lead.II, new Place(form, 0, signal.sampleCount(), LEFT_MM, baseline), top);
        marks(svg, signal, rPeaks, form, LEFT_MM, top);
      } else {
        columns(svg, signal, form, row, top, rPeaks, shades);
      }
      top += row.height();
    }
    svg.append("<text class=\"paper\" x=\"")
        .append(number(width - 2))
        .append("\" y=\"")
        .append(number(height - 1.4))
        .append("\" text-anchor=\"end\">")
        .append(scale)
        .append("</text></svg>");
    return svg.toString();
  }

  private static List<Row> rows(EcgSignal signal, Form form) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < form.columns().get(0).size(); row++) {
      List<Lead> leads = new ArrayList<>();
      for (List<Lead> column : form.columns()) {
        leads.add(column.get(row));
      }
      rows.add(Row.of(signal, leads, false));
    }
    if (form == Form.RECORDING) {
      rows.add(Row.of(signal, List.of(Lead.II), true));
    }
    return rows;
  }

  /** The four leads of a row. */
  private static void columns(
      StringBuilder svg,
      EcgSignal signal,
      Form form,
      Row row,
      double top,
      List<Integer> rPeaks,
      List<Shade> shades) {
    double seconds = form.secondsPerColumn(signal);
    int samples = (int) Math.round(seconds * signal.fsHz());
    double columnMm = seconds * form.mmPerSecond;
    for (int column = 0; column < row.leads.size(); column++) {
      Lead lead = row.leads.get(column);
      int from = form == Form.RECORDING ? (int) Math.round(column * seconds * signal.fsHz()) : 0;
      int to = Math.min(signal.sampleCount(), from + samples);
      double x = LEFT_MM + column * (columnMm + form.gapMm);
      if (form != Form.RECORDING) {
        double r = x + rPeaks.get(0) / signal.fsHz() * form.mmPerSecond;
        for (Shade shade : shades) {
          if (shade.lead == lead) {
            shade(svg, shade, r, x, columnMm, top, row.height());
          }
        }
        marks(svg, signal, rPeaks, form, x, top);
      }
      lead(svg, signal, lead, new Place(form, from, to, x, top + row.above), top);
      if (form == Form.RECORDING && column > 0) {
        separator(svg, x, top + row.above);
      }
    }
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

  /** The calibration pulse: 1 mV for 0.2 s, or 0.1 s where paper runs twice as fast. */
  private static void pulse(StringBuilder svg, double baseline, double mmPerSecond) {
    svg.append("<path class=\"trace\" d=\"M")
        .append(number(MARGIN_MM))
        .append(' ')
        .append(number(baseline))
        .append("h1v-")
        .append(number(MM_PER_MV))
        .append("h")
        .append(number(mmPerSecond == RECORDING_MM_PER_SECOND ? 5 : PULSE_MM - 3))
        .append("v")
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

  /** R peaks: triangles that point down at them. */
  private static void marks(
      StringBuilder svg, EcgSignal signal, List<Integer> rPeaks, Form form, double x, double top) {
    for (int peak : rPeaks) {
      svg.append("<path class=\"peak\" d=\"M")
          .append(number(x + peak / signal.fsHz() * form.mmPerSecond))
          .append(' ')
          .append(number(top + 1.8))
          .append("l-.8-1.5h1.6z\"/>");
    }
  }

  private static void shade(
      StringBuilder svg,
      Shade shade,
      double r,
      double x,
      double columnMm,
      double top,
      double height) {
    double from = Math.max(x, r + shade.fromMs / 1000 * BEAT_MM_PER_SECOND);
    double to = Math.min(x + columnMm, r + shade.toMs / 1000 * BEAT_MM_PER_SECOND);
    double strength = Math.abs(shade.weight);
    if (strength < 0.05 || to <= from) {
      return;
    }
    svg.append("<rect class=\"")
        .append(shade.weight > 0 ? "look" : "against")
        .append("\" opacity=\"")
        .append(number(0.55 * strength))
        .append("\" x=\"")
        .append(number(from))
        .append("\" y=\"")
        .append(number(top))
        .append("\" width=\"")
        .append(number(to - from))
        .append("\" height=\"")
        .append(number(height))
        .append("\"/>");
  }

  /**
   * Where a stretch of a lead is drawn.
   *
   * @param from first sample
   * @param to the sample behind the last
   * @param x of the first sample, mm
   * @param baseline of 0 mV, mm
   */
  private record Place(Form form, int from, int to, double x, double baseline) {}

  private static void lead(
      StringBuilder svg, EcgSignal signal, Lead lead, Place place, double top) {
    svg.append("<text class=\"lead\" x=\"")
        // Single beats: clear of the R peak's mark.
        .append(number(place.form == Form.RECORDING ? place.x + 1 : place.x - 0.5))
        .append("\" y=\"")
        .append(number(Math.max(top + 3.5, place.baseline - 13)))
        .append("\">")
        .append(SvgText.escape(lead.label()))
        .append("</text>");
    int row = signal.leads().indexOf(lead);
    if (row < 0) {
      return;
    }
    String path =
        path(
            signal.millivolts()[row],
            signal.fsHz(),
            place,
            signal.durationSeconds() <= ALL_SAMPLES_SECONDS);
    if (!path.isEmpty()) {
      svg.append("<path class=\"trace\" d=\"").append(path).append("\"/>");
    }
  }

  /** The trace in mm; it breaks where samples are invalid. */
  private static String path(float[] millivolts, double fsHz, Place place, boolean all) {
    StringBuilder path = new StringBuilder();
    int start = place.from;
    while (start < place.to) {
      if (Float.isNaN(millivolts[start])) {
        start++;
        continue;
      }
      int end = start;
      while (end < place.to && !Float.isNaN(millivolts[end])) {
        end++;
      }
      double[] xs = new double[end - start];
      double[] ys = new double[end - start];
      for (int i = 0; i < xs.length; i++) {
        xs[i] = place.x + (start - place.from + i) / fsHz * place.form.mmPerSecond;
        ys[i] = place.baseline - millivolts[start + i] * MM_PER_MV;
      }
      boolean[] kept = all ? null : Polyline.simplify(xs, ys, TOLERANCE_MM);
      double fromX = 0;
      double fromY = 0;
      for (int i = 0; i < xs.length; i++) {
        if (kept != null && !kept[i]) {
          continue;
        }
        // Steps, which are shorter to write than places; taken between written places, so that
        // rounding does not add up.
        double x = Math.round(100 * xs[i]) / 100.0;
        double y = Math.round(100 * ys[i]) / 100.0;
        path.append(i == 0 ? 'M' : 'l');
        String dy = number(i == 0 ? y : y - fromY);
        path.append(number(i == 0 ? x : x - fromX))
            .append(dy.startsWith("-") ? "" : " ")
            .append(dy);
        fromX = x;
        fromY = y;
      }
      start = end;
    }
    return path.toString();
  }

  private static double roundUp(double mm) {
    return 5 * Math.ceil(mm / 5);
  }

  /**
   * A row of leads.
   *
   * @param strip whether it is one lead over the whole time
   * @param above room above the baseline, mm
   * @param below room below it
   */
  private record Row(List<Lead> leads, boolean strip, double above, double below) {
    double height() {
      return above + below;
    }

    static Row of(EcgSignal signal, List<Lead> leads, boolean strip) {
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
      return new Row(
          leads, strip, roundUp(highest * MM_PER_MV + 2), roundUp(-lowest * MM_PER_MV + 1));
    }
  }
}
