package org.rtcn.jobs.predict;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageOutput;
import org.rtcn.jobs.run.StagePlan;
import org.rtcn.jobs.run.StageRunner;
import org.rtcn.jobs.tables.Table;

/**
 * Recordings that are tables already, in place of an ingest: {@code tables/records} and {@code
 * tables/signals} of another run, or of any program that writes those columns. Labels are laid
 * aside.
 */
final class TableInput {
  private TableInput() {}

  /**
   * Takes them over.
   *
   * @param input a run, or a folder with its tables
   * @param below the folder whose recordings are taken, of those that the run has ingested; empty
   *     for all
   * @throws UserException if nothing of the run comes from below that folder
   */
  static void run(StageContext context, String input, String below) {
    RunDirectory source =
        RunDirectory.at(input, context.spark().sparkContext().hadoopConfiguration());
    String folder = below.isEmpty() ? "" : qualified(context, below);
    Dataset<Row> records = below(folder, "source_path", read(context, source, Table.RECORDS));
    Dataset<Row> signals = read(context, source, Table.SIGNALS);
    Dataset<Row> rejects = below(folder, "path", rejects(context, source));
    if (!below.isEmpty()) {
      requireSome(source, folder, records, rejects);
      signals =
          signals.join(
              records.select(col("record_id").as("kept_id")),
              col("record_id").equalTo(col("kept_id")),
              "left_semi");
    }
    StagePlan plan =
        StagePlan.named("ingest", "recordings from the tables of " + source.root())
            .owns(Table.RECORDS, Table.SIGNALS, Table.SPLITS, Table.REJECTS)
            .input(
                "tables",
                below.isEmpty()
                    ? source.root() + " " + content(source, records)
                    // What else the run holds may change: this night is the same as before.
                    : folder + " " + content(records, rejects));
    Dataset<Row> taken = signals;
    StageRunner.run(context, plan, output -> write(context, records, taken, rejects, output));
  }

  private static void write(
      StageContext context,
      Dataset<Row> records,
      Dataset<Row> signals,
      Dataset<Row> rejects,
      StageOutput output) {
    Dataset<Row> unlabelled =
        records
            .withColumn("label", lit(Label.UNKNOWN.name()))
            .withColumn("infarct_site", lit(null).cast("string"));
    output.count("kept", output.write(Table.RECORDS, unlabelled));
    output.write(Table.SIGNALS, signals);
    output.write(
        Table.SPLITS,
        unlabelled
            .groupBy("patient_id")
            .agg(min("dataset").as("dataset"))
            .withColumn("label", lit(Label.UNKNOWN.name()))
            .withColumn("fold", lit(1)));
    if (output.write(Table.REJECTS, rejects.coalesce(1).sortWithinPartitions("path")) > 0) {
      for (Row row :
          output.staged(context.spark(), Table.REJECTS).groupBy("reason").count().collectAsList()) {
        output.count("refused." + row.getString(0), row.getLong(1));
      }
    }
    output.simulated(!unlabelled.where(col("simulated")).isEmpty());
  }

  private static String qualified(StageContext context, String below) {
    Path path = new Path(below);
    try {
      return path.getFileSystem(context.spark().sparkContext().hadoopConfiguration())
          .makeQualified(path)
          .toString();
    } catch (IOException e) {
      throw new UncheckedIOException("Failed to look for " + below, e);
    }
  }

  private static Dataset<Row> below(String folder, String column, Dataset<Row> rows) {
    return folder.isEmpty() ? rows : rows.where(col(column).startsWith(folder + "/"));
  }

  private static void requireSome(
      RunDirectory source, String folder, Dataset<Row> records, Dataset<Row> rejects) {
    if (records.isEmpty()) {
      long refused = rejects.count();
      if (refused > 0) {
        throw new UserException(
            String.format(
                "Cannot predict: %s holds no recording from below %s; all %d files there were refused,"
                    + " for what its table rejects says",
                source.root(), folder, refused));
      }
      throw new UserException(
          String.format(
              "Cannot predict: %s holds no recording from below %s. Has anything arrived there, and"
                  + " has ingest --update read it?",
              source.root(), folder));
    }
  }

  /** What the run has refused; another program's tables have none. */
  private static Dataset<Row> rejects(StageContext context, RunDirectory source) {
    return source.hasStages() && source.has(Table.REJECTS)
        ? source.read(context.spark(), Table.REJECTS)
        : context.spark().createDataFrame(List.of(), Table.REJECTS.schema());
  }

  /** Tables of a run are those of its manifest; another program's have none. */
  private static Dataset<Row> read(StageContext context, RunDirectory source, Table table) {
    return source.hasStages()
        ? source.read(context.spark(), table)
        : source.unchecked(context.spark(), table);
  }

  /** What it holds, so that other content under the same name is not taken for the same. */
  private static String content(RunDirectory source, Dataset<Row> records) {
    if (source.hasStages()) {
      String writer = source.writerOf(Table.RECORDS).orElseThrow();
      return source.requireStage(writer).identity();
    }
    return content(records, "record_id", "fingerprint");
  }

  private static String content(Dataset<Row> records, Dataset<Row> rejects) {
    return content(records, "record_id", "fingerprint") + content(rejects, "path", "reason");
  }

  private static String content(Dataset<Row> rows, String key, String value) {
    Row content =
        rows.agg(sum(xxhash64(col(key), col(value)).mod(lit(1_000_003))), count(lit(1))).first();
    return content.toString();
  }
}
