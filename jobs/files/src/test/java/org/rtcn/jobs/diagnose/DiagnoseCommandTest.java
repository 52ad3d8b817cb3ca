package org.rtcn.jobs.diagnose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.write.OutputFiles.IfPresent;
import org.rtcn.common.storage.StrictJson;
import org.rtcn.jobs.inputs.EcgInputs;
import picocli.CommandLine;

/** Files of all formats through the small model; none of it takes Spark. */
class DiagnoseCommandTest {
  private static RtcnDiagnoser diagnoser;

  @TempDir Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void load() {
    diagnoser = RtcnDiagnoser.ofSimulatedEcg();
  }

  @Test
  void everyFormatHasAnAnswerOrAReason() throws IOException {
    Path formats = ReferenceData.require("golden/formats");
    Answers answers = answers(folder, Answers.Form.JSON);
    EcgInputs.of(formats.toString(), new Configuration()).visit(answers);
    assertThat(answers.end()).isZero();
    int answered = 0;
    int refused = 0;
    for (String line : text(out).lines().toList()) {
      JsonNode answer = StrictJson.tree(line.getBytes(StandardCharsets.UTF_8), "answer");
      if (answer.has("refused")) {
        assertThat(answer.get("detail").asText()).matches("(Cannot|Failed to|Invalid) .*");
        refused++;
        continue;
      }
      answered++;
      assertThat(answer.get("model_learned_from_simulated_ecg").asBoolean()).isTrue();
      assertThat(answer.get("beats").asInt()).isBetween(1, 8);
      String page = Files.readString(Path.of(answer.get("page").asText()));
      assertThat(page).contains("Answer: " + answer.get("predicted").asText());
      assertThat(page).contains("is simulated").contains("not a medical device");
      double sum = 0;
      for (JsonNode probability : answer.get("probabilities")) {
        sum += probability.asDouble();
      }
      assertThat(sum).isBetween(0.9999, 1.0001);
    }
    // A recording is one and the same in whatever format it stands.
    assertThat(answered).isGreaterThanOrEqualTo(24);
    assertThat(refused).isGreaterThanOrEqualTo(7);
    assertThat(probabilities("dicom/mortara_el250_big_endian.dcm"))
        .isEqualTo(probabilities("dicom/mortara_el250_explicit_le.dcm"));
    assertThat(text(err))
        .contains("simulated ECG: its answers say nothing about a person")
        .contains(answered + " answered, " + refused + " refused");
  }

  private String probabilities(String file) {
    for (String line : text(out).lines().toList()) {
      if (line.contains("\"file\":\"" + file + "\"")) {
        return StrictJson.tree(line.getBytes(StandardCharsets.UTF_8), "answer")
            .get("probabilities")
            .toString();
      }
    }
    throw new AssertionError("No answer for " + file);
  }

  @Test
  void everyLineSaysWhatTheModelHasLearnedFrom() throws IOException {
    Path file = ReferenceData.require("golden/formats/scp-ecg/ecgtoolkit_eli250.scp");
    Answers answers = answers(null, Answers.Form.TEXT);
    EcgInputs.of(file.toString(), new Configuration()).visit(answers);
    answers.end();
    assertThat(text(out).lines())
        .singleElement()
        .asString()
        .matches(
            "ecgtoolkit_eli250.scp: \\w+ [01]\\.\\d{3}, p\\(MI\\) [01]\\.\\d{3} \\(infarct from"
                + " 0\\.500 on\\), \\d beats, model "
                + diagnoser.model().modelId()
                + " that learned from SIMULATED ECG.*");
  }

  @Test
  void aSingleRefusalIsTheCommandsOwn() throws IOException {
    Path letter = Files.writeString(folder.resolve("letter.dcm"), "Exported on Monday.\n");
    assertThatThrownBy(() -> call(letter.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot read letter.dcm")
        .hasMessageEndingWith("(FORMAT_UNKNOWN)");
    Path signal = Files.writeString(folder.resolve("r.dat"), "no format but a header's");
    assertThatThrownBy(() -> call(signal.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot read r.dat: if it is the signal file of a WFDB record");
    Path flat = folder.resolve("flat.csv");
    Files.writeString(
        flat,
        "I (mV),II (mV),V1 (mV),V2 (mV),V3 (mV),V4 (mV),V5 (mV),V6 (mV)\n"
            + "0,0,0,0,0,0,0,0\n".repeat(2000));
    Files.writeString(folder.resolve("flat.csv.json"), "{\"fs_hz\": 500, \"unit\": \"mV\"}");
    assertThatThrownBy(() -> call(flat.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot diagnose flat.csv: no usable heartbeat (FLAT_LEAD");
    Path few = folder.resolve("few.csv");
    Files.writeString(few, "I (mV),V1 (mV)\n" + "0.1,0.2\n0.2,0.1\n".repeat(400_000));
    Files.writeString(folder.resolve("few.csv.json"), "{\"fs_hz\": 500, \"unit\": \"mV\"}");
    // Said once, and not for each window.
    assertThatThrownBy(() -> call(few.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot diagnose few.csv: it has no lead [II, III,")
        .hasMessageEndingWith("(LEADS_MISSING)");
    assertThatThrownBy(() -> call(letter.toString(), flat.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("2 recordings or files were refused");
  }

  @Test
  void whatTheUserHasToMendIsTold() throws IOException {
    assertThatThrownBy(() -> call("nowhere.dcm"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot find nowhere.dcm");
    Path letter = Files.writeString(folder.resolve("letter.txt"), "Exported on Monday.\n");
    assertThatThrownBy(() -> call("--model", folder.toString(), letter.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("model.json is missing");
    assertThatThrownBy(() -> call("--pages", letter.toString(), letter.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("letter.txt: it is a file; give a folder");
  }

  @Test
  void aModelIsExportedWholeAndOnce() throws IOException {
    Path onnx = folder.resolve("new/small.onnx");
    assertThat(export("--onnx", onnx.toString())).isZero();
    assertThat(Files.size(onnx)).isBetween(500_000L, 600_000L);
    assertThat(onnx.getParent().toFile().list()).containsExactly("small.onnx");
    assertThatThrownBy(() -> export("--onnx", onnx.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it is there already");
    assertThat(export("--onnx", onnx.toString(), "--overwrite")).isZero();
    assertThatThrownBy(() -> export("--onnx", onnx + "/below.onnx"))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot write into ");
    assertThatThrownBy(() -> export("--onnx", folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("it is a folder");
  }

  private static int export(String... arguments) {
    ExportCommand command = new ExportCommand();
    new CommandLine(command).parseArgs(arguments);
    return command.call();
  }

  private Answers answers(Path pages, Answers.Form form) {
    return new Answers(
        diagnoser,
        600,
        pages == null ? null : new Answers.Pages(pages, IfPresent.REFUSE),
        form,
        stream(out),
        stream(err));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, true, StandardCharsets.UTF_8);
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static int call(String... arguments) {
    DiagnoseCommand command = new DiagnoseCommand();
    new CommandLine(command).parseArgs(arguments);
    return command.call();
  }
}
