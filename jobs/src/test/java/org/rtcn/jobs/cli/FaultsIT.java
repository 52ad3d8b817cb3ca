package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.shell.Logging;

/**
 * Faults of the world as a user meets them: the whole command, one line, status 2. The commands run
 * in this JVM, one Spark after the other.
 */
class FaultsIT {
  private static final List<String> SETTINGS =
      List.of(
          "--set", "simulate.patients={HC=2, IMI=2}",
          "--set", "split.folds=2",
          "--set", "transform.image={voices=12, voice-step=4, columns=16}");

  @TempDir static Path folder;

  private static Path whole;
  private final List<Path> mounted = new ArrayList<>();

  private static final AtomicInteger STARTED = new AtomicInteger();

  /** Spark makes one whenever it starts. */
  public static final class Started extends SparkListener {
    /** Made by its name. */
    public Started() {
      STARTED.incrementAndGet();
    }
  }

  /**
   * How a command ended.
   *
   * @param err what it said on standard error
   */
  private record Answer(int status, String err, boolean sparkStarted) {}

  @BeforeAll
  static void aRun() {
    Map<String, String> properties =
        Map.of(
            "spark.master", "local[2]",
            "spark.ui.enabled", "false",
            "spark.sql.shuffle.partitions", "4",
            "spark.driver.host", "127.0.0.1",
            "spark.extraListeners", Started.class.getName(),
            "spark.hadoop.ipc.client.connect.max.retries", "0",
            "spark.hadoop.ipc.client.connect.max.retries.on.timeouts", "0");
    properties.forEach(System::setProperty);
    Logging.configure();
    whole = folder.resolve("whole");
    assertThat(rtcn("simulate", whole).status()).isZero();
    assertThat(rtcn("ingest", whole).status()).isZero();
  }

  @AfterEach
  void unmount() throws Exception {
    for (Path place : mounted) {
      command("umount", "-l", place.toString());
    }
    mounted.clear();
  }

  @Test
  void aFullDisk() throws Exception {
    Path small = tmpfs("full", "size=256k");
    refused(
        rtcn("simulate", small.resolve("run")), "Cannot write /", "no space is left", "Free now: ");
    // The writer is a task of Spark.
    Path run = tmpfs("fuller", "size=192k").resolve("run");
    refused(
        rtcn("ingest", run, "--input", whole.resolve("raw").toString()),
        "Cannot write /",
        "no space is left");
    if (Files.exists(run)) {
      try (Stream<Path> left = Files.walk(run)) {
        assertThat(left.filter(path -> path.toString().endsWith(".parquet"))).isEmpty();
      }
    }
  }

  @Test
  void aFullTemporaryFolder() throws Exception {
    Path small = tmpfs("tmp", "size=64k");
    Files.write(small.resolve("fill"), new byte[60 << 10]);
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", small.toString());
    try {
      refusedBeforeSpark(
          rtcn("transform", whole), "Cannot write to the temporary folder " + small, "TMPDIR");
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
    System.setProperty("spark.local.dir", small.toString());
    try {
      refusedBeforeSpark(
          rtcn("transform", whole),
          "Cannot write to the temporary folder " + small,
          "SPARK_LOCAL_DIRS");
    } finally {
      System.clearProperty("spark.local.dir");
    }
  }

  @Test
  void aFolderThatMayNotBeWritten() throws Exception {
    Path readOnly = tmpfs("readonly", "size=1m,ro");
    refusedBeforeSpark(
        rtcn("simulate", readOnly.resolve("run")),
        "Cannot write to the run directory",
        "read-only");
    // Who may do everything is told by the file system alone.
    Path locked = Files.createDirectory(folder.resolve("locked"));
    if (command("chattr", "+i", locked.toString()) == 0) {
      try {
        refused(rtcn("simulate", locked.resolve("run")), "Cannot ", locked.toString());
      } finally {
        command("chattr", "-i", locked.toString());
      }
    }
  }

  @Test
  void aFileInTheWay() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    refusedBeforeSpark(rtcn("simulate", file), "Cannot use the run directory", "is a file");
    refusedBeforeSpark(
        rtcn("simulate", file.resolve("run")), "Cannot use the run directory", file + " is a file");
    refusedBeforeSpark(
        rtcn("ingest", file.resolve("run")), "Cannot use the run directory", "is a file");
  }

