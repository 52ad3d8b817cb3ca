package org.rtcn.common.averaging;

import java.io.PrintStream;
import java.util.Locale;

/** Tells the user: a line per epoch, or every ten seconds where there are none. */
final class ConsoleProgress implements TrainingListener {
  private static final double SECONDS_BETWEEN_STEPS = 10;

  private final LearningCurve curve;
  private final PrintStream console;
  private long shownNanos;
  private boolean shown;

  ConsoleProgress(LearningCurve curve, PrintStream console) {
    this.curve = curve;
    this.console = console;
  }

  @Override
  public void afterRound(Progress progress) {
    if (!curve.hasRowOf(progress)) {
      return;
    }
    long now = System.nanoTime();
    boolean epochs = progress.course().reportsEpochs();
    if (!epochs && shown && now - shownNanos < SECONDS_BETWEEN_STEPS * 1e9) {
      return;
    }
    shown = true;
    shownNanos = now;
    CurveRow row = curve.last();
    console.printf(
        Locale.ROOT,
        "           %s  loss %.4f%s  %,.0f examples/s%s  %.0f s done, %.0f s to go%n",
        epochs
            ? String.format("epoch %3d/%d", progress.epoch(), progress.course().epochs())
            : String.format("step %,d/%,d", progress.step(), progress.course().steps()),
        row.loss(),
        row.validationLoss() == null
            ? ""
            : String.format(
                Locale.ROOT,
                "  validation loss %.4f, balanced accuracy %.3f",
                row.validationLoss(),
                row.validationBalancedAccuracy()),
        row.examplesPerSecond(),
        row.gigaflopsPerSecond() > 0
            ? String.format(Locale.ROOT, "  %.1f GFLOP/s", row.gigaflopsPerSecond())
            : "",
        progress.elapsedSeconds(),
        progress.remainingSeconds());
  }
}
