package org.rtcn.common.stockwell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;

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
