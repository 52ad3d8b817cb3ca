package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.jobs.inputs.NameEncoding;
import org.rtcn.jobs.shell.WorldFault;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;

/**
 * The folder of one run, local or on any Hadoop file system:
 *
 * <pre>
 * RUN/tables/TABLE/           Parquet
 * RUN/models/NAME/            models
 * RUN/report/report.html      the report
 * RUN/stages/STAGE/manifest.json   moved in last: a stage without it has not happened
 * RUN/stages/STAGE/files-DIGEST.tsv   the files that it wrote
 * RUN/.staging/               work in progress, never read
 * RUN/.commit/                a commit that has begun: its journal and what it replaces
 * RUN/.lease/                 who may write
 * </pre>
 *
 * <p>Whoever opens it sees a commit that was interrupted before or after, never in between ({@link
 * Commit}).
 */
public final class RunDirectory {
  /** What a run below another one reads from it: all that happens before anything is learned. */
  private static final Set<String> INHERITED_STAGES = Set.of("simulate", "ingest", "transform");

  private static final Set<Table> INHERITED_TABLES =
      Set.of(
          Table.RECORDS,
          Table.SIGNALS,
          Table.REJECTS,
          Table.SPLITS,
          Table.BEATS,
          Table.SPECTROGRAMS);

  private final Path root;
  private final FileSystem fileSystem;
  private final Optional<RunDirectory> parent;
  private final Set<String> whole = ConcurrentHashMap.newKeySet();

  private RunDirectory(Path root, FileSystem fileSystem, Optional<RunDirectory> parent) {
    this.root = root;
    this.fileSystem = fileSystem;
    this.parent = parent;
  }

  /** How long to wait for a commit that is being made, and between two looks. */
  private static final Duration COMMIT = Duration.ofMinutes(2);

  private static final int LOOK_MS = 250;

  private static final Pattern PATTERN = Pattern.compile("[*?\\[\\]{}\\\\^]");

  /** A colon in the first part of the path, without the slash that follows a scheme. */
  private static final Pattern SCHEME = Pattern.compile("[^/]*:(?!/).*");

  /**
   * The run at a location; nothing is created yet.
   *
   * @param location a path or URI ({@code s3a://…}, {@code hdfs://…}); without a scheme it is on
   *     the default file system of {@code configuration}
   */
  public static RunDirectory at(String location, Configuration configuration) {
    return at(location, configuration, COMMIT);
  }

  /** As the other, with another patience for a commit that is being made. */
  static RunDirectory at(String location, Configuration configuration, Duration patience) {
    checkName(location);
    try {
      Path path = new Path(location);
      FileSystem fileSystem = path.getFileSystem(configuration);
      // No .crc files next to tables that other engines read.
      fileSystem.setWriteChecksum(false);
      return new RunDirectory(fileSystem.makeQualified(path), fileSystem, Optional.empty())
          .settled(patience);
    } catch (IOException | IllegalArgumentException e) {
      throw new UserException(
          WorldFault.explain(e)
              .orElseGet(
                  () -> "Cannot open the run directory \"" + location + "\": " + e.getMessage()),
          e);
    }
  }

  /**
   * Spark and Hadoop take some characters of a path for patterns or for a scheme; the JVM may not
   * have been able to read others.
   */
  private static String nameFault(String location) {
    return location.isBlank()
        ? "it has no name"
        : PATTERN.matcher(location).find()
            ? "Spark takes the characters * ? [ ] { } \\ and ^ for patterns"
            : SCHEME.matcher(location).matches()
                ? "what is before the colon reads as a scheme"
                : NameEncoding.isReadable(location)
                    ? ""
                    : "it is not all text in " + NameEncoding.name();
  }

  /** Whether a run can be at a location, by its name alone. */
  public static boolean isPossibleAt(String location) {
    return nameFault(location).isEmpty();
  }

  private static void checkName(String location) {
    String fault = nameFault(location);
    if (!fault.isEmpty()) {
      throw new UserException(
          "Cannot open the run directory \""
              + location
              + "\": "
              + fault
              + ". Give another --run"
              + NameEncoding.remedy(location));
    }
  }

  /**
   * A run inside this one, for example one fold of a cross-validation. What it does not hold itself
   * of recordings, beats and images it reads from here; models, predictions and figures are its
   * own.
   */
  public RunDirectory below(String relative) {
    return new RunDirectory(path(relative), fileSystem, Optional.of(this)).settled(COMMIT);
  }

