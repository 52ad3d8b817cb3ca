package org.rtcn.jobs.train;

import java.util.Collection;
import org.apache.spark.TaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.TaskCompletionListener;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingResult;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.nn.RtcnTraining;
import org.rtcn.jobs.averaging.KeptNetworks;

/**
 * DL4J's worker, with three things mended: it goes on at the iteration where the last round ended
 * (DL4J's starts each round at 0, so that Adam's bias correction and learning-rate schedules never
 * advance); its dropout is drawn from (seed, worker, iteration); and it reports the mean loss of
 * the round instead of the last batch's score.
 */
final class AveragingWorker extends ParameterAveragingTrainingWorker {
  private static final long serialVersionUID = 1L;

  private static final KeptNetworks<Built> KEPT = new KeptNetworks<>();

  private final Broadcast<NetBroadcastTuple> state;
  private final String training;
  private final long seed;
  private final int firstIteration;
  private transient Built built;
  private int steps;

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
    Built own = KEPT.take(training, () -> new Built(super.getInitialModelGraph()));
    built = own;
    TaskCompletionListener giveBack = done -> KEPT.giveBack(training, own);
    TaskContext.get().addTaskCompletionListener(giveBack);
    // Copied by set and assign: the broadcast's own arrays may serve several threads.
    NetBroadcastTuple now = state.value();
    built.graph.setParams(now.getParameters());
    if (now.getUpdaterState() != null) {
      built.graph.getUpdater(true).getStateViewArray().assign(now.getUpdaterState());
    }
    return built.graph;
  }

  /** A network as DL4J's, for what goes to and fro, and as what its steps are made with. */
  private static final class Built implements AutoCloseable {
    private final ComputationGraph graph;
    private final RtcnTraining network;

    Built(ComputationGraph graph) {
      this.graph = graph;
      this.network = new RtcnTraining(graph, KernelChoice.open(DataType.FLOAT));
    }

    @Override
    public void close() {
      network.close();
    }
  }

  /**
   * Makes a step. Weights, moments and activations stay with the kernels for the whole round; the
   * graph gets weights and moments back at its end.
   */
  @Override
  public ParameterAveragingTrainingResult processMinibatch(
      MultiDataSet batch, ComputationGraph graph, boolean isLast) {
    RtcnTraining network = built.network;
    if (steps == 0) {
      network.load(graph);
    }
    int iteration = firstIteration + steps;
    network.step(
        batch.getFeatures(0),
        batch.numFeatureArrays() > 1 ? batch.getFeatures(1) : null,
        batch.getLabels(0),
        iteration,
        Steps.seed(seed, TaskContext.getPartitionId(), iteration));
    steps++;
    if (!isLast) {
      return null;
    }
    network.store(graph);
    return getFinalResult(graph);
  }

  @Override
  public ParameterAveragingTrainingResult getFinalResult(ComputationGraph graph) {
    ParameterAveragingTrainingResult result = super.getFinalResult(graph);
    return new ParameterAveragingTrainingResult(
        result.getParameters(),
        result.getUpdaterState(),
        built.network.meanLoss(),
        null,
        null,
        null);
  }
}
