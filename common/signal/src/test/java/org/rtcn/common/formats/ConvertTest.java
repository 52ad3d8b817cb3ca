package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.common.formats.write.OutputFiles;
import org.rtcn.common.formats.write.Target;
import org.rtcn.common.wfdb.WfdbFiles;

/** What is written is read again with the same values. */
class ConvertTest {
  @TempDir Path folder;

  @Test
  void everyGoldenFileComesThroughWfdbAndEdf() throws IOException {
    int converted = 0;
    for (Path file : GoldenFiles.all()) {
      if (GoldenFiles.expected(file).has("expect")) {
        continue;
      }
      try (EcgRecords records = EcgFormats.read(GoldenFiles.open(file), ReadLimits.DEFAULT)) {
        EcgRecord record = records.get(0);
        EcgRecord wfdb = written(Target.WFDB, record, "x.hea");
        assertSame(record, wfdb, 1e-6);
        assertThat(wfdb.facts().statements()).isEqualTo(record.facts().statements());
        assertThat(wfdb.facts().ageYears()).isEqualTo(record.facts().ageYears());
        // EDF has 16 bits: what has no steps of its own, or is offset by part of one, is rounded.
        boolean whole =
            record.channels().stream().allMatch(c -> c.millivoltsPerStep() > 0)
                && !file.toString().contains("edf-bdf");
        double most = 0;
        for (double[] row : record.read(0, (int) record.sampleCount())) {
          for (double value : row) {
            most = Math.max(most, Math.abs(value));
          }
        }
        EcgRecord edf = written(Target.EDF, record, "x.edf");
        assertSame(record, edf, whole ? 1e-6 * Math.max(1, most) : most / 30_000);
        converted++;
      }
    }
    assertThat(converted).isEqualTo(28);
  }

