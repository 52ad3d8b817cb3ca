package org.rtcn.common.stockwell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.random.RandomStreams;

class STransformTest {

  @ParameterizedTest
  @ValueSource(ints = {512, 600})
  void equalsTheDefinitionOnRealLeads(int n) {
    Path folder = ReferenceData.require("golden/stockwell");
    double[] signal = GoldenArrays.column(folder.resolve("leadII_N" + n + "_in.csv"));
    double[] expected = GoldenArrays.complexNpy(folder.resolve("leadII_N" + n + "_S_direct.npy"));

    assertThat(relativeError(new STransform(n).table(signal), expected)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({
    "impulse,8",
    "impulse,15",
    "impulse,16",
    "impulse,64",
    "cos3,8",
    "cos3,15",
    "cos3,16",
    "cos3,64",
    "const,8",
    "const,15",
    "const,16",
    "const,64",
    "nyq,8",
    "nyq,15",
    "nyq,16",
    "nyq,64",
    "randn,8",
    "randn,15",
    "randn,16",
    "randn,64"
  })
  void equalsTheDefinitionOnSmallSignals(String name, int n) {
    Path folder = ReferenceData.require("golden/stockwell");
    double[] signal = GoldenArrays.column(folder.resolve("tiny_" + name + "_N" + n + "_in.csv"));
    double[][] cells = GoldenArrays.csv(folder.resolve("tiny_" + name + "_N" + n + "_S.csv"));
    double[] expected = new double[(n / 2 + 1) * n * 2];
    assertThat(cells).hasNumberOfRows((n / 2 + 1) * n);
    for (double[] cell : cells) {
      int at = 2 * (((int) cell[0]) * n + (int) cell[1]);
      expected[at] = cell[2];
      expected[at + 1] = cell[3];
    }

    assertThat(relativeError(new STransform(n).table(signal), expected)).isLessThan(1e-12);
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 600})
  void equalsTheSpotValues(int n) {
    Path folder = ReferenceData.require("golden/stockwell");
    double[] signal = GoldenArrays.column(folder.resolve("leadII_N" + n + "_in.csv"));
    double[][] magnitude = new STransform(n).magnitude(signal);

    double[][] spots = GoldenArrays.csv(folder.resolve("leadII_N" + n + "_samples.csv"));
    assertThat(spots).hasNumberOfRows(91);
    for (double[] spot : spots) {
      assertThat(Math.abs(magnitude[(int) spot[0]][(int) spot[1]] - spot[4])).isLessThan(1e-13);
    }
  }

  @Test
  void rowSumsGiveTheSpectrumBack() {
    int n = 40;
    double[] signal = new double[n];
    for (int j = 0; j < n; j++) {
      signal[j] = Math.cos(2 * Math.PI * 3 * j / n) + (j == 7 ? 1 : 0);
    }
    double[][] table = new STransform(n).table(signal);
    for (int voice = 0; voice < table.length; voice++) {
      double re = 0;
      double im = 0;
      double expectedRe = 0;
      double expectedIm = 0;
      for (int j = 0; j < n; j++) {
        re += table[voice][2 * j];
        im += table[voice][2 * j + 1];
        expectedRe += signal[j] * Math.cos(2 * Math.PI * voice * j / n);
        expectedIm -= signal[j] * Math.sin(2 * Math.PI * voice * j / n);
      }
      assertThat(Math.hypot(re - expectedRe, im - expectedIm)).isLessThan(1e-12);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 600})
  void singlePrecisionIsExactToTwoMillionths(int n) {
    Path folder = ReferenceData.require("golden/stockwell");
    double[] signal = GoldenArrays.column(folder.resolve("leadII_N" + n + "_in.csv"));
    double[] expected = GoldenArrays.complexNpy(folder.resolve("leadII_N" + n + "_S_direct.npy"));
    float[] single = new float[n];
    for (int j = 0; j < n; j++) {
      single[j] = (float) signal[j];
    }
    STransform transform = new STransform(n);
    float[] table = new float[expected.length];
    float[] magnitude = new float[expected.length / 2];
    transform.worker().table(single, table);
    transform.worker().magnitude(single, magnitude);
    double worst = 0;
    double worstMagnitude = 0;
    double largest = 0;
    for (int i = 0; i < magnitude.length; i++) {
      double re = expected[2 * i];
      double im = expected[2 * i + 1];
      worst = Math.max(worst, Math.hypot(table[2 * i] - re, table[2 * i + 1] - im));
      worstMagnitude = Math.max(worstMagnitude, Math.abs(magnitude[i] - Math.hypot(re, im)));
      largest = Math.max(largest, Math.hypot(re, im));
    }
    assertThat(worst / largest).isLessThan(2e-6);
    assertThat(worstMagnitude / largest).isLessThan(2e-6);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 15, 45, 64, 600, 651})
  void goesBackToTheSignal(int n) {
    double[] signal = noise(n);
    for (GaussianWidth width :
        new GaussianWidth[] {
          GaussianWidth.STANDARD, new GaussianWidth(2, 1), new GaussianWidth(0.3, 0.5)
        }) {
      STransform transform = new STransform(n, 500, Voices.all(500, n), width);
      double[] back = transform.inverse(transform.table(signal));
      for (int j = 0; j < n; j++) {
        assertThat(Math.abs(back[j] - signal[j])).isLessThan(1e-12);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"40,1,1", "41,1,1", "40,2.5,1", "41,0.4,0.5", "40,0.05,0", "40,1.3,1.7"})
  void voicesBetweenTheBinsAndOtherWidthsAreTheirDefinition(int n, double gamma, double p) {
    double fsHz = 100;
    double[] signal = noise(n);
    for (Voices voices :
        new Voices[] {
          Voices.linear(3.3, 47.7, 7), Voices.logarithmic(2.6, 49, 6), Voices.bins(fsHz, n, 1, 3, 6)
        }) {
      STransform transform = new STransform(n, fsHz, voices, new GaussianWidth(gamma, p));
      double[][] table = transform.table(signal);
      double[][] phase = transform.phase(signal);
      float[] single = new float[n];
      for (int j = 0; j < n; j++) {
        single[j] = (float) signal[j];
      }
      float[] singleTable = new float[voices.count() * 2 * n];
      transform.worker().table(single, singleTable);
      double[] hz = voices.hz();
      for (int v = 0; v < hz.length; v++) {
        double position = hz[v] * n / fsHz;
        double sigmaSeconds = gamma / Math.pow(hz[v], p);
        for (int j = 0; j < n; j++) {
          double re = 0;
          double im = 0;
          for (int k = -n; k <= 2 * n; k++) {
            double m = k - position;
            if (m <= -n / 2.0 + 1e-9 || m > n / 2.0 + 1e-9) {
              continue;
            }
            double bandwidth = 2 * Math.PI * m * fsHz / n * sigmaSeconds;
            double weight = Math.exp(-bandwidth * bandwidth / 2);
            for (int t = 0; t < n; t++) {
              double angle = 2 * Math.PI * (m * j - (double) k * t) / n;
              re += signal[t] * weight * Math.cos(angle) / n;
              im += signal[t] * weight * Math.sin(angle) / n;
            }
          }
          assertThat(Math.hypot(table[v][2 * j] - re, table[v][2 * j + 1] - im)).isLessThan(1e-12);
          assertThat(
                  Math.hypot(
                      singleTable[v * 2 * n + 2 * j] - re, singleTable[v * 2 * n + 2 * j + 1] - im))
              .isLessThan(2e-6);
          if (Math.hypot(re, im) > 1e-6) {
            double turn = Math.abs(phase[v][j] - Math.atan2(im, re));
            assertThat(Math.min(turn, 2 * Math.PI - turn)).isLessThan(1e-5);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 25, 30, 40, 41, 45, 60, 64, 100, 125, 512, 600, 648})
  void magnitudeIsTheModulusOfTheTable(int n) {
    double fsHz = n;
    double top = n / 2.0;
    for (Voices voices :
        new Voices[] {
          Voices.all(fsHz, n),
          Voices.linear(0.3, top, 19),
          Voices.logarithmic(0.7, top, 17),
          Voices.bins(fsHz, n, 0, 2, n / 4 + 1),
          Voices.linear(top / 2, top / 2 + 0.4, 3)
        }) {
      for (GaussianWidth width :
          new GaussianWidth[] {GaussianWidth.STANDARD, new GaussianWidth(0.4, 0.5)}) {
        STransform transform = new STransform(n, fsHz, voices, width);
        STransform.Worker worker = transform.worker();
        double[] magnitude = new double[voices.count() * n];
        worker.magnitude(noise(n), magnitude);
        worker.magnitude(noise(n), magnitude);
        double[][] table = transform.table(noise(n));
        for (int v = 0; v < voices.count(); v++) {
          for (int j = 0; j < n; j++) {
            double expected = Math.hypot(table[v][2 * j], table[v][2 * j + 1]);
            assertThat(magnitude[v * n + j]).isCloseTo(expected, within(1e-13));
          }
        }
      }
    }
  }

  @Test
  void aWorkerCanBeUsedAgainAndAgain() {
    STransform transform =
        new STransform(60, 500, Voices.linear(5, 200, 9), GaussianWidth.STANDARD);
    STransform.Worker worker = transform.worker();
    double[] first = new double[9 * 60];
    double[] again = new double[9 * 60];
    worker.magnitude(noise(60), first);
    worker.magnitude(new double[60], again);
    assertThat(again).containsOnly(0);
    worker.magnitude(noise(60), again);
    assertThat(again).isEqualTo(first);
    assertThat(transform.magnitude(noise(60))[8]).endsWith(first[9 * 60 - 1]);
  }

  private static double[] noise(int n) {
    SplittableRandom random = RandomStreams.of(5, "noise", n);
    double[] noise = new double[n];
    for (int j = 0; j < n; j++) {
      noise[j] = random.nextGaussian();
    }
    return noise;
  }

  @Test
  void refusesVoicesThatAreNone() {
    assertThatThrownBy(() -> Voices.logarithmic(0, 40, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid voices from 0 Hz on a logarithmic scale: begin above 0, or take a linear one");
    assertThatThrownBy(() -> Voices.linear(40, 10, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid voices from 40.0 to 10.0 Hz: needs 0 <= low <= high");
    assertThatThrownBy(() -> Voices.linear(10, 10, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of voices 8 from 10.0 to 10.0 Hz");
    assertThatThrownBy(() -> new GaussianWidth(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window width gamma 0.0, p 1.0: needs gamma > 0, 0 <= p <= 2");
    STransform some = new STransform(16, 100, Voices.linear(5, 40, 3), GaussianWidth.STANDARD);
    assertThatThrownBy(() -> some.inverse(new double[3][32]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot invert 3 voices: only the table of all voices holds it");
    Voices tooHigh = Voices.linear(5, 60, 3);
    assertThatThrownBy(() -> new STransform(16, 100, tooHigh, GaussianWidth.STANDARD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid voice at 60.0 Hz: lies above half the sampling rate of 100.0 Hz");
  }

  @Test
  void refusesWhatItCannotTransform() {
    assertThatThrownBy(() -> new STransform(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid signal length 1: the S-transform needs 2 samples or more");
    assertThatThrownBy(() -> new STransform(8).table(new double[7]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid signal of 7 samples: this plan is for 8");
    double[] broken = new double[8];
    broken[3] = Double.NaN;
    assertThatThrownBy(() -> new STransform(8).table(broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid signal: holds samples that are not finite");
  }

  /** Largest difference over the largest modulus of the table. */
  private static double relativeError(double[][] table, double[] expected) {
    double worst = 0;
    double largest = 0;
    int at = 0;
    for (double[] row : table) {
      for (int j = 0; j < row.length; j += 2, at += 2) {
        worst = Math.max(worst, Math.hypot(row[j] - expected[at], row[j + 1] - expected[at + 1]));
        largest = Math.max(largest, Math.hypot(expected[at], expected[at + 1]));
      }
    }
    assertThat(at).isEqualTo(expected.length);
    return worst / largest;
  }
}
