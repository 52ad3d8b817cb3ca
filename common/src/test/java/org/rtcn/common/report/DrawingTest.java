package org.rtcn.common.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

class DrawingTest {

  /** A step of 1 mV after 0.5 s of 1 s, in lead I alone. */
  private static EcgSignal step() {
    float[][] mv = new float[1][500];
    for (int i = 250; i < 500; i++) {
      mv[0][i] = 1;
    }
    return new EcgSignal(500, List.of(Lead.I), mv);
  }

  /** Points of a trace, {@code [point][x, y]} in mm: its longest path. */
  private static double[][] points(String svg) {
    String longest =
        Pattern.compile("class=\"trace\" d=\"(M[^\"]*)\"")
            .matcher(svg)
            .results()
            .map(found -> found.group(1))
            .max(Comparator.comparingInt(String::length))
            .orElseThrow();
    List<double[]> points = new ArrayList<>();
    Matcher number = Pattern.compile("([Ml])(-?[0-9.]+) ?(-?[0-9.]+)").matcher(longest);
    while (number.find()) {
      double x = Double.parseDouble(number.group(2));
      double y = Double.parseDouble(number.group(3));
      double[] last = points.isEmpty() ? new double[2] : points.get(points.size() - 1);
      points.add(new double[] {last[0] + x, last[1] + y});
    }
    return points.toArray(new double[0][]);
  }

  @ParameterizedTest
  // A beat of a second is too wide for a sheet at 50 mm/s.
  @CsvSource({"true, 25", "false, 25"})
  void traceHasThePapersScaleAndAllItsSamples(boolean isBeat, double mmPerSecond) {
    EcgSignal signal = step();
    String svg =
        isBeat
            ? EcgDrawing.beat("x", "step", signal, 0, List.of())
            : EcgDrawing.recording(
                "x", "step", new EcgSignal(500, List.of(Lead.II), signal.millivolts()));
    double[][] points = points(svg);
    assertThat(points).hasDimensions(500, 2);
    // Rounding does not add up from point to point.
    assertThat(points[499][0] - points[0][0]).isEqualTo(0.998 * mmPerSecond, within(0.011));
    assertThat(points[250][0] - points[0][0]).isEqualTo(0.5 * mmPerSecond, within(0.011));
    assertThat(points[0][1] - points[499][1]).isEqualTo(10, within(0.011));
    assertThat(svg).contains((int) mmPerSecond + " mm/s · 10 mm/mV");
  }

  @Test
  void drawingSaysItsSizeOnPaper() {
    for (String svg :
        List.of(
            EcgDrawing.beat("x", "step", step(), 0, List.of()),
            EcgDrawing.recording("x", "t", SampleReport.wave(5000, 500, 60, 1)))) {
      Matcher size =
          Pattern.compile(
                  "<svg width=\"([0-9.]+)mm\" height=\"([0-9.]+)mm\".*?viewBox=\"0 0 \\1 \\2\"")
              .matcher(svg);
      assertThat(size.find()).isTrue();
    }
    // Inside a picture it is scaled, and the picture's size says by how much.
    String figure = RecordFigure.svg(List.of("t"), SampleReport.wave(5000, 500, 60, 1), List.of());
    double sheet =
        number(figure, "<svg x=\"12\" y=\"[0-9.]+\" width=\"([0-9.]+)\"")
            / number(figure, "<svg x=.*?viewBox=\"0 0 ([0-9.]+) ");
    double page =
        number(figure, "^<svg [^>]*width=\"([0-9.]+)mm\"")
            / number(figure, "^<svg [^>]*viewBox=\"0 0 ([0-9.]+) ");
    assertThat(sheet * page).isEqualTo(1, within(0.001));
  }

