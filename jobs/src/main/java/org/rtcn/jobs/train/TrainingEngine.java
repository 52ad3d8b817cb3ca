package org.rtcn.jobs.train;

import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** A way to train a network on examples. */
public interface TrainingEngine {

  /**
   * Trains {@code graph} in place, from the iteration that its configuration states: a network that
   * was trained for some steps, with its updater's state, goes on as if it had never stopped. The
   * same seed, examples and number of workers give the same weights, whatever the partitions of
   * {@code examples}.
   *
   * @throws IllegalArgumentException if there is no example
   */
  void train(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener);
}
