package org.rtcn.jobs.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.fuzz.SoundModel;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.predict.PredictStage;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.tables.Table;

/** Nights of one archive: taken out of it by their folder, and judged against each other. */
class GateStageSparkTest {
  private static final String[] SETTINGS = {
    "simulate.patients={HC=24, AMI=0, ASMI=0, ALMI=0, IMI=8, ILMI=0}",
    "simulate.max-records-per-patient=1",
    "transform.max-beats-per-record=3",
    "gate.max-rejects-share=0.2",
    "predict.record-pages=0"
  };

  @TempDir Path folder;
  private String model;
  private RunDirectory archive;

  @Test
  void nightsAreJudgedAgainstThoseThatPassed() throws IOException {
    arrivals();
    Path place = Files.createDirectories(folder.resolve("model"));
    for (Map.Entry<String, byte[]> file :
        SoundModel.files(SoundModel.CONFIG, Rtcn.build(SoundModel.CONFIG)).entrySet()) {
      Files.createDirectories(place.resolve(file.getKey()).getParent());
      Files.write(place.resolve(file.getKey()), file.getValue());
    }
    model = place.toString();

    // The first has nothing to be compared with; one file of nine is refused, which may be.
    StageTest first = predicted("n1");
    assertThat(first.read(Table.RECORDS).count()).isEqualTo(8);
    assertThat(first.rows(Table.REJECTS)).hasSize(1);
    Manifest manifest = judge(first);
    assertThat(manifest.facts().get("gate")).isEqualTo("open");
    assertThat(verdicts(first))
        .containsEntry("rejects", "pass")
        .containsEntry("predicted", "not_judged");
    assertThat(first.console())
        .contains("rejects 11.1 % of 9 (at most 20.0 %)")
        .contains("amplitude_mv has no earlier night to be compared with");

    StageTest second = predicted("n2");
    judge(second, "n1", "not-there");
    assertThat(verdicts(second).values()).containsOnly("pass");
    // The same question again: nothing is computed, and the answer is the same.
    GateStage.run(reusing(second), options(second), List.of(root("n1"), root("not-there")));
    assertThat(second.console()).contains("gate       up to date");

    // The gain is doubled: one figure says so, and nothing else moves as far.
    StageTest third = predicted("n3");
    assertThatThrownBy(() -> judge(third, "n1", "n2"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot let " + third.run().root() + " pass: amplitude_mv ")
        .hasMessageContaining("distance 1.00 (at most 0.30), p ");
    assertThat(verdicts(third))
        .containsEntry("amplitude_mv", "fail")
        .containsEntry("sampling_rate_hz", "pass")
        .containsEntry("missing_share", "pass")
        .containsEntry("unanswered", "pass");
    Row amplitude =
        third.rows(Table.GATE).stream()
            .filter(row -> row.getAs("name").equals("amplitude_mv"))
            .findAny()
            .orElseThrow();
    assertThat(amplitude.<Long>getAs("reference_n")).isEqualTo(16);
    assertThat(amplitude.<Double>getAs("value") / amplitude.<Double>getAs("reference_value"))
        .isBetween(1.7, 2.4);
    // Closed for equal questions, too, and never a reference for later nights.
    assertThatThrownBy(
            () -> GateStage.run(reusing(third), options(third), List.of(root("n1"), root("n2"))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(" pass: amplitude_mv ");
    StageTest fourth = predicted("n4");
    assertThat(judge(fourth, "n3", "n2").count("earlier_runs")).isEqualTo(1);

    // A fault that lasts must not become what is compared with.
    assertThatThrownBy(() -> judge(fourth, "n3"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(" pass: of the 1 earlier nights none passed its gate, so there is");
    assertThat(second.console()).contains("not-there: no gate was run there");

    // Too much refused closes it whatever other nights were like.
    StageContext strict = first.context("gate.max-rejects-share=0.1");
    assertThatThrownBy(
            () -> GateStage.run(strict, GateOptions.of(strict.settings()), List.of(root("n2"))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(" pass: rejects 11.1 % of 9 (at most 10.0 %). Look at it; ");
    assertThatThrownBy(() -> judge(first, "n1"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("against itself");
    assertThatThrownBy(() -> predicted("n5"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("holds no recording from below ")
        .hasMessageContaining(". Has anything arrived there");
  }

  private static GateOptions options(StageTest night) {
    return GateOptions.of(night.context(SETTINGS).settings());
  }

  private static StageContext reusing(StageTest night) {
    StageContext context = night.context(SETTINGS);
    return new StageContext(
        context.spark(),
        night.run(),
        context.settings(),
        StageContext.IfPresent.REUSE_OR_REFUSE,
        context.console());
  }

  private Manifest judge(StageTest night, String... earlier) {
    return GateStage.run(
        night.context(SETTINGS), options(night), Stream.of(earlier).map(this::root).toList());
  }

  private String root(String night) {
    return folder.resolve("nights/" + night).toString();
  }

  private Map<String, String> verdicts(StageTest night) {
    return night.rows(Table.GATE).stream()
        .collect(Collectors.toMap(row -> row.getAs("name"), row -> row.getAs("verdict")));
  }

  private StageTest predicted(String night) {
    StageTest run = new StageTest(Path.of(root(night)));
    PredictStage.run(
        run.context(SETTINGS),
        model,
        archive.root().toString(),
        folder.resolve("arrivals/" + night).toString());
    return run;
  }

  /**
   * Eight recordings a night, the third's with twice their gain, and in the first a file of junk.
   */
  private void arrivals() throws IOException {
    StageTest simulated = new StageTest(folder.resolve("simulated"));
    SimulateStage.run(
        simulated.context(SETTINGS), SimulateCommand.read(simulated.context(SETTINGS).settings()));
    List<Path> patients;
    try (Stream<Path> list = Files.list(folder.resolve("simulated/raw"))) {
      patients = list.filter(Files::isDirectory).sorted().toList();
    }
    for (int i = 0; i < patients.size(); i++) {
      Path night = Files.createDirectories(folder.resolve("arrivals/n" + (1 + i % 4)));
      Files.move(patients.get(i), night.resolve(patients.get(i).getFileName()));
    }
    try (Stream<Path> files = Files.walk(folder.resolve("arrivals/n3"))) {
      for (Path header : files.filter(file -> file.toString().endsWith(".hea")).toList()) {
        Files.writeString(
            header, Files.readString(header).replaceAll(" 2000(\\(0\\))/mV", " 1000$1/mV"));
      }
    }
    Files.writeString(folder.resolve("arrivals/n1/broken.hea"), "broken 12 500 5000\nno header\n");
    StageTest all = new StageTest(folder.resolve("archive"));
    archive = all.run();
    IngestStage.run(
        all.context(SETTINGS),
        IngestOptions.read(
            all.context(SETTINGS).settings(), folder.resolve("arrivals").toString()));
  }
}
