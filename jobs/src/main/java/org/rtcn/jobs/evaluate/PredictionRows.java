package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.jobs.tables.Table;

/** Between {@link Prediction} and rows of {@link Table#PREDICTIONS}. */
public final class PredictionRows {
  private PredictionRows() {}

  /** Predictions as rows of the table. */
  public static Dataset<Row> dataset(
      SparkSession spark, String modelId, List<String> classes, List<Prediction> predictions) {
    List<Row> rows = new ArrayList<>(predictions.size());
    for (Prediction prediction : predictions) {
      rows.add(row(modelId, classes, prediction));
    }
    return spark.createDataFrame(rows, Table.PREDICTIONS.schema());
  }

  private static Row row(String modelId, List<String> classes, Prediction prediction) {
    float[] probabilities = new float[classes.size()];
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] = prediction.probabilities().get(c).floatValue();
    }
    return RowFactory.create(
        prediction.level().word(),
        prediction.id(),
        modelId,
        prediction.dataset(),
        prediction.recordId().orElse(null),
        prediction.patientId().orElse(null),
        prediction.fold().orElse(null),
        prediction.truth().orElse(null),
        classes.get(prediction.predictedIndex()),
        classes.toArray(new String[0]),
        probabilities,
        (float) Evaluator.infarctProbability(classes, prediction.probabilities()),
        prediction.simulated());
  }

  /** A row of the table, of whatever level. */
  public static Prediction prediction(Row row) {
    List<Float> probabilities = row.getList(row.fieldIndex("probabilities"));
    return new Prediction(
        Level.valueOf(row.<String>getAs("level").toUpperCase(Locale.ROOT)),
        row.getAs("id"),
        row.getAs("dataset"),
        Optional.ofNullable(row.getAs("record_id")),
        Optional.ofNullable(row.getAs("patient_id")),
        Optional.ofNullable(row.getAs("fold")),
        Optional.ofNullable(row.getAs("truth")),
        probabilities.stream().map(Float::doubleValue).toList(),
        row.getAs("simulated"));
  }
}
