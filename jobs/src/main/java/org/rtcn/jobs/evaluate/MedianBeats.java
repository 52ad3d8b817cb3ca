package org.rtcn.jobs.evaluate;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapGroupsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.transform.Signals;

/**
 * The 12-lead median beat of each record: per lead and sample the median over the record's beats,
 * then averaged to about 100 Hz (the beats are low-pass filtered far below). What a record of any
 * length looks like as one row of numbers.
 */
final class MedianBeats {
  private static final double FEATURE_HZ = 100;

  private static final StructType SCHEMA =
      new StructType()
          .add("record_id", DataTypes.StringType, false)
          .add("patient_id", DataTypes.StringType, false)
          .add("dataset", DataTypes.StringType, false)
          .add("label", DataTypes.StringType, false)
          .add("fold", DataTypes.IntegerType, false)
          .add("simulated", DataTypes.BooleanType, false)
          .add("features", DataTypes.createArrayType(DataTypes.FloatType, false), false);

  /** One record. A class, no record: Kryo 4 cannot fill records. */
  static final class Median implements Serializable {
    private static final long serialVersionUID = 1L;
    private final String recordId;
    private final String patientId;
    private final String dataset;
    private final String label;
    private final int fold;
    private final boolean simulated;
    private final float[] features;

    /**
     * @param features {@code [lead · sample]}, mV; an absent lead is 0
     */
    Median(
        String recordId,
        String patientId,
        String dataset,
        String label,
        int fold,
        boolean simulated,
        float[] features) {
      this.recordId = recordId;
      this.patientId = patientId;
      this.dataset = dataset;
      this.label = label;
      this.fold = fold;
      this.simulated = simulated;
      this.features = features;
    }

    String recordId() {
      return recordId;
    }

    String label() {
      return label;
    }

    float[] features() {
      return features;
    }

    /** What a model says of the record, as of a single beat. */
    Prediction answered(double[] probabilities) {
      return new Prediction(
          Level.BEAT,
          recordId,
          dataset,
          Optional.of(recordId),
          Optional.of(patientId),
          Optional.of(fold),
          Optional.of(label),
          Arrays.stream(probabilities).boxed().toList(),
          simulated);
    }

    /** The record without its beat. */
    Median named() {
      return new Median(recordId, patientId, dataset, label, fold, simulated, new float[0]);
    }
  }

  private MedianBeats() {}

  /** The median beats of all records of these beats, made where the beats are. */
  static JavaRDD<Median> of(Dataset<Row> beats) {
    return beats
        .groupByKey((MapFunction<Row, String>) row -> row.getAs("record_id"), Encoders.STRING())
        .mapGroups(
            (MapGroupsFunction<String, Row, Row>)
                (id, members) -> {
                  List<Row> list = new ArrayList<>();
                  members.forEachRemaining(list::add);
                  Row first = list.get(0);
                  return RowFactory.create(
                      id,
                      first.getAs("patient_id"),
                      first.getAs("dataset"),
                      first.getAs("label"),
                      first.getAs("fold"),
                      first.getAs("simulated"),
                      features(list));
                },
            Encoders.row(SCHEMA))
        .javaRDD()
        .map(
            row ->
                new Median(
                    row.getString(0),
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getInt(4),
                    row.getBoolean(5),
                    Signals.floats(row, 6)));
  }

  private static float[] features(List<Row> beats) {
    double fsHz = beats.get(0).<Double>getAs("fs_hz");
    int step = Math.max(1, (int) Math.round(fsHz / FEATURE_HZ));
    Row first = beats.get(0);
    int samples = Signals.of(first).sampleCount();
    int points = samples / step;
    float[] features = new float[LeadColumns.NAMES.size() * points];
    float[] column = new float[beats.size()];
    for (int lead = 0; lead < LeadColumns.NAMES.size(); lead++) {
      int field = beats.get(0).fieldIndex(LeadColumns.NAMES.get(lead));
      List<float[]> windows = new ArrayList<>();
      for (Row beat : beats) {
        if (!beat.isNullAt(field)) {
          windows.add(Signals.floats(beat, field));
        }
      }
      if (windows.isEmpty()) {
        continue;
      }
      for (int point = 0; point < points; point++) {
        double sum = 0;
        for (int i = point * step; i < (point + 1) * step; i++) {
          for (int b = 0; b < windows.size(); b++) {
            column[b] = windows.get(b)[i];
          }
          sum += median(column, windows.size());
        }
        features[lead * points + point] = (float) (sum / step);
      }
    }
    return features;
  }

  private static double median(float[] values, int count) {
    Arrays.sort(values, 0, count);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2.0;
  }
}
