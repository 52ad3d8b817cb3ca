package org.rtcn.jobs.train;

import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Training on one thread without Spark: the reference that parallel training is held against. */
final class LocalEngine {
  private LocalEngine() {}

  static void train(
      ComputationGraph graph,
      List<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    Nd4jRuntime.start();
    try (ShardFile file = ShardFile.write(examples.iterator())) {
      Shard shard = new Shard(file, options);
      Clock clock = new Clock(options, shard.size(), graph.getConfiguration().getIterationCount());
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
}
