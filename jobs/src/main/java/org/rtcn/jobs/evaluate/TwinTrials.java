package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.explain.TwinTrial;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.LooksSection;

/** {@link TwinTrial} on the executors: some patients of each site, simulated there. */
final class TwinTrials {
  private TwinTrials() {}

  /**
   * Tries a model's maps.
   *
   * @param perSite patients of each site; 0 for no trial
   * @return a row per method, in order; empty without a trial
   */
  static List<LooksSection.TrialRow> of(
      SparkSession spark,
      Map<String, byte[]> modelFiles,
      HealthyReference reference,
      int perSite,
      long seed) {
    List<Label> sites = TwinTrial.sites(RtcnModel.parse(modelFiles));
    if (perSite == 0 || sites.isEmpty()) {
      return List.of();
    }
    List<Integer> cases = new ArrayList<>();
    for (int number = 0; number < perSite * sites.size(); number++) {
      cases.add(number);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<Map<String, byte[]>> files = context.broadcast(modelFiles);
    Broadcast<HealthyReference> healthy = context.broadcast(reference);
    int slices = Math.min(cases.size(), context.defaultParallelism());
    // In the order of the cases, whoever worked on them.
    List<TwinTrial.Finding> findings =
        context
            .parallelize(cases, slices)
            .mapPartitions(
                numbers -> {
                  TwinTrial trial =
                      new TwinTrial(RtcnModel.parse(files.value()), healthy.value(), seed);
                  List<TwinTrial.Finding> found = new ArrayList<>();
                  numbers.forEachRemaining(
                      number ->
                          found.addAll(
                              trial.of(sites.get(number / perSite), 1 + number % perSite)));
                  return found.iterator();
                })
            .collect();
    List<LooksSection.TrialRow> rows = new ArrayList<>();
    for (TwinTrial.Method method : TwinTrial.Method.values()) {
      List<TwinTrial.Finding> of = findings.stream().filter(f -> f.method() == method).toList();
      if (!of.isEmpty()) {
        rows.add(
            new LooksSection.TrialRow(
                method.label(),
                of.size(),
                mean(of, TwinTrial.Finding::auroc),
                mean(of, TwinTrial.Finding::rankCorrelation),
                mean(of, f -> f.leadHit() ? 1 : 0),
                mean(of, f -> f.segmentHit() ? 1 : 0),
                mean(of, TwinTrial.Finding::doseHit)));
      }
    }
    return rows;
  }

  private static double mean(
      List<TwinTrial.Finding> of, ToDoubleFunction<TwinTrial.Finding> figure) {
    return of.stream()
        .mapToDouble(figure)
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