  @Test
  void aDamagedTable() throws Exception {
    Path run = copy(whole, folder.resolve("damaged"));
    Path table;
    try (Stream<Path> files = Files.walk(run.resolve("tables/signals"))) {
      table = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
      // In the middle of the pages, and the same length.
      file.seek(file.length() / 2);
      file.write(new byte[512]);
    }
    refused(rtcn("transform", run), "Cannot read " + table, "damaged", "--overwrite");
    try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
      file.seek(file.length() - 8);
      file.write(new byte[8]);
    }
    refused(rtcn("transform", run), table.toString());
    refused(
        run("sql", "SELECT sum(size(lead_i)) FROM signals", "--run", run.toString()),
        "Cannot ",
        table.toString());
  }

  @Test
  void whatIsMissingIsSaidBeforeSparkStarts() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    String absent = folder.resolve("absent").toString();
    refusedBeforeSpark(rtcn("ingest", empty, "--input", absent), "Cannot find the input", absent);
    refusedBeforeSpark(
        rtcn("ingest", empty, "--input", whole.resolve("raw/WFDB").toString() + "x"),
        "Cannot find the input");
    refusedBeforeSpark(
        rtcn("ingest", empty, "--input", empty.toString(), "--set", "ingest.source=csv"),
        "Cannot find labels.csv");
    refusedBeforeSpark(
        rtcn("ingest", empty, "--input", empty.toString(), "--set", "ingest.source=ptbxl"),
        "Cannot find ptbxl_database.csv");
    refusedBeforeSpark(rtcn("transform", empty), "ingest");
    refusedBeforeSpark(rtcn("train", empty), "transform");
    refusedBeforeSpark(rtcn("augment", empty), "transform");
    refusedBeforeSpark(rtcn("evaluate", empty), "transform");
    refusedBeforeSpark(rtcn("crossval", empty), "transform");
    refusedBeforeSpark(rtcn("ablate", empty), "transform");
    refusedBeforeSpark(
        rtcn("predict", empty, "--model", absent, "--input", absent),
        "Cannot find a model",
        absent);
    refusedBeforeSpark(
        run("compare", "--run", empty.toString(), absent, empty.toString()),
        "Cannot compare",
        absent);
    refusedBeforeSpark(
        run("sql", "SELECT 1", "--run", absent), "Cannot find the run directory", absent);
    refusedBeforeSpark(run("records", "--run", absent), "Cannot find the run directory", absent);
  }

  @Test
  void aHostThatDoesNotAnswer() {
    refusedBeforeSpark(
        run("records", "--run", "hdfs://127.0.0.1:9/run"), "Cannot reach ", ":9: ", "refused");
    refusedBeforeSpark(
        run("records", "--run", "hdfs://no-such-host.invalid:8020/run"),
        "Cannot find the host",
        "no-such-host.invalid");
    refusedBeforeSpark(run("records", "--run", "s3a://bucket/run"), "Cannot open", "--packages");
    refusedBeforeSpark(run("records", "--run", "nowhere://bucket/run"), "Cannot open", "nowhere");
  }

  @Test
  void whatIsNoQuestionIsRefused() {
    refused(
        run(
            "sql",
            "SELECT TRANSFORM(record_id) USING 'cat' AS (x) FROM records",
            "--run",
            whole.toString()),
        "Cannot run a script transform");
    refused(
        run("sql", "SELECT no_column\nFROM records", "--run", whole.toString()),
        "Cannot answer \"SELECT no_column FROM records\"");
    refused(run("sql", "SELECT raise_error('no')", "--run", whole.toString()), "Cannot answer");
    assertThat(run("sql", "SHOW TABLES", "--run", whole.toString()).status()).isZero();
  }

  @Test
  void aMasterThatIsNone() {
    System.setProperty("spark.master", "local[x]");
    try {
      refused(rtcn("ingest", whole, "--overwrite"), "Cannot start Spark");
    } finally {
      System.setProperty("spark.master", "local[2]");
    }
  }

  private static void refused(Answer answer, String... parts) {
    assertThat(answer.status()).as(answer.err()).isEqualTo(2);
    assertThat(answer.err()).startsWith("rtcn: Cannot ").contains(parts);
    assertThat(answer.err().lines()).as(answer.err()).hasSize(1);
  }

  private static void refusedBeforeSpark(Answer answer, String... parts) {
    refused(answer, parts);
    assertThat(answer.sparkStarted()).as("Spark was started").isFalse();
  }

  private static Answer rtcn(String stage, Path run, String... more) {
    List<String> arguments = new ArrayList<>(List.of(stage, "--run", run.toString()));
    arguments.addAll(List.of(more));
    arguments.addAll(SETTINGS);
    return run(arguments.toArray(new String[0]));
  }

  private static Answer run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    int started = STARTED.get();
    try {
      int status = Main.run(arguments);
      String said =
          err.toString(StandardCharsets.UTF_8)
              .lines()
              // Of the test machine's own name.
              .filter(line -> !line.contains("SPARK_LOCAL_IP") && !line.contains("Your hostname"))
              .collect(Collectors.joining("\n"));
      return new Answer(status, said, STARTED.get() > started);
    } finally {
      System.setErr(before);
      before.print(err.toString(StandardCharsets.UTF_8));
    }
  }

  /** A file system of its own, which takes root. */
  private Path tmpfs(String name, String options) throws Exception {
    Path place = Files.createDirectory(folder.resolve(name));
    if (command("mount", "-t", "tmpfs", "-o", options, "tmpfs", place.toString()) != 0) {
      System.err.println("SKIPPED, since tmpfs cannot be mounted here: full and read-only disks");
      abort("tmpfs cannot be mounted here");
    }
    mounted.add(place);
    return place;
  }

  private static int command(String... command) throws Exception {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(30, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from).sorted(Comparator.naturalOrder())) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }
}
