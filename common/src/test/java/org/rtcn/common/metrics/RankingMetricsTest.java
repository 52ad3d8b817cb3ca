package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.metrics.RankingMetrics.RocPoint;
import org.rtcn.common.random.RandomStreams;

class RankingMetricsTest {

  @Test
  void areaIsTheFractionOfPairsInOrderWithTiesAsHalves() {
    SplittableRandom random = RandomStreams.of(7, "ranking");
    boolean[] positive = new boolean[60];
    double[] score = new double[60];
    for (int i = 0; i < 60; i++) {
      positive[i] = random.nextInt(3) == 0;
      score[i] = random.nextInt(8) / 8.0; // many ties
    }
    double inOrder = 0;
    double pairs = 0;
    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 60; j++) {
        if (positive[i] && !positive[j]) {
          pairs++;
          inOrder += score[i] > score[j] ? 1 : score[i] == score[j] ? 0.5 : 0;
        }
      }
    }
    assertThat(RankingMetrics.areaUnderRoc(positive, score))
        .isEqualTo(inOrder / pairs, within(1e-15));
  }

  @Test
  void curveTakesATieInOneStep() {
    List<RocPoint> curve =
        RankingMetrics.rocCurve(
            new boolean[] {true, true, false, false}, new double[] {0.9, 0.5, 0.5, 0.1});
    assertThat(curve)
        .containsExactly(
            new RocPoint(Double.POSITIVE_INFINITY, 0, 0),
            new RocPoint(0.9, 0, 0.5),
            new RocPoint(0.5, 0.5, 1),
            new RocPoint(0.1, 1, 1));
  }

  @Test
  void withoutPositivesOrNegativesNothingIsDefined() {
    boolean[] none = {false, false};
    double[] score = {0.1, 0.2};
    assertThat(RankingMetrics.areaUnderRoc(none, score)).isNaN();
    assertThat(RankingMetrics.areaUnderRoc(new boolean[] {true, true}, score)).isNaN();
    assertThat(RankingMetrics.averagePrecision(none, score)).isNaN();
    assertThat(RankingMetrics.rocCurve(none, score)).isEmpty();
  }

  @Test
  void refusesAScoreThatIsNoNumber() {
    assertThatThrownBy(() -> RankingMetrics.areaUnderRoc(new boolean[1], new double[] {Double.NaN}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid score NaN of case 0: must be a number");
  }

  /**
   * Equal scores are one step of the curve: 1/2 whatever the order of rows. ND4J 1.0.0-M2.1's exact
   * ROC follows that order, from 1.0 down to 0.0 for these four cases.
   */
  @Test
  void theOrderOfRowsWithEqualScoresDoesNotCount() {
    double[] equal = {0.5, 0.5, 0.5, 0.5};
    for (boolean[] positive :
        new boolean[][] {
          {true, true, false, false}, {false, false, true, true}, {true, false, false, true}
        }) {
      assertThat(RankingMetrics.areaUnderRoc(positive, equal)).isEqualTo(0.5);
      assertThat(RankingMetrics.averagePrecision(positive, equal)).isEqualTo(0.5);
    }
  }
}
