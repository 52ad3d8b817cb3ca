package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.error.UserException;
import org.rtcn.common.explain.TrainingBeats;
import org.rtcn.common.metrics.LikeCases;
import org.rtcn.common.nn.RtcnModel;
import org.rtcn.jobs.fuzz.SoundModel;

/** What lies beside a model's weights: training beats, its evaluation, its threshold. */
class BesideTheModelTest {
  private static final RtcnModel MODEL = SoundModel.model();
  private static final TrainingBeats BEATS = SoundModel.trainingBeats();
  private static final Configuration HADOOP = new Configuration();

  @TempDir Path folder;

  @Test
  void trainingBeatsComeBackAsTheyWere() {
    TrainingBeats read = TrainingBeats.parse(BEATS.toBytes(), MODEL);
    assertThat(read.toBytes()).isEqualTo(BEATS.toBytes());
    assertThat(read.byClass(MODEL.classes())).isEqualTo(Map.of("HC", 1L, "IMI", 2L));
    // Nearest to 1 mV: itself, the one of 0, the one of 3; distances are root mean squares.
    assertThat(read.nearest(BEATS.beats().get(2).window(), 5))
        .extracting(TrainingBeats.Neighbour::distanceMv)
        .containsExactly(0.0, 1.0, 2.0);
    assertThat(read.nearest(BEATS.beats().get(2).window(), 2))
        .extracting(of -> of.beat().label())
        .containsExactly("IMI", "HC");
    assertThat(read.beats().get(0).simulated()).isTrue();
    assertThat(read.healthy().orElseThrow().words()).isEqualTo("1 healthy training beats");
  }

  @Test
  void trainingBeatsOfAnotherModelAreRefused() {
    byte[] others = new TrainingBeats("0123456789abcdef", BEATS.beats()).toBytes();
    assertThatThrownBy(() -> TrainingBeats.parse(others, MODEL))
        .hasMessageContaining("it belongs to model 0123456789abcdef, not to " + MODEL.modelId());
  }

  @Test
  void whatIsThereIsReadAndWhatIsDamagedIsNamed() throws IOException {
    Path place = write(SoundModel.files(SoundModel.CONFIG));
    org.apache.hadoop.fs.Path hadoop = new org.apache.hadoop.fs.Path(place.toString());
    assertThat(ModelFiles.trainingBeats(hadoop, MODEL, HADOOP)).isEmpty();
    assertThat(ModelFiles.evaluation(hadoop, HADOOP)).isEmpty();

    Files.write(folder.resolve(TrainingBeats.fileOf("model")), BEATS.toBytes());
    Path evaluation = folder.resolve("model-evaluation.json");
    LikeCases cases = SoundModel.likeCases();
    Files.write(evaluation, cases.toJson());
    assertThat(ModelFiles.trainingBeats(hadoop, MODEL, HADOOP)).isPresent();
    assertThat(ModelFiles.evaluation(hadoop, HADOOP)).isEqualTo(Optional.of(cases));
    assertThat(RtcnDiagnoser.load(place).model().modelId()).isEqualTo(MODEL.modelId());

    // By a link to the folder, too: the files lie next to what it leads to.
    Path link = Files.createSymbolicLink(folder.resolve("newest"), place);
    org.apache.hadoop.fs.Path linked = new org.apache.hadoop.fs.Path(link.toString());
    assertThat(ModelFiles.trainingBeats(linked, MODEL, HADOOP)).isPresent();
    assertThat(ModelFiles.evaluation(linked, HADOOP)).isEqualTo(Optional.of(cases));

    byte[] flipped = BEATS.toBytes().clone();
    flipped[flipped.length - 2] ^= 1;
    Files.write(folder.resolve(TrainingBeats.fileOf("model")), flipped);
    assertThatThrownBy(() -> ModelFiles.trainingBeats(hadoop, MODEL, HADOOP))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot load the model ");
    assertThatThrownBy(() -> RtcnDiagnoser.load(place)).isInstanceOf(UserException.class);
    assertThatThrownBy(() -> RtcnDiagnoser.load(link)).isInstanceOf(UserException.class);
    String more = Files.readString(evaluation).replace("\"infarcts\" : 9", "\"infarcts\" : 10");
    Files.writeString(evaluation, more);
    assertThatThrownBy(() -> ModelFiles.evaluation(hadoop, HADOOP))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("-evaluation.json next to the model")
        .hasMessageContaining("do not add up");
  }

  @Test
  void aProbabilityFindsItsGroup() {
    LikeCases cases = SoundModel.likeCases();
    assertThat(cases.at(0.2).infarcts()).isEqualTo(2);
    assertThat(cases.at(0.34).infarcts()).isEqualTo(2);
    assertThat(cases.at(0.36).infarcts()).isEqualTo(9);
    assertThat(cases.at(1).infarcts()).isEqualTo(9);
    assertThat(LikeCases.parse(cases.toJson())).isEqualTo(cases);
  }

  /** A threshold that is none is refused in our words, not in those of the reader of JSON. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "null | detection is null",
        "{} | detection.probability is missing",
        "{\"probability\":0.4} | detection.validationPatients is missing",
        "{\"probability\":\"high\",\"validationPatients\":1} | detection.probability must be a"
            + " number",
        "{\"probability\":null,\"validationPatients\":1} | detection.probability must be a number",
        "{\"probability\":0.4,\"validationPatients\":1.5} | must be a whole number",
        "{\"probability\":0.4,\"validationPatients\":1,\"of\":2} | detection.of is not known",
        "[0.4] | detection must be an object",
        "0.4 | detection must be an object",
        "{\"probability\":1.4,\"validationPatients\":1} | must lie between 0 and 1",
        "{\"probability\":0.4, | it is no JSON at line"
      })
  void aDamagedThresholdIsRefusedInOneLine(String detection, String words) {
    Map<String, byte[]> files = SoundModel.files(SoundModel.CONFIG);
    String json = new String(files.get("model.json"), StandardCharsets.UTF_8);
    String damaged = json.replaceFirst("\\{", "{ \"detection\" : " + detection + ",");
    files.put("model.json", damaged.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> RtcnModel.parse(files))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid model")
        .hasMessageContaining(words)
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .doesNotContain("Cannot", "`", "creator", "java", "Jackson", "Unrecognized"));
  }

  private Path write(Map<String, byte[]> files) throws IOException {
    Path place = Files.createDirectories(folder.resolve("model"));
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(place.resolve(file.getKey()), file.getValue());
    }
    return place;
  }
}
