package org.rtcn.common.stockwell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AnglesTest {
  @Test
  void isTheAngleInAllQuadrantsAndOnTheAxes() {
    double[] odd = {0.0, -0.0, 1, -1, 2, -2, Double.MIN_VALUE, -Double.MIN_VALUE, 1e300, -1e300};
    for (double re : odd) {
      for (double im : odd) {
        // The signal's zeros have no sign: an angle on the negative axis is pi, never -pi.
        double expected = re == 0 && im == 0 ? 0 : Math.atan2(im + 0.0, re + 0.0);
        assertThat(angle(re, im)).as("%s + %s i", re, im).isCloseTo(expected, within(1e-7));
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 100_000; i++) {
      double re = random.nextGaussian();
      double im = random.nextGaussian();
      assertThat(angle(re, im)).isCloseTo(Math.atan2(im, re), within(1e-7));
      assertThat(angle(re, -im)).isEqualTo(-angle(re, im));
    }
    assertThat(angle(Double.NaN, 1)).isZero();
  }

  private static double angle(double re, double im) {
    double[] angles = new double[1];
    Angles.of(new double[] {re}, new double[] {im}, angles);
    return angles[0];
  }
}
