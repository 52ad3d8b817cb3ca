package org.rtcn.common.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class DriftTest {

  /** scipy.stats 1.17.1: {@code ks_2samp([0]*5 + [1]*3, [1]*6 + [2]*2, method="exact")}. */
  @Test
  void distributionsAsScipySays() {
    Drift drift = Drift.ofDistributions(new long[] {5, 3, 0}, new long[] {0, 6, 2});
    assertThat(drift.distance()).isEqualTo(0.625);
    assertThat(drift.pValue()).isCloseTo(0.087024087024087, within(1e-12));
    assertThat(Drift.ofDistributions(new long[] {8, 0}, new long[] {0, 8}).pValue())
        .isCloseTo(2 / 12870.0, within(1e-15));
    assertThat(Drift.ofDistributions(new long[] {800, 200}, new long[] {8, 2}))
        .isEqualTo(new Drift(0, 1));
  }

  /** scipy.stats 1.17.1: {@code chi2_contingency([[30, 10, 5], [20, 25, 5]]).pvalue}. */
  @Test
  void sharesAsScipySays() {
    Drift drift = Drift.ofShares(new long[] {30, 0, 10, 5}, new long[] {20, 0, 25, 5});
    assertThat(drift.distance()).isCloseTo(0.2777777777777778, within(1e-12));
    assertThat(drift.pValue()).isCloseTo(0.016671616454441183, within(1e-12));
    // A class alone can't drift.
    assertThat(Drift.ofShares(new long[] {3, 0}, new long[] {9, 0})).isEqualTo(new Drift(0, 1));
    assertThatThrownBy(() -> Drift.ofShares(new long[] {0, 0}, new long[] {1, 2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot compare counts of 2 and 2 bins");
  }

  @Test
  void binsHoldEverythingAndKnowTheirMiddles() {
    Bins bins = Bins.logarithmic(-1, 2);
    assertThat(bins.count()).isEqualTo(48);
    assertThat(bins.of(0)).isZero();
    assertThat(bins.of(1e9)).isEqualTo(47);
    for (int bin = 0; bin < bins.count(); bin++) {
      assertThat(bins.of(bins.middle(bin))).isEqualTo(bin);
    }
    assertThatThrownBy(() -> bins.of(Double.NaN)).hasMessage("Cannot find the bin of NaN");
    Bins linear = Bins.linear(0, 1, 10);
    assertThat(linear.of(-3)).isZero();
    assertThat(linear.of(1)).isEqualTo(9);
    assertThat(linear.median(new long[] {1, 0, 3, 2, 0, 0, 0, 0, 0, 0}))
        .isCloseTo(0.25, within(1e-12));
  }

  @Test
  void figuresOfARecording() {
    // 1 s at 100 Hz: a square wave of ±0.5 mV around 0.2 mV, one lead absent, one half invalid.
    float[] wave = new float[100];
    float[] half = new float[100];
    for (int i = 0; i < 100; i++) {
      wave[i] = 0.2f + (i % 2 == 0 ? 0.5f : -0.5f);
      half[i] = i < 50 ? wave[i] : Float.NaN;
    }
    Map<SignalFigure, Double> figures =
        SignalFigure.of(new float[][] {wave, half, wave, null}, 100, 100);
    assertThat(figures.get(SignalFigure.AMPLITUDE_MV)).isCloseTo(0.5, within(1e-6));
    assertThat(figures.get(SignalFigure.OFFSET_MV)).isCloseTo(0.2, within(1e-6));
    // 1 mV from each sample to the next, a hundred times a second.
    assertThat(figures.get(SignalFigure.SLOPE_MV_PER_S)).isCloseTo(100, within(1e-4));
    assertThat(figures.get(SignalFigure.MISSING_SHARE)).isCloseTo(1.5 / 4, within(1e-12));
    assertThat(figures.get(SignalFigure.SAMPLING_RATE_HZ)).isEqualTo(100);
    assertThat(figures.get(SignalFigure.DURATION_S)).isEqualTo(1);
    assertThat(figures).doesNotContainKey(SignalFigure.HEART_RATE_BPM);
    assertThat(SignalFigure.of(new float[][] {null}, 10, 100))
        .doesNotContainKey(SignalFigure.AMPLITUDE_MV)
        .containsEntry(SignalFigure.MISSING_SHARE, 1.0);
  }
}