  @Test
  void missingSamplesStayMissingInWfdbAndAreRefusedByEdf() throws IOException {
    EcgRecord record =
        new RecordBuilder("x", ReadLimits.DEFAULT, 500)
            .add(EcgChannel.named("I", 0.005), new double[] {0.005, Double.NaN, -0.01})
            .build("", EcgFacts.NONE, Optional.empty());
    assertThat(written(Target.WFDB, record, "x.hea").read(0, 3)[0])
        .containsExactly(0.005, Double.NaN, -0.01);
    assertThatThrownBy(() -> written(Target.EDF, record, "x.edf"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("use WFDB");
  }

  @Test
  void factsComeThrough() throws IOException {
    EcgFacts facts =
        new EcgFacts(
            Optional.of("ward_3-017"),
            Optional.of(63.5f),
            Optional.of("female"),
            Optional.of(LocalDateTime.of(2024, 5, 6, 7, 8, 9)),
            List.of("sinus rhythm", EcgFacts.SIMULATED, "infarct: cannot be excluded"),
            Optional.of("Maker Model 3"),
            List.of());
    EcgRecord record =
        new RecordBuilder("x", ReadLimits.DEFAULT, 500)
            .add(EcgChannel.named("I", 0.005), new double[500])
            .build("", facts, Optional.empty());
    assertThat(written(Target.WFDB, record, "x.hea").facts()).isEqualTo(facts);
    EcgFacts edf = written(Target.EDF, record, "x.edf").facts();
    assertThat(edf.patientId()).contains("ward_3-017");
    assertThat(edf.statements()).isEqualTo(facts.statements());
    assertThat(edf.recordedAt()).isEqualTo(facts.recordedAt());
  }

  @Test
  void derivedLeadsKeepTheStepsOfThoseTheyAreMadeOf() throws IOException {
    // Of floats, as the tables have them: II is stored, aVR is half a sum of steps.
    double step = 0.00488;
    double[] two = {(float) (step * 30_001), (float) (-7 * step)};
    double[] avr = {(float) (step * -15_000.5), (float) (3.5 * step)};
    EcgRecord record =
        new RecordBuilder("x", ReadLimits.DEFAULT, 500)
            .add(EcgChannel.named("II", 1.0 / (float) (1 / step)), two)
            .add(EcgChannel.named("aVR", 0), avr)
            .build("", EcgFacts.NONE, Optional.empty());
    EcgRecord read = written(Target.WFDB, record, "x.hea");
    assertThat(Files.readString(folder.resolve("x.hea")).lines().skip(1).limit(2))
        .allMatch(line -> line.startsWith("x.dat 16 "));
    assertThat(read.channels().get(1).millivoltsPerStep()).isCloseTo(step / 2, within(1e-9));
    for (int i = 0; i < 2; i++) {
      assertThat((float) read.read(0, 2)[0][i]).isCloseTo((float) two[i], within(2e-5f));
      assertThat((float) read.read(0, 2)[1][i]).isCloseTo((float) avr[i], within(2e-5f));
    }
  }

  @Test
  void longRecordingsAreWrittenByWindow() throws IOException {
    // More than one window; of EDF, a prime count makes records of a single sample.
    int count = 360_007;
    List<EcgChannel> channels =
        Lead.STANDARD_12.stream().map(lead -> EcgChannel.named(lead.label(), 0.001)).toList();
    EcgRecord record =
        new EcgRecord(
            "",
            500,
            count,
            channels,
            EcgFacts.NONE,
            Optional.empty(),
            (from, length) -> {
              double[][] rows = new double[12][length];
              for (int c = 0; c < 12; c++) {
                for (int i = 0; i < length; i++) {
                  rows[c][i] = ((from + i) * (c + 1) % 2001 - 1000) / 1000.0;
                }
              }
              return rows;
            });
    assertSame(record, written(Target.WFDB, record, "x.hea"), 1e-9);
    assertSame(record, written(Target.EDF, record, "x.edf"), 1e-9);
  }

  @Test
  void aMonthOfNothingIsNotWritten() {
    EcgRecord record =
        new EcgRecord(
            "",
            1000,
            1000L * 31 * 86_400,
            List.of(EcgChannel.named("I", 0.001)),
            EcgFacts.NONE,
            Optional.empty(),
            (from, length) -> {
              double[][] rows = new double[1][length];
              Arrays.fill(rows[0], from == 0 ? 0 : Double.NaN);
              return rows;
            });
    // Only the first window holds anything.
    assertThatThrownBy(() -> written(Target.WFDB, record, "x.hea"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("split it at its gaps");
    assertThat(folder.toFile().list()).isEmpty();
  }

  @Test
  void whatIsThereIsKeptAndNothingIsHalfWritten() throws IOException {
    EcgRecord record =
        new RecordBuilder("x", ReadLimits.DEFAULT, 500)
            .add(EcgChannel.named("I", 0.005), new double[] {0.005, -0.01})
            .build("", EcgFacts.NONE, Optional.empty());
    Path header = Files.writeString(folder.resolve("x.hea"), "mine");
    try (OutputFiles files = new OutputFiles(folder, OutputFiles.IfPresent.REFUSE)) {
      assertThatThrownBy(() -> Target.WFDB.write("x", record, files))
          .isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(folder.toFile().list()).containsExactly("x.hea");
    assertThat(header).hasContent("mine");
    EcgRecord failing =
        new EcgRecord(
            "",
            500,
            2,
            record.channels(),
            EcgFacts.NONE,
            Optional.empty(),
            (from, count) -> {
              throw new IOException("gone");
            });
    assertThatThrownBy(() -> written(Target.EDF, failing, "x.edf")).hasMessage("gone");
    assertThat(folder.toFile().list()).containsExactly("x.hea");
    written(Target.WFDB, record, "x.hea");
    assertThat(header).content().startsWith("x 1 500 2");
  }

  private EcgRecord written(Target target, EcgRecord record, String name) throws IOException {
    try (OutputFiles files = new OutputFiles(folder, OutputFiles.IfPresent.REPLACE)) {
      target.write("x", record, files);
      files.commit();
    }
    return EcgFormats.read(new EcgFile(name, WfdbFiles.in(folder)), ReadLimits.DEFAULT).only();
  }

  private static void assertSame(EcgRecord expected, EcgRecord actual, double tolerance)
      throws IOException {
    assertThat(actual.fsHz()).isCloseTo(expected.fsHz(), within(1e-6 * expected.fsHz()));
    assertThat(actual.sampleCount()).isEqualTo(expected.sampleCount());
    int count = (int) expected.sampleCount();
    double[][] rows = actual.read(0, count);
    double[][] before = expected.read(0, count);
    for (int c = 0; c < expected.channels().size(); c++) {
      String name = expected.channels().get(c).name();
      int row = actual.channels().stream().map(EcgChannel::name).toList().indexOf(name);
      if (row < 0) {
        // V7 and V3R are no leads of the tables.
        assertThat(expected.channels().get(c).lead()).isEmpty();
        continue;
      }
      double most = 0;
      for (int i = 0; i < count; i++) {
        most = Math.max(most, Math.abs(rows[row][i] - before[c][i]));
      }
      assertThat(most).as(name).isLessThanOrEqualTo(tolerance);
    }
  }
}
