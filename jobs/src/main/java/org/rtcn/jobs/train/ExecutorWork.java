package org.rtcn.jobs.train;

import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/**
 * What Spark's own task metrics say about who worked: tasks, run time and processor time per
 * executor.
 */
public final class ExecutorWork extends SparkListener {
  private final Map<String, double[]> byExecutor = new TreeMap<>();

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.taskMetrics() != null && end.taskInfo().successful()) {
      double[] sums =
          byExecutor.computeIfAbsent(
              end.taskInfo().executorId() + "@" + end.taskInfo().host(), key -> new double[3]);
      sums[0]++;
      sums[1] += end.taskMetrics().executorRunTime() / 1e3;
      sums[2] += end.taskMetrics().executorCpuTime() / 1e9;
    }
  }

  /** What each executor did. */
  public synchronized Map<String, TrainFacts.Work> byExecutor() {
    Map<String, TrainFacts.Work> result = new TreeMap<>();
    byExecutor.forEach(
        (executor, sums) ->
            result.put(executor, new TrainFacts.Work((long) sums[0], sums[1], sums[2])));
    return result;
  }
}
