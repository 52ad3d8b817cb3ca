package org.rtcn.jobs.evaluate;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.diagnose.AnswerPage;
import org.rtcn.common.diagnose.ModelEvidence;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.Level;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.metrics.Variant;
import org.rtcn.common.nn.GradCam;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.report.ExampleBeat;
import org.rtcn.common.report.GallerySection;
import org.rtcn.common.report.HeatMap;
import org.rtcn.common.report.MisreadSection;
import org.rtcn.common.report.RecordingSection;
import org.rtcn.jobs.predict.RecordPages;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;
import org.rtcn.jobs.transform.Signals;

/** Chooses the few beats that the report draws, and explains them. Only their rows are fetched. */
final class ReportPictures {
  /** A lead of the first answer over the second below this is called unsure. */
  private static final double UNSURE = 0.2;

  private final StageContext context;
  private final ExplainedModels models;

  ReportPictures(StageContext context, ExplainedModels models) {
    this.context = context;
    this.models = models;
  }

  /**
   * Per class, beats classified correctly (the one of median probability first: a typical one) and
   * unsure ones. Those of misread patients stand with {@link #misread}.
   */
  List<ExampleBeat> examples(List<Prediction> beats, int perClass) {
    List<Prediction> chosen = new ArrayList<>();
    for (int c = 0; c < models.classes().size(); c++) {
      String truth = models.classes().get(c);
      int classIndex = c;
      List<Prediction> ofClass =
          beats.stream()
              .filter(beat -> beat.truth().equals(Optional.of(truth)))
              .sorted(
                  Comparator.comparingDouble(
                          (Prediction beat) -> -beat.probabilities().get(answer(beat)))
                      .thenComparing(Prediction::id))
              .toList();
      List<Prediction> right = ofClass.stream().filter(beat -> answer(beat) == classIndex).toList();
      right.stream().skip(right.size() / 2).limit(perClass).forEach(chosen::add);
      ofClass.stream()
          .sorted(Comparator.comparingDouble(ReportPictures::margin).thenComparing(Prediction::id))
          .filter(beat -> margin(beat) < UNSURE && !chosen.contains(beat))
          .limit(perClass)
          .forEach(chosen::add);
    }
    if (chosen.isEmpty()) {
      return List.of();
    }
    Map<String, Row> windows = byId(Table.BEATS, "beat_id", ids(chosen));
    Map<String, Row> images =
        byId(
            ModelImages.recorded(context.run(), context.spark(), models.any().standardizer()),
            "beat_id",
            ids(chosen));
    List<ExampleBeat> examples = new ArrayList<>();
    for (Prediction beat : chosen) {
      Row window = windows.get(beat.id());
      Row image = images.get(beat.id());
      if (window != null && image != null) {
        examples.add(example(beat, window, image));
      }
    }
    return examples;
  }

  /** MisreadSection.Patient patients that are drawn; the others stand in the list alone. */
  private static final int MOST_MISREAD = 12;

  /**
   * The misread, the first of them with the beat that says most for the answer, and with a page of
   * its recording.
   *
   * @param misread in their order
   * @param predictions of beats and records
   * @param pages takes the name of a page, relative to the report, and its text; empty for none
   */
  List<MisreadSection.Patient> misread(
      List<MisreadSection.Patient> misread,
      VariantPredictions predictions,
      Optional<BiConsumer<String, String>> pages) {
    List<Prediction> beats = predictions.of(Variant.AS_TRAINED, Level.BEAT);
    Map<String, Prediction> telling = new LinkedHashMap<>();
    misread.stream()
        .limit(MOST_MISREAD)
        .forEach(
            patient ->
                beats.stream()
                    .filter(beat -> beat.patientId().equals(Optional.of(patient.patientId())))
                    .max(saysMost(patient))
                    .ifPresent(beat -> telling.put(patient.patientId(), beat)));
    List<Prediction> drawn = List.copyOf(telling.values());
    Map<String, Row> windows = byId(Table.BEATS, "beat_id", ids(drawn));
    Map<String, Row> images = byId(Table.SPECTROGRAMS, "beat_id", ids(drawn));
    List<String> records = drawn.stream().map(beat -> beat.recordId().orElseThrow()).toList();
    Map<String, Row> signals =
        pages.isEmpty() ? Map.of() : byId(Table.SIGNALS, "record_id", records);
    Map<String, Row> facts = pages.isEmpty() ? Map.of() : byId(Table.RECORDS, "record_id", records);
    List<MisreadSection.Patient> complete = new ArrayList<>();
    for (MisreadSection.Patient patient : misread) {
      Prediction beat = telling.get(patient.patientId());
      if (beat == null || !windows.containsKey(beat.id()) || !images.containsKey(beat.id())) {
        complete.add(patient);
        continue;
      }
      Row window = windows.get(beat.id());
      Row image = images.get(beat.id());
      String record = beat.recordId().orElseThrow();
      Optional<String> page = Optional.empty();
      if (signals.containsKey(record) && facts.containsKey(record)) {
        String name =
            String.format(
                Locale.ROOT,
                "misread/%02d-%s.html",
                complete.size() + 1,
                record.replaceAll("[^A-Za-z0-9._-]", "_"));
        AnswerPage answer =
            page(
                record,
                predictions,
                signals.get(record),
                facts.get(record),
                RecordPages.beat(window, image));
        pages.orElseThrow().accept(name, answer.html(models.of(beat)));
        page = Optional.of(name);
      }
      complete.add(patient.with(Optional.of(example(beat, window, image)), page));
    }
    return complete;
  }

