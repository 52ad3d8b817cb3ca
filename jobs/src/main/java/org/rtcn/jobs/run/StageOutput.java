package org.rtcn.jobs.run;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.rtcn.jobs.tables.RowDigest;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.VersionedParquetFormat;

/** Where a running stage writes: all into a staging folder, moved into the run at commit. */
public final class StageOutput {
  private final String stage;
  private final RunDirectory run;
  private final List<String> owned;
  private final Path staging;
  private Boolean simulated;
  private String listName;
  private final Map<String, List<FileEntry>> files = new TreeMap<>();
  private final Map<String, String> digests = new HashMap<>();
  private final Map<String, String> identities = new TreeMap<>();
  final Map<String, Long> outputs = new TreeMap<>();
  final Map<String, Long> counts = new TreeMap<>();
  final Map<String, Object> facts = new TreeMap<>();

  StageOutput(String stage, RunDirectory run, List<String> owned, Path staging) {
    this.stage = stage;
    this.run = run;
    this.owned = owned;
    this.staging = staging;
  }

  /**
   * Writes a table aside and counts its rows from the written files' footers.
   *
   * @return the number of rows
   */
  public long write(Table table, Dataset<Row> rows) {
    save(table, table.published(rows), new StructType());
    return written(table, rows.sparkSession());
  }

  /**
   * Writes a table and, in the same pass over its rows, rows of another kind, of which later tables
   * are made: nothing is computed or read twice for them.
   *
   * @param rows the columns of both; a row is of a kind if that kind's first column is not NULL
   * @param beside the other kind's columns
   * @return the rows of the other kind; they stand in staging and end with it
   */
  public Dataset<Row> write(Table table, Dataset<Row> rows, StructType beside) {
    SparkSession spark = rows.sparkSession();
    save(table, table.published(rows, beside), beside);
    Path kept = new Path(staging, "beside/" + table.tableName());
    Path hidden =
        new Path(new Path(staging, RunDirectory.relative(table)), VersionedParquetFormat.BESIDE);
    try {
      FileMoves.move(run.fileSystem(), hidden, kept);
      run.fileSystem().delete(hidden.getParent(), true);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to move " + hidden, e);
    }
    written(table, spark);
    return spark.read().schema(beside).parquet(kept.toString());
  }

  /** Writes a table again that this stage has written, without some of its rows. */
  public void filter(Table table, UnaryOperator<Dataset<Row>> kept, SparkSession spark) {
    Path first = new Path(staging, RunDirectory.relative(table));
    Path aside = new Path(staging, "filtered/" + table.tableName());
    try {
      FileMoves.move(run.fileSystem(), first, aside);
      Dataset<Row> rows = spark.read().schema(table.schema()).parquet(aside.toString());
      write(table, kept.apply(table.conform(rows)));
      run.fileSystem().delete(aside, true);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to move " + first, e);
    }
  }

  private void save(Table table, Dataset<Row> published, StructType beside) {
    DataFrameWriter<Row> writer =
        published
            .write()
            .mode(SaveMode.Overwrite)
            .format(VersionedParquetFormat.class.getName())
            .option(VersionedParquetFormat.BESIDE_KEY, Integer.toString(beside.length()))
            .option(
                VersionedParquetFormat.SCHEMA_VERSION_KEY, Integer.toString(Table.SCHEMA_VERSION))
            .option(VersionedParquetFormat.TABLE_KEY, table.tableName());
    if (!table.partitionColumns().isEmpty()) {
      writer = writer.partitionBy(table.partitionColumns().toArray(new String[0]));
    }
    writer.save(new Path(staging, requireOwned(RunDirectory.relative(table))).toString());
  }

  private long written(Table table, SparkSession spark) {
    String relative = RunDirectory.relative(table);
    // The footers say what was written: how many rows, and the digest taken as they went by.
    List<FileEntry> written =
        FileDigests.of(spark, staging, FilesOnDisk.list(run.fileSystem(), staging, relative), true);
    requireRead(written);
    files.put(relative, written);
    SortedMap<String, RowDigest.Sum> byFolder = byFolder(written, relative);
    identities.put(relative, digest(byFolder));
    long count = byFolder.values().stream().mapToLong(RowDigest.Sum::rows).sum();
    outputs.put(relative, count);
    return count;
  }

  /** Sums of the rows by the values of the partition columns, {@code fold=1}. */
  private static SortedMap<String, RowDigest.Sum> byFolder(List<FileEntry> files, String table) {
    SortedMap<String, RowDigest.Sum> sums = new TreeMap<>();
    for (FileEntry file : files) {
      String below = file.below(table);
      RowDigest.Sum rows = RowDigest.Sum.of(file.rows(), file.digest());
      if (rows.rows() > 0) {
        sums.merge(below.substring(0, below.lastIndexOf('/') + 1), rows, RowDigest.Sum::plus);
      }
    }
    return sums;
  }

