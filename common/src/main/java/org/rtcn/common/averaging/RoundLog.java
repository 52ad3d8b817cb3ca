package org.rtcn.common.averaging;

import java.util.Locale;

/** Keeps every round as a line of CSV. The user hears of epochs ({@link ConsoleProgress}). */
public final class RoundLog implements TrainingListener {
  private final LearningCurve curve;
  private final StringBuilder csv =
      new StringBuilder("step,epoch,loss,learning_rate,examples_per_second\n");

  RoundLog(LearningCurve curve) {
    this.curve = curve;
  }

  @Override
  public void afterRound(Progress progress) {
    double rate = curve.rate(progress.step() - 1);
    csv.append(
        String.format(
            Locale.ROOT,
            "%d,%d,%.6f,%.6g,%.1f%n",
            progress.step(),
            progress.epoch(),
            progress.loss(),
            rate,
            progress.examplesPerSecond()));
  }

  /** One line per averaging: step, epoch, loss, learning rate, examples per second. */
  public String toCsv() {
    return csv.toString();
  }
}
