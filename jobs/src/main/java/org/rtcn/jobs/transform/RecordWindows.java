package org.rtcn.jobs.transform;

import static org.apache.spark.sql.functions.broadcast;
import static org.apache.spark.sql.functions.ceil;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.regexp_replace;
import static org.apache.spark.sql.functions.slice;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.jobs.tables.LeadColumns;

/**
 * The windows that a long recording was ingested as, each with some seconds of its neighbours. So a
 * task holds one window whatever the recording's length, and yet no beat is lost, counted twice or
 * filtered otherwise for a border that only the storage knows.
 */
final class RecordWindows {
  private static final String BEFORE = "before_";
  private static final String AFTER = "after_";

  private RecordWindows() {}

  /**
   * Adds to each window the end of the one before and the beginning of the one after, where these
   * are there.
   *
   * @param signals rows of the signals table
   * @param windows {@code record_id}, {@code start_sample} (not null) and {@code n_samples} of the
   *     windows; other rows of the signals are left out
   * @return the signals' columns, and for each lead the surroundings, null where there are none
   */
  static Dataset<Row> withMargins(Dataset<Row> signals, Dataset<Row> windows) {
    Dataset<Row> places =
        windows.select(
            col("record_id"),
            regexp_replace(col("record_id"), "@[0-9]+$", "").as("source"),
            col("start_sample").as("start"),
            col("start_sample").plus(col("n_samples")).as("end"));
    Dataset<Row> placed = signals.join(broadcast(places), "record_id");
    Column margin = ceil(col("fs_hz").multiply(BeatExtractor.MARGIN_SECONDS)).cast("int");
    Column tailFrom = greatest(col("n_samples").minus(margin).plus(1), lit(1));
    List<Column> tails = new ArrayList<>(List.of(col("source"), col("end").as("start")));
    List<Column> heads = new ArrayList<>(List.of(col("source"), col("start").as("end")));
    for (String lead : LeadColumns.NAMES) {
      tails.add(slice(col(lead), tailFrom, margin).as(BEFORE + lead));
      heads.add(slice(col(lead), lit(1), margin).as(AFTER + lead));
    }
    return placed
        .join(placed.select(tails.toArray(new Column[0])), columns("source", "start"), "left")
        .join(placed.select(heads.toArray(new Column[0])), columns("source", "end"), "left")
        .drop("source", "start", "end");
  }

  private static scala.collection.Seq<String> columns(String... names) {
    return scala.collection.JavaConverters.asScalaBuffer(List.of(names)).toSeq();
  }

  /** The beats of a row of {@link #withMargins}. */
  static BeatExtraction extract(BeatExtractor extractor, Row row) {
    EcgSignal own = Signals.of(row);
    int before = 0;
    int after = 0;
    float[][] surrounded = new float[own.leads().size()][];
    for (int lead = 0; lead < surrounded.length; lead++) {
      String name = LeadColumns.name(own.leads().get(lead));
      float[] left = floats(row, BEFORE + name);
      float[] right = floats(row, AFTER + name);
      float[] middle = own.millivolts()[lead];
      if (lead > 0 && (left.length != before || right.length != after)) {
        // A lead that the neighbour lacks: without the surroundings, then.
        return extractor.extract(own);
      }
      before = left.length;
      after = right.length;
      surrounded[lead] = new float[before + middle.length + after];
      System.arraycopy(left, 0, surrounded[lead], 0, before);
      System.arraycopy(middle, 0, surrounded[lead], before, middle.length);
      System.arraycopy(right, 0, surrounded[lead], before + middle.length, after);
    }
    return extractor.extract(
        new EcgSignal(own.fsHz(), own.leads(), surrounded), before, before + own.sampleCount());
  }

  private static float[] floats(Row row, String column) {
    int at = row.fieldIndex(column);
    return row.isNullAt(at) ? new float[0] : Signals.floats(row, at);
  }
}
