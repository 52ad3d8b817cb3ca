package org.rtcn.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.common.error.UserException;

/** Facts come out of a manifest as they went in, or not at all. */
class StageFactTest {
  private static final StageFact<Map<String, Row>> ROWS =
      StageFact.of("train", "rows", new TypeReference<>() {});

  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  record Row(int epoch, double trainingLoss, Double validationLoss) {}

  @Test
  void recordsComeThroughJson() throws Exception {
    Map<String, Row> rows = Map.of("a", new Row(1, 0.5, null), "b", new Row(2, 0.25, 1.5));
    ObjectMapper json = new ObjectMapper();
    String text = json.writeValueAsString(Map.of("rows", rows));
    assertThat(text).contains("training_loss");
    Map<String, Object> facts = json.readValue(text, new TypeReference<>() {});
    assertThat(ROWS.require(manifest("train", facts))).isEqualTo(rows);
    assertThat(ROWS.require(manifest("train", Map.of("rows", rows)))).isEqualTo(rows);
  }

  @Test
  void anAbsentOneIsNotAnEmptyOne() {
    Manifest manifest = manifest("train", Map.of());
    assertThat(ROWS.in(manifest)).isEmpty();
    assertThatThrownBy(() -> ROWS.require(manifest))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot use the manifest of stage train: it lacks fact rows; run train again with"
                + " --overwrite");
  }

  @Test
  void aRenamedPartIsRefused() {
    Map<String, Object> facts = Map.of("rows", Map.of("a", Map.of("epoch", 1, "loss", 0.5)));
    assertThatThrownBy(() -> ROWS.in(manifest("train", facts)))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("fact rows has another form");
  }

  @Test
  void anotherStagesManifestIsRefused() {
    assertThatThrownBy(() -> ROWS.in(manifest("augment", Map.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows of stage train for one of augment");
  }

  private static Manifest manifest(String stage, Map<String, Object> facts) {
    return new Manifest(
        stage,
        "0",
        1,
        null,
        "f",
        Map.of(),
        Map.of(),
        Map.of(),
        Map.of(),
        null,
        Map.of(),
        facts,
        "2026-01-01T00:00:00Z",
        0,
        Map.of(),
        "success",
        null);
  }
}
