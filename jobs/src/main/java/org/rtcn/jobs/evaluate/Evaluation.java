package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.Evaluator;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.ValidationFit;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.RunDirectory;
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

  /** Writes the tables predictions, prediction_variants, metrics and bootstrap. */
  public void write(SparkSession spark, StageOutput output) {
    output.write(
        Table.PREDICTIONS,
        PredictionRows.dataset(spark, modelId, classes(), predictions.of(Variant.AS_TRAINED))
            .coalesce(1));
    List<Row> variants = new ArrayList<>();
    for (Variant variant : predictions.variants()) {
      if (variant != Variant.AS_TRAINED) {
        for (Prediction row : predictions.of(variant)) {
          variants.add(PredictionRows.row(variant, modelId, classes(), row));
        }
      }
    }
    output.write(
        Table.PREDICTION_VARIANTS,
        spark.createDataFrame(variants, Table.PREDICTION_VARIANTS.schema()).coalesce(1));
    output.write(Table.METRICS, MetricRows.dataset(spark, this).coalesce(1));
    output.write(
        Table.BOOTSTRAP, spark.createDataFrame(resamples(), Table.BOOTSTRAP.schema()).coalesce(1));
  }

  private List<Row> resamples() {
    TreeSet<String> patients = new TreeSet<>();
    predictions.of(Variant.AS_TRAINED, Level.PATIENT).forEach(row -> patients.add(row.id()));
    List<Row> rows = new ArrayList<>();
    for (int r = 0; r < evaluator.bootstrap().resamples(); r++) {
      rows.add(
          RowFactory.create(
              modelId, r, evaluator.bootstrap().drawn(patients, r).toArray(new String[0])));
    }
    return rows;
  }

  /** Sex and age of each patient, from the first of their records by id. */
  public static Map<String, Subgroup.Facts> facts(StageContext context) {
    return facts(context.spark(), context.run());
  }

  static Map<String, Subgroup.Facts> facts(SparkSession spark, RunDirectory run) {
    Map<String, Subgroup.Facts> facts = new HashMap<>();
    if (!run.has(Table.RECORDS)) {
      return facts;
    }
    Dataset<Row> records = run.read(spark, Table.RECORDS);
    for (Row row :
        records
            .select("record_id", "patient_id", "sex", "age_years")
            .orderBy("record_id")
            .collectAsList()) {
      facts.putIfAbsent(
          row.getString(1),
          new Subgroup.Facts(
              Optional.ofNullable(row.getString(2)),
              row.isNullAt(3) ? Optional.empty() : Optional.of((double) row.getFloat(3))));
    }
    return facts;
  }
}
