package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.struct;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.ValidationFit;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.tables.Table;

/**
 * All that was measured of one model, or of the models of all folds together.
 *
 * @param modelId of the model, or of the cross-validation
 * @param evaluator classes, intervals and bins
 * @param predictions by variant and level; {@link Variant#AS_TRAINED} is the model itself
 * @param figures per variant its levels, from beat to patient
 * @param subgroups of the patients, as trained
 * @param fits what was chosen on validation patients; one per level and model
 * @param conflicting patients with several labels, who are left out at patient level
 * @param simulated whether anything of it is simulated
 */
public record Evaluation(
    String modelId,
    Evaluator evaluator,
    VariantPredictions predictions,
    Map<Variant, List<LevelEvaluation>> figures,
    List<Subgroup> subgroups,
    List<ValidationFit> fits,
    List<String> conflicting,
    boolean simulated) {

  public Evaluation {
    subgroups = List.copyOf(subgroups);
    fits = List.copyOf(fits);
    conflicting = List.copyOf(conflicting);
  }

  /** Measures everything. */
  public static Evaluation of(
      String modelId,
      Evaluator evaluator,
      VariantPredictions predictions,
      Map<String, Subgroup.Facts> facts,
      Subgroup.Rule rule,
      List<ValidationFit> fits,
      List<String> conflicting,
      boolean simulated) {
    return new Evaluation(
        modelId,
        evaluator,
        predictions,
        predictions.evaluate(evaluator),
        Subgroup.of(evaluator, predictions.of(Variant.AS_TRAINED, Level.PATIENT), facts, rule),
        fits,
        conflicting,
        simulated);
  }

  /** The classes in the order of the probabilities. */
  public List<String> classes() {
    return evaluator.classes();
  }

  /** The model's own figures, from beat to patient. */
  public List<LevelEvaluation> levels() {
    return figures.get(Variant.AS_TRAINED);
  }

  /** The figures of all variants at one level. */
  public Map<Variant, LevelEvaluation> at(Level level) {
    Map<Variant, LevelEvaluation> found = new EnumMap<>(Variant.class);
    figures.forEach(
        (variant, levels) ->
            levels.stream()
                .filter(l -> l.level() == level)
                .findFirst()
                .ifPresent(l -> found.put(variant, l)));
    return found;
  }

  /**
   * Rows of beats, which stay on the executors.
   *
   * @param predictions of the table predictions, as trained
   * @param variants of the table prediction_variants
   */
  public record BeatRows(Dataset<Row> predictions, Dataset<Row> variants) {}

  /** Writes the tables predictions, prediction_variants, metrics and bootstrap. */
  public void write(SparkSession spark, StageOutput output, BeatRows beats) {
    List<Row> asTrained = new ArrayList<>();
    List<Row> others = new ArrayList<>();
    for (Level level : List.of(Level.RECORD, Level.PATIENT)) {
      for (Variant variant : predictions.variants()) {
        for (Prediction row : predictions.of(variant, level)) {
          if (variant == Variant.AS_TRAINED) {
            asTrained.add(PredictionRows.row(modelId, classes(), row));
          } else {
            others.add(PredictionRows.row(variant, modelId, classes(), row));
          }
        }
      }
    }
    output.write(
        Table.PREDICTIONS,
        oneFile(
            beats
                .predictions()
                .union(spark.createDataFrame(asTrained, Table.PREDICTIONS.schema()))));
    output.write(
        Table.PREDICTION_VARIANTS,
        oneFile(
            beats
                .variants()
                .union(spark.createDataFrame(others, Table.PREDICTION_VARIANTS.schema()))));
    output.write(Table.METRICS, MetricRows.dataset(spark, this).coalesce(1));
    output.write(Table.BOOTSTRAP, resamples(spark));
  }

  /** By id, in whatever pieces the rows came. */
  private static Dataset<Row> oneFile(Dataset<Row> rows) {
    return rows.coalesce(1).sortWithinPartitions("level", "id");
  }

  /** Made where they are written: every resample names as many patients as are held out. */
  private Dataset<Row> resamples(SparkSession spark) {
    // An array: Kryo cannot fill lists that do not change.
    String[] patients =
        predictions.of(Variant.AS_TRAINED, Level.PATIENT).stream()
            .map(Prediction::id)
            .sorted()
            .toArray(String[]::new);
    Broadcast<String[]> among =
        JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(patients);
    PatientBootstrap bootstrap = evaluator.bootstrap();
    String id = modelId;
    return spark
        .range(0, bootstrap.resamples(), 1, 1)
        .map(
            (MapFunction<Long, Row>)
                r ->
                    RowFactory.create(
                        id,
                        r.intValue(),
                        bootstrap
                            .drawn(List.of(among.value()), r.intValue())
                            .toArray(new String[0])),
            Encoders.row(Table.BOOTSTRAP.schema()));
  }

  /** Sex and age of these patients, from the first of their records by id. */
  public static Map<String, Subgroup.Facts> facts(StageContext context, List<Prediction> patients) {
    Map<String, Subgroup.Facts> facts = new HashMap<>();
    if (!context.run().has(Table.RECORDS)) {
      return facts;
    }
    for (Row row :
        context
            .run()
            .read(context.spark(), Table.RECORDS)
            .where(col("patient_id").isInCollection(patients.stream().map(Prediction::id).toList()))
            .groupBy("patient_id")
            .agg(min(struct("record_id", "sex", "age_years")))
            .collectAsList()) {
      Row first = row.getStruct(1);
      facts.put(
          row.getString(0),
          new Subgroup.Facts(
              Optional.ofNullable(first.getString(1)),
              first.isNullAt(2) ? Optional.empty() : Optional.of((double) first.getFloat(2))));
    }
    return facts;
  }
}
