package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.ingest.IngestStage.Mode;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/** A hospital's drawer: every format, and what is none, in one folder or archive. */
class MixedFormatsSparkTest {
  @TempDir Path folder;
  private Path input;
  private StageTest test;

  @BeforeEach
  void fill() throws IOException {
    Path golden = ReferenceData.require("golden/formats");
    input = Files.createDirectories(folder.resolve("input"));
    test = new StageTest(folder.resolve("run"));
    try (Stream<Path> files = Files.walk(golden)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = golden.relativize(file).toString();
        if (name.contains("/") && !name.endsWith(".json") && !name.startsWith("mimic")) {
          Path copy = input.resolve(name.replace("code15_exams.csv", "exams.csv"));
          Files.createDirectories(copy.getParent());
          Files.copy(file, copy);
        }
      }
    }
    // Content tells, not the name.
    Files.move(input.resolve("dicom/ge_mac55_explicit_le.dcm"), input.resolve("dicom/export.dat"));
    Files.move(
        input.resolve("hl7-aecg/mindray_beneheart_r12.xml"), input.resolve("hl7-aecg/ecg.txt"));
    sidecar("ptb_f32_12x5000_mV.npy", "{\"fs_hz\": 500, \"unit\": \"mV\"}");
    sidecar("ptb_i16_5000x12_fortran_uV.npy", "{\"fs_hz\": 500, \"unit\": \"uV\"}");
    sidecar("ptb_header_mV.csv", "{\"unit\": \"mV\"}");
    Files.writeString(input.resolve("README.md"), "Exported on Monday.\n");
    Files.writeString(input.resolve("broken.dcm"), "not there");
    TwelveLeadFiles.write(input.resolve("wfdb/w1"), 1000, (lead, i) -> 0);
  }

  private void sidecar(String name, String json) throws IOException {
    Files.writeString(input.resolve("arrays/" + name + ".json"), json);
  }

  @Test
  void aZippedFolderOfAllFormatsIsReadInOneCommand() throws IOException {
    Path zip = zipped();
    Manifest manifest = ingest(zip, Mode.ALL);
    Map<String, String> reasons = new TreeMap<>();
    for (Row row : test.rows(Table.REJECTS)) {
      String path = row.getAs("path");
      reasons.put(path.substring(path.lastIndexOf('/') + 1), row.getAs("reason"));
    }
    assertThat(reasons)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "healforce_not_scp_compliant.scp", "FORMAT_UNKNOWN",
                "broken.dcm", "FORMAT_UNKNOWN",
                "mdw14_pediatric_leads.scp", "LEADS_MISSING",
                "contec_ecg90a_no_header.csv", "SIDECAR_MISSING"));
    List<Row> rows = test.rows(Table.RECORDS);
    assertThat(manifest.count("kept")).isEqualTo(rows.size()).isEqualTo(29);
    assertThat(manifest.count("read")).isEqualTo(29 + reasons.size());
    // Three sidecars, two tables, the letter and exams.csv.
    assertThat(manifest.count("not_ecg")).isEqualTo(5);
    assertThat(ids())
        .contains(
            "ecg/dicom/export.dat",
            "ecg/hl7-aecg/ecg.txt",
            "ecg/hdf5/code15_exams_part0.hdf5/9000002",
            "ptbdb/wfdb/w1");
    Row muse = row("muse_example1_made_up_patient");
    assertThat(muse.<String>getAs("patient_id")).isEqualTo("ecg/000000001");
    assertThat(muse.<Float>getAs("age_years")).isEqualTo(67f);
    assertThat(muse.<String>getAs("sex")).isEqualTo("female");
    assertThat(muse.<String>getAs("diagnosis"))
        .isEqualTo("Sinus bradycardia; Inferior infarct, age undetermined; Abnormal ECG");
    assertThat(rows.stream().map(row -> row.<String>getAs("label")).distinct())
        .as("statements are no labels")
        .containsExactly("UNKNOWN");
    assertThat(row("ecgtoolkit_eli250.scp").<Boolean>getAs("checksum_ok")).isTrue();
    assertThat(test.rows(Table.SIGNALS)).hasSize(29);

    Manifest again = ingest(zip, Mode.UPDATE);
    assertThat(again.count("unchanged")).isEqualTo(29);
    assertThat(test.rows(Table.RECORDS)).isEqualTo(rows);
  }

  @Test
  void labelsComeFromTheLabelFile() throws IOException {
    Files.writeString(
        input.resolve("labels.csv"),
        "record,patient,label,age\n"
            + "scp-ecg/burdick_reference_beat.scp,p1,HC,\n"
            + "philips-sierra-xml/sierra_1_03_heartstart_mrx,p1,IMI,51\n"
            + "hdf5/code15_exams_part0.hdf5/9000003,p2,AMI,\n"
            + "wfdb/w1,p3,HC,\n");
    ingest(input, Mode.ALL);
    assertThat(ids())
        .containsExactly(
            "wfdb/hdf5/code15_exams_part0.hdf5/9000003",
            "wfdb/philips-sierra-xml/sierra_1_03_heartstart_mrx.xml",
            "wfdb/scp-ecg/burdick_reference_beat.scp",
            "wfdb/wfdb/w1");
    Row sierra = row("sierra_1_03");
    assertThat(sierra.<String>getAs("label")).isEqualTo("IMI");
    assertThat(sierra.<Float>getAs("age_years")).isEqualTo(51f);
    assertThat(sierra.<String>getAs("diagnosis")).startsWith("Sinus bradycardia: rate< 50; ");
    assertThat(row("9000003").<Float>getAs("age_years")).isEqualTo(54f);
    assertThat(test.rows(Table.SPLITS)).hasSize(3);
    assertThat(test.read(Table.REJECTS).where("reason = 'LABELS_MISSING'").count()).isEqualTo(27);
  }

  @Test
  void mimicsMachineStatementsAreTheDiagnosisAndNoLabel() throws IOException {
    Path mimic = Files.createDirectories(folder.resolve("mimic"));
    for (String table : List.of("record_list.csv", "machine_measurements.csv")) {
      Files.copy(
          ReferenceData.require("golden/formats/mimic-iv-ecg").resolve(table),
          mimic.resolve(table));
    }
    String wrong =
        """
        10000001,40000001,40000001,2150-03-01 08:00:00,files/p1000/p10000001/s40000001/40000001
        10000003,40000004,40000004,2160-05-02 21:15:00,../../../etc/passwd
        ,40000005,40000005,2160-05-02 21:15:00,files/p1000/p10000003/s40000005/40000005
        10000003,40000006
        """;
    Files.writeString(mimic.resolve("record_list.csv"), wrong, StandardOpenOption.APPEND);
    Files.writeString(
        mimic.resolve("machine_measurements.csv"),
        """
        10000002,40000003,6800001,2150-03-01 08:00:00,Sinus rhythm
        10000002,,6800001,2150-03-01 08:00:00,Sinus rhythm
        """,
        StandardOpenOption.APPEND);
    for (String record :
        List.of(
            "files/p1000/p10000001/s40000001/40000001",
            "files/p1000/p10000002/s40000003/40000003",
            "files/p1000/p10000003/s40000005/40000005",
            "files/p1000/p10000009/s40000009/40000009")) {
      Path place = mimic.resolve(record);
      Files.createDirectories(place.getParent());
      for (String suffix : List.of(".hea", ".dat")) {
        byte[] content = Files.readAllBytes(input.resolve("wfdb/w1" + suffix));
        String renamed =
            new String(content, StandardCharsets.ISO_8859_1)
                .replace("w1", place.getFileName().toString());
        Files.writeString(
            place.resolveSibling(place.getFileName() + suffix),
            renamed,
            StandardCharsets.ISO_8859_1);
      }
    }
    Manifest manifest = ingest(mimic, Mode.ALL);
    assertThat(ids())
        .containsExactly(
            "mimic-iv-ecg/files/p1000/p10000001/s40000001/40000001",
            "mimic-iv-ecg/files/p1000/p10000002/s40000003/40000003");
    Row row = row("40000003");
    assertThat(row.<String>getAs("patient_id")).isEqualTo("mimic-iv-ecg/10000002");
    assertThat(row.<String>getAs("diagnosis"))
        .isEqualTo(
            "Atrial fibrillation; Cannot rule out anterior infarct - age undetermined; Abnormal"
                + " ECG");
    assertThat(row.<String>getAs("label")).isEqualTo("UNKNOWN");
    Map<String, String> reasons = new TreeMap<>();
    for (Row reject : test.rows(Table.REJECTS)) {
      String path = reject.getAs("path");
      reasons.put(path.substring(path.lastIndexOf('/') + 1), reject.getAs("reason"));
    }
    assertThat(reasons)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "machine_measurements.csv:6", "LABELS_MALFORMED",
                "machine_measurements.csv:5", "LABELS_MALFORMED",
                "record_list.csv:3", "HEADER_MISSING",
                "record_list.csv:5", "DUPLICATE",
                "record_list.csv:6", "LABELS_MALFORMED",
                "record_list.csv:8", "LABELS_MALFORMED",
                "40000005.hea", "LABELS_MALFORMED",
                "40000009.hea", "LABELS_MISSING"));
    assertThat(manifest.count("read")).isEqualTo(2 + reasons.size());
  }

  private Path zipped() throws IOException {
    Path zip = folder.resolve("drawer.zip");
    try (OutputStream file = Files.newOutputStream(zip);
        ZipOutputStream out = new ZipOutputStream(file, StandardCharsets.UTF_8);
        Stream<Path> files = Files.walk(input)) {
      for (Path path : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new ZipEntry(input.relativize(path).toString()));
        Files.copy(path, out);
      }
    }
    return zip;
  }

  private Manifest ingest(Path from, Mode mode) {
    StageContext context = test.context();
    return IngestStage.run(context, IngestOptions.read(context.settings(), from.toString()), mode);
  }

  private List<String> ids() {
    return test.rows(Table.RECORDS).stream().map(row -> row.<String>getAs("record_id")).toList();
  }

  private Row row(String part) {
    return test.rows(Table.RECORDS).stream()
        .filter(row -> row.<String>getAs("record_id").contains(part))
        .findFirst()
        .orElseThrow();
  }
}