  /** Brings commits to their end whose writer is dead; waits for one whose writer is alive. */
  private RunDirectory settled(Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      while (!Lease.isOwn(root) && Commit.isPending(fileSystem, root)) {
        try {
          Lease.takeIfFree(this, "recovery", LeaseOptions.AT_ONCE).close();
        } catch (Lease.HeldException e) {
          if (System.nanoTime() > deadline) {
            throw new UserException(
                "Cannot read " + root + " in the midst of a commit: " + e.getMessage(), e);
          }
          Thread.sleep(LOOK_MS);
        }
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look at " + root, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Failed to wait for a commit: interrupted", e);
    }
  }

  public Path root() {
    return root;
  }

  public FileSystem fileSystem() {
    return fileSystem;
  }

  /** A path below the run, for example {@code models/rtcn}. */
  public Path path(String relative) {
    return new Path(root, relative);
  }

  /** Where the table is read from. */
  public Path table(Table table) {
    return holder(table).path(relative(table));
  }

  private RunDirectory holder(Table table) {
    return parent.isPresent() && INHERITED_TABLES.contains(table) && !hasOwn(table)
        ? parent.get().holder(table)
        : this;
  }

  /**
   * Refuses a location where no run can be written, before anything is computed. Nothing is
   * created.
   *
   * @throws UserException if a file stands in the way, or the folder may not be written
   */
  public RunDirectory requireWritable() {
    try {
      Path there = nearest();
      if (fileSystem.getFileStatus(there).isFile()) {
        throw new UserException(
            "Cannot use the run directory "
                + root
                + ": "
                + (there.equals(root) ? "it" : there)
                + " is a file. Give another --run");
      }
      if ("file".equals(there.toUri().getScheme())
          && !Files.isWritable(java.nio.file.Path.of(there.toUri().getPath()))) {
        throw new UserException(
            "Cannot write to the run directory "
                + root
                + ": "
                + there
                + " is on a read-only file system, or permission is denied to user "
                + System.getProperty("user.name")
                + ". Change that, or give another --run");
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look at " + root, e);
    }
  }

  /** The run's folder, or what of its parents is there. */
  private Path nearest() throws IOException {
    Path there = root;
    while (!fileSystem.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    return there;
  }

  /**
   * Refuses a location that holds no run.
   *
   * @throws UserException if it is absent, or may not be looked into
   */
  public RunDirectory requirePresent() {
    if (!exists(root)) {
      requireOpen();
      throw new UserException(
          "Cannot find the run directory " + root + ": run a stage first, or give --run");
    }
    return this;
  }

  /** A local folder that may not be entered looks as if nothing were in it. */
  private void requireOpen() {
    try {
      Path there = nearest();
      if ("file".equals(there.toUri().getScheme())
          && !Files.isExecutable(java.nio.file.Path.of(there.toUri().getPath()))) {
        throw new UserException(
            "Cannot read the run directory "
                + root
                + ": permission denied to user "
                + System.getProperty("user.name")
                + " in "
                + there
                + ". Change that, or give another --run");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look at " + root, e);
    }
  }

  /** The run that a stage's output is read from: this one, or one that it stands in. */
  RunDirectory holder(String stage) {
    return parent.isPresent() && INHERITED_STAGES.contains(stage) && !hasOwn(stage)
        ? parent.get().holder(stage)
        : this;
  }

  static String relative(Table table) {
    return "tables/" + table.tableName();
  }

  public Path manifest(String stage) {
    return Manifest.path(root, stage);
  }

  static String relativeManifest(String stage) {
    return "stages/" + stage + "/manifest.json";
  }

  /** The folder of a stage's manifest. */
  Path stage(String stage) {
    return manifest(stage).getParent();
  }

  /** Whether the stage has committed, here or in the run that this one reads from. */
  public boolean has(String stage) {
    return holder(stage).hasOwn(stage);
  }

  /** Whether the stage has committed in this very run. */
  boolean hasOwn(String stage) {
    return exists(manifest(stage));
  }

  /**
   * Whether the table was written (some stages write it only when they have rows for it). True also
   * of what {@link #read} refuses, so that damage is not taken for absence.
   */
  public boolean has(Table table) {
    return holder(table).hasOwn(table);
  }

  /** Whether there is a folder for it, whatever it holds. */
  public boolean isOnDisk(Table table) {
    return exists(table(table));
  }

  private boolean hasOwn(Table table) {
    return exists(path(relative(table))) || writer(table).isPresent();
  }

  /** The manifest that speaks for a table of this very run. */
  private Optional<Manifest> writer(Table table) {
    return Writers.of(table).stream()
        .flatMap(stage -> own(stage).stream())
        .filter(manifest -> manifest.outputs().containsKey(relative(table)))
        .findFirst();
  }

  private boolean exists(Path path) {
    try {
      return fileSystem.exists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look at " + path, e);
    }
  }

  /**
   * The manifest of a committed stage whose output was made from what is there now.
   *
   * @throws UserException if the stage has not been run here, its manifest is damaged, or it or
   *     what it was made from has to be run again because an earlier stage has been
   */
  public Manifest requireStage(String stage) {
    RunDirectory holder = holder(stage);
    Manifest manifest =
        holder
            .own(stage)
            .orElseThrow(
                () ->
                    new UserException(
                        String.format(
                            "Cannot find the output of %s in %s: run \"%s\" first",
                            stage, root, Remedy.command(root, stage))));
    Lineage.require(fileSystem, holder.root, manifest);
    return manifest;
  }

  /**
   * The same where it is a matter of choice.
   *
   * @return empty if the stage has not been run, or its output is stale
   * @throws UserException if a manifest is damaged
   */
  public Optional<Manifest> current(String stage) {
    RunDirectory holder = holder(stage);
    return holder
        .own(stage)
        .filter(manifest -> Lineage.stale(fileSystem, holder.root, manifest).isEmpty());
  }

  /** The manifest of a stage in this very run, stale or not. */
  Optional<Manifest> own(String stage) {
    return Manifest.find(fileSystem, root, stage);
  }

  /** The stage that wrote a table here or in the run that this one reads from. */
  public Optional<String> writerOf(Table table) {
    return holder(table).writer(table).map(Manifest::stage);
  }

  /**
   * Compares the files of a stage of this run with what its manifest says: names and sizes, by one
   * listing of each folder.
   *
   * @throws UserException that names the first file that is lost, added or of another size
   */
  void requireWhole(Manifest manifest) {
    FileList list = list(manifest);
    for (String owned : manifest.contents().keySet()) {
      requireWhole(manifest, list, owned);
    }
  }

  /**
   * How files of a stage in this very run differ from what its manifest says, in names and sizes.
   *
   * @return empty if they do not, or the stage has not been run
   */
  public Optional<String> difference(String stage) {
    return own(stage)
        .flatMap(
            manifest -> {
              FileList list = list(manifest);
              return manifest.contents().keySet().stream()
                  .flatMap(owned -> difference(list, owned).stream())
                  .findFirst();
            });
  }

  private Optional<String> difference(FileList list, String owned) {
    return FilesOnDisk.difference(list.below(owned), FilesOnDisk.list(fileSystem, root, owned));
  }

  private void requireWhole(Manifest manifest, FileList list, String owned) {
    difference(list, owned).ifPresent(difference -> refuse(manifest, owned, difference));
  }

  /** The files that a stage of this run has written. */
  FileList list(Manifest manifest) {
    return FileList.read(
        fileSystem,
        new Path(stage(manifest.stage()), manifest.files()),
        Remedy.again(root, manifest.stage()));
  }

  /**
   * The tables that a committed stage has written. A folder under {@code tables/} that no manifest
   * names is what an interrupted commit has left.
   */
  public Set<Table> committedTables() {
    Set<Table> tables = EnumSet.noneOf(Table.class);
    for (Table table : Table.values()) {
      if (writer(table).isPresent()) {
        tables.add(table);
      }
    }
    return tables;
  }

  /**
   * A published table with the columns that {@link Table} declares, after a look at its manifest
   * and files ({@link #requireWhole(Manifest)}).
   *
   * @throws UserException if it is absent, no manifest speaks for it, or its files are not those
   *     that were written
   */
  public Dataset<Row> read(SparkSession spark, Table table) {
    RunDirectory holder = holder(table);
    Optional<Manifest> writer = holder.writer(table);
    if (writer.isEmpty()) {
      throw new UserException(holder.absence(table));
    }
    holder.requireOnce(writer.get(), table);
    return holder.unchecked(spark, table);
  }

  /** Rows of a table, as the manifest of the stage that wrote it says; 0 if there is none. */
  public long rows(Table table) {
    return holder(table)
        .writer(table)
        .map(manifest -> manifest.outputs().get(relative(table)))
        .orElse(0L);
  }

  /** Bytes of a table's files, as the manifest of the stage that wrote it says; 0 if none does. */
  public long bytes(Table table) {
    return holder(table)
        .writer(table)
        .map(manifest -> manifest.contents().get(relative(table)))
        .map(Manifest.Content::bytes)
        .orElse(0L);
  }

  /**
   * Rows of a published table, read by this process alone, after the same look at its manifest and
   * files as {@link #read(SparkSession, Table)}. In the order of files and their rows.
   *
   * @param columns names of columns of the table
   * @param where which rows, all if empty
   * @param each takes a row of these columns, and says whether to go on
   * @throws UserException as {@code read}
   */
  public void each(
      Table table,
      List<String> columns,
      Optional<TableFileReader.Equal> where,
      Predicate<Row> each) {
    RunDirectory holder = holder(table);
    Manifest writer =
        holder.writer(table).orElseThrow(() -> new UserException(holder.absence(table)));
    holder.requireOnce(writer, table);
    for (String path : FilesOnDisk.list(fileSystem, holder.root, relative(table)).keySet()) {
      try {
        if (!TableFileReader.read(
            fileSystem.getConf(), table, holder.path(path), columns, where, each)) {
          return;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private String absence(Table table) {
    return exists(path(relative(table)))
        ? String.format(
            "Cannot read the table %s in %s: no manifest speaks for it, as after a stage that was"
                + " killed. %s",
            table.tableName(), root, Remedy.again(root, Writers.of(table).get(0)))
        : String.format(
            "Cannot find the table %s in %s: run \"%s\" first",
            table.tableName(), root, Remedy.command(root, Writers.of(table).get(0)));
  }

  /** One commit's table is listed once: a new commit has another list. */
  private void requireOnce(Manifest manifest, Table table) {
    String key = relative(table) + " " + manifest.files();
    if (!whole.contains(key)) {
      requireWhole(manifest, list(manifest), relative(table));
      whole.add(key);
    }
  }

  /**
   * The table as it stands there, for what no stage of ours has written or nothing is concluded
   * from.
   */
  public Dataset<Row> unchecked(SparkSession spark, Table table) {
    return table.conform(spark.read().schema(table.schema()).parquet(table(table).toString()));
  }

  /** Whether any stage has left its folder here: then tables need a manifest that names them. */
  public boolean hasStages() {
    return exists(path("stages"));
  }

  /**
   * The files of an owned folder, for example a model's, compared with what the stage wrote.
   *
   * @param stage the stage that wrote them, in this run
   * @return name below {@code owned} to content
   * @throws UserException if the stage has not been run, is stale, or files are not what it wrote
   */
  public SortedMap<String, byte[]> readFiles(String stage, String owned) {
    requireStage(stage);
    SortedMap<String, Long> sizes = new TreeMap<>();
    FilesOnDisk.list(fileSystem, root, owned)
        .forEach((path, size) -> sizes.put(path.substring(owned.length() + 1), size));
    // Names and sizes before any byte is read.
    requireAsWritten(stage, owned, sizes, Map.of());
    SortedMap<String, byte[]> files = new TreeMap<>();
    sizes.forEach((name, size) -> files.put(name, readFile(path(owned + "/" + name), size)));
    requireAsWritten(stage, owned, files);
    return files;
  }

  private byte[] readFile(Path file, long size) {
    if (size > NamedArrays.LONGEST_FILE) {
      throw new UserException(
          "Cannot read "
              + file
              + ": it has "
              + size
              + " bytes, at most "
              + NamedArrays.LONGEST_FILE
              + " are read");
    }
    try (InputStream in = WholeFiles.open(fileSystem, file)) {
      return in.readNBytes((int) size);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to read " + file, e);
    }
  }

  /**
   * Compares files that have been read with what a stage of this very run wrote, byte by byte;
   * nothing if it has left no manifest here, as with a model that was copied elsewhere.
   *
   * @param owned the folder that was read
   * @param files name below it to content
   * @throws UserException that names the first file that is lost, added or changed
   */
  public void requireAsWritten(String stage, String owned, Map<String, byte[]> files) {
    SortedMap<String, Long> sizes = new TreeMap<>();
    files.forEach((name, content) -> sizes.put(name, (long) content.length));
    requireAsWritten(stage, owned, sizes, files);
  }

  /**
   * As the other, where only some of the files have been read.
   *
   * @param sizes name below the folder to bytes, of every file in it
   * @param files name to content, of those that were read
   */
  public void requireAsWritten(
      String stage, String owned, SortedMap<String, Long> sizes, Map<String, byte[]> files) {
    Optional<Manifest> manifest = own(stage).filter(own -> own.contents().containsKey(owned));
    if (manifest.isEmpty()) {
      return;
    }
    SortedMap<String, FileEntry> written = list(manifest.get()).below(owned);
    SortedMap<String, Long> present = new TreeMap<>();
    sizes.forEach(
        (name, size) -> {
          if (!FilesOnDisk.isHidden(name)) {
            present.put(owned + "/" + name, size);
          }
        });
    SortedMap<String, String> changed = new TreeMap<>();
    files.forEach(
        (name, content) -> {
          FileEntry entry = written.get(owned + "/" + name);
          if (entry != null && !entry.digest().equals(Sha256.of(content))) {
            changed.put(entry.path(), entry.path() + " has another content");
          }
        });
    FilesOnDisk.difference(written, present)
        .or(() -> FilesOnDisk.summary(changed))
        .ifPresent(difference -> refuse(manifest.get(), owned, difference));
  }

  private void refuse(Manifest manifest, String owned, String difference) {
    throw new UserException(
        String.format(
            "Cannot use %s in %s: it is not what %s wrote, %s. %s",
            owned, root, manifest.stage(), difference, Remedy.again(root, manifest.stage())));
  }
}
