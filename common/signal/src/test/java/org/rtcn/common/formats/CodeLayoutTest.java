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

/** Files in CODE's layout, which name their exams or not, and the table next to them. */
class CodeLayoutTest {
  @TempDir Path folder;

  @BeforeEach
  void write() {
    try (WritableHdfFile file = HdfFile.write(folder.resolve("exams.hdf5"))) {
      file.putDataset("tracings", tracings());
    }
  }

  private static float[][][] tracings() {
    float[][][] tracings = new float[2][8][12];
    for (int exam = 0; exam < 2; exam++) {
      for (int i = 2; i < 6; i++) {
        for (int lead = 0; lead < 12; lead++) {
          tracings[exam][i][lead] = 100 * exam + 10 * i + lead;
        }
      }
    }
    return tracings;
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

  @Test
  void aBrokenRowCostsItsExamAlone() throws IOException {
    table(
        "exam_id,age,is_male,patient_id\n11,\"75,True,p1\n12,38,False,p2\n13,1,True,p3\n", 11, 12);
    try (EcgRecords records = records()) {
      assertThat(records.count()).isEqualTo(2);
      assertThatThrownBy(() -> records.get(0))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("exams.hdf5/11")
          .hasMessageContaining("Invalid line 2 of exams.csv: column age opens a quote")
          .extracting(e -> ((FormatException) e).code())
          .isEqualTo("SIDECAR_MALFORMED");
      assertThat(records.get(1).facts().patientId()).contains("p2");
    }
  }

  @Test
  void aRowWithoutAnExamCostsTheExamWithoutARow() throws IOException {
    table("exam_id,age\n12,38\nx1,75\n", 11, 12);
    try (EcgRecords records = records()) {
      assertThatThrownBy(() -> records.get(0))
          .hasMessageContaining(
              "1 of its lines name no exam, the first: Invalid line 3 of exams.csv: column exam_id"
                  + " holds 'x1'");
      assertThat(records.get(1).facts().ageYears()).contains(38f);
    }
  }

  @Test
  void anExamWithoutARowIsRefused() throws IOException {
    table("exam_id,age\n12,38\n", 11, 12);
    try (EcgRecords records = records()) {
      assertThatThrownBy(() -> records.get(0))
          .hasMessageContaining("exams.hdf5/11: no line of exams.csv names this exam");
      assertThat(records.get(1).facts().ageYears()).contains(38f);
    }
    table("age,is_male\n38,True\n", 11, 12);
    assertThatThrownBy(this::records)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("column exam_id is missing");
  }

  @Test
  void anExamThatStandsTwiceIsRefusedOnce() throws IOException {
    table("exam_id,age\n11,38\n", 11, 11);
    try (EcgRecords records = records()) {
      assertThat(records.part(0)).isEqualTo("11");
      assertThat(records.part(1)).isEqualTo("11@1");
      assertThat(records.get(0).facts().ageYears()).contains(38f);
      assertThatThrownBy(() -> records.get(1))
          .hasMessageContaining("exams.hdf5/11@1: exam 11 stands at place 0 as well");
    }
  }

  @Test
  void idsThatAreNotOneForEachExamAreRefused() throws IOException {
    write(new double[] {11, 12.5});
    assertThatThrownBy(this::records).hasMessageContaining("holds 12.5 at place 1");
    write(new double[] {Double.NaN, 12});
    assertThatThrownBy(this::records).hasMessageContaining("holds NaN at place 0");
    write(new long[] {11, 12, 13});
    assertThatThrownBy(this::records).hasMessageContaining("its exam_id is [3], and there are 2");
    write(new String[] {"a", "b"});
    assertThatThrownBy(this::records).hasMessageContaining("its exam_id holds no numbers");
    write(new long[][] {{11}, {12}});
    Files.writeString(folder.resolve("exams.csv"), "exam_id,age\n12,38\n11,75\n");
    try (EcgRecords records = records()) {
      assertThat(records.get(0).facts().ageYears()).contains(75f);
    }
  }

  private void write(Object ids) throws IOException {
    Files.delete(folder.resolve("exams.hdf5"));
    try (WritableHdfFile file = HdfFile.write(folder.resolve("exams.hdf5"))) {
      file.putDataset("tracings", tracings());
      file.putDataset("exam_id", ids);
    }
  }

  @Test
  void valuesThatGiveNothingAreNamed() throws IOException {
    table(
        "exam_id;age;is_male;1dAVb;RBBB;patient_id\r\n11.0;89+;maybe;perhaps;1;900001.0\r\n"
            + "12;40,5;0;no;;NaN\r\n12;7;1;1;1;p9\r\n",
        11,
        12);
    try (EcgRecords records = records()) {
      EcgFacts first = records.get(0).facts();
      assertThat(first.unread()).containsExactlyInAnyOrder("age=89+", "sex=maybe", "1davb=perhaps");
      assertThat(first.statements()).containsExactly("right bundle branch block");
      assertThat(first.patientId()).contains("900001");
      EcgFacts second = records.get(1).facts();
      assertThat(second.patientId()).isEmpty();
      assertThat(second.sex()).contains("female");
      assertThat(second.ageYears()).contains(40.5f);
      assertThat(second.unread()).containsExactly("exam_id=a second row on line 4");
    }
  }

  @Test
  void anEmptyTableIsRefused() throws IOException {
    table("\n", 11, 12);
    assertThatThrownBy(this::records)
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("exams.csv: it is empty");
  }

  /** The same tracings, named, and a table. */
  private void table(String text, long... ids) throws IOException {
    write(ids);
    Files.writeString(folder.resolve("exams.csv"), text);
  }

  private EcgRecords records() throws IOException {
    return EcgFormats.read(new EcgFile("exams.hdf5", WfdbFiles.in(folder)), ReadLimits.DEFAULT);
  }
}