  /** Beats with the patient's answer first, among them the one where it is most probable. */
  private Comparator<Prediction> saysMost(MisreadSection.Patient patient) {
    int answer = models.classes().indexOf(patient.answer());
    return Comparator.<Prediction, Boolean>comparing(beat -> answer(beat) == answer)
        .thenComparing(beat -> beat.probabilities().get(answer))
        .thenComparing(Prediction::id, Comparator.reverseOrder());
  }

  /** The page of a recording: its own answer, which need not be its patient's. */
  private AnswerPage page(
      String record,
      VariantPredictions predictions,
      Row signal,
      Row facts,
      AnswerPage.ShownBeat beat) {
    Prediction answer =
        predictions.of(Variant.AS_TRAINED, Level.RECORD).stream()
            .filter(row -> row.id().equals(record))
            .findFirst()
            .orElseThrow();
    Map<String, Double> probabilities = new LinkedHashMap<>();
    for (int c = 0; c < models.classes().size(); c++) {
      probabilities.put(models.classes().get(c), answer.probabilities().get(c));
    }
    return new AnswerPage(
        record,
        answer.simulated(),
        models.classes().get(answer(answer)),
        probabilities,
        Decision.among(models.classes()).infarctProbability(answer.probabilityArray()),
        predictions.of(Variant.AS_TRAINED, Level.BEAT).stream()
            .filter(row -> row.recordId().equals(Optional.of(record)))
            .count(),
        facts.getAs("quality"),
        true,
        Signals.of(signal),
        beat);
  }

  private int answer(Prediction beat) {
    return beat.answer(Decision.among(models.classes()));
  }

  /** By how much the first answer leads the second. */
  private static double margin(Prediction beat) {
    double[] sorted = beat.probabilityArray();
    Arrays.sort(sorted);
    return sorted[sorted.length - 1] - sorted[sorted.length - 2];
  }

  private static String kind(Prediction beat, String answer) {
    return margin(beat) < UNSURE
        ? "unsure"
        : beat.truth().equals(Optional.of(answer)) ? "right" : "wrong";
  }

  private ExampleBeat example(Prediction beat, Row window, Row image) {
    ModelEvidence evidence = models.of(beat);
    RtcnModel model = evidence.model();
    float[] magnitude = Signals.floats(image, image.fieldIndex("magnitude"));
    GradCam.Explanation explanation =
        new GradCam(model)
            .explain(
                ModelImages.values(image, model.standardizer()),
                new GradCam.Target(Rtcn.lastConvolution(model.config()), answer(beat)));
    // The lead that told the model most.
    int lead = 0;
    for (int i = 1; i < explanation.leadImportance().length; i++) {
      if (explanation.leadImportance()[i] > explanation.leadImportance()[lead]) {
        lead = i;
      }
    }
    int voices = image.getAs("n_voices");
    int columns = image.getAs("n_columns");
    float[][] plane = new float[voices][];
    for (int v = 0; v < voices; v++) {
      int from = (lead * voices + v) * columns;
      plane[v] = Arrays.copyOfRange(magnitude, from, from + columns);
    }
    return new ExampleBeat(
        beat.id(),
        beat.truth().orElseThrow(),
        models.classes().get(answer(beat)),
        beat.probabilities().get(answer(beat)),
        kind(beat, model.classes().get(answer(beat))),
        Signals.of(window),
        window.getAs("r_in_window"),
        new HeatMap.Spectrogram(
            Lead.STANDARD_12.get(lead).label(),
            plane,
            Signals.floats(image, image.fieldIndex("voice_hz")),
            Signals.floats(image, image.fieldIndex("column_ms"))),
        Optional.of(explanation.map()),
        evidence.explainer().explain(Signals.of(window).standardLeads(), answer(beat)));
  }

