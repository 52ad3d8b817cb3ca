package org.rtcn.common.averaging;

import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes every round to the log, and keeps it as a line of CSV. */
public final class RoundLog implements TrainingListener {
  private static final Logger LOG = LoggerFactory.getLogger(RoundLog.class);

  private final LearningCurve curve;
  private final StringBuilder csv =
      new StringBuilder("step,epoch,loss,learning_rate,examples_per_second\n");

  RoundLog(LearningCurve curve) {
    this.curve = curve;
  }

  @Override
  public void afterRound(Progress progress) {
    double rate = curve.rate(progress.step() - 1);
    LOG.info(
        String.format(
            Locale.ROOT,
            "step %d of %d, epoch %d, loss %.5f, learning rate %.3g, %.0f examples/s, %.1f GFLOP/s,"
                + " %.0f s to go",
            progress.step(),
            progress.course().steps(),
            progress.epoch(),
            progress.loss(),
            rate,
            progress.examplesPerSecond(),
            curve.gigaflops(progress.examplesPerSecond()),
            progress.remainingSeconds()));
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
