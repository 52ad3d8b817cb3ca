package org.rtcn.common.stockwell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.random.RandomStreams;

class RoundingTest {

  @Test
  void keepsSoManyDigitsAndNoMore() {
    SplittableRandom random = RandomStreams.of(1, "rounding");
    float[] exact = new float[1000];
    for (int i = 1; i < exact.length; i++) {
      exact[i] = (float) Math.exp(10 * random.nextDouble() - 12);
    }
    for (int bits : new int[] {1, 8, 11, 22, 23}) {
      float[] rounded = exact.clone();
      new Rounding(bits).magnitudes(rounded);
      assertThat(rounded[0]).isZero();
      for (int i = 1; i < exact.length; i++) {
        double error = Math.abs(rounded[i] - exact[i]) / exact[i];
        assertThat(error).isLessThanOrEqualTo(Math.scalb(1.0, -bits - 1));
        int dropped = (1 << (23 - bits)) - 1;
        assertThat(Float.floatToRawIntBits(rounded[i]) & dropped).isZero();
      }
    }
  }

  @Test
  void phasesKeepFixedSteps() {
    float[] phases = {-3.1415927f, -0.4f, 0f, 0.1f, 3.1415927f};
    float[] rounded = phases.clone();
    new Rounding(11).phases(rounded);
    for (int i = 0; i < phases.length; i++) {
      assertThat(Math.abs(rounded[i] - phases[i])).isLessThanOrEqualTo(1f / 2048);
      assertThat(rounded[i] * 1024).isEqualTo((float) Math.rint(rounded[i] * 1024));
    }
    new Rounding(23).phases(phases);
    assertThat(phases[1]).isEqualTo(-0.4f);
  }

  @Test
  void refusesWhatIsNoNumberOfDigits() {
    assertThatThrownBy(() -> new Rounding(24))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of digits 24: must be 1 to 23");
  }
}
