package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbWriter;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.tables.Table;

class IngestStageSparkTest {
  private static final String PATIENTS = "simulate.patients={HC=4, IMI=3, AMI=2}";

  @TempDir Path folder;
  private StageTest test;

  @BeforeEach
  void simulate() {
    test = new StageTest(folder.resolve("run"));
    StageContext context = test.context(PATIENTS);
    SimulateStage.run(context, SimulateCommand.read(context.settings()));
  }

  @Test
  void simulatedRecordsBecomeTables() {
    Manifest manifest = ingest(raw());
    List<Row> records = test.rows(Table.RECORDS);
    assertThat(manifest.count("read")).isEqualTo(records.size());
    assertThat(manifest.count("kept")).isEqualTo(records.size());
    assertThat(manifest.count("patients")).isEqualTo(9);
    assertThat(manifest.simulated()).isTrue();
    assertThat(records)
        .allSatisfy(
            row -> {
              assertThat(row.<Boolean>getAs("simulated")).isTrue();
              assertThat(row.<Boolean>getAs("checksum_ok")).isTrue();
              assertThat(row.<String>getAs("record_id")).startsWith("simulated/patient00");
              assertThat(row.<Integer>getAs("n_samples")).isEqualTo(5000);
            });
    assertThat(records.stream().map(row -> row.<String>getAs("label")).collect(Collectors.toSet()))
        .containsExactlyInAnyOrder("HC", "IMI", "AMI");
    assertThat(test.rows(Table.SIGNALS).get(0).getList(9)).hasSize(5000);
    assertThat(test.rows(Table.REJECTS)).isEmpty();
  }

  @Test
  void theSameSeedGivesTheSameBytesWhateverThePartitions() throws IOException {
    Map<String, String> first = contents(raw());
    StageContext again = test.context(PATIENTS);
    SimulateStage.run(again, SimulateCommand.read(again.settings()));
    assertThat(contents(raw())).isEqualTo(first);
  }

  @Test
  void faultyInputsAreRefusedWithTheirReasonAndLoseNothingElse() throws IOException {
    Path raw = raw();
    List<Path> headers;
    try (Stream<Path> files = Files.walk(raw)) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().toList();
    }
    int found = headers.size();
    Path truncated = sibling(headers.get(0), ".dat");
    Files.write(truncated, java.util.Arrays.copyOf(Files.readAllBytes(truncated), 1000));
    Path flipped = sibling(headers.get(1), ".dat");
    byte[] bytes = Files.readAllBytes(flipped);
    bytes[500] ^= 1;
    Files.write(flipped, bytes);
    Files.delete(sibling(headers.get(2), ".dat"));
    Files.writeString(headers.get(3), "not a header\n");
    Files.writeString(
        headers.get(4),
        Files.readString(headers.get(4)).replaceAll("\\S+\\.dat", "../../etc/x.dat"));

    Manifest manifest = ingest(raw);

