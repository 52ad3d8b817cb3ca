package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.jobs.predict.BeatScorer;

/**
 * What the model says of beats: worked out once, kept on the executors' disks until it is closed.
 */
final class ScoredBeats implements AutoCloseable {
  /** The driver takes so many in at a time. */
  private static final int ROWS_PER_TASK = 50_000;

  private final Dataset<Row> rows;
  private final PredictionList list;

  private ScoredBeats(Dataset<Row> rows) {
    this.rows = rows.persist(StorageLevel.DISK_ONLY());
    int tasks = 1 + (int) (this.rows.count() / ROWS_PER_TASK);
    PredictionList.Builder builder = PredictionList.builder(Level.BEAT);
    this.rows
        .repartitionByRange(tasks, col("id"))
        .sortWithinPartitions("id")
        .toLocalIterator()
        .forEachRemaining(row -> builder.add(PredictionRows.prediction(row)));
    this.list = builder.build();
  }

  /**
   * Scores.
   *
   * @param files of the model
   * @param images of the beats
   */
  static ScoredBeats of(SparkSession spark, Map<String, byte[]> files, Dataset<Row> images) {
    return new ScoredBeats(BeatScorer.score(spark, files, images));
  }

  /** Rows of the table predictions. */
  Dataset<Row> rows() {
    return rows;
  }

  /** The same by id, packed. */
  PredictionList list() {
    return list;
  }

  @Override
  public void close() {
    rows.unpersist(false);
  }
}
