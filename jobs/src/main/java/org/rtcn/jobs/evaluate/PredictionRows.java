package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.RunDirectory;
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
    Decision decision = Decision.among(classes);
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
        classes.get(prediction.answer(decision)),
        classes.toArray(new String[0]),
        probabilities,
        decision.infarctProbability(prediction.probabilityArray()),
        prediction.threshold(),
        prediction.simulated());
  }

  /** A row of {@link Table#PREDICTION_VARIANTS}. */
  static Row row(Variant variant, String modelId, List<String> classes, Prediction prediction) {
    Row plain = row(modelId, classes, prediction);
    return RowFactory.create(
        variant.word(),
        plain.get(0),
        plain.get(1),
        plain.get(2),
        plain.get(3),
        plain.get(4),
        plain.get(5),
        plain.get(6),
        plain.get(7),
        plain.get(8),
        plain.get(9),
        plain.get(10),
        plain.get(11),
        plain.get(12),
        plain.get(13));
  }

  /** The predictions that an evaluation left in a run, by variant and level. */
  public static VariantPredictions read(SparkSession spark, RunDirectory run) {
    VariantPredictions predictions = new VariantPredictions();
    for (Row row : run.read(spark, Table.PREDICTIONS).collectAsList()) {
      Prediction prediction = prediction(row);
      predictions.add(Variant.AS_TRAINED, prediction.level(), List.of(prediction));
    }
    if (run.has(Table.PREDICTION_VARIANTS)) {
      for (Row row : run.read(spark, Table.PREDICTION_VARIANTS).collectAsList()) {
        Prediction prediction = prediction(row);
        predictions.add(
            Variant.valueOf(row.<String>getAs("variant").toUpperCase(Locale.ROOT)),
            prediction.level(),
            List.of(prediction));
      }
    }
    return predictions;
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
        row.<Float>getAs("threshold"),
        row.getAs("simulated"));
  }
}