    Map<String, String> reasons = new TreeMap<>();
    for (Row row : test.rows(Table.REJECTS)) {
      reasons.put(Path.of(row.getString(0)).getFileName().toString(), row.getString(3));
      assertThat(row.getString(4)).isNotBlank();
    }
    assertThat(reasons)
        .containsEntry(headers.get(0).getFileName().toString(), "SIGNAL_TRUNCATED")
        .containsEntry(headers.get(1).getFileName().toString(), "CHECKSUM_MISMATCH")
        .containsEntry(headers.get(2).getFileName().toString(), "SIGNAL_FILE_MISSING")
        .containsEntry(headers.get(3).getFileName().toString(), "HEADER_MALFORMED")
        .containsEntry(headers.get(4).getFileName().toString(), "PATH_ESCAPES")
        .hasSize(5);
    assertThat(test.rows(Table.RECORDS)).hasSize(found - 5);
    assertThat(manifest.count("refused.CHECKSUM_MISMATCH")).isEqualTo(1);
  }

  @Test
  void foldsAreByPatientAndStratified() {
    ingest(raw());
    Set<String> patients =
        test.rows(Table.SPLITS).stream().map(row -> row.getString(0)).collect(Collectors.toSet());
    assertThat(patients).hasSize(9);
    assertThat(
            test.rows(Table.RECORDS).stream()
                .map(row -> row.<String>getAs("patient_id"))
                .collect(Collectors.toSet()))
        .isEqualTo(patients);
    List<Integer> healthy =
        test.rows(Table.SPLITS).stream()
            .filter(row -> row.getString(2).equals("HC"))
            .map(row -> row.getInt(3))
            .toList();
    assertThat(healthy).doesNotHaveDuplicates();
  }

  @Test
  void rowsDoNotDependOnPartitions() {
    ingest(raw());
    List<Row> records = test.rows(Table.RECORDS);
    List<Row> splits = test.rows(Table.SPLITS);
    List<ListedRecord> listed = new java.util.ArrayList<>();
    for (int i = 0; i < 20; i++) {
      listed.add(new ListedRecord("h" + i, "n" + i, 1000 + i, "", null));
    }
    for (int tasks : new int[] {1, 3, 8}) {
      assertThat(IngestStage.balanced(listed, tasks)).hasSize(tasks);
      SparkTestSession.get().conf().set("spark.sql.shuffle.partitions", tasks);
      ingest(raw());
      assertThat(test.rows(Table.RECORDS)).isEqualTo(records);
      assertThat(test.rows(Table.SPLITS)).isEqualTo(splits);
    }
    SparkTestSession.get().conf().set("spark.sql.shuffle.partitions", 4);
  }

  @Test
  void anEmptyOrAbsentInputIsTheUsersToMend() throws IOException {
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> ingest(empty))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot find any WFDB header");
    Files.writeString(empty.resolve("LABELS.CSV"), "record,patient,label\n");
    assertThatThrownBy(() -> ingest(empty))
        .isInstanceOf(UserException.class)
        .hasMessageMatching("Cannot take labels from .*/LABELS\\.CSV: rename it to labels\\.csv");
    assertThatThrownBy(() -> ingest(folder.resolve("absent")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Cannot find the input");
  }

  /** Many archives leave out the leads that follow from I and II. */
  @Test
  void eightLeadsGiveTwelve() throws IOException {
    Path eight = Files.createDirectories(folder.resolve("eight"));
    int[][] adu = new int[8][5000];
    for (int lead = 0; lead < 8; lead++) {
      for (int i = 0; i < 5000; i++) {
        adu[lead][i] = (lead + 1) * (i % 100);
      }
    }
    WfdbWriter.Files files =
        WfdbWriter.format16(
            "eight",
            500,
            200,
            List.of("i", "ii", "v1", "v2", "v3", "v4", "v5", "v6"),
            adu,
            List.of());
    Files.write(eight.resolve(files.headerName()), files.header());
    Files.write(eight.resolve(files.signalName()), files.signal());
    assertThat(ingest(eight).count("kept")).isEqualTo(1);
    Row row = test.rows(Table.SIGNALS).get(0);
    assertThat(row.<Float>getList(row.fieldIndex("lead_iii")).get(99)).isEqualTo(99 / 200f);
    assertThat(row.<Float>getList(row.fieldIndex("lead_avr")).get(99))
        .isCloseTo(-1.5f * 99 / 200, within(1e-6f));
    assertThat(row.<Float>getList(row.fieldIndex("lead_v6")).get(99)).isEqualTo(8 * 99 / 200f);
    assertThat(row.<Float>getList(row.fieldIndex("gain_adu_per_mv")))
        .containsExactly(200f, 200f, null, null, null, null, 200f, 200f, 200f, 200f, 200f, 200f);
  }

  @Test
  void theWholePtbExcerptIsIngested() {
    Path ptb = ReferenceData.require("data/ptbdb");
    Manifest manifest = ingest(ptb);
    assertThat(manifest.count("read")).isEqualTo(83);
    assertThat(manifest.count("kept")).isEqualTo(79);
    // Four public copies hold three leads only.
    assertThat(manifest.count("refused.LEADS_MISSING")).isEqualTo(4);
    assertThat(manifest.simulated()).isFalse();
  }

  @Test
  void ptbXlKeepsItsOwnFolds() {
    Path ptbXl = ReferenceData.require("data/ptbxl");
    Manifest manifest = ingest(ptbXl, "ingest.ptbxl-rate-hz=100");
    assertThat(manifest.count("kept")).isEqualTo(434);
    assertThat(manifest.count("patients")).isEqualTo(407);
    assertThat(test.rows(Table.REJECTS)).isEmpty();
    assertThat(test.read(Table.RECORDS).where("label = 'ASMI'").count()).isEqualTo(16);
    assertThat(test.read(Table.SPLITS).where("fold = 10").count()).isZero();
  }

  private Manifest ingest(Path input, String... assignments) {
    StageContext context = test.context(assignments);
    return IngestStage.run(context, IngestOptions.read(context.settings(), input.toString()));
  }

  private Path raw() {
    return folder.resolve("run").resolve(SimulateStage.RAW);
  }

  private static Path sibling(Path header, String extension) {
    return header.resolveSibling(header.getFileName().toString().replace(".hea", extension));
  }

  private static Map<String, String> contents(Path root) throws IOException {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(
            root.relativize(file).toString(),
            java.util.Base64.getEncoder().encodeToString(Files.readAllBytes(file)));
      }
    }
    return contents;
  }
}
