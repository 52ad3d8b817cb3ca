package org.rtcn.jobs.predict;

import static org.apache.spark.sql.functions.col;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.explain.LeadSegmentExplainer;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.RecordReport;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.Version;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/** A page per recording for the first few recordings by id: only their rows reach the driver. */
final class RecordPages {
  /** Below the run. */
  static final String FOLDER = "report/records";

  private static final int BEATS_EXPLAINED = 4;

  private RecordPages() {}

  static void write(StageContext context, StageOutput output, RtcnModel model, int most) {
    if (most == 0) {
      return;
    }
    LeadSegmentExplainer explainer =
        new LeadSegmentExplainer(model, HealthyReference.simulated(new ModelInput(model)));
    Dataset<Row> predictions = output.staged(context.spark(), Table.PREDICTIONS);
    for (Row answer : predictions.where("level = 'record'").orderBy("id").takeAsList(most)) {
      String id = answer.getAs("id");
      Dataset<Row> answered =
          predictions.where(col("level").equalTo("beat").and(col("record_id").equalTo(id)));
      long beats = answered.count();
      Row signal = first(context, Table.SIGNALS, "record_id", id);
      Row record = first(context, Table.RECORDS, "record_id", id);
      // Of the beats that the answer rests on.
      String beat = answered.orderBy("id").first().getAs("id");
      Row image = first(context, Table.SPECTROGRAMS, "beat_id", beat);
      Row window = first(context, Table.BEATS, "beat_id", beat);
      String name = id.replaceAll("[^A-Za-z0-9._-]", "_");
      output.write(
          FOLDER + "/" + name + ".html",
          page(
                  answer,
                  beats,
                  signal,
                  record,
                  image,
                  window,
                  model,
                  pieces(context, answered, model, explainer, answer.getAs("predicted")))
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  private static String page(
      Row answer,
      long beats,
      Row signal,
      Row record,
      Row image,
      Row window,
      RtcnModel model,
      Optional<LeadSegmentMap> pieces) {
    List<Float> list = answer.getList(answer.fieldIndex("probabilities"));
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int c = 0; c < list.size(); c++) {
      probabilities.put(model.classes().get(c), list.get(c).doubleValue());
    }
    String predicted = answer.getAs("predicted");
    Optional<GradCam.Explanation> explanation =
        new GradCam(model)
            .find(
                Signals.image(image, model.standardizer().input()),
                new GradCam.Target(
                    Rtcn.lastConvolution(model.config()), model.classes().indexOf(predicted)));
    float[] leads = explanation.map(GradCam.Explanation::leadImportance).orElse(new float[1]);
    int lead = 0;
    for (int i = 1; i < leads.length; i++) {
      lead = leads[i] > leads[lead] ? i : lead;
    }
    int voices = image.getAs("n_voices");
    int columns = image.getAs("n_columns");
    float[] magnitude = Signals.floats(image, image.fieldIndex("magnitude"));
    float[][] plane = new float[voices][];
    for (int v = 0; v < voices; v++) {
      int from = (lead * voices + v) * columns;
      plane[v] = Arrays.copyOfRange(magnitude, from, from + columns);
    }
    return RecordReport.html(
        new RecordReport.Data(
            answer.getAs("id"),
            model.modelId(),
            Version.current(),
            answer.getAs("simulated"),
            predicted,
            probabilities,
            answer.<Float>getAs("probability_mi"),
            beats,
            record.getAs("quality"),
            Signals.of(signal),
            Signals.of(window),
            window.getAs("r_in_window"),
            new HeatMap.Spectrogram(
                Lead.STANDARD_12.get(lead).label(),
                plane,
                Signals.floats(image, image.fieldIndex("voice_hz")),
                Signals.floats(image, image.fieldIndex("column_ms"))),
            explanation.map(GradCam.Explanation::map),
            pieces));
  }

  /** What each lead and segment says for the recording's answer: the mean over its first beats. */
  private static Optional<LeadSegmentMap> pieces(
      StageContext context,
      Dataset<Row> answered,
      RtcnModel model,
      LeadSegmentExplainer explainer,
      String predicted) {
    List<String> ids =
        answered.orderBy("id").select("id").takeAsList(BEATS_EXPLAINED).stream()
            .map(row -> row.getString(0))
            .toList();
    List<LeadSegmentMap> maps = new ArrayList<>();
    for (Row beat :
        context
            .run()
            .read(context.spark(), Table.BEATS)
            .where(col("beat_id").isInCollection(ids))
            .orderBy("beat_id")
            .collectAsList()) {
      explainer
          .explain(Signals.window(beat), model.classes().indexOf(predicted))
          .ifPresent(maps::add);
    }
    return maps.isEmpty() ? Optional.empty() : Optional.of(LeadSegmentMap.mean(maps));
  }

  private static Row first(StageContext context, Table table, String key, String value) {
    return context
        .run()
        .read(context.spark(), table)
        .where(col(key).equalTo(value))
        .orderBy(table.key())
        .first();
  }
}
