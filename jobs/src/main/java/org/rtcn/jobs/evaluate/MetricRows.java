package org.rtcn.jobs.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.metrics.ConfusionMatrix;
import org.rtcn.common.metrics.Figure;
import org.rtcn.common.metrics.FigureName;
import org.rtcn.common.metrics.Interval;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.LevelEvaluation;
import org.rtcn.common.metrics.PatientBootstrap;
import org.rtcn.common.metrics.Subgroup;
import org.rtcn.common.metrics.Variant;
import org.rtcn.jobs.tables.Table;

/** Figures as rows of {@link Table#METRICS} and as {@code metrics.json}. */
final class MetricRows {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private MetricRows() {}

  static Dataset<Row> dataset(SparkSession spark, Evaluation evaluation) {
    List<Row> rows = new ArrayList<>();
    evaluation
        .figures()
        .forEach(
            (variant, levels) -> {
              for (LevelEvaluation level : levels) {
                add(rows, evaluation, variant, null, level);
              }
            });
    for (Subgroup subgroup : evaluation.subgroups()) {
      if (subgroup.evaluation().isPresent()) {
        add(rows, evaluation, Variant.AS_TRAINED, subgroup.name(), subgroup.evaluation().get());
      } else {
        rows.add(
            RowFactory.create(
                evaluation.modelId(),
                FigureName.ACCURACY.columnValue(),
                Level.PATIENT.word(),
                FigureName.ACCURACY.task(),
                Variant.AS_TRAINED.word(),
                null,
                subgroup.name(),
                null,
                null,
                null,
                "none",
                null,
                null,
                subgroup.patients(),
                evaluation.simulated()));
      }
    }
    return spark.createDataFrame(rows, Table.METRICS.schema());
  }

  private static void add(
      List<Row> rows,
      Evaluation evaluation,
      Variant variant,
      String subgroup,
      LevelEvaluation level) {
    for (Figure figure : level.figures()) {
      if (!variant.measures(figure.name().scope())
          || (variant != Variant.AS_TRAINED && figure.name().isMajority())) {
        continue;
      }
      Interval interval = figure.interval();
      rows.add(
          RowFactory.create(
              evaluation.modelId(),
              figure.name().columnValue(),
              figure.level().word(),
              figure.name().task(),
              variant.word(),
              figure.className().orElse(null),
              subgroup,
              defined(interval.value()),
              defined(interval.low()),
              defined(interval.high()),
              interval.method(),
              interval.counts().map(Interval.Counts::hits).orElse(null),
              interval.counts().map(Interval.Counts::of).orElse(null),
              figure.count(),
              evaluation.simulated()));
    }
  }

  /** The same for scripts, with the confusion matrices. Undefined figures are null. */
  static byte[] json(Evaluation evaluation, Map<String, ?> more) {
    ObjectNode root = JSON.createObjectNode();
    root.put("notice", "Research use only, not a medical device.");
    root.put("model_id", evaluation.modelId());
    root.put("simulated", evaluation.simulated());
    root.set("classes", JSON.valueToTree(evaluation.classes()));
    root.set("patients_with_conflicting_labels", JSON.valueToTree(evaluation.conflicting()));
    PatientBootstrap bootstrap = evaluation.evaluator().bootstrap();
    ObjectNode how = root.putObject("bootstrap");
    how.put("unit", "patient");
    how.put("seed", bootstrap.seed());
    how.put("resamples", bootstrap.resamples());
    how.put("confidence", bootstrap.confidence());
    how.put("draws", "tables/bootstrap");
    more.forEach((name, value) -> root.set(name, JSON.valueToTree(value)));
    root.set(
        "chosen_on_validation_patients", JSON.valueToTree(EvaluateFacts.Fit.of(evaluation.fits())));
    root.set("levels", levels(evaluation.levels(), Variant.AS_TRAINED));
    ObjectNode variants = root.putObject("variants");
    evaluation
        .figures()
        .forEach(
            (variant, levels) -> {
              if (variant != Variant.AS_TRAINED) {
                variants.set(variant.word(), levels(levels, variant));
              }
            });
    ArrayNode subgroups = root.putArray("subgroups");
    for (Subgroup subgroup : evaluation.subgroups()) {
      ObjectNode node = subgroups.addObject();
      node.put("name", subgroup.name());
      node.put("patients", subgroup.patients());
      node.put("infarcts", subgroup.infarcts());
      node.put("reported", subgroup.evaluation().isPresent());
      subgroup.evaluation().ifPresent(e -> node.set("patient", level(e, Variant.AS_TRAINED)));
    }
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Failed to write metrics.json", e);
    }
  }

  private static ObjectNode levels(List<LevelEvaluation> levels, Variant variant) {
    ObjectNode byLevel = JSON.createObjectNode();
    for (LevelEvaluation level : levels) {
      byLevel.set(level.level().word(), level(level, variant));
    }
    return byLevel;
  }

  private static ObjectNode level(LevelEvaluation level, Variant variant) {
    ObjectNode node = JSON.createObjectNode();
    node.put("n", level.matrix().total());
    node.put("majority_class", level.baselineClass());
    if (variant.measures(FigureName.Scope.ALL_CLASSES)) {
      node.set("confusion_matrix", matrix(level.matrix()));
    }
    if (variant.measures(FigureName.Scope.DETECTION)) {
      level
          .detection()
          .ifPresent(of -> node.set("detection_confusion_matrix", matrix(of.matrix())));
    }
    ArrayNode figures = node.putArray("figures");
    for (Figure figure : level.figures()) {
      if (!variant.measures(figure.name().scope())
          || (variant != Variant.AS_TRAINED && figure.name().isMajority())) {
        continue;
      }
      ObjectNode entry = figures.addObject();
      entry.put("name", figure.name().columnValue());
      entry.put("task", figure.name().task());
      figure.className().ifPresent(name -> entry.put("class", name));
      Interval interval = figure.interval();
      entry.put("value", defined(interval.value()));
      entry.put("ci_low", defined(interval.low()));
      entry.put("ci_high", defined(interval.high()));
      entry.put("ci_method", interval.method());
      interval
          .counts()
          .ifPresent(
              of -> {
                entry.put("hits", of.hits());
                entry.put("cases", of.of());
              });
      entry.put("n", figure.count());
      entry.put("patients", interval.units());
      entry.put("undefined_resamples", interval.undefinedResamples());
    }
    return node;
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
