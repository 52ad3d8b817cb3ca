package org.rtcn.jobs.train;

import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * Trains in the driver, on one thread, with all examples in its memory: the reference that parallel
 * training is held against. {@code workers} must be 1.
 */
public final class LocalEngine implements TrainingEngine {

  @Override
  public void train(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    train(graph, examples.collect(), options, listener);
  }

  /** As the other, with the examples at hand. */
  public void train(
      ComputationGraph graph,
      List<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    if (options.workers() != 1) {
      throw new IllegalArgumentException(
          "Invalid workers " + options.workers() + ": local training has one");
    }
    Nd4jRuntime.start();
    Shard shard = new Shard(examples, options);
    if (shard.isEmpty()) {
      throw new IllegalArgumentException("Cannot train without examples");
    }
    Clock clock = new Clock(options, examples.size(), graph.getConfiguration().getIterationCount());
    while (clock.step() < clock.steps() && listener.goOn()) {
      int from = clock.step() % clock.stepsPerEpoch();
      Iterator<MultiDataSet> batches =
          shard.batches(clock.step() / clock.stepsPerEpoch(), from, clock.stepsPerEpoch());
      double loss = 0;
      while (batches.hasNext()) {
        Steps.prepare(graph, options.seed(), 0, clock.step());
        graph.fit(batches.next());
        loss += Steps.loss(graph);
        clock.advance(1, options.batchSize());
      }
      graph.getConfiguration().setIterationCount(clock.step());
      listener.on(clock.report(loss / (clock.stepsPerEpoch() - from)));
    }
  }
}
