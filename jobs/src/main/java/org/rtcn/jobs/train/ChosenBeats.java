package org.rtcn.jobs.train;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/** Which training beats travel with a model: the same whatever the partitions. */
final class ChosenBeats {
  private ChosenBeats() {}

  /**
   * The first beat each of some patients per class, chosen by a hash of their ids.
   *
   * @param patients that the network has learned from
   * @param perClass at most; 0 for none
   * @return empty where none is wanted, or the run holds no waveforms of them
   */
  static Optional<TrainingBeats> of(
      StageContext context, RtcnModel model, Set<String> patients, int perClass) {
    if (perClass == 0 || !context.run().has(Table.BEATS)) {
      return Optional.empty();
    }
    Dataset<Row> beats =
        context
            .run()
            .read(context.spark(), Table.BEATS)
            .where(col("patient_id").isInCollection(patients));
    Set<String> chosen = new TreeSet<>();
    for (String label : model.classes()) {
      beats
          .where(col("label").equalTo(label))
          .groupBy("patient_id")
          .agg(min("beat_id").as("beat_id"))
          .orderBy(xxhash64(col("patient_id")), col("patient_id"))
          .limit(perClass)
          .collectAsList()
          .forEach(row -> chosen.add(row.getAs("beat_id")));
    }
    // One pass over the waveforms, not one per class.
    List<Row> rows =
        new ArrayList<>(beats.where(col("beat_id").isInCollection(chosen)).collectAsList());
    rows.sort(
        Comparator.comparingInt((Row row) -> model.classes().indexOf(row.<String>getAs("label")))
            .thenComparing(row -> row.<String>getAs("beat_id")));
    List<TrainingBeats.Kept> kept = new ArrayList<>();
    for (Row row : rows) {
      float[][] window = Signals.of(row).standardLeads();
      if (isWhole(window)) {
        kept.add(new TrainingBeats.Kept(row.getAs("label"), row.getAs("simulated"), window));
      }
    }
    return kept.isEmpty()
        ? Optional.empty()
        : Optional.of(new TrainingBeats(model.modelId(), kept));
  }

  /** Without gaps: a distance to it is a number. */
  private static boolean isWhole(float[][] window) {
    for (float[] lead : window) {
      for (float value : lead) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return true;
  }
}
