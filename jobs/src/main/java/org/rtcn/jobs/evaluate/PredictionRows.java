package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.common.metrics.PredictionRule;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.tables.Table;

/** Between {@link Prediction} and rows of {@link Table#PREDICTIONS}. */
public final class PredictionRows {
  private PredictionRows() {}

  /** A row of {@link Table#PREDICTIONS}. */
  static Row row(String modelId, List<String> classes, Prediction prediction) {
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
        plain.get(12));
  }

  /**
   * What the rules make of rows of {@link Table#PREDICTIONS}, where those are.
   *
   * @return rows of {@link Table#PREDICTION_VARIANTS}
   */
  static Dataset<Row> variants(
      Dataset<Row> rows, String modelId, List<String> classes, Map<Variant, PredictionRule> rules) {
    Map<Variant, PredictionRule> sent = new TreeMap<>(rules);
    return rows.flatMap(
        (FlatMapFunction<Row, Row>)
            row -> {
              Prediction plain = prediction(row);
              List<Row> moved = new ArrayList<>();
              sent.forEach(
                  (variant, rule) -> moved.add(row(variant, modelId, classes, rule.apply(plain))));
              return moved.iterator();
            },
        Encoders.row(Table.PREDICTION_VARIANTS.schema()));
  }

  /**
   * The predictions that an evaluation left in a run, by variant and level.
   *
   * @param levels those that are read
   */
  public static VariantPredictions read(SparkSession spark, RunDirectory run, Set<Level> levels) {
    Map<Variant, Map<Level, PredictionList.Builder>> builders = new EnumMap<>(Variant.class);
    for (Table table : List.of(Table.PREDICTIONS, Table.PREDICTION_VARIANTS)) {
      if (!run.has(table)) {
        continue;
      }
      run.read(spark, table)
          .where(col("level").isInCollection(levels.stream().map(Level::word).toList()))
          .toLocalIterator()
          .forEachRemaining(
              row -> {
                Variant variant =
                    table == Table.PREDICTIONS
                        ? Variant.AS_TRAINED
                        : Variant.valueOf(row.<String>getAs("variant").toUpperCase(Locale.ROOT));
                Prediction prediction = prediction(row);
                builders
                    .computeIfAbsent(variant, v -> new EnumMap<>(Level.class))
                    .computeIfAbsent(prediction.level(), PredictionList::builder)
                    .add(prediction);
              });
    }
    VariantPredictions predictions = new VariantPredictions();
    builders.forEach(
        (variant, ofLevels) ->
            ofLevels.forEach((level, rows) -> predictions.add(variant, level, rows.build())));
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
        row.getAs("simulated"));
  }
}
