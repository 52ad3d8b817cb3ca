package org.rtcn.jobs.predict;

import static org.apache.spark.sql.functions.col;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.diagnose.AnswerPage;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.Signals;

/** A page per recording for the first few recordings by id: only their rows reach the driver. */
public final class RecordPages {
  /** Below the run. */
  static final String FOLDER = "report/records";

  private RecordPages() {}

  static void write(StageContext context, StageOutput output, ModelEvidence evidence, int most) {
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
          page(answer, beats, signal, record, image, window, evidence.model().classes())
              .html(evidence)
              .getBytes(StandardCharsets.UTF_8));
    }
  }

  private static AnswerPage page(
      Row answer, long beats, Row signal, Row record, Row image, Row window, List<String> classes) {
    List<Float> list = answer.getList(answer.fieldIndex("probabilities"));
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int c = 0; c < list.size(); c++) {
      probabilities.put(classes.get(c), list.get(c).doubleValue());
    }
    return new AnswerPage(
        answer.getAs("id"),
        answer.getAs("simulated"),
        answer.getAs("predicted"),
        probabilities,
        answer.<Float>getAs("probability_mi"),
        beats,
        record.getAs("quality"),
        false,
        Signals.of(signal),
        beat(window, image));
  }

  /** A beat as a page shows it, of rows of the tables beats and spectrograms. */
  public static AnswerPage.ShownBeat beat(Row window, Row image) {
    int phase = image.fieldIndex("phase");
    return new AnswerPage.ShownBeat(
        Signals.of(window),
        window.getAs("r_in_window"),
        Signals.floats(image, image.fieldIndex("magnitude")),
        image.isNullAt(phase) ? null : Signals.floats(image, phase),
        Signals.floats(image, image.fieldIndex("voice_hz")),
        Signals.floats(image, image.fieldIndex("column_ms")));
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
