package org.rtcn.common.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

class DrawingTest {

  @Test
  void oneMillivoltIsTenMillimetresAndOneSecondTwentyFive() {
    // A step of 1 mV after 0.5 s of 1 s, in lead I alone.
    float[][] mv = new float[1][500];
    for (int i = 250; i < 500; i++) {
      mv[0][i] = 1;
    }
    String svg =
        EcgDrawing.beat("x", "step", new EcgSignal(500, List.of(Lead.I), mv), 0, Optional.empty());
    Matcher path =
        Pattern.compile("M(\\S+) (\\S+)L(\\S+) (\\S+)L(\\S+) (\\S+)L(\\S+) (\\S+)\"").matcher(svg);
    assertThat(path.find()).isTrue();
    double x0 = Double.parseDouble(path.group(1));
    double step = Double.parseDouble(path.group(5));
    assertThat(step - x0).isEqualTo(12.5, within(0.011));
    double low = Double.parseDouble(path.group(2));
    double high = Double.parseDouble(path.group(6));
    assertThat(low - high).isEqualTo(10, within(0.011));
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
