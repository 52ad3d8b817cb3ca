package org.rtcn.jobs.run;

import java.io.PrintStream;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.config.Settings;

/**
 * What every stage gets.
 *
 * @param spark the session
 * @param run the run directory
 * @param settings effective settings
 * @param ifPresent what to do when the stage has already run here
 * @param console where the user reads progress and results
 */
public record StageContext(
    SparkSession spark,
    RunDirectory run,
    Settings settings,
    IfPresent ifPresent,
    PrintStream console) {

  /** The same with another answer to what is there already: results that are quickly made anew. */
  public StageContext replacing() {
    return new StageContext(
        spark,
        run,
        settings,
        ifPresent == IfPresent.REUSE_OR_REFUSE ? IfPresent.REUSE_OR_REPLACE : ifPresent,
        console);
  }

  /** The same in another run directory, with other settings. */
  public StageContext in(RunDirectory otherRun, Settings otherSettings) {
    return new StageContext(spark, otherRun, otherSettings, ifPresent, console);
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
