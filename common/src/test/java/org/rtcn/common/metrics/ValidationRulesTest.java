package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.random.RandomStreams;

/** On cases drawn from known probabilities, so that the right rule is known. */
class ValidationRulesTest {
  private static final List<String> CLASSES = List.of("HC", "ASMI", "IMI");

  @Test
  void temperatureFindsByHowMuchConfidenceWasOverdone() {
    Drawn drawn = new Drawn(4000, new double[] {1, 1, 1});
    // Sharpened by 2.5: the right temperature is 2.5.
    double[][] sharp = new double[drawn.truth.length][];
    for (int i = 0; i < sharp.length; i++) {
      sharp[i] = new TemperatureScaling(1 / 2.5).apply(drawn.probabilities[i]);
    }
    TemperatureScaling fitted = TemperatureScaling.fit(drawn.truth, sharp);
    assertThat(fitted.temperature()).isEqualTo(2.5, within(0.25));
    double before = ProbabilityMetrics.expectedCalibrationError(drawn.truth, sharp, 10);
    double[][] mended = new double[sharp.length][];
    for (int i = 0; i < sharp.length; i++) {
      mended[i] = fitted.apply(sharp[i]);
      assertThat(ProbabilityMetrics.mostProbable(mended[i]))
          .isEqualTo(ProbabilityMetrics.mostProbable(sharp[i]));
      assertThat(mended[i][0] + mended[i][1] + mended[i][2]).isEqualTo(1, within(1e-12));
    }
    assertThat(ProbabilityMetrics.expectedCalibrationError(drawn.truth, mended, 10))
        .isLessThan(0.03)
        .isLessThan(before / 5);
  }

