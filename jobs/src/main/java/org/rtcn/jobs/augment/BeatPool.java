package org.rtcn.jobs.augment;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.diffusion.TrainingBeat;
import org.rtcn.common.dsp.BeatRate;
import org.rtcn.common.ecg.Lead;
import org.rtcn.jobs.tables.LazyIterators;
import org.rtcn.jobs.tables.LeadColumns;

/**
 * The beats that the model sees: eight leads at the lowered rate, sorted by key. Plain arrays,
 * since it is broadcast.
 */
final class BeatPool implements Serializable {
  private static final long serialVersionUID = 1L;

  private static final StructType SCHEMA =
      new StructType()
          .add("beat_id", DataTypes.StringType)
          .add("patient_id", DataTypes.StringType)
          .add("label", DataTypes.StringType)
          .add("rr_before_s", DataTypes.FloatType)
          .add("values", DataTypes.createArrayType(DataTypes.FloatType, false));

  private final String[] beatIds;
  private final String[] patientIds;
  private final String[] labels;
  private final float[] rrSeconds;
  private final float[][][] millivolts;

  private BeatPool(List<TrainingBeat> beats) {
    beatIds = beats.stream().map(TrainingBeat::beatId).toArray(String[]::new);
    patientIds = beats.stream().map(TrainingBeat::patientId).toArray(String[]::new);
    labels = beats.stream().map(TrainingBeat::label).toArray(String[]::new);
    rrSeconds = new float[beats.size()];
    for (int i = 0; i < rrSeconds.length; i++) {
      rrSeconds[i] = beats.get(i).rrSeconds();
    }
    millivolts = beats.stream().map(TrainingBeat::millivolts).toArray(float[][][]::new);
  }

  /**
   * Chooses among the training beats, at most so many per patient and per class, the patients in
   * turn; the choice depends on their keys alone.
   *
   * @param trainingBeats rows of the table beats, training folds and configured classes only
   */
  static BeatPool collect(Dataset<Row> trainingBeats, AugmentOptions options) {
    Column[] leads =
        Lead.INDEPENDENT_8.stream().map(lead -> col(LeadColumns.name(lead))).toArray(Column[]::new);
    Column complete = col("beat_id").isNotNull();
    for (Column lead : leads) {
      complete = complete.and(lead.isNotNull());
    }
    Dataset<Row> usable = trainingBeats.where(complete);
    Dataset<Row> chosen =
        usable
            .select("beat_id", "patient_id", "label")
            .withColumn(
                "turn",
                row_number()
                    .over(
                        Window.partitionBy("label", "patient_id")
                            .orderBy(xxhash64(col("beat_id")), col("beat_id"))))
            .where(col("turn").leq(options.maxBeatsPerPatient()))
            .withColumn(
                "place",
                row_number()
                    .over(
                        Window.partitionBy("label")
                            .orderBy(col("turn"), xxhash64(col("beat_id")), col("beat_id"))))
            .where(col("place").leq(options.maxBeatsPerClass()))
            .select("beat_id");
    List<TrainingBeat> beats = lowered(usable.join(chosen, "beat_id"), "beat_id");
    return new BeatPool(beats);
  }

  /**
   * Beats at the lowered rate, sorted by key.
   *
   * @param rows rows of beats or synthetic_beats, all eight leads there
   * @param key name of the key column; where there is no patient, the key stands for him
   */
  static List<TrainingBeat> lowered(Dataset<Row> rows, String key) {
    List<Column> columns = new ArrayList<>();
    columns.add(col(key));
    columns.add(
        Arrays.asList(rows.columns()).contains("patient_id") ? col("patient_id") : col(key));
    columns.add(col("label"));
    columns.add(col("rr_before_s"));
    Lead.INDEPENDENT_8.forEach(lead -> columns.add(col(LeadColumns.name(lead))));
    MapPartitionsFunction<Row, Row> lower = BeatPool::lower;
    List<TrainingBeat> beats = new ArrayList<>();
    for (Row row :
        rows.select(columns.toArray(Column[]::new))
            .mapPartitions(lower, Encoders.row(SCHEMA))
            .collectAsList()) {
      beats.add(beat(row));
    }
    beats.sort(Comparator.comparing(TrainingBeat::beatId));
    return beats;
  }

  private static Iterator<Row> lower(Iterator<Row> rows) {
    BeatRate rate = new BeatRate(AugmentOptions.RATE_FACTOR);
    return LazyIterators.map(
        rows,
        row -> {
          float[][] window = new float[Lead.INDEPENDENT_8.size()][];
          for (int lead = 0; lead < window.length; lead++) {
            window[lead] = floats(row, 4 + lead);
          }
          float[] values = flatten(rate.lower(window));
          return RowFactory.create(row.get(0), row.get(1), row.get(2), row.get(3), values);
        });
  }

  private static TrainingBeat beat(Row row) {
    float[] values = floats(row, 4);
    int leads = Lead.INDEPENDENT_8.size();
    float[][] rows = new float[leads][values.length / leads];
    for (int lead = 0; lead < leads; lead++) {
      System.arraycopy(values, lead * rows[lead].length, rows[lead], 0, rows[lead].length);
    }
    float rr = row.isNullAt(3) ? Float.NaN : row.getFloat(3);
    return new TrainingBeat(row.getString(0), row.getString(1), row.getString(2), rows, rr);
  }

  private static float[] floats(Row row, int column) {
    List<Float> values = row.getList(column);
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  private static float[] flatten(float[][] rows) {
    float[] flat = new float[rows.length * rows[0].length];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(rows[row], 0, flat, row * rows[row].length, rows[row].length);
    }
    return flat;
  }

  int size() {
    return beatIds.length;
  }

  /** The beats, sorted by key. */
  List<TrainingBeat> beats() {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int i = 0; i < beatIds.length; i++) {
      beats.add(
          new TrainingBeat(beatIds[i], patientIds[i], labels[i], millivolts[i], rrSeconds[i]));
    }
    return beats;
  }
}
