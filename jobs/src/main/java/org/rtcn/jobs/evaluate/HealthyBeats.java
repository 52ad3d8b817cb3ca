package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/** What beats are compared with when their answers are explained. */
final class HealthyBeats {
  /** Patients at most, a beat of each: some megabytes on the driver, whatever the run's size. */
  private static final int MOST = 200;

  private HealthyBeats() {}

  /**
   * A beat each of healthy patients that trained the model; simulated ones where there is none.
   *
   * @param models of whom nobody is held out from all
   */
  static HealthyReference of(StageContext context, ExplainedModels models) {
    List<float[][]> windows = new ArrayList<>();
    if (context.run().has(Table.BEATS)) {
      List<String> healthy =
          models.classes().stream().filter(name -> !Label.valueOf(name).isInfarction()).toList();
      Dataset<Row> beats =
          context
              .run()
              .read(context.spark(), Table.BEATS)
              .where(col("label").isInCollection(healthy))
              .where(col("patient_id").isInCollection(models.trainingPatients()));
      List<String> chosen =
          beats
              .groupBy("patient_id")
              .agg(min("beat_id").as("beat_id"))
              .orderBy(xxhash64(col("patient_id")), col("patient_id"))
              .limit(MOST)
              .collectAsList()
              .stream()
              .map(row -> row.<String>getAs("beat_id"))
              .toList();
      for (Row row :
          beats.where(col("beat_id").isInCollection(chosen)).orderBy("beat_id").collectAsList()) {
        windows.add(Signals.of(row).standardLeads());
      }
    }
    RtcnModel model = models.any();
    return windows.isEmpty()
        ? HealthyReference.simulated(new ModelInput(model))
        : new HealthyReference(windows);
  }
}
