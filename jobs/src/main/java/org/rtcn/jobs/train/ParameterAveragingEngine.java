package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Synchronous parameter averaging over Spark (McDonald, Hall, Mann 2010; DL4J's
 * ParameterAveragingTrainingMaster): every worker trains a copy of the network on its own examples
 * for some steps, the copies are averaged, and so on. Examples are dealt to the workers once, by
 * their key, and stay on their local disks ({@link ShardFile}); only weights travel.
 */
public final class ParameterAveragingEngine {
  private static final Logger LOG = LoggerFactory.getLogger(ParameterAveragingEngine.class);

  /** Below, the driver's sum is done before the first executor has shuffled. */
  private static final int TREE_FROM_WORKERS = 9;

  private final int treeFromWorkers;

  /** Sums in the driver with few workers, in a tree over the executors with many. */
  public ParameterAveragingEngine() {
    this(TREE_FROM_WORKERS);
  }

  ParameterAveragingEngine(int treeFromWorkers) {
    this.treeFromWorkers = treeFromWorkers;
  }

  /**
   * Trains {@code graph} in place, from the iteration that its configuration states: a network that
   * was trained for some steps, with its updater's state, goes on as if it had never stopped. The
   * same seed, examples and number of workers give the same weights, whatever the partitions of
   * {@code examples}.
   *
   * @throws IllegalArgumentException if there is no example
   */
  public void train(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    ShardRdd shards =
        new ShardRdd(deal(examples, options.workers()), UUID.randomUUID().toString(), options);
    try {
      long[] sizes = sizes(shards, options.workers());
      long total = Arrays.stream(sizes).sum();
      if (total == 0) {
        throw new IllegalArgumentException("Cannot train without examples");
      }
      LOG.info("{} examples dealt to {} workers: {}", total, options.workers(), sizes);
      run(graph, shards, sizes, options, listener);
    } finally {
      shards.drop();
    }
  }

  private void run(
      ComputationGraph graph,
      ShardRdd shards,
      long[] sizes,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    AveragingMaster master =
        new AveragingMaster(
            options,
            sizes,
            treeFromWorkers,
            (location, worker) -> shards.located(worker, location));
    SparkComputationGraph spark =
        new SparkComputationGraph(
            JavaSparkContext.fromSparkContext(shards.context()), graph, master);
    Clock clock =
        new Clock(
            options, Arrays.stream(sizes).sum(), graph.getConfiguration().getIterationCount());
    int perEpoch = clock.stepsPerEpoch();
    int frequency = options.averagingFrequency();
    int roundsPerEpoch = (perEpoch + frequency - 1) / frequency;
    int busy = (int) Arrays.stream(sizes).filter(size -> size > 0).count();
    while (clock.step() < clock.steps()) {
      if (clock.epochBegins() && !listener.goOn()) {
        return;
      }
      int epoch = clock.step() / perEpoch;
      int from = clock.step() % perEpoch;
      int to = Math.min(perEpoch, (from / frequency + 1) * frequency);
      double loss =
          master.round(
              spark,
              batches(shards, epoch, from, to),
              to - from,
              epoch * roundsPerEpoch + from / frequency + 1,
              options.epochs() * roundsPerEpoch);
      clock.advance(to - from, (long) (to - from) * options.batchSize() * busy);
      listener.on(clock.report(loss));
    }
  }

  /** Every example to its worker's partition. */
  static JavaRDD<Example> deal(JavaRDD<Example> examples, int workers) {
    return examples
        .mapToPair(example -> new Tuple2<>(Shard.worker(example, workers), example))
        // The hash of a small Integer is itself: key i goes to partition i.
        .partitionBy(new HashPartitioner(workers))
        .values();
  }

  /** What the driver learns of a shard. A class, no record: Kryo 4 cannot fill records. */
  private static final class Made implements Serializable {
    private static final long serialVersionUID = 1L;
    private final int worker;
    private final long size;
    private final String location;

    Made(int worker, long size, String location) {
      this.worker = worker;
      this.size = size;
      this.location = location;
    }
  }

  /** Makes the shards. */
  private static long[] sizes(ShardRdd shards, int workers) {
    long[] sizes = new long[workers];
    shards
        .toJavaRDD()
        .mapPartitionsWithIndex(
            (worker, shard) ->
                List.of(new Made(worker, shard.next().size(), ShardRdd.here())).iterator(),
            true)
        .collect()
        .forEach(
            made -> {
              sizes[made.worker] = made.size;
              shards.located(made.worker, made.location);
            });
    return sizes;
  }

  private static JavaRDD<MultiDataSet> batches(ShardRdd shards, int epoch, int from, int to) {
    return shards.toJavaRDD().mapPartitions(shard -> shard.next().batches(epoch, from, to), true);
  }
}
