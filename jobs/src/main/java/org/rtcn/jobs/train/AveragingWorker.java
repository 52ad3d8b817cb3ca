package org.rtcn.jobs.train;

import java.util.Collection;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingResult;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * DL4J's worker, with three things mended: it goes on at the iteration where the last round ended
 * (DL4J's starts each round at 0, so that Adam's bias correction and learning-rate schedules never
 * advance); its dropout is drawn from (seed, worker, iteration); and it reports the mean loss of
 * the round instead of the last batch's score.
 */
final class AveragingWorker extends ParameterAveragingTrainingWorker {
  private static final long serialVersionUID = 1L;

  /** The network of this thread's last round: building one costs as much as several steps. */
  private static final ThreadLocal<Built> BUILT = new ThreadLocal<>();

  private final Broadcast<NetBroadcastTuple> state;
  private final String training;
  private final long seed;
  private final int firstIteration;
  private int steps;
  private double lossSum;

  AveragingWorker(
      Broadcast<NetBroadcastTuple> broadcast,
      WorkerConfiguration configuration,
      Collection<TrainingHook> hooks,
      Collection<TrainingListener> listeners,
      String training,
      long seed,
      int firstIteration) {
    super(broadcast, true, configuration, hooks, listeners, null);
    this.state = broadcast;
    this.training = training;
    this.seed = seed;
    this.firstIteration = firstIteration;
  }

  @Override
  public ComputationGraph getInitialModelGraph() {
    Nd4jRuntime.start();
    Built built = BUILT.get();
    if (built == null || !built.training.equals(training)) {
      built = new Built(training, super.getInitialModelGraph());
      BUILT.set(built);
      return built.graph;
    }
    // Copied by set and assign: the broadcast's own arrays may serve several threads.
    NetBroadcastTuple now = state.value();
    built.graph.setParams(now.getParameters());
    if (now.getUpdaterState() != null) {
      built.graph.getUpdater(true).getStateViewArray().assign(now.getUpdaterState());
    }
    return built.graph;
  }

  /** A network and the training that it was built for. */
  private static final class Built {
    private final String training;
    private final ComputationGraph graph;

    Built(String training, ComputationGraph graph) {
      this.training = training;
      this.graph = graph;
    }
  }

  @Override
  public ParameterAveragingTrainingResult processMinibatch(
      MultiDataSet batch, ComputationGraph graph, boolean isLast) {
    Steps.prepare(graph, seed, TaskContext.getPartitionId(), firstIteration + steps);
    ParameterAveragingTrainingResult result = super.processMinibatch(batch, graph, false);
    steps++;
    lossSum += Steps.loss(graph);
    return isLast ? getFinalResult(graph) : result;
  }

  @Override
  public ParameterAveragingTrainingResult getFinalResult(ComputationGraph graph) {
    ParameterAveragingTrainingResult result = super.getFinalResult(graph);
    return new ParameterAveragingTrainingResult(
        result.getParameters(), result.getUpdaterState(), lossSum / steps, null, null, null);
  }
}
