package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;

/** Against scikit-learn, on 300 cases of five classes with tied scores. */
class GoldenMetricsTest {
  /** The golden's 17 digits, less what the order of a sum may cost. */
  private static final Offset<Double> EXACT = within(1e-14);

  private final List<String> classes = List.of("a", "b", "c", "d", "e");
  private JsonNode expected;
  private int[] truth;
  private double[][] probabilities;
  private ConfusionMatrix matrix;

  @BeforeEach
  void read() throws IOException {
    Path folder = ReferenceData.require("golden/metrics");
    expected = new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
    List<String> lines = Files.readAllLines(folder.resolve("cls_scores.csv"));
    int n = lines.size() - 1;
    truth = new int[n];
    probabilities = new double[n][5];
    int[] predicted = new int[n];
    for (int i = 0; i < n; i++) {
      String[] cells = lines.get(i + 1).split(",", -1);
      truth[i] = Integer.parseInt(cells[0]);
      for (int c = 0; c < 5; c++) {
        probabilities[i][c] = Double.parseDouble(cells[c + 1]);
      }
      predicted[i] = ProbabilityMetrics.mostProbable(probabilities[i]);
    }
    matrix = ConfusionMatrix.of(classes, truth, predicted);
  }

  @Test
  void confusionMatrixAgrees() {
    for (int t = 0; t < 5; t++) {
      for (int p = 0; p < 5; p++) {
        assertThat(matrix.count(t, p)).isEqualTo(expected.get("confusion").get(t).get(p).asLong());
      }
    }
  }

  @Test
  void figuresOfTheConfusionMatrixAgree() {
    assertThat(matrix.accuracy()).isEqualTo(golden("accuracy"), EXACT);
    assertThat(matrix.balancedAccuracy()).isEqualTo(golden("balanced_accuracy"), EXACT);
    assertThat(matrix.macroF1()).isEqualTo(golden("macro_f1"), EXACT);
    assertThat(matrix.weightedF1()).isEqualTo(golden("weighted_f1"), EXACT);
    assertThat(matrix.matthewsCorrelation()).isEqualTo(golden("mcc"), EXACT);
    assertThat(matrix.kappa()).isEqualTo(golden("kappa"), EXACT);
  }

  @Test
  void rankingAgrees() {
    double sum = 0;
    for (int c = 0; c < 5; c++) {
      boolean[] positive = new boolean[truth.length];
      double[] score = new double[truth.length];
      for (int i = 0; i < truth.length; i++) {
        positive[i] = truth[i] == c;
        score[i] = probabilities[i][c];
      }
      double auroc = RankingMetrics.areaUnderRoc(positive, score);
      assertThat(auroc).isEqualTo(expected.get("auroc_per_class").get(c).asDouble(), EXACT);
      assertThat(RankingMetrics.averagePrecision(positive, score))
          .isEqualTo(expected.get("ap_per_class").get(c).asDouble(), EXACT);
      sum += auroc;
    }
    assertThat(sum / 5).isEqualTo(golden("macro_auroc_ovr"), EXACT);
  }

  @Test
  void probabilityScoresAgree() {
    assertThat(ProbabilityMetrics.logLoss(truth, probabilities))
        .isEqualTo(golden("log_loss"), EXACT);
    assertThat(ProbabilityMetrics.brier(truth, probabilities))
        .isEqualTo(golden("brier_multi"), EXACT);
    assertThat(ProbabilityMetrics.expectedCalibrationError(truth, probabilities, 15))
        .isEqualTo(golden("ece15"), EXACT);
  }

  private double golden(String name) {
    return expected.get(name).asDouble();
  }
}
