package org.rtcn.jobs.train;

import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.averaging.AveragingTrainer;
import org.rtcn.common.averaging.Rounds.Averaged;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Training on one thread without Spark: the reference that parallel training is held against. */
final class LocalEngine {
  private LocalEngine() {}

  /**
   * Prepares a step: the iteration, which Adam's bias correction and the learning rate read, and
   * this thread's generator, which dropout draws from.
   */
  static void prepare(ComputationGraph graph, long seed, int worker, int iteration) {
    graph.getConfiguration().setIterationCount(iteration);
    Nd4j.getRandom().setSeed(Steps.seed(seed, worker, iteration));
  }

  /** The data part of the loss of the step just made. */
  private static double loss(ComputationGraph graph) {
    return graph.score() - graph.calcRegularizationScore(true);
  }

  static void train(ComputationGraph graph, List<Example> examples, TrainingOptions options) {
    Nd4jRuntime.start();
    try (ShardFile file = ShardFile.write(examples.iterator())) {
      Shard shard = new Shard(file, options);
      AveragingTrainer.train(
          GraphState.of(graph),
          options.course(shard.size()),
          (from, round) -> {
            Iterator<MultiDataSet> batches = shard.batches(round.epoch(), round.from(), round.to());
            double loss = 0;
            for (int step = from.step(); batches.hasNext(); step++) {
              prepare(graph, options.seed(), 0, step);
              graph.fit(batches.next());
              loss += loss(graph);
            }
            int end = from.step() + round.steps();
            graph.getConfiguration().setIterationCount(end);
            return new Averaged(GraphState.of(graph), loss / round.steps());
          },
          List.of());
    }
  }
}
