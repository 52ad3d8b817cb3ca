package org.rtcn.jobs.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.HashPartitioner;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
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
 * their key, and stay there; only weights travel.
 */
public final class ParameterAveragingEngine implements TrainingEngine {
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

  @Override
  public void train(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    JavaRDD<Example> dealt = deal(examples, options.workers());
    dealt.persist(StorageLevel.MEMORY_AND_DISK());
    try {
      long[] sizes = sizes(dealt, options.workers());
      long total = Arrays.stream(sizes).sum();
      if (total == 0) {
        throw new IllegalArgumentException("Cannot train without examples");
      }
      LOG.info("{} examples dealt to {} workers: {}", total, options.workers(), sizes);
      run(graph, dealt, sizes, options, listener);
    } finally {
      dealt.unpersist(false);
    }
  }

  private void run(
      ComputationGraph graph,
      JavaRDD<Example> dealt,
      long[] sizes,
      TrainingOptions options,
      TrainingProgress.Listener listener) {
    AveragingMaster master = new AveragingMaster(options, sizes, treeFromWorkers);
    SparkComputationGraph spark =
        new SparkComputationGraph(
            JavaSparkContext.fromSparkContext(dealt.context()), graph, master);
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
              batches(dealt, options, epoch, from, to),
              to - from,
              epoch * roundsPerEpoch + from / frequency + 1,
              options.epochs() * roundsPerEpoch);
      clock.advance(to - from, (long) (to - from) * options.batchSize() * busy);
      listener.on(clock.report(loss));
    }
  }

  /** Every example to its worker's partition, in a fixed order. */
  static JavaRDD<Example> deal(JavaRDD<Example> examples, int workers) {
    return examples
        .mapToPair(example -> new Tuple2<>(Shard.worker(example, workers), example))
        // The hash of a small Integer is itself: key i goes to partition i.
        .partitionBy(new HashPartitioner(workers))
        .values()
        .mapPartitions(
            iterator -> {
              List<Example> list = new ArrayList<>();
              iterator.forEachRemaining(list::add);
              return Shard.sorted(list).iterator();
            },
            true);
  }

  private static long[] sizes(JavaRDD<Example> dealt, int workers) {
    long[] sizes = new long[workers];
    dealt
        .mapPartitionsWithIndex(
            (worker, iterator) -> {
              long count = 0;
              while (iterator.hasNext()) {
                iterator.next();
                count++;
              }
              return Collections.singletonList(new long[] {worker, count}).iterator();
            },
            true)
        .collect()
        .forEach(pair -> sizes[(int) pair[0]] = pair[1]);
    return sizes;
  }

  private static JavaRDD<MultiDataSet> batches(
      JavaRDD<Example> dealt, TrainingOptions options, int epoch, int from, int to) {
    return dealt.mapPartitions(
        iterator -> {
          List<Example> list = new ArrayList<>();
          iterator.forEachRemaining(list::add);
          return new Shard(list, options).batches(epoch, from, to);
        },
        true);
  }
}