  /** The first seconds of the recording of a typical beat, of an infarct where there is one. */
  Optional<RecordingSection> recording(List<Prediction> beats) {
    if (!context.run().has(Table.SIGNALS)) {
      return Optional.empty();
    }
    Optional<Prediction> shown =
        beats.stream()
            .min(
                Comparator.comparing((Prediction beat) -> beat.truth().equals(Optional.of("HC")))
                    .thenComparing(Prediction::id));
    String recordId = shown.flatMap(Prediction::recordId).orElseThrow();
    return context
        .run()
        .read(context.spark(), Table.SIGNALS)
        .where(col("record_id").equalTo(recordId))
        .takeAsList(1)
        .stream()
        .findFirst()
        .map(
            row -> {
              EcgSignal signal = RecordingSection.onASheet(Signals.of(row));
              return new RecordingSection(
                  "A recording",
                  recordId,
                  String.format(
                      Locale.ROOT,
                      "%s, labelled %s, first %.1f s as recorded, not denoised",
                      recordId,
                      shown.get().truth().orElse("?"),
                      signal.durationSeconds()),
                  signal);
            });
  }

  /** Synthetic beats next to the real training beats that they lie nearest to. */
  List<GallerySection.Row> gallery(int perClass) {
    if (perClass == 0
        || !context.run().has(Table.SYNTHETIC_BEATS)
        || context.run().current("augment").isEmpty()) {
      return List.of();
    }
    Map<String, List<Row>> synthetic = new LinkedHashMap<>();
    List<String> nearest = new ArrayList<>();
    Dataset<Row> table = context.run().read(context.spark(), Table.SYNTHETIC_BEATS);
    for (String name : models.classes()) {
      List<Row> rows =
          table.where(col("label").equalTo(name)).orderBy("synthetic_id").takeAsList(perClass);
      if (!rows.isEmpty()) {
        synthetic.put(name, rows);
        rows.forEach(row -> nearest.add(row.getAs("nearest_beat_id")));
      }
    }
    if (synthetic.isEmpty()) {
      return List.of();
    }
    Map<String, Row> real = byId(Table.BEATS, "beat_id", nearest);
    List<GallerySection.Row> gallery = new ArrayList<>();
    synthetic.forEach(
        (name, rows) -> {
          List<GallerySection.Beat> left = new ArrayList<>();
          List<GallerySection.Beat> right = new ArrayList<>();
          for (Row row : rows) {
            Row neighbour = real.get(row.<String>getAs("nearest_beat_id"));
            if (neighbour != null) {
              left.add(
                  new GallerySection.Beat(
                      neighbour.getAs("beat_id"),
                      "nearest training beat",
                      Signals.of(neighbour),
                      neighbour.getAs("r_in_window")));
            }
            right.add(
                new GallerySection.Beat(
                    row.getAs("synthetic_id"),
                    String.format(
                        Locale.ROOT,
                        "%.3f mV (RMS) from its nearest training beat",
                        row.<Float>getAs("nearest_distance_mv")),
                    Signals.of(row),
                    row.getAs("r_in_window")));
          }
          gallery.add(new GallerySection.Row(name, left, right));
        });
    return gallery;
  }

  private static List<String> ids(List<Prediction> beats) {
    return beats.stream().map(Prediction::id).toList();
  }

  private Map<String, Row> byId(Table table, String key, List<String> ids) {
    return context.run().has(table)
        ? byId(context.run().read(context.spark(), table), key, ids)
        : Map.of();
  }

  private static Map<String, Row> byId(Dataset<Row> table, String key, List<String> ids) {
    Map<String, Row> rows = new HashMap<>();
    table
        .where(col(key).isInCollection(Set.copyOf(ids)))
        .collectAsList()
        .forEach(row -> rows.put(row.getAs(key), row));
    return rows;
  }
}
