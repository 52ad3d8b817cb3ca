package org.rtcn.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrincipalComponentsTest {
  /** Rows along three orthogonal directions, the variance of each a quarter of the one before. */
  private static double[][] rows(int count, int width) {
    SplittableRandom random = new SplittableRandom(count);
    double[][] rows = new double[count][width];
    for (double[] row : rows) {
      for (int direction = 0; direction < 3; direction++) {
        double factor = random.nextGaussian() / (1 << direction);
        for (int i = direction; i < width; i += 3) {
          row[i] += factor;
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @CsvSource({"40,90", "300,30"})
  void directionsComeInTheOrderOfTheirVariance(int count, int width) {
    double[][] components = PrincipalComponents.of(rows(count, width), 5);
    // No more than the rows span.
    assertThat(components).hasDimensions(3, width);
    for (int c = 0; c < 3; c++) {
      double captured = 0;
      for (int i = c; i < width; i += 3) {
        captured += components[c][i] * components[c][i];
      }
      // The drawn factors of two directions are a bit alike.
      assertThat(captured).isGreaterThan(0.8);
      for (int d = 0; d <= c; d++) {
        double product = 0;
        for (int i = 0; i < width; i++) {
          product += components[c][i] * components[d][i];
        }
        assertThat(product).isCloseTo(c == d ? 1 : 0, within(1e-9));
      }
    }
  }

  @Test
  void theSameRowsGiveTheSameNumbers() {
    double[][] first = PrincipalComponents.of(rows(200, 60), 3);
    PrincipalComponents.of(rows(50, 60), 3);
    assertThat(PrincipalComponents.of(rows(200, 60), 3)).isDeepEqualTo(first);
  }
}
