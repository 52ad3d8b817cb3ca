package org.rtcn.jobs.train;

import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.random.RandomStreams;

/** What local training and every worker do around a step. */
final class Steps {
  private Steps() {}

  /**
   * Prepares a step: the iteration, which Adam's bias correction and the learning rate read, and
   * this thread's generator, which dropout draws from.
   */
  static void prepare(ComputationGraph graph, long seed, int worker, int iteration) {
    graph.getConfiguration().setIterationCount(iteration);
    Nd4j.getRandom().setSeed(seed(seed, worker, iteration));
  }

  /** What dropout of a step is drawn from. */
  static long seed(long seed, int worker, int iteration) {
    return RandomStreams.seedOf(seed, "step", worker, iteration);
  }

  /** The data part of the loss of the step just made. */
  static double loss(ComputationGraph graph) {
    return graph.score() - graph.calcRegularizationScore(true);
  }
}
