package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.metrics.FigureName.Scope;

/**
 * Measures a model's predictions at one level: every figure of {@link FigureName} with its interval
 * from the patient bootstrap.
 *
 * <p>Mean figures (balanced accuracy, macro F1, macro AUROC) run over the classes that occur among
 * the cases; a resample that lacks one of them leaves these figures undefined and is counted so.
 *
 * @param classes the model's classes, in the order of the probabilities
 * @param majorityClass the answer of the baseline: the most frequent class among the training
 *     patients; where it is absent, the most frequent among the cases themselves
 * @param bootstrap how intervals are made
 * @param calibrationBins bins of the expected calibration error
 */
public record Evaluator(
    List<String> classes,
    Optional<String> majorityClass,
    PatientBootstrap bootstrap,
    int calibrationBins) {

  /** From this probability of infarction on, a case counts as detected. */
  public static final double DETECTION_THRESHOLD = 0.5;

  private static final List<FigureName> OVERALL = FigureName.of(Scope.ALL_CLASSES);
  private static final List<FigureName> PER_CLASS = FigureName.of(Scope.ONE_CLASS);
  private static final List<FigureName> DETECTION = FigureName.of(Scope.DETECTION);

  public Evaluator {
    classes = List.copyOf(classes);
    if (majorityClass.isPresent() && !classes.contains(majorityClass.get())) {
      throw new IllegalArgumentException(
          "Invalid majority class " + majorityClass.get() + ": must be one of " + classes);
    }
  }

  /**
   * The probability of infarction: the sum over the classes that are infarcts.
   *
   * @param probabilities one per class of {@code classes}
   */
  public static double infarctProbability(List<String> classes, List<Double> probabilities) {
    double sum = 0;
    for (int c = 0; c < classes.size(); c++) {
      if (Label.valueOf(classes.get(c)).isInfarction()) {
        sum += probabilities.get(c);
      }
    }
    return Math.min(1, sum);
  }

  /** Whether the classes hold both infarcts and others, so that detection can be measured. */
  public boolean measuresDetection() {
    long infarcts = classes.stream().filter(c -> Label.valueOf(c).isInfarction()).count();
    return infarcts > 0 && infarcts < classes.size();
  }

  /**
   * Measures.
   *
   * @param level the level of all rows
   * @param rows predictions with a truth among the classes and a patient; their order is of no
   *     importance
   * @throws IllegalArgumentException if a row lacks truth or patient, or its truth is no class
   */
  public LevelEvaluation evaluate(Level level, List<Prediction> rows) {
    List<Prediction> ordered = new ArrayList<>(rows);
    ordered.sort(Comparator.comparing(Prediction::id));
    Cases cases = Cases.of(classes, level, ordered);
    int baseline =
        majorityClass.map(classes::indexOf).orElseGet(() -> mostFrequent(cases.matrix()));
    int[] present = cases.matrix().presentClasses();
    List<Interval> intervals =
        bootstrap.intervals(
            cases.patients(), positions -> figures(cases.at(positions), present, baseline));

    List<Figure> figures = new ArrayList<>();
    Iterator<Interval> next = intervals.iterator();
    for (FigureName name : OVERALL) {
      figures.add(new Figure(name, level, Optional.empty(), next.next(), cases.size()));
    }
    for (int c = 0; c < classes.size(); c++) {
      for (FigureName name : PER_CLASS) {
        Optional<String> className = Optional.of(classes.get(c));
        figures.add(new Figure(name, level, className, next.next(), cases.matrix().support(c)));
      }
    }
    while (next.hasNext()) {
      FigureName name =
          DETECTION.get(figures.size() - OVERALL.size() - PER_CLASS.size() * classes.size());
      figures.add(new Figure(name, level, Optional.empty(), next.next(), cases.size()));
    }
    return new LevelEvaluation(
        level,
        cases.matrix(),
        measuresDetection() ? Optional.of(cases.detectionMatrix()) : Optional.empty(),
        classes.get(baseline),
        List.copyOf(figures),
        rocCurves(cases),
        ProbabilityMetrics.reliability(cases.truth(), cases.probabilities(), calibrationBins));
  }

  private List<LevelEvaluation.ClassRoc> rocCurves(Cases cases) {
    List<LevelEvaluation.ClassRoc> curves = new ArrayList<>();
    for (int c = 0; c < classes.size(); c++) {
      curves.add(
          new LevelEvaluation.ClassRoc(
              classes.get(c), RankingMetrics.rocCurve(cases.isClass(c), cases.scores(c))));
    }
    return List.copyOf(curves);
  }

  /** All figures: those of all classes, those of each class in turn, those of detection. */
  private double[] figures(Cases cases, int[] present, int baseline) {
    ConfusionMatrix matrix = cases.matrix();
    ConfusionMatrix constant = ConfusionMatrix.ofConstantAnswer(classes, cases.truth(), baseline);
    double[] auroc = new double[classes.size()];
    Arrays.setAll(auroc, c -> RankingMetrics.areaUnderRoc(cases.isClass(c), cases.scores(c)));
    DoubleStream.Builder out = DoubleStream.builder();
    for (FigureName name : OVERALL) {
      out.add(
          switch (name) {
            case ACCURACY -> matrix.accuracy();
            case BALANCED_ACCURACY -> matrix.balancedAccuracyOver(present);
            case MACRO_F1 -> matrix.macroF1Over(present);
            case MCC -> matrix.matthewsCorrelation();
            case KAPPA -> matrix.kappa();
            case MACRO_AUROC ->
                Arrays.stream(present).mapToDouble(c -> auroc[c]).average().orElse(Double.NaN);
            case LOG_LOSS -> ProbabilityMetrics.logLoss(cases.truth(), cases.probabilities());
            case BRIER -> ProbabilityMetrics.brier(cases.truth(), cases.probabilities());
            case ECE ->
                ProbabilityMetrics.expectedCalibrationError(
                    cases.truth(), cases.probabilities(), calibrationBins);
            case MAJORITY_ACCURACY -> constant.accuracy();
            case MAJORITY_BALANCED_ACCURACY -> constant.balancedAccuracyOver(present);
            default -> throw new IllegalStateException("Cannot measure " + name);
          });
    }
    for (int c = 0; c < auroc.length; c++) {
      for (FigureName name : PER_CLASS) {
        out.add(
            switch (name) {
              case SENSITIVITY -> matrix.sensitivity(c);
              case SPECIFICITY -> matrix.specificity(c);
              case PPV -> matrix.positivePredictiveValue(c);
              case NPV -> matrix.negativePredictiveValue(c);
              case F1 -> matrix.f1(c);
              case AUROC -> auroc[c];
              case AVERAGE_PRECISION ->
                  RankingMetrics.averagePrecision(cases.isClass(c), cases.scores(c));
              default -> throw new IllegalStateException("Cannot measure " + name);
            });
      }
    }
    if (measuresDetection()) {
      addDetection(out, cases, Label.valueOf(classes.get(baseline)).isInfarction());
    }
    return out.build().toArray();
  }

  private static void addDetection(
      DoubleStream.Builder out, Cases cases, boolean baselineSaysInfarct) {
    ConfusionMatrix matrix = cases.detectionMatrix();
    boolean[] infarct = cases.isInfarct();
    double[] score = cases.infarctScores();
    for (FigureName name : DETECTION) {
      out.add(
          switch (name) {
            case DETECTION_ACCURACY -> matrix.accuracy();
            case DETECTION_BALANCED_ACCURACY -> matrix.balancedAccuracyOver(new int[] {0, 1});
            case DETECTION_SENSITIVITY -> matrix.sensitivity(1);
            case DETECTION_SPECIFICITY -> matrix.specificity(1);
            case DETECTION_PPV -> matrix.positivePredictiveValue(1);
            case DETECTION_NPV -> matrix.negativePredictiveValue(1);
            case DETECTION_F1 -> matrix.f1(1);
            case DETECTION_AUROC -> RankingMetrics.areaUnderRoc(infarct, score);
            case DETECTION_AVERAGE_PRECISION -> RankingMetrics.averagePrecision(infarct, score);
            case DETECTION_MAJORITY_ACCURACY ->
                (double) matrix.support(baselineSaysInfarct ? 1 : 0) / matrix.total();
            default -> throw new IllegalStateException("Cannot measure " + name);
          });
    }
  }

  private static int mostFrequent(ConfusionMatrix matrix) {
    int best = 0;
    for (int c = 1; c < matrix.classes().size(); c++) {
      if (matrix.support(c) > matrix.support(best)) {
        best = c;
      }
    }
    return best;
  }
}
