package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.common.wfdb.WfdbFiles;

/** Files in CODE's layout that name no exam: their table is in the order of the tracings. */
class CodeLayoutTest {
  @TempDir Path folder;

  @BeforeEach
  void write() {
    float[][][] tracings = new float[2][8][12];
    for (int exam = 0; exam < 2; exam++) {
      for (int i = 2; i < 6; i++) {
        for (int lead = 0; lead < 12; lead++) {
          tracings[exam][i][lead] = 100 * exam + 10 * i + lead;
        }
      }
    }
    try (WritableHdfFile file = HdfFile.write(folder.resolve("exams.hdf5"))) {
      file.putDataset("tracings", tracings);
    }
  }

  @Test
  void theTableIsInTheOrderOfTheTracings() throws IOException {
    // As SaMi-Trop's: it has exam_id, the HDF5 has none.
    Files.writeString(
        folder.resolve("exams.csv"),
        "exam_id,age,is_male,normal_ecg,death,timey,nn_predicted_age\n"
            + "294669,75,True,False,False,2.1,71.0\n291371,38,False,True,False,2.1,40.2\n");
    try (EcgRecords records = records()) {
      EcgRecord second = records.get(1);
      assertThat(second.sampleCount()).isEqualTo(4);
      assertThat(second.read(0, 4)[3][0]).isEqualTo((100 + 20 + 3) * 0.1);
      assertThat(second.facts().ageYears()).contains(38f);
      assertThat(second.facts().sex()).contains("female");
      assertThat(second.facts().statements()).containsExactly("normal ECG");
      assertThat(records.get(0).facts().ageYears()).contains(75f);
    }
  }

  @Test
  void aTableOfOtherExamsIsRefused() throws IOException {
    Files.writeString(folder.resolve("exams.csv"), "exam_id,age\n1,75\n2,38\n3,40\n");
    assertThatThrownBy(this::records)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("has 3 lines for 2 exams");
  }

  private EcgRecords records() throws IOException {
    return EcgFormats.read(new EcgFile("exams.hdf5", WfdbFiles.in(folder)), ReadLimits.DEFAULT);
  }
}
