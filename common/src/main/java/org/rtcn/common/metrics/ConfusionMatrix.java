package org.rtcn.common.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Counts of truth (row) against prediction (column), and the figures that follow from them.
 *
 * <p>Figures of one class treat it as "positive" and all others as "negative". What has no
 * denominator is NaN. Immutable.
 */
public final class ConfusionMatrix {
  private final List<String> classes;
  private final long[][] counts;
  private final long[] rowSums;
  private final long[] columnSums;
  private final long total;

  private ConfusionMatrix(List<String> classes, long[][] counts) {
    this.classes = List.copyOf(classes);
    this.counts = counts;
    int k = this.classes.size();
    rowSums = new long[k];
    columnSums = new long[k];
    long sum = 0;
    for (int t = 0; t < k; t++) {
      for (int p = 0; p < k; p++) {
        rowSums[t] += counts[t][p];
        columnSums[p] += counts[t][p];
        sum += counts[t][p];
      }
    }
    total = sum;
  }

  /**
   * Counts pairs.
   *
   * @param classes names in the order of the indices
   * @param truth index of the true class per case
   * @param predicted index of the predicted class per case
   * @throws IllegalArgumentException if the arrays differ in length or an index is no class
   */
  public static ConfusionMatrix of(List<String> classes, int[] truth, int[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "Invalid predictions: "
              + truth.length
              + " truths but "
              + predicted.length
              + " predictions; pass one of each per case");
    }
    long[][] counts = new long[classes.size()][classes.size()];
    for (int i = 0; i < truth.length; i++) {
      checkIndex(classes, truth[i]);
      checkIndex(classes, predicted[i]);
      counts[truth[i]][predicted[i]]++;
    }
    return new ConfusionMatrix(classes, counts);
  }

  /** What a classifier scores that answers {@code answer} to every case. */
  public static ConfusionMatrix ofConstantAnswer(List<String> classes, int[] truth, int answer) {
    int[] predicted = new int[truth.length];
    Arrays.fill(predicted, answer);
    return of(classes, truth, predicted);
  }

  private static void checkIndex(List<String> classes, int index) {
    if (index < 0 || index >= classes.size()) {
      throw new IllegalArgumentException(
          "Invalid class index " + index + ": must be 0 to " + (classes.size() - 1));
    }
  }

  /** Names of the classes, in the order of rows and columns. */
  public List<String> classes() {
    return classes;
  }

  /** Cases of class {@code truth} that were called {@code predicted}. */
  public long count(int truth, int predicted) {
    return counts[truth][predicted];
  }

  /** Number of cases. */
  public long total() {
    return total;
  }

  /** Number of cases whose truth is {@code c}. */
  public long support(int c) {
    return rowSums[c];
  }

  /** Number of cases that were called {@code c}. */
  public long predictedCount(int c) {
    return columnSums[c];
  }

  /** Indices of the classes that occur in the truth. */
  public int[] presentClasses() {
    return IntStream.range(0, classes.size()).filter(c -> rowSums[c] > 0).toArray();
  }

  /** Fraction of the true {@code truth} called {@code predicted}; NaN where the row is empty. */
  public double rowFraction(int truth, int predicted) {
    return ratio(counts[truth][predicted], rowSums[truth]);
  }

  /** Fraction of cases classified correctly. */
  public double accuracy() {
    return ratio(diagonal(), total);
  }

  /** Sensitivity (recall): TP / (TP + FN). */
  public double sensitivity(int c) {
    return ratio(counts[c][c], rowSums[c]);
  }

  /** Specificity: TN / (TN + FP). */
  public double specificity(int c) {
    return ratio(total - rowSums[c] - columnSums[c] + counts[c][c], total - rowSums[c]);
  }

  /** Positive predictive value (precision): TP / (TP + FP). */
  public double positivePredictiveValue(int c) {
    return ratio(counts[c][c], columnSums[c]);
  }

  /** Negative predictive value: TN / (TN + FN). */
  public double negativePredictiveValue(int c) {
    return ratio(total - rowSums[c] - columnSums[c] + counts[c][c], total - columnSums[c]);
  }

  /** Fraction of cases put correctly on this class's side or the other. */
  public double classAccuracy(int c) {
    return ratio(total - rowSums[c] - columnSums[c] + 2 * counts[c][c], total);
  }

  /** Mean of sensitivity and specificity; NaN where either is. */
  public double classBalancedAccuracy(int c) {
    return (sensitivity(c) + specificity(c)) / 2;
  }

  /** F1 = 2 TP / (2 TP + FP + FN); NaN where the class neither occurs nor is predicted. */
  public double f1(int c) {
    return ratio(2 * counts[c][c], rowSums[c] + columnSums[c]);
  }

  /** Mean sensitivity over the classes that occur in the truth. */
  public double balancedAccuracy() {
    return balancedAccuracyOver(presentClasses());
  }

  /**
   * Mean sensitivity over exactly {@code included}. NaN if one of them has no case: the mean over
   * fewer classes would be another quantity (this matters in a bootstrap).
   */
  public double balancedAccuracyOver(int[] included) {
    return meanOver(included, this::sensitivity);
  }

  /** Mean F1 over the classes that occur in the truth. */
  public double macroF1() {
    return macroF1Over(presentClasses());
  }

  /** Mean F1 over exactly {@code included}; NaN if one of them has no case. */
  public double macroF1Over(int[] included) {
    return meanOver(included, c -> rowSums[c] == 0 ? Double.NaN : f1(c));
  }

  /** Mean F1 weighted by support. */
  public double weightedF1() {
    double sum = 0;
    for (int c : presentClasses()) {
      sum += rowSums[c] * f1(c);
    }
    return total == 0 ? Double.NaN : sum / total;
  }

  /**
   * Matthews correlation coefficient of k classes (Gorodkin 2004, R_k). NaN where truth or
   * prediction is constant.
   */
  public double matthewsCorrelation() {
    double s = total;
    double agreement = diagonal() * s;
    double truthSquares = 0;
    double predictionSquares = 0;
    for (int c = 0; c < rowSums.length; c++) {
      agreement -= (double) rowSums[c] * columnSums[c];
      truthSquares += (double) rowSums[c] * rowSums[c];
      predictionSquares += (double) columnSums[c] * columnSums[c];
    }
    double denominator = Math.sqrt((s * s - predictionSquares) * (s * s - truthSquares));
    return denominator == 0 ? Double.NaN : agreement / denominator;
  }

  /** Cohen's kappa, unweighted; NaN where agreement by chance would be complete. */
  public double kappa() {
    double expected = 0;
    for (int c = 0; c < rowSums.length; c++) {
      expected += (double) rowSums[c] * columnSums[c];
    }
    expected /= (double) total * total;
    return total == 0 || expected == 1 ? Double.NaN : (accuracy() - expected) / (1 - expected);
  }

  private long diagonal() {
    long sum = 0;
    for (int c = 0; c < counts.length; c++) {
      sum += counts[c][c];
    }
    return sum;
  }

  private static double meanOver(int[] included, IntToDoubleFunction figure) {
    return IntStream.of(included).mapToDouble(figure).average().orElse(Double.NaN);
  }

  private static double ratio(long numerator, long denominator) {
    return denominator == 0 ? Double.NaN : (double) numerator / denominator;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConfusionMatrix that
        && classes.equals(that.classes)
        && Arrays.deepEquals(counts, that.counts);
  }

  @Override
  public int hashCode() {
    return 31 * classes.hashCode() + Arrays.deepHashCode(counts);
  }

  @Override
  public String toString() {
    return "ConfusionMatrix" + classes + Arrays.deepToString(counts);
  }
}
