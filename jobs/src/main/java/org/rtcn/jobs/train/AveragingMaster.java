package org.rtcn.jobs.train;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.ObjIntConsumer;
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
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.averaging.Rounds.Averaged;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.WeightedSum;
import org.rtcn.jobs.averaging.ShareSums;

/**
 * DL4J's ParameterAveragingTrainingMaster for rounds whose data already lie where they are used.
 * What differs from its parent, and why:
 *
 * <ul>
 *   <li>one partition is one worker, and a round neither repartitions nor splits: the parent
 *       counts, splits and shuffles the examples again in each epoch;
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
  private final int treeFromWorkers;
  private final ObjIntConsumer<String> located;
  private final String training = UUID.randomUUID().toString();
  private Broadcast<NetBroadcastTuple> broadcast;
  private int steps;
  private int rounds;
  private Averaged last;

  /**
   * @param shardSizes examples per worker
   * @param treeFromWorkers number of workers from which on their shares are summed in a tree
   * @param located told in each round where a worker has worked
   */
  AveragingMaster(
      TrainingOptions options,
      long[] shardSizes,
      int treeFromWorkers,
      ObjIntConsumer<String> located) {
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
    this.treeFromWorkers = treeFromWorkers;
    this.located = located;
  }

  /**
   * One round: every worker makes {@code roundSteps} steps from the same weights, then their mean
   * becomes the network's.
   *
   * @param batches partition i holds the batches of worker i
   * @return their mean, as the network of {@code graph} then stands
   */
  Averaged round(SparkComputationGraph graph, JavaRDD<MultiDataSet> batches, int roundSteps) {
    steps = roundSteps;
    rounds++;
    doIteration(graph, batches, rounds, rounds);
    return last;
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
        training,
        options.seed(),
        network.getConfiguration().getIterationCount());
  }

  @Override
  protected void doIteration(
      SparkComputationGraph graph, JavaRDD<MultiDataSet> batches, int round, int ofRounds) {
    int end = graph.getNetwork().getConfiguration().getIterationCount() + steps;
    JavaRDD<Share> shares =
        batches
            .mapPartitions(new ExecuteWorkerMultiDataSetFlatMap<>(getWorkerInstance(graph)))
            .mapPartitionsWithIndex(new Unpack(shardSizes, end), true);
    try {
      WeightedSum sum = ShareSums.of(shares, shardSizes.length, treeFromWorkers);
      sum.places().forEach((worker, location) -> located.accept(location, worker));
      last = Averaged.of(sum);
      GraphState.write(last.state(), graph.getNetwork());
    } finally {
      broadcast.destroy();
      broadcast = null;
    }
  }

  /** DL4J's result to plain arrays, in the task. */
  private static final class Unpack
      implements Function2<Integer, Iterator<ParameterAveragingTrainingResult>, Iterator<Share>> {
    private static final long serialVersionUID = 1L;
    private final long[] shardSizes;
    private final int end;

    Unpack(long[] shardSizes, int end) {
      this.shardSizes = shardSizes;
      this.end = end;
    }

    @Override
    public Iterator<Share> call(
        Integer worker, Iterator<ParameterAveragingTrainingResult> results) {
      if (!results.hasNext()) {
        return Collections.emptyIterator();
      }
      ParameterAveragingTrainingResult result = results.next();
      return List.of(
              new Share(
                  worker,
                  GraphState.of(end, result.getParameters(), result.getUpdaterState()),
                  result.getScore(),
                  shardSizes[worker],
                  ShardRdd.here()))
          .iterator();
    }
  }
}