  private static double number(String text, String pattern) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).isTrue();
    return Double.parseDouble(found.group(1));
  }

  @Test
  void stretchesAreShadedInTheirOwnLead() {
    float[][] mv = SampleReport.wave(320, 500, 60, 1).millivolts();
    String svg =
        EcgDrawing.beat(
            "x",
            "shaded",
            new EcgSignal(500, Lead.STANDARD_12, mv),
            120,
            List.of(
                new EcgDrawing.Shade(Lead.I, -60, 60, 1),
                new EcgDrawing.Shade(Lead.II, 60, 160, -0.5)));
    // R of the first column at 13 + 0.24 s x 50 mm/s = 25 mm.
    assertThat(svg).contains("class=\"look\" opacity=\"0.55\" x=\"22\" y=\"5\" width=\"6\"");
    assertThat(svg).contains("class=\"against\" opacity=\"0.28\" x=\"63\"");
    assertThat(svg).contains("50 mm/s · 10 mm/mV");
    assertThat(Pattern.compile("class=\"peak\"").matcher(svg).results()).hasSize(12);
  }

  @Test
  void traceBreaksWhereSamplesAreInvalid() {
    String whole = EcgDrawing.recording("a", "t", SampleReport.wave(5000, 500, 60, 1));
    float[][] valid = SampleReport.wave(5000, 500, 60, 1).millivolts();
    for (int i = 0; i < 5000; i++) {
      valid[11][i] = 0;
    }
    String without = EcgDrawing.recording("a", "t", new EcgSignal(500, Lead.STANDARD_12, valid));
    assertThat(moves(whole)).isEqualTo(moves(without) + 1);
    assertThat(whole).doesNotContain("NaN");
  }

  private static long moves(String svg) {
    return Pattern.compile("class=\"trace\" d=\"([^\"]*)\"")
        .matcher(svg)
        .results()
        .flatMapToInt(m -> m.group(1).chars())
        .filter(c -> c == 'M')
        .count();
  }

  @Test
  void simplifiedLineStaysWithinItsTolerance() {
    float[] trace = SampleReport.wave(640, 500, 220, 1).millivolts()[1];
    double[] x = new double[640];
    double[] y = new double[640];
    for (int i = 0; i < 640; i++) {
      x[i] = i * 0.05;
      y[i] = trace[i] * 10;
    }
    boolean[] kept = Polyline.simplify(x, y, 0.08);
    int last = 0;
    int count = 1;
    for (int i = 1; i < 640; i++) {
      if (kept[i]) {
        for (int j = last; j <= i; j++) {
          double onLine = y[last] + (y[i] - y[last]) * (x[j] - x[last]) / (x[i] - x[last]);
          double slope = (y[i] - y[last]) / (x[i] - x[last]);
          assertThat(Math.abs(y[j] - onLine) / Math.hypot(1, slope)).isLessThanOrEqualTo(0.0801);
        }
        last = i;
        count++;
      }
    }
    assertThat(kept[639]).isTrue();
    assertThat(count).isLessThan(160);
  }

  @Test
  void pngReadsBackPixelForPixel() throws IOException {
    int[][] pixels = {{0x440154, 0xffffff, 0x000000}, {0xfde725, 0x0b4f6c, 0x123456}};
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(PngImage.encode(pixels)));
    assertThat(image.getWidth()).isEqualTo(3);
    assertThat(image.getHeight()).isEqualTo(2);
    for (int row = 0; row < 2; row++) {
      for (int column = 0; column < 3; column++) {
        assertThat(image.getRGB(column, row) & 0xffffff).isEqualTo(pixels[row][column]);
      }
    }
  }

  @Test
  void coloursRunFromEndToEnd() {
    assertThat(ColourMap.viridis(0)).isEqualTo(0x440154);
    assertThat(ColourMap.viridis(1)).isEqualTo(0xfde725);
    assertThat(ColourMap.viridis(2)).isEqualTo(0xfde725);
    assertThat(ColourMap.css(ColourMap.mix(0, 0xffffff, 0.5))).isEqualTo("#808080");
  }

  @Test
  void numbersAreShort() {
    assertThat(SvgText.number(1)).isEqualTo("1");
    assertThat(SvgText.number(-0.05)).isEqualTo("-0.05");
    assertThat(SvgText.number(12.5)).isEqualTo("12.5");
    assertThat(SvgText.number(0.001)).isEqualTo("0");
  }

  @Test
  void refusesASpectrogramOfUnevenRows() {
    assertThatThrownBy(
            () ->
                new HeatMap.Spectrogram(
                    "II", new float[2][3], new float[] {1, 2}, new float[] {0, 1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid spectrogram: a row of 3 values for 2 columns");
  }
}
