package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.metrics.Aggregation;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.PredictionList;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import scala.Tuple2;
import scala.collection.JavaConverters;

/**
 * What simpler answers score on the same held-out patients: always the most frequent class, the
 * classes' shares, and logistic regression. They learn from the patients of the training folds, no
 * others.
 */
final class Baselines {
  /**
   * Records that the regression learns from at most, drawn by their ids: far more than its few
   * numbers need, and a bound for the driver, which holds the median beats of them all.
   */
  private static final int MOST_RECORDS = 10_000;

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
    Column tested = col("fold").isin(options.testFolds().toArray());
    List<MedianBeats.Median> training = training(beats.where(not(tested)));
    Set<String> measured = Set.copyOf(aggregation.records().stream().map(Prediction::id).toList());
    Map.of(
            Variant.LOGISTIC, LogisticBaseline.Balance.WEIGHTED,
            Variant.LOGISTIC_EQUAL_SHARES, LogisticBaseline.Balance.DIVIDED)
        .forEach(
            (variant, balance) ->
                LogisticBaseline.fit(
                        context.spark(),
                        training,
                        classes,
                        options.baselineComponents(),
                        options.baselinePenalty(),
                        balance)
                    .map(fitted -> heldOut(beats.where(tested), measured, fitted))
                    .filter(rows -> rows.size() == measured.size())
                    .ifPresent(
                        rows -> {
                          // The means over a patient's records follow the same rule as the model's.
                          Aggregation records = Aggregation.of(rows);
                          variants.add(variant, Level.RECORD, records.records());
                          variants.add(variant, Level.PATIENT, records.patients());
                        }));
  }

  /** Median beats by record id, of no more records than the driver has room for. */
  private static List<MedianBeats.Median> training(Dataset<Row> beats) {
    Dataset<Row> drawn =
        beats
            .select("record_id")
            .distinct()
            .orderBy(xxhash64(col("record_id")), col("record_id"))
            .limit(MOST_RECORDS);
    Dataset<Row> theirs =
        beats.join(drawn, JavaConverters.asScalaBuffer(List.of("record_id")), "left_semi");
    List<MedianBeats.Median> medians = new ArrayList<>(MedianBeats.of(theirs).collect());
    medians.sort(Comparator.comparing(MedianBeats.Median::recordId));
    return medians;
  }

  /** One row per record, answered where its beats are: the driver sees probabilities. */
  private static PredictionList heldOut(
      Dataset<Row> beats, Set<String> measured, LogisticBaseline fitted) {
    PredictionList.Builder rows = PredictionList.builder(Level.BEAT);
    MedianBeats.of(beats)
        .map(median -> new Tuple2<>(median.named(), fitted.probabilities(median.features())))
        .toLocalIterator()
        .forEachRemaining(
            row -> {
              if (measured.contains(row._1().recordId())) {
                rows.add(row._1().answered(row._2()));
              }
            });
    return rows.build();
  }
}
