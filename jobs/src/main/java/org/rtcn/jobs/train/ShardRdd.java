package org.rtcn.jobs.train;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.spark.Partition;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.BlockManagerId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag$;

/**
 * One {@link Shard} per partition, on the local disk of the executor that has made it. Tasks go
 * where their shard lies; where it is gone, or they had to go elsewhere, it is made again from the
 * shuffled examples: their order follows from their keys, so that the batches are the same.
 */
final class ShardRdd extends RDD<Shard> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(ShardRdd.class);

  private final String training;
  private final TrainingOptions options;

  /** On the driver: where each worker's shard was last seen. */
  private final transient String[] locations;

  /**
   * @param dealt partition i holds the examples of worker i, in any order
   * @param training unique to this training
   */
  ShardRdd(JavaRDD<Example> dealt, String training, TrainingOptions options) {
    super(dealt.rdd(), ClassTag$.MODULE$.apply(Shard.class));
    this.training = training;
    this.options = options;
    this.locations = new String[options.workers()];
  }

  /** Where a task runs, in the words in which Spark's scheduler takes a wish. */
  static String here() {
    BlockManagerId executor = SparkEnv.get().blockManager().blockManagerId();
    return "executor_" + executor.host() + "_" + executor.executorId();
  }

  /** Tells where a worker's shard lies. */
  void located(int worker, String location) {
    locations[worker] = location;
  }

  @Override
  public Partition[] getPartitions() {
    return firstParent(ClassTag$.MODULE$.apply(Example.class)).partitions();
  }

  @Override
  public Seq<String> getPreferredLocations(Partition split) {
    String location = locations[split.index()];
    return JavaConverters.asScalaBuffer(location == null ? List.of() : List.of(location)).toSeq();
  }

  /** Nothing is made before the shard is asked for. */
  @Override
  public scala.collection.Iterator<Shard> compute(Partition split, TaskContext context) {
    RDD<Example> dealt = firstParent(ClassTag$.MODULE$.apply(Example.class));
    return JavaConverters.asScalaIterator(
        new Iterator<Shard>() {
          private boolean given;

          @Override
          public boolean hasNext() {
            return !given;
          }

          @Override
          public Shard next() {
            if (given) {
              throw new NoSuchElementException("A partition has one shard");
            }
            given = true;
            return LocalShards.shard(
                training,
                split.index(),
                options,
                () -> JavaConverters.asJavaIterator(dealt.iterator(split, context)));
          }
        });
  }

  /** Frees the space of all shards; what is left goes when its executor ends. */
  void drop() {
    String done = training;
    try {
      toJavaRDD()
          .mapPartitions(
              untouched -> {
                LocalShards.drop(done);
                return Collections.emptyIterator();
              })
          .count();
    } catch (RuntimeException e) {
      // The training itself may have ended well, or failed for a reason that must be heard.
      LOG.warn("Failed to remove the training examples from the executors: {}", e.getMessage());
    }
  }
}
