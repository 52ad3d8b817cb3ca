package org.rtcn.jobs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.tables.Table;

/** A run in a test's folder: contexts with settings, and what the console said. */
public final class StageTest {
  private final SparkSession spark = SparkTestSession.get();
  private final ByteArrayOutputStream console = new ByteArrayOutputStream();
  private final RunDirectory run;

  public StageTest(Path folder) {
    run = RunDirectory.at(folder.toString(), spark.sparkContext().hadoopConfiguration());
  }

  /** A context that overwrites, with {@code key=value} settings over the defaults. */
  public StageContext context(String... assignments) {
    return new StageContext(
        spark,
        run,
        Settings.load(List.of(), List.of(assignments)),
        IfPresent.OVERWRITE,
        new PrintStream(console, true, StandardCharsets.UTF_8));
  }

  public RunDirectory run() {
    return run;
  }

  /** Rows of a table in the order of its key. */
  public List<Row> rows(Table table) {
    return read(table).orderBy(table.key()).collectAsList();
  }

  public Dataset<Row> read(Table table) {
    return run.read(spark, table);
  }

  public String console() {
    return console.toString(StandardCharsets.UTF_8);
  }
}
