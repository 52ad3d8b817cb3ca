package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.metrics.Aggregation;
import org.rtcn.common.metrics.DetectionThreshold;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/**
 * What simpler answers score on the same held-out patients: always the most frequent class, the
 * classes' shares, and logistic regression. They learn from the patients of the training folds, no
 * others.
 */
final class Baselines {
  private final StageContext context;
  private final EvaluateOptions options;
  private final List<String> classes;

  Baselines(StageContext context, EvaluateOptions options, List<String> classes) {
    this.context = context;
    this.options = options;
    this.classes = classes;
  }

  /**
   * Adds the baselines' predictions of the model's own records and patients.
   *
   * @param aggregation what the model says
   * @param patientsByClass patients that trained the model
   */
  void addTo(
      VariantPredictions variants, Aggregation aggregation, Map<String, Long> patientsByClass) {
    double[] prior = new double[classes.size()];
    double total = Math.max(1, patientsByClass.values().stream().mapToLong(n -> n).sum());
    int most = 0;
    for (int c = 0; c < prior.length; c++) {
      prior[c] = patientsByClass.getOrDefault(classes.get(c), 0L) / total;
      most = prior[c] > prior[most] ? c : most;
    }
    double[] majority = new double[classes.size()];
    majority[most] = 1;
    add(variants, Variant.MAJORITY, aggregation, id -> majority);
    add(variants, Variant.PRIOR, aggregation, id -> prior);
    logistic(variants, aggregation);
  }

  private static void add(
      VariantPredictions variants,
      Variant variant,
      Aggregation aggregation,
      Function<String, double[]> byId) {
    variants.add(
        variant,
        Level.RECORD,
        aggregation.records().stream()
            .map(row -> row.withProbabilities(byId.apply(row.id())))
            .toList());
    variants.add(
        variant,
        Level.PATIENT,
        aggregation.patients().stream()
            .map(row -> row.withProbabilities(byId.apply(row.id())))
            .toList());
  }

  private void logistic(VariantPredictions variants, Aggregation aggregation) {
    if (options.baselineComponents() == 0 || !context.run().has(Table.BEATS)) {
      return;
    }
    Dataset<Row> beats =
        context
            .run()
            .read(context.spark(), Table.BEATS)
            .where(col("label").isInCollection(classes));
    List<MedianBeats.Median> training = new ArrayList<>();
    List<MedianBeats.Median> heldOut = new ArrayList<>();
    Set<String> measured = Set.copyOf(aggregation.records().stream().map(Prediction::id).toList());
    for (MedianBeats.Median median : MedianBeats.of(beats)) {
      if (measured.contains(median.recordId())) {
        heldOut.add(median);
      } else if (!options.testFolds().contains(median.fold())) {
        training.add(median);
      }
    }
    Optional<LogisticBaseline> fitted =
        LogisticBaseline.fit(
            context.spark(),
            training,
            classes,
            options.baselineComponents(),
            options.baselinePenalty());
    if (fitted.isEmpty() || heldOut.size() != measured.size()) {
      return;
    }
    // One row per record; the means over a patient's records follow the same rule as the model's.
    List<Prediction> rows = new ArrayList<>();
    for (MedianBeats.Median median : heldOut) {
      List<Double> probabilities = new ArrayList<>();
      for (double p : fitted.get().probabilities(median.features())) {
        probabilities.add(p);
      }
      rows.add(
          new Prediction(
              Level.BEAT,
              median.recordId(),
              median.dataset(),
              Optional.of(median.recordId()),
              Optional.of(median.patientId()),
              Optional.of(median.fold()),
              Optional.of(median.label()),
              probabilities,
              DetectionThreshold.FIXED.probability(),
              median.simulated()));
    }
    Aggregation records = Aggregation.of(rows);
    variants.add(Variant.LOGISTIC, Level.RECORD, records.records());
    variants.add(Variant.LOGISTIC, Level.PATIENT, records.patients());
  }
}
