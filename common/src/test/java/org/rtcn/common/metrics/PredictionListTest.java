package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PredictionListTest {

  @Test
  void rowsComeBackAsTheyWentIn() {
    List<Prediction> rows = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      rows.add(AggregationTest.beat("set/r" + i / 7, i % 7, "set/p" + i / 20, "HC", i / 1e4));
    }
    // An id that has nothing to do with its record, and rows of whom less is known.
    rows.add(odd("ä 😀", Optional.of("set/r1"), Optional.of("set/p1"), Optional.of(3)));
    rows.add(odd("", Optional.empty(), Optional.empty(), Optional.empty()));
    rows.add(odd("set/p1", Optional.empty(), Optional.of("set/p1"), Optional.empty()));
    PredictionList.Builder builder = PredictionList.builder(Level.BEAT);
    rows.forEach(builder::add);
    PredictionList list = builder.build();
    assertThat(list).isEqualTo(rows).hasSize(10_003);
    assertThatThrownBy(() -> builder.add(rows.get(0).withProbabilities(new double[] {1})))
        .hasMessage("Invalid row set/r0#00000: 1 probabilities, others have 2");
    assertThatThrownBy(() -> PredictionList.builder(Level.RECORD).add(rows.get(0)))
        .hasMessage("Invalid row set/r0#00000: of level BEAT, expected RECORD");
  }

  @Test
  void viewsShowTheirRows() {
    List<Prediction> a = List.of(AggregationTest.beat("b", 0, "p", "HC", 0.25));
    List<Prediction> b =
        List.of(
            AggregationTest.beat("c", 0, "p", "HC", 0.5),
            AggregationTest.beat("a", 0, "p", "HC", 0.75));
    List<Prediction> joined =
        PredictionList.joined(List.of(List.of(), a, List.of(), List.of(), b, List.of()));
    assertThat(joined).containsExactly(a.get(0), b.get(0), b.get(1));
    assertThat(PredictionList.byId(joined)).containsExactly(b.get(1), a.get(0), b.get(0));
    assertThat(PredictionList.byId(a)).isSameAs(a);
    assertThat(
            PredictionList.moved(
                joined,
                row -> row.withProbabilities(new double[] {1 - row.probabilities().get(0), 0})))
        .extracting(row -> row.probabilities().get(0))
        .containsExactly(0.75, 0.5, 0.25);
  }

  /** What evaluate does with its beats, in a heap in which rows as objects have no room. */
  @Test
  void manyBeatsAreMeasuredInASmallHeap() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx96m",
                "-cp",
                System.getProperty("java.class.path"),
                Measuring.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    assertThat(out).contains("25000 records, 10000 patients, 200000 beats, accuracy 0.5");
  }

  /** 200,000 beats, from the model's answers to figures of all variants. */
  static final class Measuring {
    public static void main(String[] args) {
      List<String> classes = List.of("HC", "AMI", "ASMI", "ALMI", "IMI", "ILMI");
      PredictionList.Builder builder = PredictionList.builder(Level.BEAT);
      for (int i = 0; i < 200_000; i++) {
        int record = i / 8;
        int patient = record * 2 / 5;
        int truth = patient % classes.size();
        double[] p = new double[classes.size()];
        p[record % 2 == 0 ? truth : (truth + 1) % p.length] = 1;
        builder.add(
            new Prediction(
                Level.BEAT,
                String.format(Locale.ROOT, "set/records500/%08d_hr#%05d", record, i % 8),
                "set",
                Optional.of(String.format(Locale.ROOT, "set/records500/%08d_hr", record)),
                Optional.of("set/" + patient),
                Optional.of(10),
                Optional.of(classes.get(truth)),
                java.util.Arrays.stream(p).boxed().toList(),
                true));
      }
      PredictionList beats = builder.build();
      Aggregation aggregation = Aggregation.of(beats);
      Evaluator evaluator = new Evaluator(classes, Map.of(), new PatientBootstrap(1, 2, 0.95), 10);
      LevelEvaluation figures = evaluator.evaluate(Level.BEAT, beats);
      evaluator.evaluate(
          Level.BEAT,
          PredictionList.moved(
              beats,
              row ->
                  row.withProbabilities(new TemperatureScaling(2).apply(row.probabilityArray()))));
      System.out.printf(
          Locale.ROOT,
          "%d records, %d patients, %d beats, accuracy %.1f%n",
          aggregation.records().size(),
          aggregation.patients().size(),
          figures.matrix().total(),
          figures.matrix().accuracy());
    }
  }

  private static Prediction odd(
      String id, Optional<String> record, Optional<String> patient, Optional<Integer> fold) {
    return new Prediction(
        Level.BEAT, id, "other", record, patient, fold, Optional.empty(), List.of(1.0, 0.0), true);
  }
}
