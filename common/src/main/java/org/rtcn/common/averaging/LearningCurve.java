package org.rtcn.common.averaging;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;

/** Draws the learning curve, and validates where it gets a row. */
public final class LearningCurve implements TrainingListener {
  private final IntToDoubleFunction rate;
  private final double gigaflopsPerExample;
  private final Validator validator;
  private final List<CurveRow> rows = new ArrayList<>();
  private double lossSum;

  /** Says how good a state is on examples that nothing is learnt from. */
  @FunctionalInterface
  public interface Validator {
    /** Null where nobody is held back. */
    Verdict of(TrainingState state);
  }

  /**
   * What validation says.
   *
   * @param loss the lower, the better
   * @param balancedAccuracy mean over classes of the share classified correctly
   */
  public record Verdict(double loss, double balancedAccuracy) {}

  /**
   * A curve without rows.
   *
   * @param rate learning rate of an iteration, from 0
   * @param gigaflopsPerExample 10⁹ operations of a training step per example, 0 if not known
   */
  public LearningCurve(IntToDoubleFunction rate, double gigaflopsPerExample, Validator validator) {
    this.rate = rate;
    this.gigaflopsPerExample = gigaflopsPerExample;
    this.validator = validator;
  }

  /** Goes on with the rows of a checkpoint. */
  void resume(Checkpoint.Header header) {
    rows.addAll(header.curve());
    lossSum = header.lossSum();
  }

  @Override
  public void afterRound(Progress progress) {
    lossSum += progress.loss() * progress.roundSteps();
    int step = progress.step();
    if (!progress.course().reports(step, lastStep())) {
      return;
    }
    Verdict verdict = validator.of(progress.state());
    rows.add(
        new CurveRow(
            step,
            lossSum / (step - lastStep()),
            rate.applyAsDouble(step - 1),
            verdict == null ? null : verdict.loss(),
            verdict == null ? null : verdict.balancedAccuracy(),
            progress.examplesPerSecond(),
            progress.examplesPerSecond() * gigaflopsPerExample,
            progress.elapsedSeconds()));
    lossSum = 0;
  }

  /** The rows so far. */
  public List<CurveRow> rows() {
    return List.copyOf(rows);
  }

  /** The last row. */
  public CurveRow last() {
    return rows.get(rows.size() - 1);
  }

  int size() {
    return rows.size();
  }

  /** Whether this round has brought a row. */
  boolean hasRowOf(Progress progress) {
    return lastStep() == progress.step();
  }

  double rate(int iteration) {
    return rate.applyAsDouble(iteration);
  }

  double gigaflops(double examplesPerSecond) {
    return examplesPerSecond * gigaflopsPerExample;
  }

  private int lastStep() {
    return rows.isEmpty() ? 0 : last().step();
  }

  /** Sum of the losses of the steps since the last row. */
  double lossSum() {
    return lossSum;
  }

  /** One line per row, each an epoch. */
  public String toCsv() {
    StringBuilder csv =
        new StringBuilder(
            "epoch,step,loss,learning_rate,validation_loss,validation_balanced_accuracy,"
                + "examples_per_second,gigaflops_per_second,elapsed_s\n");
    for (int i = 0; i < rows.size(); i++) {
      CurveRow row = rows.get(i);
      csv.append(
          String.format(
              Locale.ROOT,
              "%d,%d,%.6f,%.6g,%s,%s,%.1f,%.2f,%.2f%n",
              i + 1,
              row.step(),
              row.loss(),
              row.learningRate(),
              orEmpty(row.validationLoss()),
              orEmpty(row.validationBalancedAccuracy()),
              row.examplesPerSecond(),
              row.gigaflopsPerSecond(),
              row.elapsedS()));
    }
    return csv.toString();
  }

  private static String orEmpty(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.6f", value);
  }
}