  private static String digest(SortedMap<String, RowDigest.Sum> byFolder) {
    StringBuilder text = new StringBuilder();
    byFolder.forEach(
        (folder, sum) ->
            text.append(folder).append(sum.rows()).append(' ').append(sum.hex()).append('\n'));
    return Sha256.of(text.toString());
  }

  private static void requireRead(List<FileEntry> files) {
    for (FileEntry file : files) {
      if (file.digest().isEmpty()) {
        throw new UncheckedIOException(
            new IOException("Failed to read back " + file.path() + ", which was just written"));
      }
    }
  }

  /** The rows of a table that this stage has just written, before the commit. */
  public Dataset<Row> staged(SparkSession spark, Table table) {
    return table.conform(
        spark
            .read()
            .schema(table.schema())
            .parquet(new Path(staging, RunDirectory.relative(table)).toString()));
  }

  /** Writes a file below an owned path, for example {@code models/rtcn/model.json}. */
  public void write(String relative, byte[] content) {
    Path target = stagedPath(relative);
    try (OutputStream out = run.fileSystem().create(target, true)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to write " + target, e);
    }
    outputs.put(relative, (long) content.length);
    digests.put(relative, Sha256.of(content));
  }

  /**
   * Says what a model, or what else is made from later, is known by. Tables are known by their
   * rows; files that have no identity may differ between two runs with the same result (a report, a
   * curve with its times).
   *
   * @param owned a path that the stage declared
   * @param id changes when the content does
   */
  public void identity(String owned, String id) {
    if (!this.owned.contains(owned)) {
      throw new IllegalStateException(
          "Cannot identify " + owned + ": the stage did not declare that it owns it");
    }
    identities.put(owned, id);
  }

  /** All files that stand in staging, with their digests: only those that tasks wrote are read. */
  FileList list(SparkSession spark) {
    List<FileEntry> all = new ArrayList<>();
    for (String path : owned) {
      if (!files.containsKey(path)) {
        files.put(path, others(spark, path));
      }
      all.addAll(files.get(path));
    }
    FileList list = new FileList(all);
    listName = list.name();
    return list;
  }

  /** Name of the list, null before there is one. */
  String listName() {
    return listName;
  }

  private List<FileEntry> others(SparkSession spark, String path) {
    List<FileEntry> entries = new ArrayList<>();
    SortedMap<String, Long> unknown = FilesOnDisk.list(run.fileSystem(), staging, path);
    unknown
        .entrySet()
        .removeIf(
            file -> {
              String digest = digests.get(file.getKey());
              if (digest != null) {
                entries.add(FileEntry.ofBytes(file.getKey(), file.getValue(), digest));
              }
              return digest != null;
            });
    List<FileEntry> read = FileDigests.of(spark, staging, unknown, false);
    requireRead(read);
    entries.addAll(read);
    return entries;
  }

  /** What stands in each owned path, once {@link #list} has been called. */
  Map<String, Manifest.Content> contents() {
    Map<String, Manifest.Content> contents = new TreeMap<>();
    files.forEach(
        (path, entries) -> {
          if (!entries.isEmpty() || outputs.containsKey(path)) {
            contents.put(
                path,
                new Manifest.Content(
                    entries.size(),
                    entries.stream().mapToLong(FileEntry::bytes).sum(),
                    identities.get(path)));
          }
        });
    return contents;
  }

  /** The place in staging of an owned path, for stages that write files from tasks. */
  public Path stagedPath(String relative) {
    return new Path(staging, requireOwned(relative));
  }

  /** Adds to a count of the manifest, for example {@code refused.CHECKSUM_MISMATCH}. */
  public void count(String name, long increment) {
    counts.merge(name, increment, Long::sum);
  }

  /** What was counted so far. */
  public Map<String, Long> counts() {
    return new TreeMap<>(counts);
  }

  /** States a finding for the manifest and the report. */
  public <T> void fact(StageFact<T> fact, T value) {
    fact.requireStage(stage);
    facts.put(fact.name(), fact.toJson(value));
  }

  /** Says whether the data of this stage are simulated; it travels to every artefact. */
  public void simulated(boolean value) {
    simulated = value;
  }

  Boolean simulated() {
    return simulated;
  }

  Path staging() {
    return staging;
  }

  private String requireOwned(String relative) {
    boolean isOwned =
        owned.stream().anyMatch(path -> relative.equals(path) || relative.startsWith(path + "/"));
    if (!isOwned) {
      throw new IllegalStateException(
          "Cannot write " + relative + ": the stage did not declare that it owns it");
    }
    return relative;
  }
}
