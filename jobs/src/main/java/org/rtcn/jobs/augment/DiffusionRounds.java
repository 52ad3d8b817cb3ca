package org.rtcn.jobs.augment;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.rtcn.common.averaging.Round;
import org.rtcn.common.averaging.Rounds;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.diffusion.DdpmModel;
import org.rtcn.common.diffusion.DdpmTraining;
import org.rtcn.jobs.averaging.KeptNetworks;
import org.rtcn.jobs.averaging.ShareSums;

/**
 * Rounds of the diffusion model. Every worker, a Spark task, makes its steps with beats of its own
 * drawing. There is no barrier: tasks may run one after another, or again after a failure, with the
 * same result.
 *
 * <p>Each worker draws from all training beats: they are few enough to lie on every executor, and
 * shares would leave workers without a patient of a rare class.
 */
final class DiffusionRounds implements Rounds, AutoCloseable {
  private static final KeptNetworks<DdpmTraining> KEPT = new KeptNetworks<>();

  private final JavaSparkContext spark;
  private final Broadcast<BeatPool> pool;
  private final Broadcast<byte[]> untrained;
  private final int workers;
  private final String training = UUID.randomUUID().toString();

  DiffusionRounds(JavaSparkContext spark, Broadcast<BeatPool> pool, DdpmModel untrained) {
    this.spark = spark;
    this.pool = pool;
    this.untrained = spark.broadcast(untrained.toBytes());
    this.workers = untrained.config().workers();
  }

  @Override
  public Averaged make(TrainingState from, Round round) {
    Broadcast<TrainingState> start = spark.broadcast(from);
    Task task = new Task(pool, untrained, start, round.steps(), training);
    List<Integer> numbers = new ArrayList<>(IntStream.range(0, workers).boxed().toList());
    try {
      return Averaged.of(
          ShareSums.of(
              spark.parallelize(numbers, workers).map(task::share),
              workers,
              ShareSums.TREE_FROM_WORKERS));
    } finally {
      start.destroy();
    }
  }

  /** What a worker does, on its executor. */
  private record Task(
      Broadcast<BeatPool> pool,
      Broadcast<byte[]> untrained,
      Broadcast<TrainingState> start,
      int steps,
      String training)
      implements java.io.Serializable {

    Share share(int worker) {
      DdpmTraining network =
          KEPT.take(
              training,
              () -> new DdpmTraining(DdpmModel.fromBytes(untrained.value()), pool.value().beats()));
      Share share = network.advance(start.value(), steps, worker);
      KEPT.giveBack(training, network);
      return share;
    }
  }

  @Override
  public void close() {
    untrained.destroy();
  }
}
