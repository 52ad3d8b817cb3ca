package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ReferenceData;

class BeatAnnotationsTest {

  /** The beat counts that PhysioNet publishes for these records. */
  @ParameterizedTest
  @CsvSource({"100,2273", "103,2084", "105,2572", "119,1987", "203,2980", "228,2053"})
  void readsTheBeatsOfTheArrhythmiaDatabase(String record, int expected) throws IOException {
    try (InputStream in =
        Files.newInputStream(ReferenceData.require("data/mitdb/" + record + ".atr"))) {
      int[] beats = BeatAnnotations.samples(in);
      assertThat(beats).hasSize(expected).isSorted();
      assertThat(beats[beats.length - 1]).isBetween(649_000, 650_000);
    }
  }
}
