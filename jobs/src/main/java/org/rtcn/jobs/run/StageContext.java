package org.rtcn.jobs.run;

import java.io.PrintStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.spark.SparkOnDemand;
import org.rtcn.jobs.tables.Table;
import org.rtcn.jobs.tables.TableFileReader;

/**
 * What every stage gets.
 *
 * @param session Spark, which starts when it is asked for
 * @param run the run directory
 * @param settings effective settings
 * @param ifPresent what to do when the stage has already run here
 * @param console where the user reads progress and results
 */
public record StageContext(
    SparkOnDemand session,
    RunDirectory run,
    Settings settings,
    IfPresent ifPresent,
    PrintStream console) {

  /** The same in a session that runs already. */
  public StageContext(
      SparkSession spark,
      RunDirectory run,
      Settings settings,
      IfPresent ifPresent,
      PrintStream console) {
    this(SparkOnDemand.of(spark), run, settings, ifPresent, console);
  }

  /** The session; the first call starts Spark. */
  public SparkSession spark() {
    return session.spark();
  }

  /**
   * Some rows of a table of the run, for commands that look at a few: read by this process where
   * the work is done on this machine, else by Spark's executors.
   *
   * @param where which rows, all if empty
   * @param each takes a row, and says whether to go on
   * @param columns names of columns of the table, all if there are none
   */
  public void each(
      Table table, Optional<TableFileReader.Equal> where, Predicate<Row> each, String... columns) {
    List<String> wanted = List.of(columns.length == 0 ? table.schema().fieldNames() : columns);
    if (session.isLocal()) {
      run.each(table, wanted, where, each);
      return;
    }
    Dataset<Row> rows = run.read(spark(), table);
    if (where.isPresent()) {
      rows = rows.where(functions.col(where.get().column()).equalTo(where.get().value()));
    }
    Iterator<Row> some =
        rows.select(wanted.stream().map(functions::col).toArray(Column[]::new)).toLocalIterator();
    boolean goOn = true;
    while (goOn && some.hasNext()) {
      goOn = each.test(some.next());
    }
  }

  /** The same with another answer to what is there already: results that are quickly made again. */
  public StageContext replacing() {
    return new StageContext(
        session,
        run,
        settings,
        ifPresent == IfPresent.REUSE_OR_REFUSE ? IfPresent.REUSE_OR_REPLACE : ifPresent,
        console);
  }

  /** The same in another run directory, with other settings. */
  public StageContext in(RunDirectory otherRun, Settings otherSettings) {
    return new StageContext(session, otherRun, otherSettings, ifPresent, console);
  }

  /** What to do when the stage has already committed to this run. */
  public enum IfPresent {
    /** Same configuration and inputs: nothing to do. Otherwise: refuse. */
    REUSE_OR_REFUSE,
    /**
     * Same configuration and inputs: nothing to do. Otherwise: replace; for what is quickly made.
     */
    REUSE_OR_REPLACE,
    OVERWRITE
  }
}