  @Test
  void temperatureSurvivesCertainErrorsAndCertainHits() {
    double[][] certain = {{1, 0}, {1, 0}, {0, 1}};
    assertThat(TemperatureScaling.fit(new int[] {0, 1, 1}, certain).temperature())
        .isBetween(1.0, TemperatureScaling.HIGHEST + 1);
    assertThat(TemperatureScaling.fit(new int[] {0, 0, 1}, certain).temperature())
        .isBetween(TemperatureScaling.LOWEST - 0.01, TemperatureScaling.HIGHEST);
    assertThatThrownBy(() -> TemperatureScaling.fit(new int[0], new double[0][]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot fit a temperature: there are no cases");
    assertThatThrownBy(() -> new TemperatureScaling(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid temperature 0.0: must be a positive number");
  }

  @Test
  void offsetsUndoThePriorOfUnequalClasses() {
    // Probabilities that are right under a prior of 8:1:1 miss the rare classes.
    Drawn drawn = new Drawn(6000, new double[] {8, 1, 1});
    ClassOffsets offsets = ClassOffsets.fit(drawn.truth, drawn.probabilities);
    assertThat(offsets.offsets().get(1) - offsets.offsets().get(0))
        .isEqualTo(Math.log(8), within(0.35));
    double before = balanced(drawn.truth, drawn.probabilities);
    double[][] moved = new double[drawn.truth.length][];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = offsets.apply(drawn.probabilities[i]);
    }
    assertThat(balanced(drawn.truth, moved)).isGreaterThan(before + 0.1);
    // A class that nobody has stays where it was.
    assertThat(
            ClassOffsets.fit(new int[] {0, 0}, new double[][] {{0.9, 0.1}, {0.8, 0.2}}).offsets())
        .containsExactly(0.0, 0.0);
  }

  @Test
  void probabilitiesAreMovedFromOnePriorToAnother() {
    ClassOffsets toEqual =
        ClassOffsets.between(List.of(0.8, 0.1, 0.1), List.of(1 / 3.0, 1 / 3.0, 1 / 3.0));
    // Bayes by hand: (.8/.8, .15/.1, .05/.1) over their sum 3.
    assertThat(toEqual.apply(new double[] {0.8, 0.15, 0.05}))
        .containsExactly(new double[] {1 / 3.0, 0.5, 1 / 6.0}, within(1e-12));
    ClassOffsets back =
        ClassOffsets.between(List.of(1 / 3.0, 1 / 3.0, 1 / 3.0), List.of(0.8, 0.1, 0.1));
    assertThat(back.apply(new double[] {1 / 3.0, 0.5, 1 / 6.0}))
        .containsExactly(new double[] {0.8, 0.15, 0.05}, within(1e-12));
    // What is right under a prior of 8:1:1 finds the rare classes once it is divided by it.
    Drawn drawn = new Drawn(6000, new double[] {8, 1, 1});
    double[][] moved = new double[drawn.truth.length][];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = toEqual.apply(drawn.probabilities[i]);
    }
    assertThat(balanced(drawn.truth, moved))
        .isGreaterThan(balanced(drawn.truth, drawn.probabilities) + 0.1);
    assertThatThrownBy(() -> ClassOffsets.between(List.of(1.0, 0.0), List.of(0.5, 0.5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid shares of classes [1.0, 0.0]");
  }

  @Test
  void thresholdIsTheOneOfHighestYouden() {
    boolean[] infarct = {false, false, false, true, true};
    assertThat(threshold(infarct, 0.01, 0.05, 0.10, 0.20, 0.60).probability())
        .isEqualTo(0.15f, within(1e-4f));
    // One half where it lies in the gap: nothing speaks for another.
    assertThat(threshold(infarct, 0.01, 0.05, 0.10, 0.70, 0.95))
        .isEqualTo(new DetectionThreshold(0.5f, 5));
    // Of two gaps that are equally good the nearer to one half.
    assertThat(threshold(new boolean[] {false, true, false, true}, 0.05, 0.1, 0.2, 0.9))
        .isEqualTo(new DetectionThreshold(0.5f, 4));
    assertThat(threshold(infarct, 0.7, 0.71, 0.72, 0.8, 0.9).probability())
        .isEqualTo(0.76f, within(1e-4f));
    // The other way round nothing is gained anywhere.
    assertThat(threshold(infarct, 0.9, 0.9, 0.9, 0.1, 0.1).probability()).isEqualTo(0.5f);
    assertThat(threshold(new boolean[] {true}, 0.3)).isEqualTo(DetectionThreshold.FIXED);
    assertThat(DetectionThreshold.FIXED.words()).isEqualTo("0.500 (fixed beforehand)");
    assertThat(new DetectionThreshold(0.43f, 12).words())
        .isEqualTo(
            "0.430 (highest sensitivity + specificity of 12 validation patients, whose own beats"
                + " neither trained the network nor are held out)");
    assertThatThrownBy(() -> new DetectionThreshold(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid detection threshold 1.0: must lie between 0 and 1");
  }

  private static DetectionThreshold threshold(boolean[] infarct, double... probability) {
    Map<Integer, Long> infarcts = new HashMap<>();
    Map<Integer, Long> others = new HashMap<>();
    for (int i = 0; i < infarct.length; i++) {
      (infarct[i] ? infarcts : others)
          .merge(DetectionThreshold.stepOf(probability[i]), 1L, Long::sum);
    }
    return DetectionThreshold.highestYouden(infarcts, others);
  }

  @Test
  void calibrationSlopeAndInterceptFindWhatWasDoneToTheScores() {
    SplittableRandom random = RandomStreams.of(3, "calibration");
    int n = 20000;
    boolean[] positive = new boolean[n];
    double[] right = new double[n];
    double[] sharp = new double[n];
    double[] high = new double[n];
    for (int i = 0; i < n; i++) {
      double x = 4 * random.nextDouble() - 2;
      right[i] = 1 / (1 + Math.exp(-x));
      positive[i] = random.nextDouble() < right[i];
      sharp[i] = 1 / (1 + Math.exp(-2 * x));
      high[i] = 1 / (1 + Math.exp(-(x + 0.7)));
    }
    assertThat(LogisticCalibration.slope(positive, right)).isEqualTo(1, within(0.05));
    assertThat(LogisticCalibration.intercept(positive, right)).isEqualTo(0, within(0.05));
    assertThat(LogisticCalibration.slope(positive, sharp)).isEqualTo(0.5, within(0.03));
    assertThat(LogisticCalibration.intercept(positive, high)).isEqualTo(-0.7, within(0.05));
    assertThat(LogisticCalibration.slope(new boolean[] {false, true}, new double[] {0.2, 0.9}))
        .isNaN();
    assertThat(LogisticCalibration.intercept(new boolean[] {true}, new double[] {0.2})).isNaN();
  }

  @Test
  void subgroupsWithTooFewAreWithheldWithTheirNumber() {
    List<Prediction> rows = new ArrayList<>();
    Map<String, Subgroup.Facts> facts = new HashMap<>();
    for (int i = 0; i < 20; i++) {
      String truth = i % 2 == 0 ? "HC" : "IMI";
      rows.add(row("p" + i, truth, i % 2 == 0 ? 0.8 : 0.1, 0.1, i % 2 == 0 ? 0.1 : 0.8));
      facts.put(
          "p" + i,
          new Subgroup.Facts(
              i < 14 ? Optional.of("male") : i < 18 ? Optional.of("female") : Optional.empty(),
              Optional.of(i < 10 ? 60.0 : 300.0)));
    }
    Evaluator evaluator = new Evaluator(CLASSES, Map.of(), new PatientBootstrap(1, 20, 0.95), 10);
    List<Subgroup> groups = Subgroup.of(evaluator, rows, facts, new Subgroup.Rule(10, 5));
    assertThat(groups.stream().map(Subgroup::name))
        .containsExactly(
            "sex=female", "sex=male", "sex=unknown", "age=50 to 64", "age=80 and over");
    assertThat(groups.get(0).patients()).isEqualTo(4);
    assertThat(groups.get(0).evaluation()).isEmpty();
    assertThat(groups.get(1).infarcts()).isEqualTo(7);
    assertThat(groups.get(1).evaluation().orElseThrow().matrix().total()).isEqualTo(14);
    assertThat(Subgroup.of(evaluator, rows, facts, new Subgroup.Rule(10, 8)).get(1).evaluation())
        .isEmpty();
  }

  @Test
  void pairedDifferencesCancelWhatBothShare() {
    List<Prediction> worse = new ArrayList<>();
    List<Prediction> better = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String truth = CLASSES.get(i % 3);
      boolean hard = i % 5 == 0;
      boolean mended = i % 10 == 0;
      worse.add(row("p" + i, truth, hard));
      better.add(row("p" + i, truth, hard && !mended));
    }
    Evaluator evaluator = new Evaluator(CLASSES, Map.of(), new PatientBootstrap(1, 400, 0.95), 10);
    Difference difference =
        evaluator.differences(Level.PATIENT, worse, better, List.of(FigureName.ACCURACY)).get(0);
    assertThat(difference.interval().value()).isEqualTo(0.1, within(1e-12));
    assertThat(difference.interval().low()).isGreaterThan(0);
    Difference none =
        evaluator.differences(Level.PATIENT, worse, worse, List.of(FigureName.AUROC)).get(2);
    assertThat(none.className()).contains("IMI");
    assertThat(none.interval().low()).isEqualTo(0);
    assertThat(none.interval().high()).isEqualTo(0);
    assertThatThrownBy(
            () ->
                evaluator.differences(
                    Level.PATIENT, worse, better.subList(0, 59), List.of(FigureName.ACCURACY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot pair predictions: they are not of the same cases");
  }

  @Test
  void shuffledLabelsBringEveryFigureToChance() {
    SplittableRandom random = RandomStreams.of(9, "shuffle");
    List<Prediction> rows = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      // Confident probabilities, but of the class of another patient.
      int said = i % 3;
      double[] p = {0.1, 0.1, 0.1};
      p[said] = 0.8;
      rows.add(row("p" + i, CLASSES.get(random.nextInt(3)), p[0], p[1], p[2]));
    }
    LevelEvaluation chance =
        new Evaluator(CLASSES, Map.of(), new PatientBootstrap(1, 200, 0.95), 10)
            .evaluate(Level.PATIENT, rows);
    Map.of(
            FigureName.BALANCED_ACCURACY, 1 / 3.0,
            FigureName.MACRO_AUROC, 0.5,
            FigureName.MCC, 0.0,
            FigureName.KAPPA, 0.0,
            FigureName.MACRO_AVERAGE_PRECISION, 1 / 3.0,
            FigureName.DETECTION_AUROC, 0.5,
            FigureName.DETECTION_MCC, 0.0,
            FigureName.DETECTION_CALIBRATION_SLOPE, 0.0)
        .forEach(
            (name, expected) -> {
              Interval interval = chance.figure(name).orElseThrow().interval();
              assertThat(interval.value()).as("%s", name).isEqualTo(expected, within(0.06));
              assertThat(interval.low()).as("%s", name).isLessThan(expected + 0.02);
              assertThat(interval.high()).as("%s", name).isGreaterThan(expected - 0.02);
            });
  }

  private static double balanced(int[] truth, double[][] probabilities) {
    int[] said = new int[truth.length];
    for (int i = 0; i < said.length; i++) {
      said[i] = ProbabilityMetrics.mostProbable(probabilities[i]);
    }
    return ConfusionMatrix.of(CLASSES, truth, said).balancedAccuracy();
  }

  private static Prediction row(String id, String truth, boolean wrong) {
    int answer = (CLASSES.indexOf(truth) + (wrong ? 1 : 0)) % 3;
    double[] p = {0.1, 0.1, 0.1};
    p[answer] = 0.8;
    return row(id, truth, p[0], p[1], p[2]);
  }

  private static Prediction row(String id, String truth, double hc, double asmi, double imi) {
    return new Prediction(
        Level.PATIENT,
        id,
        "test",
        Optional.empty(),
        Optional.of(id),
        Optional.of(1),
        Optional.of(truth),
        List.of(hc, asmi, imi),
        0.5f,
        true);
  }

  /** Cases whose probabilities are exactly right: the posterior of one normal number per class. */
  private static final class Drawn {
    private final int[] truth;
    private final double[][] probabilities;

    Drawn(int n, double[] prior) {
      SplittableRandom random = RandomStreams.of(5, "drawn");
      truth = new int[n];
      probabilities = new double[n][3];
      double total = prior[0] + prior[1] + prior[2];
      double[][] centre = {{0, 0}, {1.5, 0}, {0, 1.5}};
      for (int i = 0; i < n; i++) {
        double u = random.nextDouble() * total;
        truth[i] = u < prior[0] ? 0 : u < prior[0] + prior[1] ? 1 : 2;
        double x = centre[truth[i]][0] + normal(random);
        double y = centre[truth[i]][1] + normal(random);
        double sum = 0;
        for (int c = 0; c < 3; c++) {
          double dx = x - centre[c][0];
          double dy = y - centre[c][1];
          probabilities[i][c] = prior[c] * Math.exp(-0.5 * (dx * dx + dy * dy));
          sum += probabilities[i][c];
        }
        for (int c = 0; c < 3; c++) {
          probabilities[i][c] /= sum;
        }
      }
    }

    private static double normal(SplittableRandom random) {
      return Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
          * Math.cos(2 * Math.PI * random.nextDouble());
    }
  }
}
