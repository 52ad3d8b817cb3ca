package org.rtcn.jobs.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.ConfusionMatrix;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.jobs.tables.Table;

/** Figures as rows of {@link Table#METRICS} and as {@code metrics.json}. */
final class MetricRows {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private MetricRows() {}

  static Dataset<Row> dataset(
      SparkSession spark, String modelId, List<LevelEvaluation> levels, boolean simulated) {
    List<Row> rows = new ArrayList<>();
    for (LevelEvaluation level : levels) {
      for (Figure figure : level.figures()) {
        Interval interval = figure.interval();
        rows.add(
            RowFactory.create(
                modelId,
                figure.name().columnValue(),
                figure.level().word(),
                figure.name().task(),
                figure.className().orElse(null),
                null,
                defined(interval.value()),
                defined(interval.low()),
                defined(interval.high()),
                figure.count(),
                simulated));
      }
    }
    return spark.createDataFrame(rows, Table.METRICS.schema());
  }

  /**
   * The same for scripts, with the confusion matrices. Undefined figures are null.
   *
   * @param conflictingPatients patients left out at patient level
   */
  static byte[] json(
      String modelId,
      List<String> classes,
      List<LevelEvaluation> levels,
      boolean simulated,
      List<String> conflictingPatients) {
    ObjectNode root = JSON.createObjectNode();
    root.put("notice", "Research use only, not a medical device.");
    root.put("model_id", modelId);
    root.put("simulated", simulated);
    root.set("classes", JSON.valueToTree(classes));
    root.set("patients_with_conflicting_labels", JSON.valueToTree(conflictingPatients));
    ObjectNode byLevel = root.putObject("levels");
    for (LevelEvaluation level : levels) {
      ObjectNode node = byLevel.putObject(level.level().word());
      node.put("n", level.matrix().total());
      node.put("majority_class", level.baselineClass());
      node.set("confusion_matrix", matrix(level.matrix()));
      level.detection().ifPresent(m -> node.set("detection_confusion_matrix", matrix(m)));
      ArrayNode figures = node.putArray("figures");
      for (Figure figure : level.figures()) {
        ObjectNode entry = figures.addObject();
        entry.put("name", figure.name().columnValue());
        entry.put("task", figure.name().task());
        figure.className().ifPresent(name -> entry.put("class", name));
        Interval interval = figure.interval();
        entry.put("value", defined(interval.value()));
        entry.put("ci_low", defined(interval.low()));
        entry.put("ci_high", defined(interval.high()));
        entry.put("n", figure.count());
        entry.put("patients", interval.units());
        entry.put("undefined_resamples", interval.undefinedResamples());
      }
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write metrics.json", e);
    }
  }

  private static ObjectNode matrix(ConfusionMatrix matrix) {
    ObjectNode node = JSON.createObjectNode();
    node.set("classes", JSON.valueToTree(matrix.classes()));
    ArrayNode rows = node.putArray("truth_by_answer");
    for (int t = 0; t < matrix.classes().size(); t++) {
      ArrayNode row = rows.addArray();
      for (int p = 0; p < matrix.classes().size(); p++) {
        row.add(matrix.count(t, p));
      }
    }
    return node;
  }

  private static Double defined(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
