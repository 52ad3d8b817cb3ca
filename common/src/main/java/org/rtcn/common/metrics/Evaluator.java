package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.metrics.FigureName.Scope;

/**
 * Measures a model's predictions at one level: every figure of {@link FigureName} with its
 * interval, exact for proportions ({@link ProportionInterval}) and from the patient bootstrap for
 * all others.
 *
 * <p>Mean figures (balanced accuracy, macro F1, macro AUROC) run over the classes that occur among
 * the cases; a resample that lacks one of them leaves these figures undefined and is counted so.
 *
 * @param classes the model's classes, in the order of the probabilities
 * @param trainingPatients patients per class that trained the model: the baselines answer their
 *     most frequent class, and for detection whichever of infarction and none is more frequent.
 *     Classes that are not named count as 0; where all are 0 the cases themselves are counted
 * @param bootstrap how intervals are made
 * @param calibrationBins bins of the expected calibration error
 */
public record Evaluator(
    List<String> classes,
    Map<String, Long> trainingPatients,
    PatientBootstrap bootstrap,
    int calibrationBins) {

  private static final List<FigureName> OVERALL = FigureName.of(Scope.ALL_CLASSES);
  private static final List<FigureName> PER_CLASS = FigureName.of(Scope.ONE_CLASS);
  private static final List<FigureName> DETECTION = FigureName.of(Scope.DETECTION);

  public Evaluator {
    classes = List.copyOf(classes);
    trainingPatients = Map.copyOf(trainingPatients);
    for (String name : trainingPatients.keySet()) {
      if (!classes.contains(name)) {
        throw new IllegalArgumentException(
            "Invalid class " + name + " of training patients: must be one of " + classes);
      }
    }
  }

  /** Whether the classes hold both infarcts and others, so that detection can be measured. */
  public boolean measuresDetection() {
    return Decision.among(classes).decidesDetection();
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
    Cases cases = Cases.of(classes, level, PredictionList.byId(rows));
    Baseline baseline = baseline(cases.matrix());
    int[] present = cases.matrix().presentClasses();
    List<Interval> intervals =
        bootstrap.intervals(
            cases.patients(), positions -> figures(cases.at(positions), present, baseline));

    List<Figure> figures = new ArrayList<>();
    Iterator<Interval> next = intervals.iterator();
    for (FigureName name : OVERALL) {
      figures.add(figure(name, level, -1, next.next(), cases, baseline));
    }
    for (int c = 0; c < classes.size(); c++) {
      for (FigureName name : PER_CLASS) {
        figures.add(figure(name, level, c, next.next(), cases, baseline));
      }
    }
    while (next.hasNext()) {
      FigureName name =
          DETECTION.get(figures.size() - OVERALL.size() - PER_CLASS.size() * classes.size());
      figures.add(figure(name, level, -1, next.next(), cases, baseline));
    }
    return new LevelEvaluation(
        level,
        cases.matrix(),
        measuresDetection()
            ? Optional.of(Detection.of(cases, bootstrap.confidence()))
            : Optional.empty(),
        classes.get(baseline.classIndex()),
        List.copyOf(figures),
        rocCurves(cases),
        ProbabilityMetrics.reliability(cases.truth(), cases.probabilities(), calibrationBins));
  }

  /**
   * How the figures of two sets of predictions of the same cases differ, {@code second} minus
   * {@code first}. Each resample draws the same patients for both, so that what makes a patient
   * hard or easy for either cancels out.
   *
   * @param names which figures; those of one class are measured for each class
   * @throws IllegalArgumentException if the two are not predictions of the same cases
   */
  public List<Difference> differences(
      Level level, List<Prediction> first, List<Prediction> second, List<FigureName> names) {
    return resample(level, List.of(second)).minus(resample(level, List.of(first)), names);
  }

  /**
   * Every figure of predictions of the same cases by one training or several, on every resample:
   * what differences between models are made of.
   *
   * @param trainings one list of rows each
   * @throws IllegalArgumentException if there is none, or they are not of the same cases
   */
  public Resampled resample(Level level, List<List<Prediction>> trainings) {
    List<Cases> cases = new ArrayList<>();
    List<Resampled.Case> first = List.of();
    for (List<Prediction> rows : trainings) {
      List<Prediction> ordered = PredictionList.byId(rows);
      List<Resampled.Case> of = ordered.stream().map(Resampled.Case::of).toList();
      if (cases.isEmpty()) {
        first = of;
      }
      Resampled.requireSame(first, of);
      cases.add(Cases.of(classes, level, ordered));
    }
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("Cannot measure: no training has predicted anything");
    }
    Baseline baseline = baseline(cases.get(0).matrix());
    int[] present = cases.get(0).matrix().presentClasses();
    return new Resampled(
        level,
        bootstrap,
        first,
        places(),
        bootstrap.resampled(
            cases.get(0).patients(),
            cases.size(),
            (training, positions) ->
                figures(cases.get(training).at(positions), present, baseline)));
  }

  /** What {@link #figures} returns, in its order. */
  private List<Resampled.Place> places() {
    List<Resampled.Place> places = new ArrayList<>();
    OVERALL.forEach(name -> places.add(new Resampled.Place(name, Optional.empty())));
    for (String label : classes) {
      PER_CLASS.forEach(name -> places.add(new Resampled.Place(name, Optional.of(label))));
    }
    if (measuresDetection()) {
      DETECTION.forEach(name -> places.add(new Resampled.Place(name, Optional.empty())));
    }
    return places;
  }

  /**
   * A figure with its interval.
   *
   * @param c index of its class; negative where it is not of one class
   */
  private Figure figure(
      FigureName name, Level level, int c, Interval bootstrapped, Cases cases, Baseline baseline) {
    Optional<String> className = c < 0 ? Optional.empty() : Optional.of(classes.get(c));
    long count = c < 0 ? cases.size() : cases.matrix().support(c);
    Optional<Proportion> proportion =
        Proportion.of(name, cases, c, baseline.classIndex(), baseline.infarct());
    Interval interval =
        proportion
            .map(of -> of.interval(bootstrap.confidence(), cases.patients(), bootstrapped.units()))
            .orElse(bootstrapped);
    return new Figure(name, level, className, interval, count);
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
  private double[] figures(Cases cases, int[] present, Baseline baseline) {
    ConfusionMatrix matrix = cases.matrix();
    ConfusionMatrix constant =
        ConfusionMatrix.ofConstantAnswer(classes, cases.truth(), baseline.classIndex());
    double[] auroc = new double[classes.size()];
    double[] precision = new double[classes.size()];
    for (int c = 0; c < auroc.length; c++) {
      boolean[] positive = cases.isClass(c);
      double[] score = cases.scores(c);
      auroc[c] = RankingMetrics.areaUnderRoc(positive, score);
      precision[c] = RankingMetrics.averagePrecision(positive, score);
    }
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
            case MACRO_AVERAGE_PRECISION ->
                Arrays.stream(present).mapToDouble(c -> precision[c]).average().orElse(Double.NaN);
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
              case AVERAGE_PRECISION -> precision[c];
              case CLASS_ACCURACY -> matrix.classAccuracy(c);
              case CLASS_BALANCED_ACCURACY -> matrix.classBalancedAccuracy(c);
              default -> throw new IllegalStateException("Cannot measure " + name);
            });
      }
    }
    if (measuresDetection()) {
      addDetection(out, cases, baseline.infarct());
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
            case DETECTION_SENSITIVITY_AT_SPECIFICITY_90 ->
                RankingMetrics.sensitivityAtSpecificity(infarct, score, 0.90);
            case DETECTION_SENSITIVITY_AT_SPECIFICITY_95 ->
                RankingMetrics.sensitivityAtSpecificity(infarct, score, 0.95);
            case DETECTION_AVERAGE_PRECISION -> RankingMetrics.averagePrecision(infarct, score);
            case DETECTION_MCC -> matrix.matthewsCorrelation();
            case DETECTION_KAPPA -> matrix.kappa();
            case DETECTION_BRIER -> ProbabilityMetrics.binaryBrier(infarct, score);
            case DETECTION_CALIBRATION_SLOPE -> LogisticCalibration.slope(infarct, score);
            case DETECTION_CALIBRATION_INTERCEPT -> LogisticCalibration.intercept(infarct, score);
            case DETECTION_MAJORITY_ACCURACY ->
                (double) matrix.support(baselineSaysInfarct ? 1 : 0) / matrix.total();
            default -> throw new IllegalStateException("Cannot measure " + name);
          });
    }
  }

  /** Constant answers: a class, and whether it is an infarct. The two need not agree. */
  private record Baseline(int classIndex, boolean infarct) {}

  private Baseline baseline(ConfusionMatrix cases) {
    boolean training = trainingPatients.values().stream().anyMatch(n -> n > 0);
    int best = 0;
    long most = -1;
    long infarcts = 0;
    long others = 0;
    for (int c = 0; c < classes.size(); c++) {
      long n = training ? trainingPatients.getOrDefault(classes.get(c), 0L) : cases.support(c);
      if (n > most) {
        most = n;
        best = c;
      }
      if (Label.valueOf(classes.get(c)).isInfarction()) {
        infarcts += n;
      } else {
        others += n;
      }
    }
    return new Baseline(best, infarcts > others);
  }
}
