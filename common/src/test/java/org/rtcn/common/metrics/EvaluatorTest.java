package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EvaluatorTest {
  private final Evaluator evaluator =
      new Evaluator(
          List.of("HC", "IMI"),
          Map.of("HC", 30L, "IMI", 20L),
          new PatientBootstrap(5, 500, 0.95),
          10);

  @Test
  void figuresComeOutUnderTheirNames() {
    LevelEvaluation evaluation = evaluator.evaluate(Level.BEAT, beats());
    // HC: 6 of 8 right; IMI: 3 of 4 right.
    assertThat(value(evaluation, FigureName.ACCURACY)).isEqualTo(9 / 12.0);
    assertThat(value(evaluation, FigureName.BALANCED_ACCURACY)).isEqualTo(0.75);
    assertThat(value(evaluation, FigureName.MAJORITY_ACCURACY)).isEqualTo(8 / 12.0);
    assertThat(value(evaluation, FigureName.MAJORITY_BALANCED_ACCURACY)).isEqualTo(0.5);
    assertThat(value(evaluation, FigureName.DETECTION_SENSITIVITY)).isEqualTo(0.75);
    assertThat(value(evaluation, FigureName.DETECTION_SPECIFICITY)).isEqualTo(0.75);
    assertThat(value(evaluation, FigureName.DETECTION_PPV)).isEqualTo(3 / 5.0);
    assertThat(value(evaluation, FigureName.DETECTION_MAJORITY_ACCURACY)).isEqualTo(8 / 12.0);
    assertThat(value(evaluation, FigureName.MACRO_AUROC))
        .isEqualTo(value(evaluation, FigureName.DETECTION_AUROC), within(1e-12));
    assertThat(value(evaluation, FigureName.MACRO_AUROC)).isEqualTo(28 / 32.0);
    Figure sensitivity = evaluation.figure(FigureName.SENSITIVITY, "IMI").orElseThrow();
    assertThat(sensitivity.interval().value()).isEqualTo(0.75);
    assertThat(sensitivity.count()).isEqualTo(4);
    assertThat(evaluation.baselineClass()).isEqualTo("HC");
    assertThat(evaluation.figures()).hasSize(FigureName.values().length + 9);
  }

  @Test
  void resampleWithoutAClassLeavesTheBalancedFiguresUndefined() {
    // Two patients only, one per class: half of the resamples lack a class.
    LevelEvaluation evaluation = evaluator.evaluate(Level.BEAT, beats());
    Interval balanced = evaluation.figure(FigureName.BALANCED_ACCURACY).orElseThrow().interval();
    assertThat(balanced.undefinedResamples() / 500.0).isEqualTo(0.5, within(0.1));
    Interval accuracy = evaluation.figure(FigureName.ACCURACY).orElseThrow().interval();
    assertThat(accuracy.undefinedResamples()).isZero();
  }

  @Test
  void classWithoutCasesHasNoFigures() {
    Evaluator three =
        new Evaluator(
            List.of("HC", "IMI", "ASMI"), Map.of(), new PatientBootstrap(5, 50, 0.95), 10);
    LevelEvaluation evaluation = three.evaluate(Level.BEAT, withThirdClass());
    Figure absent = evaluation.figure(FigureName.SENSITIVITY, "ASMI").orElseThrow();
    assertThat(absent.interval().isDefined()).isFalse();
    assertThat(absent.count()).isZero();
    assertThat(value(evaluation, FigureName.BALANCED_ACCURACY)).isEqualTo(0.75);
    assertThat(evaluation.baselineClass()).isEqualTo("HC");
  }

  @Test
  void baselinesAnswerWhatWasFrequentInTraining() {
    // HC is the largest class, yet infarcts of all sites together are more.
    Evaluator sites =
        new Evaluator(
            List.of("HC", "IMI", "ASMI"),
            Map.of("HC", 40L, "IMI", 30L, "ASMI", 30L),
            new PatientBootstrap(5, 50, 0.95),
            10);
    LevelEvaluation evaluation = sites.evaluate(Level.BEAT, withThirdClass());
    assertThat(evaluation.baselineClass()).isEqualTo("HC");
    assertThat(value(evaluation, FigureName.MAJORITY_ACCURACY)).isEqualTo(8 / 12.0);
    assertThat(value(evaluation, FigureName.DETECTION_MAJORITY_ACCURACY)).isEqualTo(4 / 12.0);
    assertThatThrownBy(
            () ->
                new Evaluator(
                    List.of("HC"), Map.of("AMI", 1L), new PatientBootstrap(5, 50, 0.95), 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid class AMI of training patients: must be one of [HC]");
  }

  @Test
  void proportionsHaveExactIntervalsAndCounts() {
    List<Prediction> patients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      patients.add(patient("ill" + i, "IMI", 0.3));
      patients.add(patient("well" + i, "HC", i == 0 ? 0.4 : 0.8));
    }
    LevelEvaluation evaluation = evaluator.evaluate(Level.PATIENT, patients);
    Interval sensitivity =
        evaluation.figure(FigureName.DETECTION_SENSITIVITY).orElseThrow().interval();
    assertThat(sensitivity.counts()).contains(new Interval.Counts(4, 4));
    assertThat(sensitivity.method()).isEqualTo("exact");
    assertThat(sensitivity.low()).isEqualTo(0.3976, within(1e-4));
    assertThat(sensitivity.high()).isEqualTo(1);
    assertThat(evaluation.figure(FigureName.SENSITIVITY, "IMI").orElseThrow().interval())
        .isEqualTo(sensitivity);
    assertThat(evaluation.figure(FigureName.MACRO_AUROC).orElseThrow().interval().method())
        .isEqualTo("bootstrap");
    assertThat(value(evaluation, FigureName.DETECTION_SENSITIVITY_AT_SPECIFICITY_90)).isEqualTo(1);
    Detection detection = evaluation.detection().orElseThrow();
    assertThat(detection.matrix().count(0, 1)).isEqualTo(1);
    assertThat(detection.reliability()).hasSize(1);
    // At one half each right alarm is worth what a false one costs: (4 - 1) / 8 and (4 - 4) / 8.
    Detection.NetBenefit half = detection.curve().get(49);
    assertThat(half.threshold()).isEqualTo(0.5);
    assertThat(half.model()).isEqualTo(3 / 8.0, within(1e-12));
    assertThat(half.all()).isEqualTo(0, within(1e-12));
  }

  private static Prediction patient(String id, String truth, double healthy) {
    return new Prediction(
        Level.PATIENT,
        id,
        "x",
        Optional.empty(),
        Optional.of(id),
        Optional.of(1),
        Optional.of(truth),
        List.of(healthy, 1 - healthy),
        DetectionThreshold.FIXED.probability(),
        false);
  }

  @Test
  void refusesATruthThatIsNoClass() {
    assertThatThrownBy(
            () ->
                evaluator.evaluate(
                    Level.BEAT, List.of(AggregationTest.beat("r", 0, "p", "AMI", 0.5))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid truth AMI of r#00000: must be one of [HC, IMI]");
  }

  private static double value(LevelEvaluation evaluation, FigureName name) {
    return evaluation.figure(name).orElseThrow().interval().value();
  }

  private static List<Prediction> beats() {
    List<Prediction> beats = new ArrayList<>();
    double[] healthy = {0.9, 0.9, 0.8, 0.8, 0.7, 0.7, 0.3, 0.2};
    double[] infarct = {0.1, 0.2, 0.3, 0.6};
    for (double p : healthy) {
      beats.add(AggregationTest.beat("r1", beats.size(), "p1", "HC", p));
    }
    for (double p : infarct) {
      beats.add(AggregationTest.beat("r2", beats.size(), "p2", "IMI", p));
    }
    return beats;
  }

  /** The beats with a third class of probability 0. */
  private static List<Prediction> withThirdClass() {
    List<Prediction> rows = new ArrayList<>();
    for (Prediction beat : beats()) {
      List<Double> p = new ArrayList<>(beat.probabilities());
      p.add(0.0);
      rows.add(
          new Prediction(
              Level.BEAT,
              beat.id(),
              beat.dataset(),
              beat.recordId(),
              beat.patientId(),
              beat.fold(),
              beat.truth(),
              p,
              DetectionThreshold.FIXED.probability(),
              false));
    }
    return rows;
  }
}
