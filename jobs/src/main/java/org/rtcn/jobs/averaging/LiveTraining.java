package org.rtcn.jobs.averaging;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.spark.SparkContext;
import org.rtcn.common.averaging.Progress;
import org.rtcn.common.averaging.TrainingListener;
import org.rtcn.jobs.spark.LiveMetrics;

/** A training's step, loss and pace as {@link LiveMetrics}; NaN before the first round. */
public final class LiveTraining implements TrainingListener {
  private volatile Progress last;

  /**
   * Shows a training from now on.
   *
   * @param stage how the names begin
   */
  public static LiveTraining show(SparkContext context, String stage) {
    LiveTraining training = new LiveTraining();
    LiveMetrics.show(
        context,
        Map.of(
            stage + ".step", () -> training.last(Progress::step),
            stage + ".steps", () -> training.last(progress -> progress.course().steps()),
            stage + ".loss", () -> training.last(Progress::loss),
            stage + ".examples_per_second", () -> training.last(Progress::examplesPerSecond),
            stage + ".remaining_seconds", () -> training.last(Progress::remainingSeconds)));
    return training;
  }

  @Override
  public void afterRound(Progress progress) {
    last = progress;
  }

  private double last(ToDoubleFunction<Progress> figure) {
    Progress progress = last;
    return progress == null ? Double.NaN : figure.applyAsDouble(progress);
  }
}
