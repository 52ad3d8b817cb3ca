package org.rtcn.jobs.train;

import java.util.Iterator;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.averaging.AveragingTrainer;
import org.rtcn.common.averaging.Rounds.Averaged;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.nn.RtcnTraining;

/** Training on one thread without Spark: the reference that parallel training is held against. */
final class LocalEngine {
  private LocalEngine() {}

  /**
   * One step per batch on one thread.
   *
   * @param first iteration of the first of them
   * @return their mean loss
   */
  static double steps(
      ComputationGraph graph, Iterator<MultiDataSet> batches, long seed, int worker, int first) {
    Nd4jRuntime.start();
    try (RtcnTraining training = new RtcnTraining(graph, KernelChoice.open(DataType.FLOAT))) {
      training.load(graph);
      for (int step = first; batches.hasNext(); step++) {
        MultiDataSet batch = batches.next();
        training.step(
            batch.getFeatures(0), null, batch.getLabels(0), step, Steps.seed(seed, worker, step));
      }
      training.store(graph);
      return training.meanLoss();
    }
  }

  static void train(ComputationGraph graph, List<Example> examples, TrainingOptions options) {
    Nd4jRuntime.start();
    try (ShardFile file = ShardFile.write(examples.iterator())) {
      Shard shard = new Shard(file, options);
      AveragingTrainer.train(
          GraphState.of(graph),
          options.course(shard.size()),
          (from, round) -> {
            double loss =
                steps(
                    graph,
                    shard.batches(round.epoch(), round.from(), round.to()),
                    options.seed(),
                    0,
                    from.step());
            graph.getConfiguration().setIterationCount(from.step() + round.steps());
            return new Averaged(GraphState.of(graph), loss);
          },
          List.of());
    }
  }
}
