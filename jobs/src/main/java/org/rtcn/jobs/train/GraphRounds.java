package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.averaging.Round;
import org.rtcn.common.averaging.Rounds;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.jobs.averaging.ShareSums;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * Rounds of a DL4J graph over Spark, made by DL4J's ParameterAveragingTrainingMaster: each worker
 * trains on its own examples. They are assigned to the workers once, by their key, and stay on
 * their local disks ({@link ShardFile}); only weights travel. The same seed, examples and number of
 * workers give the same weights, whatever the partitions of the examples.
 */
public final class GraphRounds implements Rounds, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GraphRounds.class);

  private final ComputationGraph graph;
  private final ShardRdd shards;
  private final AveragingMaster master;
  private final SparkComputationGraph spark;
  private final SortedSet<String> kernels;

  private GraphRounds(
      ComputationGraph graph,
      ShardRdd shards,
      long[] sizes,
      SortedSet<String> kernels,
      TrainingOptions options,
      int treeFromWorkers) {
    this.graph = graph;
    this.shards = shards;
    this.kernels = kernels;
    this.master =
        new AveragingMaster(
            options,
            sizes,
            treeFromWorkers,
            (location, worker) -> shards.located(worker, location));
    this.spark =
        new SparkComputationGraph(
            JavaSparkContext.fromSparkContext(shards.context()), graph, master);
  }

  /**
   * Deals the examples to the workers.
   *
   * @param graph stands after each round as its workers' mean does
   * @throws IllegalArgumentException if there is no example
   */
  public static GraphRounds deal(
      ComputationGraph graph, JavaRDD<Example> examples, TrainingOptions options) {
    return deal(graph, examples, options, ShareSums.TREE_FROM_WORKERS);
  }

  static GraphRounds deal(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      int treeFromWorkers) {
    ShardRdd shards =
        new ShardRdd(deal(examples, options.workers()), UUID.randomUUID().toString(), options);
    boolean dealt = false;
    try {
      SortedSet<String> kernels = new TreeSet<>();
      long[] sizes = sizes(shards, options.workers(), kernels);
      long total = Arrays.stream(sizes).sum();
      if (total == 0) {
        throw new IllegalArgumentException("Cannot train without examples");
      }
      LOG.debug("{} examples assigned to {} workers: {}", total, options.workers(), sizes);
      dealt = true;
      return new GraphRounds(graph, shards, sizes, kernels, options, treeFromWorkers);
    } finally {
      if (!dealt) {
        shards.drop();
      }
    }
  }

  @Override
  public Averaged make(TrainingState from, Round round) {
    if (graph.getConfiguration().getIterationCount() != from.step()) {
      // The first round of a training that goes on.
      GraphState.write(from, graph);
    }
    return master.round(spark, batches(shards, round), round.steps());
  }

  /** Frees the space of the examples. */
  @Override
  public void close() {
    shards.drop();
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
    private final String kernels;

    Made(int worker, long size, String location, String kernels) {
      this.worker = worker;
      this.size = size;
      this.location = location;
      this.kernels = kernels;
    }
  }

  /** What the workers compute with, in words. */
  SortedSet<String> kernels() {
    return kernels;
  }

  /** Makes the shards. */
  private static long[] sizes(ShardRdd shards, int workers, Set<String> kernels) {
    long[] sizes = new long[workers];
    shards
        .toJavaRDD()
        .mapPartitionsWithIndex(
            (worker, shard) ->
                List.of(
                        new Made(
                            worker, shard.next().size(), ShardRdd.here(), KernelChoice.describe()))
                    .iterator(),
            true)
        .collect()
        .forEach(
            made -> {
              sizes[made.worker] = made.size;
              kernels.add(made.kernels);
              shards.located(made.worker, made.location);
            });
    return sizes;
  }

  private static JavaRDD<MultiDataSet> batches(ShardRdd shards, Round round) {
    int epoch = round.epoch();
    int from = round.from();
    int to = round.to();
    return shards.toJavaRDD().mapPartitions(shard -> shard.next().batches(epoch, from, to), true);
  }
}
