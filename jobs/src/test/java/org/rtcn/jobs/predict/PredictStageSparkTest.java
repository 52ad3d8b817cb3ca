package org.rtcn.jobs.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.common.storage.StrictJson;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.diagnose.Answers;
import org.rtcn.jobs.fuzz.SoundModel;
import org.rtcn.jobs.inputs.EcgInputs;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.transform.ModelImages;

class PredictStageSparkTest {
  private static final String[] SETTINGS = {
    "simulate.patients={HC=2, AMI=1, IMI=1}",
    "transform.max-beats-per-record=5",
    // Windows of 6 and 4 s.
    "ingest.window-s=6",
    "predict.record-pages=99"
  };

  /** What a magnitude is multiplied by: above 1.13 from the mean it is no longer finite. */
  private static final float SCALE = 3e38f;

  @TempDir Path folder;
  private String raw;

  /**
   * A model that answers some beats and not others: no dropping in silence, no NaN in an answer.
   */
  @Test
  void beatsWithoutAnAnswerTakeNoPart() throws Exception {
    StageTest simulated = new StageTest(folder.resolve("simulated"));
    SimulateStage.run(
        simulated.context(SETTINGS), SimulateCommand.read(simulated.context(SETTINGS).settings()));
    raw = simulated.run().path("raw").toString();

    // The network reads nothing of the first channel, but 0 times infinity is no number.
    ComputationGraph graph = Rtcn.build(SoundModel.CONFIG);
    INDArray stem = graph.getLayer("stem").getParam("W");
    stem.get(NDArrayIndex.all(), NDArrayIndex.point(0), NDArrayIndex.all(), NDArrayIndex.all())
        .assign(0);
    Map<String, byte[]> sound = SoundModel.files(SoundModel.CONFIG, graph);
    StageTest whole = new StageTest(folder.resolve("whole"));
    predict(whole, sound);
    assertThat(whole.rows(Table.UNANSWERED)).isEmpty();
    requireSameFromFiles(whole, RtcnModel.parse(sound));

    Map<String, Double> largest = largest(whole, RtcnModel.parse(sound));
    List<Double> sorted = largest.values().stream().sorted().toList();
    int middle = sorted.size() / 2;
    double limit = (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    Map<String, byte[]> wild = SoundModel.with(sound, "standardizer/inverse_deviation", 0, SCALE);
    StageTest some = new StageTest(folder.resolve("some"));
    Manifest manifest =
        predict(
            some,
            SoundModel.with(
                wild, "standardizer/mean", 0, (float) (limit - Float.MAX_VALUE / SCALE)));
    Set<String> unanswered = new TreeSet<>(largest.keySet());
    unanswered.removeIf(beat -> largest.get(beat) <= limit);
    assertThat(unanswered).hasSizeBetween(1, largest.size() - 1);
    requireAnswers(some, largest.keySet(), unanswered);
    assertThat(manifest.count("beats.refused.NO_FINITE_PROBABILITIES"))
        .isEqualTo(unanswered.size());
    assertThat(some.console()).contains("no answer for " + unanswered.size() + " beats of ");
    requirePages(some);

    StageTest none = new StageTest(folder.resolve("none"));
    assertThatThrownBy(
            () -> predict(none, SoundModel.with(wild, "standardizer/mean", 0, Float.MAX_VALUE)))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot predict with model ")
        .hasMessageContaining("no finite probabilities for any of " + largest.size() + " beats");
    assertThat(none.run().has(Table.PREDICTIONS)).isFalse();
  }

  /** What {@code diagnose} says of the files is what {@code predict} says of the recordings. */
  private void requireSameFromFiles(StageTest run, RtcnModel model) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(lines, true, StandardCharsets.UTF_8);
    Answers answers =
        new Answers(RtcnDiagnoser.of(model), 6, null, Answers.Form.JSON, out, System.err);
    EcgInputs.of(raw, new Configuration()).visit(answers);
    assertThat(answers.end()).isZero();
    Map<String, JsonNode> byId = new TreeMap<>();
    for (String line : lines.toString(StandardCharsets.UTF_8).lines().toList()) {
      JsonNode answer = StrictJson.tree(line.getBytes(StandardCharsets.UTF_8), "answer");
      byId.put("simulated/" + answer.get("recording").asText(), answer);
    }
    List<Row> records = run.read(Table.PREDICTIONS).where("level = 'record'").collectAsList();
    assertThat(records).hasSizeGreaterThan(7);
    assertThat(byId).hasSameSizeAs(records);
    Map<Object, Long> beats =
        run
            .read(Table.PREDICTIONS)
            .where("level = 'beat'")
            .groupBy("record_id")
            .count()
            .collectAsList()
            .stream()
            .collect(Collectors.toMap(row -> row.getString(0), row -> row.getLong(1)));
    for (Row record : records) {
      String id = record.getAs("id");
      JsonNode answer = byId.get(id);
      assertThat(answer.get("predicted").asText()).isEqualTo(record.getAs("predicted"));
      assertThat(answer.get("beats").asLong()).isEqualTo(beats.get(id));
      assertThat(answer.get("recording_simulated").asBoolean()).isTrue();
      float[] expected = floats(record);
      for (int c = 0; c < expected.length; c++) {
        assertThat(answer.get("probabilities").get(model.classes().get(c)).asDouble())
            .isCloseTo(expected[c], within(1e-7));
      }
    }
  }

