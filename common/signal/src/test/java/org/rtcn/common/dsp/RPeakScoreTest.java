package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RPeakScoreTest {

  @Test
  void countsPairsMissesAndFalseAlarms() {
    int[] reference = {1000, 2000, 3000, 4000};
    int[] detected = {1004, 1500, 1996, 4060};
    RPeakScore score = RPeakScore.of(detected, reference, 1000, 0.05);
    assertThat(score.truePositives()).isEqualTo(2);
    assertThat(score.falseNegatives()).isEqualTo(2);
    assertThat(score.falsePositives()).isEqualTo(2);
    assertThat(score.sensitivity()).isEqualTo(0.5);
    assertThat(score.positivePredictiveValue()).isEqualTo(0.5);
    assertThat(score.meanErrorMs()).isEqualTo(0);
    assertThat(score.meanAbsoluteErrorMs()).isEqualTo(4);
    assertThat(score.deviationMs()).isCloseTo(4, within(1e-12));
    assertThat(RPeakScore.of(detected, reference, 1000, 0.06).truePositives()).isEqualTo(3);
  }

  @Test
  void eachCountsOnceAndTheNearerWins() {
    RPeakScore twice = RPeakScore.of(new int[] {980, 1005}, new int[] {1000}, 1000, 0.05);
    assertThat(twice.truePositives()).isEqualTo(1);
    assertThat(twice.falsePositives()).isEqualTo(1);
    assertThat(twice.meanErrorMs()).isEqualTo(5);
    RPeakScore between = RPeakScore.of(new int[] {1030}, new int[] {1000, 1040}, 1000, 0.05);
    assertThat(between.truePositives()).isEqualTo(1);
    assertThat(between.falseNegatives()).isEqualTo(1);
    assertThat(between.meanErrorMs()).isEqualTo(-10);
  }

  @Test
  void nothingToScoreIsNotAPerfectScore() {
    RPeakScore silent = RPeakScore.of(new int[0], new int[] {5, 9}, 360, 0.15);
    assertThat(silent.sensitivity()).isZero();
    assertThat(silent.positivePredictiveValue()).isNaN();
    assertThat(silent.meanErrorMs()).isNaN();
    assertThat(RPeakScore.of(new int[] {4}, new int[0], 360, 0.15).sensitivity()).isNaN();
  }

  @Test
  void refusesWhatCannotBeScored() {
    assertThatThrownBy(() -> RPeakScore.of(new int[] {5, 4}, new int[0], 360, 0.15))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid detections: sample 4 follows 5");
    assertThatThrownBy(() -> RPeakScore.of(new int[0], new int[0], 0, 0.15))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid scoring at 0.0 Hz within 0.15 s: must be positive");
  }
}
