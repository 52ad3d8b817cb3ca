package org.rtcn.jobs.predict;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.xxhash64;

import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.ecg.Label;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
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

  static void run(StageContext context, String input) {
    RunDirectory source =
        RunDirectory.at(input, context.spark().sparkContext().hadoopConfiguration());
    Dataset<Row> records = read(context, source, Table.RECORDS);
    Dataset<Row> signals = read(context, source, Table.SIGNALS);
    StagePlan plan =
        StagePlan.named("ingest", "recordings from the tables of " + source.root())
            .owns(Table.RECORDS, Table.SIGNALS, Table.SPLITS, Table.REJECTS)
            .input("tables", source.root() + " " + content(source, records));
    StageRunner.run(
        context,
        plan,
        output -> {
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
          output.write(
              Table.REJECTS,
              context.spark().createDataFrame(java.util.List.of(), Table.REJECTS.schema()));
          output.simulated(!unlabelled.where(col("simulated")).isEmpty());
        });
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
    Row content =
        records
            .agg(
                sum(xxhash64(col("record_id"), col("fingerprint")).mod(lit(1_000_003))),
                count(lit(1)))
            .first();
    return content.toString();
  }
}
