package org.rtcn.jobs.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.error.UserException;
import picocli.CommandLine;

class ScoreRPeaksCommandTest {
  @TempDir private Path folder;

  @Test
  void scoresARecordAgainstItsAnnotations() throws IOException {
    record(1);
    String out = score(folder.resolve("r").toString(), "--tolerance-ms", "50");
    // Twenty beats, one of them annotated where there is none, none where there is one.
    assertThat(out)
        .contains("[II], 500.0 Hz")
        .contains("r.atr, 20 beats")
        .contains("detections   20: 19 true, 1 false; 1 beats missed (one to one, within 50.0 ms)")
        .contains("Se           95.00 % (QRS Se, sensitivity)")
        .contains("PPV          95.00 % (QRS +P, positive predictivity)")
        .contains("timing       0.00 +- 0.00 ms");
    assertThat(score(folder.resolve("r.hea").toString(), "--skip-seconds", "10"))
        .contains("10 beats from 10.0 s on")
        .contains("detections   10: 10 true, 0 false; 0 beats missed");
  }

  @Test
  void nothingFoundIsSaid() throws IOException {
    record(0);
    assertThat(score(folder.resolve("r").toString()))
        .contains("found        nothing (TOO_FAINT)")
        .contains("Se           0.00 %")
        .contains("PPV          NaN %");
  }

