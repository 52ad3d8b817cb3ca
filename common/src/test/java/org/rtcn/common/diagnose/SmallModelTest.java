package org.rtcn.common.diagnose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rtcn.common.nn.RtcnModel;

/** The model of the jar is the one that its card and its manifest describe. */
class SmallModelTest {
  private static final Path FOLDER = Path.of("src/main/resources/org/rtcn/models/small");

  @Test
  void checksumsCardAndManifestAgree() throws Exception {
    List<String> sums = Files.readAllLines(FOLDER.resolve("SHA256SUMS"));
    assertThat(sums).hasSize(3);
    for (String line : sums) {
      String[] parts = line.split("\\s+", -1);
      byte[] bytes = Files.readAllBytes(FOLDER.resolve(parts[1]));
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      assertThat(HexFormat.of().formatHex(digest.digest(bytes))).as(parts[1]).isEqualTo(parts[0]);
    }
    RtcnModel model = RtcnDiagnoser.ofSimulatedEcg().model();
    assertThat(model.simulated()).isTrue();
    assertThat(model.trainingPatients()).allMatch(patient -> patient.startsWith("simulated/"));
    assertThat(Files.size(FOLDER.resolve("model.safetensors"))).isLessThan(600_000);
    String card = Files.readString(Path.of("../docs/small-model.md"));
    assertThat(card).contains(model.modelId());
    assertThat(card.indexOf("## Limits first")).isLessThan(card.indexOf("## Card"));
    JsonNode train = manifest().get(2);
    assertThat(train.get("facts").get("model_id").asText()).isEqualTo(model.modelId());
    assertThat(train.get("counts").get("beats.real").asInt()).isEqualTo(5888);
    assertThat(model.trainingPatients()).hasSize(train.get("counts").get("patients").asInt());
  }

  private static JsonNode manifest() throws IOException {
    return new ObjectMapper().readTree(FOLDER.resolve("training.json").toFile());
  }
}
