package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  // 8 true x (6 right), 2 true y (1 right), z never occurs but is answered once.
  private final ConfusionMatrix matrix =
      ConfusionMatrix.of(
          List.of("x", "y", "z"),
          new int[] {0, 0, 0, 0, 0, 0, 0, 0, 1, 1},
          new int[] {0, 0, 0, 0, 0, 0, 1, 2, 1, 0});

  @Test
  void countsRowsAndColumns() {
    assertThat(matrix.count(0, 1)).isEqualTo(1);
    assertThat(matrix.total()).isEqualTo(10);
    assertThat(matrix.support(0)).isEqualTo(8);
    assertThat(matrix.predictedCount(0)).isEqualTo(7);
    assertThat(matrix.rowFraction(0, 0)).isEqualTo(0.75);
    assertThat(matrix.presentClasses()).containsExactly(0, 1);
  }

  @Test
  void figuresOfOneClassFollowFromTheFourCells() {
    // Class x: TP 6, FN 2, FP 1, TN 1.
    assertThat(matrix.sensitivity(0)).isEqualTo(6 / 8.0);
    assertThat(matrix.specificity(0)).isEqualTo(1 / 2.0);
    assertThat(matrix.positivePredictiveValue(0)).isEqualTo(6 / 7.0);
    assertThat(matrix.negativePredictiveValue(0)).isEqualTo(1 / 3.0);
    assertThat(matrix.f1(0)).isEqualTo(12 / 15.0);
  }

  @Test
  void whatHasNoDenominatorIsNotANumber() {
    assertThat(matrix.sensitivity(2)).isNaN();
    assertThat(matrix.rowFraction(2, 0)).isNaN();
    assertThat(matrix.positivePredictiveValue(2)).isZero();
    ConfusionMatrix constant =
        ConfusionMatrix.ofConstantAnswer(List.of("x", "y"), new int[] {0, 0, 1}, 0);
    assertThat(constant.positivePredictiveValue(1)).isNaN();
    assertThat(constant.matthewsCorrelation()).isNaN();
    assertThat(constant.accuracy()).isEqualTo(2 / 3.0, within(1e-15));
    ConfusionMatrix empty = ConfusionMatrix.of(List.of("x"), new int[0], new int[0]);
    assertThat(empty.accuracy()).isNaN();
    assertThat(empty.balancedAccuracy()).isNaN();
    assertThat(empty.kappa()).isNaN();
  }

  @Test
  void meansRunOverTheClassesThatOccurUnlessToldOtherwise() {
    assertThat(matrix.balancedAccuracy()).isEqualTo((0.75 + 0.5) / 2);
    assertThat(matrix.balancedAccuracyOver(new int[] {0, 1, 2})).isNaN();
    assertThat(matrix.macroF1Over(new int[] {0, 2})).isNaN();
  }

  @Test
  void refusesWhatIsNoClass() {
    assertThatThrownBy(() -> ConfusionMatrix.of(List.of("x", "y"), new int[] {0}, new int[] {2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid class index 2: must be 0 to 1");
    assertThatThrownBy(() -> ConfusionMatrix.of(List.of("x", "y"), new int[] {0, 1}, new int[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid predictions: 2 truths but 1 predictions");
  }

  /**
   * A class that is there and never predicted has an F1 of 0, which counts: 0.6, as in scikit-learn
   * 1.9. DL4J 1.0.0-M2.1 leaves the class out and says 0.9.
   */
  @Test
  void aClassThatIsNeverPredictedCountsInMacroF1() {
    int[] truth = new int[22];
    int[] predicted = new int[22];
    for (int i = 0; i < 22; i++) {
      truth[i] = i < 9 ? 0 : i < 18 ? 1 : 2;
      predicted[i] = i < 18 ? truth[i] : i % 2;
    }
    ConfusionMatrix matrix = ConfusionMatrix.of(List.of("a", "b", "c"), truth, predicted);
    assertThat(matrix.macroF1()).isCloseTo(0.6, org.assertj.core.data.Offset.offset(1e-12));
  }
}
