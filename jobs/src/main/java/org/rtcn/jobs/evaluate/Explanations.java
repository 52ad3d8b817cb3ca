package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.explain.HealthyReference;
import org.rtcn.common.explain.LeadSegmentMap;
import org.rtcn.common.explain.MapKind;
import org.rtcn.common.explain.MapMaker;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.nn.ExplanationChecks;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.jobs.tables.LeadColumns;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.Signals;

/** Grad-CAM of held-out beats with its sanity checks, computed where the images are. */
final class Explanations {
  private Explanations() {}

  /**
   * Which beats are explained: per class of truth so many, at random, but patient by patient so
   * that nobody fills the table alone.
   */
  static List<Prediction> choose(
      List<Prediction> beats, List<String> classes, int perClass, long seed) {
    List<Prediction> chosen = new ArrayList<>();
    for (String name : classes) {
      chosen.addAll(ofClass(beats, Optional.of(name), perClass, seed));
    }
    return chosen;
  }

  private static List<Prediction> ofClass(
      List<Prediction> beats, Optional<String> truth, int count, long seed) {
    Map<String, Long> first = new HashMap<>();
    for (Prediction beat : beats) {
      if (beat.truth().equals(truth)) {
        first.merge(beat.patientId().orElse(""), draw(seed, beat), Math::min);
      }
    }
    // Nobody after these can have a turn.
    List<String> patients =
        first.entrySet().stream()
            .sorted(Map.Entry.<String, Long>comparingByValue().thenComparing(Map.Entry::getKey))
            .limit(count)
            .map(Map.Entry::getKey)
            .toList();
    Map<String, List<Prediction>> byPatient = new HashMap<>();
    for (Prediction beat : beats) {
      String patient = beat.patientId().orElse("");
      if (beat.truth().equals(truth) && patients.contains(patient)) {
        byPatient.computeIfAbsent(patient, id -> new ArrayList<>()).add(beat);
      }
    }
    byPatient.values().forEach(own -> own.sort(Comparator.comparingLong(beat -> draw(seed, beat))));
    List<Prediction> chosen = new ArrayList<>();
    int most = byPatient.values().stream().mapToInt(List::size).max().orElse(0);
    for (int round = 0; round < most; round++) {
      for (String patient : patients) {
        List<Prediction> own = byPatient.get(patient);
        if (round < own.size() && chosen.size() < count) {
          chosen.add(own.get(round));
        }
      }
    }
    return chosen;
  }

  private static long draw(long seed, Prediction beat) {
    return RandomStreams.seedOf(seed, "gradcam", beat.id());
  }

  /**
   * Explains the model's answer to each of these beats.
   *
   * @param images rows of {@link Table#SPECTROGRAMS}
   * @param beats rows of {@link Table#BEATS}
   * @param reference what beats are compared with
   * @param kind of the maps of leads and segments
   * @return rows of {@link Table#GRADCAM}
   */
  static Dataset<Row> explain(
      SparkSession spark,
      Map<String, byte[]> modelFiles,
      Dataset<Row> images,
      Dataset<Row> beats,
      HealthyReference reference,
      MapKind kind,
      List<Prediction> chosen,
      long seed) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<Map<String, byte[]>> model = context.broadcast(modelFiles);
    Broadcast<HealthyReference> healthy = context.broadcast(reference);
    Map<String, Integer> answers = new TreeMap<>();
    RtcnModel explained = RtcnModel.parse(modelFiles);
    Decision decision = Decision.among(explained.classes());
    chosen.forEach(beat -> answers.put(beat.id(), beat.answer(decision)));
    return ModelImages.conform(
            images.where(col("beat_id").isInCollection(answers.keySet())),
            explained.config().patientInput())
        .join(windows(beats.where(col("beat_id").isInCollection(answers.keySet()))), "beat_id")
        .mapPartitions(
            (MapPartitionsFunction<Row, Row>)
                rows -> {
                  if (!rows.hasNext()) {
                    return Collections.emptyIterator();
                  }
                  Explainer explainer =
                      new Explainer(RtcnModel.parse(model.value()), healthy.value(), kind, seed);
                  return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                      return rows.hasNext();
                    }

                    @Override
                    public Row next() {
                      Row row = rows.next();
                      return explainer.explain(row, answers.get(row.<String>getAs("beat_id")));
                    }
                  };
                },
            Encoders.row(Table.GRADCAM.schema()));
  }

  private static Dataset<Row> windows(Dataset<Row> beats) {
    List<Column> columns = new ArrayList<>();
    columns.add(col("beat_id"));
    columns.add(col("fs_hz"));
    LeadColumns.NAMES.forEach(name -> columns.add(col(name)));
    return beats.select(columns.toArray(new Column[0]));
  }

  private static final class Explainer {
    private final RtcnModel model;
    private final GradCam gradCam;
    private final ExplanationChecks checks;
    private final MapMaker pieces;
    private final String layer;

    Explainer(RtcnModel model, HealthyReference reference, MapKind kind, long seed) {
      this.model = model;
      this.gradCam = new GradCam(model);
      this.checks = new ExplanationChecks(model, seed);
      this.pieces = kind.maker(model, reference);
      this.layer = Rtcn.lastConvolution(model.config());
    }

    Row explain(Row beat, int answer) {
      float[] image = ModelImages.values(beat, model.standardizer());
      GradCam.Explanation explanation = gradCam.explain(image, new GradCam.Target(layer, answer));
      ExplanationChecks.Finding finding =
          checks.check(beat.<String>getAs("beat_id"), image, answer, explanation.map());
      float[][] map = explanation.map();
      float[] flat = new float[map.length * map[0].length];
      for (int v = 0; v < map.length; v++) {
        System.arraycopy(map[v], 0, flat, v * map[0].length, map[0].length);
      }
      return RowFactory.create(
          beat.getAs("beat_id"),
          beat.getAs("record_id"),
          beat.getAs("patient_id"),
          model.modelId(),
          beat.getAs("fold"),
          beat.getAs("label"),
          model.classes().get(answer),
          model.classes().get(answer),
          layer,
          map.length,
          map[0].length,
          Signals.floats(beat, beat.fieldIndex("voice_hz")),
          Signals.floats(beat, beat.fieldIndex("column_ms")),
          flat,
          explanation.leadImportance(),
          pieces
              .explain(Signals.of(beat).standardLeads(), answer)
              .map(LeadSegmentMap::flat)
              .orElse(null),
          defined(finding.similarity()),
          finding.deletion(),
          finding.deletionAtRandom(),
          beat.getAs("simulated"));
    }

    /** Null where a correlation is undefined. */
    private static Float[] defined(float[] values) {
      Float[] boxed = new Float[values.length];
      for (int i = 0; i < boxed.length; i++) {
        boxed[i] = Float.isNaN(values[i]) ? null : values[i];
      }
      return boxed;
    }
  }
}
