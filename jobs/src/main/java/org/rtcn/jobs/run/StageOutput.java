package org.rtcn.jobs.run;

import static org.apache.spark.sql.types.DataTypes.FloatType;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.StructField;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.VersionedParquetFormat;

/** Where a running stage writes: all into a staging folder, moved into the run at commit. */
public final class StageOutput {
  private final RunDirectory run;
  private final List<String> owned;
  private final Path staging;
  private Boolean simulated;
  final Map<String, Long> outputs = new TreeMap<>();
  final Map<String, Long> counts = new TreeMap<>();
  final Map<String, Object> facts = new TreeMap<>();

  StageOutput(RunDirectory run, List<String> owned, Path staging) {
    this.run = run;
    this.owned = owned;
    this.staging = staging;
  }

  /**
   * Writes a table aside and counts its rows from the written files.
   *
   * @return the number of rows
   */
  public long write(Table table, Dataset<Row> rows) {
    String relative = requireOwned(RunDirectory.relative(table));
    String target = new Path(staging, relative).toString();
    DataFrameWriter<Row> writer =
        table
            .conform(rows)
            .write()
            .mode(SaveMode.Overwrite)
            .format(VersionedParquetFormat.class.getName())
            .option(
                VersionedParquetFormat.SCHEMA_VERSION_KEY, Integer.toString(Table.SCHEMA_VERSION))
            .option(VersionedParquetFormat.TABLE_KEY, table.tableName());
    for (StructField field : table.schema().fields()) {
      // Samples hardly repeat: building dictionaries that are then given up took half of the time.
      if (field.dataType() instanceof ArrayType array && array.elementType() == FloatType) {
        writer =
            writer.option("parquet.enable.dictionary#" + field.name() + ".list.element", "false");
      }
    }
    if (!table.partitionColumns().isEmpty()) {
      writer = writer.partitionBy(table.partitionColumns().toArray(new String[0]));
    }
    writer.save(target);
    long written = staged(rows.sparkSession(), table).count();
    outputs.put(relative, written);
    return written;
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

  /** A finding for the manifest and the report: any JSON value. */
  public void fact(String name, Object value) {
    facts.put(name, value);
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
