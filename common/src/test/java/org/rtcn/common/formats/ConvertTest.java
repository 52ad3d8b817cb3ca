package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.formats.write.OutputFile;
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
    assertThatThrownBy(() -> Target.EDF.files("x", record))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("use WFDB");
  }

  private EcgRecord written(Target target, EcgRecord record, String name) throws IOException {
    List<OutputFile> files = target.files("x", record);
    for (OutputFile file : files) {
      Files.write(folder.resolve(file.name()), file.content());
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
