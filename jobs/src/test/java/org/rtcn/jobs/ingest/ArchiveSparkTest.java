package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbWriter;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.inputs.InputRoot;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.tables.Table;

/** Recordings inside archives give the rows that they give in a folder. */
class ArchiveSparkTest {

  @TempDir Path folder;

  /** Name below the top folder, and content; headers after their signals, as archives have them. */
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  @BeforeEach
  void recordings() {
    for (int p = 1; p <= 6; p++) {
      record("patient00" + p, "rec" + p, 2000 + 500 * p);
    }
    // Larger than what is kept of a packed archive: 12 leads of 10 minutes, 7.2 MB.
    record("patient007", "long", 400_000);
    files.put("RECORDS", "patient001/rec1\n".getBytes(StandardCharsets.UTF_8));
  }

  private void record(String patient, String name, int samples) {
    Random random = new Random(samples);
    WfdbWriter.Files written =
        TwelveLeadFiles.of(
            name,
            samples,
            (lead, i) -> random.nextInt(2000) - 1000,
            "Reason for admission: Healthy control");
    files.put(patient + "/" + written.signalName(), written.signal());
    files.put(patient + "/" + written.headerName(), written.header());
  }

  private void unpacked(Path root) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = root.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  private Path packed(String name) throws IOException {
    Path path = folder.resolve(name);
    try (OutputStream out = Files.newOutputStream(path)) {
      if (name.endsWith(".zip")) {
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
          for (Map.Entry<String, byte[]> file : files.entrySet()) {
            zip.putNextEntry(new ZipEntry("top-1.0.0/" + file.getKey()));
            zip.write(file.getValue());
          }
        }
      } else {
        tar(name.endsWith("gz") ? new GZIPOutputStream(out) : out);
      }
    }
    return path;
  }

  private void tar(OutputStream out) throws IOException {
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry("top-1.0.0/" + file.getKey(), true);
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
  }

  private StageTest run(String name) {
    return new StageTest(folder.resolve(name));
  }

  private static Manifest ingest(StageTest test, Path input) {
    var context = test.context("ingest.window-s=200");
    return IngestStage.run(context, IngestOptions.read(context.settings(), input.toString()));
  }

  /** Rows but for where they were read. */
  private static List<String> rows(StageTest test, Table table) {
    return test.rows(table).stream().map(ArchiveSparkTest::text).toList();
  }

  private static String text(Row row) {
    StringBuilder text = new StringBuilder();
    for (String field : row.schema().fieldNames()) {
      if (!field.equals("source_path") && !field.equals("source_stamp")) {
        text.append(field).append('=').append(row.<Object>getAs(field)).append('\n');
      }
    }
    return text.toString();
  }

  private static Map<String, String> reasons(StageTest test) {
    Map<String, String> reasons = new TreeMap<>();
    test.rows(Table.REJECTS).forEach(row -> reasons.put(row.getAs("path"), row.getAs("reason")));
    return reasons;
  }

  @ParameterizedTest
  @ValueSource(strings = {"ecg.zip", "ecg.tar", "ecg.tar.gz", "ecg.tgz"})
  void archivesGiveTheRowsOfTheirFolder(String name) throws IOException {
    Path root = folder.resolve("plain");
    unpacked(root);
    StageTest plain = run("run-plain");
    ingest(plain, root);
    StageTest archived = run("run-archive");
    Manifest manifest = ingest(archived, packed(name));
    assertThat(manifest.count("kept")).isEqualTo(7);
    // The long recording lies in five windows.
    assertThat(manifest.count("windows")).isEqualTo(6 + 4);
    for (Table table : List.of(Table.RECORDS, Table.SIGNALS, Table.SPLITS)) {
      assertThat(rows(archived, table)).as(table.name()).isEqualTo(rows(plain, table));
    }
    assertThat(archived.rows(Table.RECORDS).get(0).<String>getAs("source_path"))
        .isEqualTo("archive:" + folder.resolve(name) + "/top-1.0.0/patient001/rec1.hea");
    assertThat(reasons(archived)).isEmpty();
  }

  @Test
  void whatStandsBeforeTheDamageIsRead() throws IOException {
    Path whole = packed("ecg.tar.gz");
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(folder.resolve("cut.tar.gz"), Arrays.copyOf(bytes, bytes.length / 2));
    StageTest test = run("run");
    Manifest manifest = ingest(test, cut);
    assertThat(manifest.count("kept")).isEqualTo(6);
    assertThat(reasons(test)).containsValue("ARCHIVE_DAMAGED");
    assertThat(manifest.count("kept") + reasons(test).size()).isEqualTo(manifest.count("read"));
  }

  @Test
  void namesThatLeadOutAreRefused() throws IOException {
    files.put("../../evil.hea", "evil 1 500 10".getBytes(StandardCharsets.UTF_8));
    StageTest test = run("run");
    Manifest manifest = ingest(test, packed("ecg.zip"));
    assertThat(manifest.count("kept")).isEqualTo(7);
    assertThat(reasons(test)).containsValue("PATH_ESCAPES").hasSize(1);
    try (var evil = Files.walk(folder)) {
      assertThat(evil.map(path -> path.getFileName().toString())).doesNotContain("evil.hea");
    }
  }

  @Test
  void linksInArchivesAreRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry link = new TarArchiveEntry("a/x.hea", TarConstants.LF_SYMLINK);
      link.setLinkName("/etc/passwd");
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
      for (String name : List.of("patient001/rec1.dat", "patient001/rec1.hea")) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(files.get(name).length);
        tar.putArchiveEntry(entry);
        tar.write(files.get(name));
        tar.closeArchiveEntry();
      }
    }
    Path path = Files.write(folder.resolve("links.tar"), bytes.toByteArray());
    StageTest test = run("run");
    assertThat(ingest(test, path).count("kept")).isEqualTo(1);
    assertThat(reasons(test)).containsValue("ENTRY_IS_LINK").hasSize(1);
  }

  @Test
  void whatIsNoArchiveIsAnErrorOfTheUser() throws IOException {
    Path none = Files.writeString(folder.resolve("none.zip"), "no archive at all");
    assertThatThrownBy(() -> InputRoot.of(none.toString(), new Configuration()))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("Cannot read the archive ")
        .hasMessageEndingWith("copy it again, or unpack it and give the folder");
  }
}