  @Test
  void refusesWhatIsNotThere() throws IOException {
    assertThatThrownBy(() -> run(folder.resolve("none").toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot read ")
        .hasMessageContaining("none.hea: give the path of a local record");
    record(1);
    String record = folder.resolve("r").toString();
    assertThatThrownBy(() -> run(record, "--skip-seconds", "99999"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("leaves nothing of it; give less");
    for (String wide : new String[] {"Infinity", "NaN", "-5", "1001"}) {
      assertThatThrownBy(() -> run(record, "--tolerance-ms", wide))
          .hasMessageContaining("must lie between 0 and 1000");
    }
    assertThatThrownBy(() -> run(record, "--signals", "V9"))
        .isInstanceOf(UserException.class)
        .hasMessage("Cannot find signals [V9]: the record has [II]");
    Files.write(folder.resolve("r.atr"), new byte[] {5});
    assertThatThrownBy(() -> run(folder.resolve("r").toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot read r.atr: no end mark: it is cut at byte 1");
  }

  /** Resolution of the annotations, samples per frame, signals that are no voltage: all count. */
  @ParameterizedTest
  @CsvSource({
    "score-annotation-resolution/c1_plain,360.0",
    "score-annotation-resolution/c2_timeres,360.0",
    "score-multifrequency/c3_multifreq,360.0",
    "score-other-units/c4_bp,360.0"
  })
  void everyRecordIsScoredInItsOwnTerms(String record, String fsHz) {
    Path path = ReferenceData.require("cases/" + record + ".hea");
    assertThat(score(path.toString(), "--tolerance-ms", "100"))
        .contains("[MLII], " + fsHz + " Hz")
        .contains("Se           100.00 %")
        .contains("PPV          100.00 %");
  }

  @Test
  void ratesWithoutQrsAreTheUsersToMend() {
    Path path = ReferenceData.require("cases/score-low-rate/c12_15hz.hea");
    assertThatThrownBy(() -> run(path.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot find R peaks in ")
        .hasMessageEndingWith(
            "it is sampled at 15.5 Hz, R peaks need 50.0 Hz or more; take a record of a higher"
                + " rate");
  }

  @Test
  void recordsWithoutAVoltageNameTheirUnits() throws IOException {
    record(1);
    Path header = folder.resolve("r.hea");
    Files.writeString(header, Files.readString(header).replace("1000/mV", "1000/mmHg"));
    assertThatThrownBy(() -> run(folder.resolve("r").toString()))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith(": no signal is in mV, uV or V; the record has [II in mmHg]");
  }

  @Test
  void severalRecordsGiveGrossStatisticsAndAverages() throws IOException {
    record(1);
    String path = folder.resolve("r").toString();
    assertThatThrownBy(() -> run(path, path + ".hea"))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith("twice: it would count double; name it once");
    Path copy = Files.createDirectories(folder.resolve("copy"));
    for (File file : folder.toFile().listFiles(File::isFile)) {
      Files.copy(file.toPath(), copy.resolve(file.getName()));
    }
    assertThat(score(path, copy.resolve("r").toString(), "--tolerance-ms", "50"))
        .contains("gross        2 records")
        .contains("detections   40: 38 true, 2 false; 2 beats missed")
        .contains("average      2 records");
    JsonNode json = new ObjectMapper().readTree(score(path, "--format", "JSON"));
    assertThat(json.get("matching").asText()).isEqualTo("one-to-one");
    assertThat(json.get("match_window_ms").asDouble()).isEqualTo(150);
    assertThat(json.get("records").get(0).get("signals").get(0).asText()).isEqualTo("II");
    assertThat(json.get("gross").get("tp").asInt()).isEqualTo(20);
    assertThat(json.get("gross").get("qrs_se").asDouble()).isEqualTo(1);
    record(0);
    JsonNode silent = new ObjectMapper().readTree(score(path, "--format", "JSON"));
    assertThat(silent.get("records").get(0).get("qrs_p").isNull()).isTrue();
    assertThat(silent.get("records").get(0).get("finding").asText()).isEqualTo("TOO_FAINT");
  }

  private static String score(String... arguments) {
    StringWriter out = new StringWriter();
    commandLine(out).execute(arguments);
    return out.toString();
  }

  /** As {@link #score}, with exceptions as they are. */
  private static void run(String... arguments) {
    ScoreRPeaksCommand command = new ScoreRPeaksCommand();
    new CommandLine(command).parseArgs(arguments);
    command.call();
  }

  private static CommandLine commandLine(StringWriter out) {
    return new CommandLine(new ScoreRPeaksCommand()).setOut(new PrintWriter(out));
  }

  /** Twenty seconds at 500 Hz with a beat each; its seventh beat is annotated 100 ms too late. */
  private void record(double amplitude) throws IOException {
    int checksum = 0;
    ByteBuffer signal = ByteBuffer.allocate(20_000).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 10_000; i++) {
      double distance = (i % 500 - 250) / 8.0;
      short sample = (short) Math.round(1000 * amplitude * Math.exp(-0.5 * distance * distance));
      signal.putShort(sample);
      checksum += sample;
    }
    Files.writeString(
        folder.resolve("r.hea"),
        "r 1 500 10000\nr.dat 16 1000/mV 16 0 0 " + (short) checksum + " 0 II\n");
    Files.write(folder.resolve("r.dat"), signal.array());
    ByteArrayOutputStream marks = new ByteArrayOutputStream();
    int previous = 0;
    for (int beat = 0; beat < 20; beat++) {
      int sample = 500 * beat + 250 + (beat == 6 ? 50 : 0);
      word(marks, 1 << 10 | (sample - previous));
      previous = sample;
      if (beat == 3) {
        // A rhythm mark with a text, and a far jump forth and back: none of them a beat.
        word(marks, 28 << 10);
        word(marks, 63 << 10 | 3);
        marks.writeBytes(new byte[] {'(', 'N', 0, 0});
        word(marks, 59 << 10);
        word(marks, 1);
        word(marks, 0);
        word(marks, 14 << 10);
        word(marks, 59 << 10);
        word(marks, 0xffff);
        word(marks, 0);
      }
    }
    word(marks, 0);
    Files.write(folder.resolve("r.atr"), marks.toByteArray());
  }

  private static void word(ByteArrayOutputStream out, int word) {
    out.write(word & 0xff);
    out.write(word >> 8 & 0xff);
  }
}
