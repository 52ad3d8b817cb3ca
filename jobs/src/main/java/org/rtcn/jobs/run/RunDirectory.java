package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.tables.Table;

/**
 * The folder of one run, local or on any Hadoop file system:
 *
 * <pre>
 * RUN/tables/TABLE/           Parquet
 * RUN/models/NAME/            models
 * RUN/report/report.html      the report
 * RUN/stages/STAGE/manifest.json   moved in last: a stage without it has not happened
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

  private RunDirectory(Path root, FileSystem fileSystem, Optional<RunDirectory> parent) {
    this.root = root;
    this.fileSystem = fileSystem;
    this.parent = parent;
  }

  /** How long to wait for a commit that is being made, ms, and between two looks. */
  private static final int COMMIT_MS = 120_000;

  private static final int LOOK_MS = 250;

  /**
   * The run at a location; nothing is created yet.
   *
   * @param location a path or URI ({@code s3a://…}, {@code hdfs://…}); without a scheme it is on
   *     the default file system of {@code configuration}
   */
  public static RunDirectory at(String location, Configuration configuration) {
    try {
      Path path = new Path(location);
      FileSystem fileSystem = path.getFileSystem(configuration);
      // No .crc files beside tables that other engines read.
      fileSystem.setWriteChecksum(false);
      return new RunDirectory(fileSystem.makeQualified(path), fileSystem, Optional.empty())
          .settled();
    } catch (IOException | IllegalArgumentException e) {
      throw new UserException(
          "Cannot open the run directory \"" + location + "\": " + e.getMessage(), e);
    }
  }

  /**
   * A run inside this one, for example one fold of a cross-validation. What it does not hold itself
   * of recordings, beats and images it reads from here; models, predictions and figures are its
   * own.
   */
  public RunDirectory below(String relative) {
    return new RunDirectory(path(relative), fileSystem, Optional.of(this)).settled();
  }

  /** Brings commits to their end whose writer is dead; waits for one whose writer is alive. */
  private RunDirectory settled() {
    long deadline = System.nanoTime() + COMMIT_MS * 1_000_000L;
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
    return parent.isPresent() && INHERITED_TABLES.contains(table) && !exists(path(relative(table)))
        ? parent.get().holder(table)
        : this;
  }

  static String relative(Table table) {
    return "tables/" + table.tableName();
  }

  public Path manifest(String stage) {
    return path(relativeManifest(stage));
  }

  static String relativeManifest(String stage) {
    return "stages/" + stage + "/manifest.json";
  }

  /** Whether the stage has committed, here or in the run that this one reads from. */
  public boolean has(String stage) {
    return hasOwn(stage)
        || (INHERITED_STAGES.contains(stage) && parent.isPresent() && parent.get().has(stage));
  }

  /** Whether the stage has committed in this very run. */
  boolean hasOwn(String stage) {
    return exists(manifest(stage));
  }

  /** Whether the table was written (some stages write it only when they have rows for it). */
  public boolean has(Table table) {
    return exists(table(table));
  }

  private boolean exists(Path path) {
    try {
      return fileSystem.exists(path);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look at " + path, e);
    }
  }

  /**
   * The manifest of a committed stage.
   *
   * @throws UserException if the stage has not been run here
   */
  public Manifest requireStage(String stage) {
    if (!has(stage)) {
      throw new UserException(
          String.format(
              "Cannot find the output of %s in %s: run \"rtcn %s --run %s\" first",
              stage, root, stage, root));
    }
    return hasOwn(stage)
        ? Manifest.read(fileSystem, manifest(stage))
        : parent.orElseThrow().requireStage(stage);
  }

  /**
   * The tables that a committed stage has written. A folder under {@code tables/} that no manifest
   * names is what an interrupted commit has left.
   */
  public Set<Table> committedTables() {
    Set<String> written = new TreeSet<>();
    Path stages = path("stages");
    try {
      if (fileSystem.exists(stages)) {
        for (FileStatus stage : fileSystem.listStatus(stages)) {
          if (has(stage.getPath().getName())) {
            written.addAll(requireStage(stage.getPath().getName()).outputs().keySet());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to list " + stages, e);
    }
    Set<Table> tables = EnumSet.noneOf(Table.class);
    for (Table table : Table.values()) {
      if (written.contains(relative(table)) && has(table)) {
        tables.add(table);
      }
    }
    return tables;
  }

  /**
   * A published table with the columns that {@link Table} declares.
   *
   * @throws UserException if it is absent
   */
  public Dataset<Row> read(SparkSession spark, Table table) {
    if (!has(table)) {
      throw new UserException(
          "Cannot find the table "
              + table.tableName()
              + " in "
              + root
              + ": run the stage that writes it first");
    }
    return table.conform(spark.read().schema(table.schema()).parquet(table(table).toString()));
  }
}