  private Manifest predict(StageTest run, Map<String, byte[]> model) throws IOException {
    Path place = Files.createDirectories(folder.resolve("model-" + run.run().root().getName()));
    for (Map.Entry<String, byte[]> file : model.entrySet()) {
      Files.write(place.resolve(file.getKey()), file.getValue());
    }
    return PredictStage.run(run.context(SETTINGS), place.toString(), raw);
  }

  /** Per beat the largest number of the first channel's first row, before it is standardised. */
  private static Map<String, Double> largest(StageTest run, RtcnModel model) {
    int size = 12 * SoundModel.CONFIG.voices() * SoundModel.CONFIG.columns();
    Map<String, Double> largest = new TreeMap<>();
    for (Row row :
        ModelImages.recorded(run.run(), SparkTestSession.get(), model.standardizer())
            .collectAsList()) {
      float[] image = ModelImages.values(row, model.standardizer());
      double most = Double.NEGATIVE_INFINITY;
      for (int column = 0; column < SoundModel.CONFIG.columns(); column++) {
        most = Math.max(most, Math.sqrt(image[column]) * Math.cos(image[size + column]));
      }
      largest.put(row.getAs("beat_id"), most);
    }
    return largest;
  }

  private static void requireAnswers(StageTest run, Set<String> all, Set<String> unanswered) {
    List<Row> rows = run.rows(Table.UNANSWERED);
    assertThat(rows.stream().map(row -> row.<String>getAs("beat_id")))
        .containsExactlyElementsOf(unanswered);
    assertThat(rows)
        .allSatisfy(row -> assertThat(row.<String>getAs("reason")).startsWith("NO_FINITE"));
    Map<String, List<float[]>> byRecord = new TreeMap<>();
    Set<String> answered = new TreeSet<>();
    for (Row row : run.rows(Table.PREDICTIONS)) {
      assertThat(Label.valueOf(row.getAs("predicted")).isInfarction())
          .isEqualTo(row.<Float>getAs("probability_mi") >= 0.5f);
      float[] probabilities = floats(row);
      for (float p : probabilities) {
        assertThat(p).isBetween(0f, 1f);
      }
      if (row.getAs("level").equals("beat")) {
        answered.add(row.getAs("id"));
        byRecord
            .computeIfAbsent(row.getAs("record_id"), id -> new ArrayList<>())
            .add(probabilities);
      }
    }
    Set<String> rest = new TreeSet<>(all);
    rest.removeAll(unanswered);
    assertThat(answered).isEqualTo(rest);
    Map<String, float[]> records =
        run.rows(Table.PREDICTIONS).stream()
            .filter(row -> row.getAs("level").equals("record"))
            .collect(Collectors.toMap(row -> row.getAs("id"), PredictStageSparkTest::floats));
    assertThat(records.keySet()).isEqualTo(byRecord.keySet());
    // A record's answer is the mean over its answered beats.
    records.forEach(
        (id, mean) -> {
          for (int c = 0; c < mean.length; c++) {
            int at = c;
            double expected =
                byRecord.get(id).stream().mapToDouble(beat -> beat[at]).average().orElseThrow();
            assertThat((double) mean[c]).isCloseTo(expected, within(1e-6));
          }
        });
  }

  private static float[] floats(Row row) {
    List<Float> list = row.getList(row.fieldIndex("probabilities"));
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i);
    }
    return values;
  }

  /** A page shows a beat that was answered, and no number that is none. */
  private void requirePages(StageTest run) throws IOException {
    long records = run.read(Table.PREDICTIONS).where("level = 'record'").count();
    try (Stream<Path> pages = Files.list(folder.resolve("some/report/records"))) {
      List<Path> all = pages.toList();
      assertThat(all).hasSize((int) records);
      for (Path page : all) {
        assertThat(Files.readString(page))
            .contains("orange")
            .containsAnyOf("Most for the answer: ", "cannot be told for this beat")
            .doesNotContain("NaN")
            .doesNotContain("Infinity");
      }
    }
  }
}
