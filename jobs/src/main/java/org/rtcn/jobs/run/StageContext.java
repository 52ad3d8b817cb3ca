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

  /** What to do when the stage has already committed to this run. */
  public enum IfPresent {
    /** Same configuration and inputs: nothing to do. Otherwise: refuse. */
    REUSE_OR_REFUSE,
    OVERWRITE
  }
}
