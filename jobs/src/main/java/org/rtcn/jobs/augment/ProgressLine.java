package org.rtcn.jobs.augment;

import java.io.PrintStream;
import java.util.Locale;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import scala.Tuple4;
import scala.collection.JavaConverters;
import scala.collection.Seq;

/**
 * Shows how far the tasks are, from the accumulators that travel with the executors' heartbeats
 * (every ten seconds). The accumulators also stand on the stage's page of the Spark UI.
 */
final class ProgressLine extends SparkListener {
  static final String STEPS = "DDPM training steps";
  static final String LOSS = "DDPM training loss";

  private final PrintStream console;
  private final int trainingSteps;
  private long shown;

  ProgressLine(PrintStream console, int trainingSteps) {
    this.console = console;
    this.trainingSteps = trainingSteps;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    for (Tuple4<Object, Object, Object, Seq<AccumulableInfo>> task :
        JavaConverters.seqAsJavaList(update.accumUpdates())) {
      long steps = -1;
      double loss = Double.NaN;
      for (AccumulableInfo info : JavaConverters.seqAsJavaList(task._4())) {
        if (info.name().contains(STEPS) && info.update().isDefined()) {
          steps = ((Number) info.update().get()).longValue();
        } else if (info.name().contains(LOSS) && info.update().isDefined()) {
          loss = ((Number) info.update().get()).doubleValue();
        }
      }
      if (steps > shown) {
        shown = steps;
        console.printf(
            Locale.ROOT,
            "           training step %,d of %,d, loss %.4f%n",
            steps,
            trainingSteps,
            loss);
      }
    }
  }
}
