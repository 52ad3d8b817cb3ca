package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.TwelveLeadFiles.Wave;
import org.rtcn.jobs.command.RowPrinter;
import org.rtcn.jobs.ingest.IngestStage.Mode;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/** A hospital's folder with every fault that we know of: each input in one table, and why. */
class NothingLostSparkTest {

  @TempDir Path folder;
  private Path input;
  private StageTest test;

  @BeforeEach
  void open() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    test = new StageTest(folder.resolve("run"));
  }

  @Test
  void everyFaultHasItsReason() throws IOException {
    record("p1", "good", 1000);
    Path truncated = record("p1", "truncated", 1000);
    rewrite(truncated, bytes -> Arrays.copyOf(bytes, 777));
    rewrite(record("p1", "oversized", 1000), bytes -> Arrays.copyOf(bytes, bytes.length + 48));
    rewrite(
        record("p1", "flipped", 1000),
        bytes -> {
          bytes[100] ^= 4;
          return bytes;
        });
    header(record("p2", "unknown", 1000), text -> text.replace(".dat 16 ", ".dat 17 "));
    header(record("p2", "impossible", 1000), text -> text.replaceFirst(" 500 1000", " 500 -3"));
    header(
        record("p2", "traversal", 1000), text -> text.replace("traversal.dat", "../p1/good.dat"));
    header(record("p2", "absolute", 1000), text -> text.replace("absolute.dat", "/etc/passwd"));
    Path utf16 = record("p2", "utf16", 1000);
    Files.write(
        headerOf(utf16), Files.readString(headerOf(utf16)).getBytes(StandardCharsets.UTF_16));
    Files.write(headerOf(record("p3", "empty", 1000)), new byte[0]);
    Files.delete(record("p3", "lost", 1000));
    Files.createDirectories(input.resolve("p3/folder.hea"));
    Files.write(input.resolve("p3/orphan.dat"), new byte[10]);
    Files.createSymbolicLink(input.resolve("p3/around"), input);
    Files.createSymbolicLink(input.resolve("p3/self"), Path.of("self"));
    Files.write(
        Files.createDirectories(folder.resolve("outside")).resolve("secret.dat"), new byte[24]);
    Files.createSymbolicLink(input.resolve("p3/out"), folder.resolve("outside"));
    Path linked = record("p3", "linked", 1000);
    Files.delete(linked);
    Files.createSymbolicLink(linked, folder.resolve("outside/secret.dat"));
    // Packed file by file, as PhysioNet ships some.
    Path packed = record("p4", "packed", 1000);
    gzip(packed);
    gzip(headerOf(packed));
    // One recording of two segments.
    record("p5", "s1", 300);
    record("p5", "s2", 200);
    Files.writeString(input.resolve("p5/whole.hea"), "whole/2 12 500 500\ns1 300\ns2 200\n");
    // Signal files of a refused header go with it, whatever their names.
    Files.createDirectories(input.resolve("p6"));
    Files.writeString(input.resolve("p6/bad.hea"), "bad 12 500 x\nfirst.dat 16\nSECOND.DAT 16\n");
    Files.write(input.resolve("p6/first.dat"), new byte[10]);
    Files.write(input.resolve("p6/SECOND.DAT"), new byte[10]);
    Path twice = record("p6", "twice", 1000);
    Files.copy(headerOf(twice), input.resolve("p6/twice.HEA"));
    rewrite(
        record("p6", "nothing", 1000),
        bytes -> {
          for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 2 == 0 ? 0 : 0x80);
          }
          return bytes;
        });
    Path nothing = input.resolve("p6/nothing.dat");
    header(
        nothing,
        text -> text.replaceAll("(?m)^(nothing.dat 16 \\S+ \\d+ \\d+) \\S+ \\S+ ", "$1 -32768 0 "));

    Manifest manifest = ingest(Mode.ALL);

    assertThat(reasons())
        .containsExactlyInAnyOrderEntriesOf(
            new TreeMap<>(
                Map.ofEntries(
                    Map.entry("truncated.hea", "SIGNAL_TRUNCATED"),
                    Map.entry("oversized.hea", "SIGNAL_OVERSIZED"),
                    Map.entry("flipped.hea", "CHECKSUM_MISMATCH"),
                    Map.entry("unknown.hea", "FORMAT_UNSUPPORTED"),
                    Map.entry("impossible.hea", "HEADER_MALFORMED"),
                    Map.entry("traversal.hea", "PATH_ESCAPES"),
                    Map.entry("absolute.hea", "PATH_ESCAPES"),
                    Map.entry("utf16.hea", "HEADER_ENCODING"),
                    Map.entry("empty.hea", "HEADER_MALFORMED"),
                    Map.entry("lost.hea", "SIGNAL_FILE_MISSING"),
                    Map.entry("folder.hea", "NOT_A_FILE"),
                    Map.entry("orphan.dat", "HEADER_MISSING"),
                    Map.entry("around", "SYMLINK_LOOP"),
                    Map.entry("self", "SYMLINK_LOOP"),
                    Map.entry("out", "PATH_ESCAPES"),
                    Map.entry("linked.hea", "PATH_ESCAPES"),
                    Map.entry("s1.hea", "SEGMENT_OF_RECORD"),
                    Map.entry("s2.hea", "SEGMENT_OF_RECORD"),
                    Map.entry("bad.hea", "HEADER_MALFORMED"),
                    Map.entry("twice.hea", "DUPLICATE"),
                    Map.entry("nothing.hea", "EMPTY"))));
    assertThat(ids())
        .containsExactly("ptbdb/p1/good", "ptbdb/p4/packed", "ptbdb/p5/whole", "ptbdb/p6/twice");
    assertThat(test.rows(Table.RECORDS).get(2).<Integer>getAs("n_samples")).isEqualTo(500);
    long refused =
        manifest.counts().entrySet().stream()
            .filter(count -> count.getKey().startsWith("refused."))
            .mapToLong(Map.Entry::getValue)
            .sum();
    assertThat(manifest.count("read")).isEqualTo(manifest.count("kept") + refused).isEqualTo(25);
  }

  @Test
  void anUpdateReadsWhatIsNewOrChanged() throws IOException {
    record("p1", "a", 500);
    record("p1", "b", 500);
    Path gone = record("p2", "c", 500);
    ingest(Mode.ALL);
    List<Row> before = test.rows(Table.RECORDS);
    Files.delete(gone);
    Files.delete(headerOf(gone));
    record("p3", "d", 500);
    record("p1", "b", 600);

    IngestStage.dryRun(context(), options(), Mode.UPDATE);
    assertThat(test.console()).contains("to read 2 (", "unchanged 1, gone 1");
    assertThat(test.rows(Table.RECORDS)).as("a dry run changes nothing").isEqualTo(before);

    Manifest manifest = ingest(Mode.UPDATE);
    assertThat(ids()).containsExactly("ptbdb/p1/a", "ptbdb/p1/b", "ptbdb/p3/d");
    assertThat(test.rows(Table.RECORDS).get(1).<Integer>getAs("n_samples")).isEqualTo(600);
    assertThat(test.rows(Table.SIGNALS)).hasSize(3);
    assertThat(manifest.count("unchanged")).isEqualTo(1);
    assertThat(manifest.count("gone")).isEqualTo(1);
    List<Row> updated = test.rows(Table.RECORDS);
    List<Row> signals = test.rows(Table.SIGNALS);
    ingest(Mode.ALL);
    assertThat(test.rows(Table.RECORDS)).as("as if all had been read").isEqualTo(updated);
    assertThat(test.rows(Table.SIGNALS)).isEqualTo(signals);
  }

  /** A restored backup, or a tool that sets times back: only the bytes tell. */
  @Test
  void aChangeOfTheBytesAloneIsSeenWhereContentIsCompared() throws IOException {
    Path changed = record("p1", "a", 500);
    record("p1", "b", 500);
    ingest(Mode.ALL, "ingest.changed-by=content");
    List<Row> before = test.rows(Table.RECORDS);
    FileTime time = Files.getLastModifiedTime(changed);
    // Two samples of one lead change places: neither size, nor time, nor checksum tells.
    rewrite(
        changed,
        bytes -> {
          byte[] moved = bytes.clone();
          System.arraycopy(bytes, 24 * 10, moved, 24 * 90, 2);
          System.arraycopy(bytes, 24 * 90, moved, 24 * 10, 2);
          return moved;
        });
    Files.setLastModifiedTime(changed, time);
    Manifest manifest = ingest(Mode.UPDATE, "ingest.changed-by=content");
    assertThat(manifest.count("unchanged")).isEqualTo(1);
    List<Row> after = test.rows(Table.RECORDS);
    assertThat(after.get(1)).isEqualTo(before.get(1));
    assertThat(after.get(0).<String>getAs("fingerprint"))
        .isNotEqualTo(before.get(0).getAs("fingerprint"));
  }

  @Test
  void longRecordingsComeInWindows() throws IOException {
    record("p1", "long", 2600);
    Manifest manifest = ingest(Mode.ALL, "ingest.window-s=2");
    assertThat(manifest.count("kept")).isEqualTo(1);
    assertThat(manifest.count("windows")).isEqualTo(3);
    assertThat(ids())
        .containsExactly("ptbdb/p1/long@0", "ptbdb/p1/long@1000", "ptbdb/p1/long@2000");
    List<Float> last = test.rows(Table.SIGNALS).get(2).getList(9);
    assertThat(last).hasSize(600);
    assertThat(last.get(5)).isEqualTo(sample(0, 2005) / 1000f);
  }

  /** Hours of a Holter recording without electrodes: first, in the midst and last. */
  @Test
  void windowsWithoutSamplesAreLeftOutAndCounted() throws IOException {
    write("p1", "gaps", 2600, (lead, i) -> i / 500 == 1 || i / 500 == 4 ? 0 : Short.MIN_VALUE);
    record("p1", "sound", 300);
    Manifest manifest = ingest(Mode.ALL, "ingest.window-s=1");
    assertThat(ids()).containsExactly("ptbdb/p1/gaps@2000", "ptbdb/p1/gaps@500", "ptbdb/p1/sound");
    assertThat(manifest.count("kept")).isEqualTo(2);
    assertThat(manifest.count("windows")).isEqualTo(3);
    assertThat(manifest.count("windows_left_out")).isEqualTo(4);
    Files.delete(record("p2", "new", 300));
    manifest = ingest(Mode.UPDATE, "ingest.window-s=1");
    assertThat(manifest.count("windows_left_out")).as("as if all had been read").isEqualTo(4);
  }

  /** Naming makes a segment, whatever became of the recording: no piece stands for the whole. */
  @Test
  void segmentsOfARefusedHeaderAreNoRecordings() throws IOException {
    record("p1", "s1", 300);
    record("p1", "s2", 200);
    Files.writeString(input.resolve("p1/lost.hea"), "lost/3 12 500 700\ns1 300\ns2 200\ns3 200\n");
    // Each names the other.
    Files.writeString(input.resolve("p1/ring.hea"), "ring/1 12 500 300\nround 300\n");
    Files.writeString(input.resolve("p1/round.hea"), "round/1 12 500 300\nring 300\n");
    record("p2", "sound", 300);
    Manifest manifest = ingest(Mode.ALL);
    assertThat(ids()).containsExactly("ptbdb/p2/sound");
    assertThat(reasons())
        .containsOnlyKeys("s1.hea", "s2.hea", "lost.hea", "ring.hea", "round.hea")
        .containsEntry("s1.hea", "SEGMENT_OF_RECORD")
        .containsEntry("s2.hea", "SEGMENT_OF_RECORD")
        .containsEntry("lost.hea", "SEGMENT_MISSING");
    assertThat(test.rows(Table.REJECTS).stream().map(row -> row.getString(4)))
        .anyMatch(detail -> detail.endsWith("p1/lost.hea names it as a segment"));
    assertThat(manifest.count("read")).isEqualTo(6);
  }

  @Test
  void labelsMayStandInAnyCsv() throws IOException {
    record("x", "a", 500);
    record("x", "b", 500);
    record("y", "c", 500);
    Files.writeString(
        input.resolve("labels.csv"),
        "record,patient,label,age,sex\nx/a,1,IMI,61,F\nx/b,1,nonsense,,\nz/no,2,HC,,\n");
    ingest(Mode.ALL);
    assertThat(ids()).containsExactly("wfdb/x/a");
    Row row = test.rows(Table.RECORDS).get(0);
    assertThat(row.<String>getAs("patient_id")).isEqualTo("wfdb/1");
    assertThat(row.<String>getAs("label")).isEqualTo("IMI");
    assertThat(row.<Float>getAs("age_years")).isEqualTo(61f);
    assertThat(reasons().values())
        .containsExactlyInAnyOrder("LABELS_MALFORMED", "LABELS_MISSING", "HEADER_MISSING");
  }

  @Test
  void theStoreSaysWhatItHolds() throws IOException {
    record("p1", "a", 500);
    record("p1", "long", 2600);
    record("p2", "b", 500);
    Files.delete(record("p3", "lost", 500));
    assertThatThrownBy(() -> RecordsCommand.contents(context()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot find recordings in ");
    ingest(Mode.ALL, "ingest.window-s=2", "split.folds=2");
    List<String> rows =
        RecordsCommand.contents(context()).collectAsList().stream()
            .map(row -> row.mkString(" "))
            .toList();
    // p1 has 1 s and 5.2 s (three windows), p2 has 1 s.
    assertThat(rows)
        .hasSize(5)
        .contains(
            "label ptbdb HC 2 3 0.002 false",
            "refused ptbdb SIGNAL_FILE_MISSING null 1 null null",
            "all ptbdb kept 2 3 0.002 false");
    assertThat(rows.stream().filter(row -> row.startsWith("fold ptbdb ")).toList())
        .hasSize(2)
        .anyMatch(row -> row.matches("fold ptbdb [12] 1 2 0.002 false"))
        .anyMatch(row -> row.matches("fold ptbdb [12] 1 1 0.0 false"));
    assertThat(StoreContents.of(context()).stream().map(row -> row.mkString(" ")))
        .as("counted without Spark")
        .isEqualTo(rows);
    RowPrinter.Format.CSV.print(test.context().console(), RecordsCommand.contents(context()));
    assertThat(test.console()).contains("what,dataset,name,patients,inputs,hours,simulated");
  }

  @Test
  void filesDependOnBytesNotOnTheNumberOfInputs() throws IOException {
    for (int i = 0; i < 60; i++) {
      record("p" + i % 7, "r" + i, 50);
    }
    ingest(Mode.ALL);
    int parallelism = test.context().spark().sparkContext().defaultParallelism();
    assertThat(files(Table.SIGNALS)).isBetween(1L, (long) parallelism);
    // An update of one keeps the others in files of their own size.
    record("p9", "new", 50);
    ingest(Mode.UPDATE);
    assertThat(test.rows(Table.SIGNALS)).hasSize(61);
    assertThat(files(Table.SIGNALS)).isLessThanOrEqualTo(parallelism + 2L);
  }

  private long files(Table table) throws IOException {
    Path home = Path.of(test.run().table(table).toUri().getPath());
    try (Stream<Path> all = Files.walk(home)) {
      return all.filter(file -> file.toString().endsWith(".parquet")).count();
    }
  }

  @Test
  void codesThatPtbXlDoesNotDefineAreReported() throws IOException {
    record("records500/00000", "00001_hr", 500);
    record("records500/00000", "00002_hr", 500);
    Files.writeString(
        input.resolve("ptbxl_database.csv"),
        "ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n"
            + "1,7.0,60,0,\"{'RVMI': 100.0, 'SR': 0.0}\",3,,records500/00000/00001_hr\n"
            + "2,8.0,61,1,\"{'NORM': 100.0, 'XYZ': 0.0}\",4,,records500/00000/00002_hr\n");
    Files.writeString(
        input.resolve("scp_statements.csv"),
        ",description,diagnostic_class\nNORM,normal,NORM\nRVMI,right,MI\nSR,sinus,\n");
    Manifest manifest = ingest(Mode.ALL);
    assertThat(manifest.facts().get("unknown_statements")).isEqualTo(Map.of("XYZ", 1L));
    assertThat(test.rows(Table.RECORDS).stream().map(row -> row.<String>getAs("label")))
        .containsExactly("MI_UNLOCALISED", "HC");
  }

  @Test
  void theChallengeRecordsAreTold() {
    Path cinc = ReferenceData.require("data/cinc2021");
    StageContext context = context();
    Manifest manifest =
        IngestStage.run(context, IngestOptions.read(context.settings(), cinc.toString()));
    assertThat(manifest.count("read")).isEqualTo(40);
    assertThat(manifest.count("kept")).isEqualTo(40);
    assertThat(test.read(Table.RECORDS).where("dataset = 'cinc'").count()).isEqualTo(40);
    assertThat(test.read(Table.RECORDS).where("label = 'MI_UNLOCALISED'").count()).isEqualTo(10);
  }

  private interface Change {
    byte[] of(byte[] bytes);
  }

  private interface TextChange {
    String of(String text);
  }

  private static void rewrite(Path file, Change change) throws IOException {
    Files.write(file, change.of(Files.readAllBytes(file)));
  }

  private static void header(Path signal, TextChange change) throws IOException {
    Files.writeString(headerOf(signal), change.of(Files.readString(headerOf(signal))));
  }

  private static void gzip(Path file) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(Path.of(file + ".gz")))) {
      Files.copy(file, out);
    }
    Files.delete(file);
  }

  private static Path headerOf(Path signal) {
    return Path.of(signal.toString().replace(".dat", ".hea"));
  }

  private static int sample(int lead, int at) {
    return (int) Math.round(900 * Math.sin(at / 17.0 + lead));
  }

  /** Writes a record and returns its signal file. */
  private Path record(String patient, String name, int samples) throws IOException {
    return write(patient, name, samples, NothingLostSparkTest::sample);
  }

  private Path write(String patient, String name, int samples, Wave wave) throws IOException {
    return TwelveLeadFiles.write(
        input.resolve(patient).resolve(name),
        samples,
        wave,
        "Reason for admission: Healthy control");
  }

  private StageContext context(String... assignments) {
    return test.context(assignments);
  }

  private IngestOptions options(String... assignments) {
    return IngestOptions.read(context(assignments).settings(), input.toString());
  }

  private Manifest ingest(Mode mode, String... assignments) {
    return IngestStage.run(context(assignments), options(assignments), mode);
  }

  private List<String> ids() {
    return test.rows(Table.RECORDS).stream().map(row -> row.getString(0)).toList();
  }

  private Map<String, String> reasons() {
    Map<String, String> reasons = new TreeMap<>();
    for (Row row : test.rows(Table.REJECTS)) {
      assertThat(row.getString(4)).isNotBlank();
      reasons.put(
          new org.apache.hadoop.fs.Path(row.getString(0).split(" ", 2)[0]).getName(),
          row.getString(3));
    }
    return reasons;
  }
}
