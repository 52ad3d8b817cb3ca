package org.rtcn.jobs.train;

import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.broadcast.Broadcast;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.WorkerConfiguration;
import org.deeplearning4j.spark.api.worker.ExecuteWorkerMultiDataSetFlatMap;
import org.deeplearning4j.spark.api.worker.NetBroadcastTuple;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingResult;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingWorker;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's ParameterAveragingTrainingMaster for rounds whose data already lie where they are used.
 * What differs from its parent, and why:
 *
 * <ul>
 *   <li>one partition is one worker, and a round neither repartitions nor splits: the parent
 *       counts, splits and shuffles the examples anew in each epoch;
 *   <li>Adam's moments are averaged and kept ({@code saveUpdater} is false by default in the
 *       parent, whatever its Javadoc says), and the iteration goes on ({@link AveragingWorker});
 *   <li>the mean is weighted by the examples that each worker holds, and a worker without data
 *       takes no part: in the parent it ends the round with a null pointer or counts as one;
 *   <li>sums are formed in the order of the workers, in double precision, so that a run repeats to
 *       the bit; the parent adds in the order in which tasks happen to finish;
 *   <li>each round's broadcast is destroyed after it.
 * </ul>
 */
final class AveragingMaster extends ParameterAveragingTrainingMaster {
  private final TrainingOptions options;
  private final long[] shardSizes;
  private Broadcast<NetBroadcastTuple> broadcast;
  private double lastLoss;
  private int lastSteps;

  /**
   * @param shardSizes examples per worker
   */
  AveragingMaster(TrainingOptions options, long[] shardSizes) {
    super(
        new ParameterAveragingTrainingMaster.Builder(options.workers(), options.batchSize())
            .batchSizePerWorker(options.batchSize())
            .averagingFrequency(options.averagingFrequency())
            .saveUpdater(true)
            .repartionData(Repartition.Never)
            .rddTrainingApproach(RDDTrainingApproach.Direct)
            .storageLevel(null)
            .rngSeed(options.seed()));
    this.options = options;
    this.shardSizes = shardSizes.clone();
  }

  /**
   * One round: every worker makes {@code steps} steps from the same weights, then their mean
   * becomes the network's.
   *
   * @param batches partition i holds the batches of worker i
   * @return the mean loss
   */
  double round(
      SparkComputationGraph graph,
      JavaRDD<MultiDataSet> batches,
      int steps,
      int round,
      int rounds) {
    lastSteps = steps;
    doIteration(graph, batches, round, rounds);
    return lastLoss;
  }

  @Override
  public ParameterAveragingTrainingWorker getWorkerInstance(SparkComputationGraph graph) {
    ComputationGraph network = graph.getNetwork();
    broadcast =
        graph
            .getSparkContext()
            .broadcast(
                new NetBroadcastTuple(
                    network.getConfiguration(),
                    network.params(),
                    network.getUpdater().getStateViewArray()));
    WorkerConfiguration configuration =
        new WorkerConfiguration(
            true, options.batchSize(), options.batchSize(), averagingFrequency, 0, false);
    return new AveragingWorker(
        broadcast,
        configuration,
        trainingHookList,
        listeners,
        options.seed(),
        network.getConfiguration().getIterationCount());
  }

  @Override
  protected void doIteration(
      SparkComputationGraph graph, JavaRDD<MultiDataSet> batches, int round, int rounds) {
    JavaRDD<WorkerShare> results =
        batches
            .mapPartitions(new ExecuteWorkerMultiDataSetFlatMap<>(getWorkerInstance(graph)))
            .mapPartitionsWithIndex(new Unpack(shardSizes), true);
    try {
      average(graph.getNetwork(), results.collect());
    } finally {
      broadcast.destroy();
      broadcast = null;
    }
  }

  /** Makes the weighted mean of the shares the network's weights and updater state. */
  private void average(ComputationGraph network, List<WorkerShare> shares) {
    if (shares.isEmpty()) {
      throw new IllegalStateException("Cannot average: no worker had data");
    }
    List<WorkerShare> ordered =
        shares.stream().sorted(Comparator.comparingInt(share -> share.worker)).toList();
    double total = ordered.stream().mapToDouble(share -> share.examples).sum();
    double[] parameters = new double[ordered.get(0).parameters.length];
    double[] updaterState = new double[ordered.get(0).updaterState.length];
    double loss = 0;
    for (WorkerShare share : ordered) {
      double weight = share.examples / total;
      add(parameters, share.parameters, weight);
      add(updaterState, share.updaterState, weight);
      loss += weight * share.loss;
    }
    network.setParams(row(parameters));
    if (updaterState.length > 0) {
      network.getUpdater().setStateViewArray(row(updaterState));
    }
    network
        .getConfiguration()
        .setIterationCount(network.getConfiguration().getIterationCount() + lastSteps);
    lastLoss = loss;
  }

  private static void add(double[] sum, float[] values, double weight) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += weight * values[i];
    }
  }

  private static INDArray row(double[] values) {
    return Nd4j.create(values, new long[] {1, values.length}, 'c').castTo(DataType.FLOAT);
  }

  /** DL4J's result to plain arrays, in the task. */
  private static final class Unpack
      implements Function2<
          Integer, Iterator<ParameterAveragingTrainingResult>, Iterator<WorkerShare>> {
    private static final long serialVersionUID = 1L;
    private final long[] shardSizes;

    Unpack(long[] shardSizes) {
      this.shardSizes = shardSizes;
    }

    @Override
    public Iterator<WorkerShare> call(
        Integer worker, Iterator<ParameterAveragingTrainingResult> results) {
      if (!results.hasNext()) {
        return Collections.emptyIterator();
      }
      ParameterAveragingTrainingResult result = results.next();
      INDArray state = result.getUpdaterState();
      return List.of(
              new WorkerShare(
                  worker,
                  result.getParameters().toFloatVector(),
                  state == null ? new float[0] : state.toFloatVector(),
                  result.getScore(),
                  shardSizes[worker]))
          .iterator();
    }
  }
}
