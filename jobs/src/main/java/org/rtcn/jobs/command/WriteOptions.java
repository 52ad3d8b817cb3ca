package org.rtcn.jobs.command;

import org.apache.spark.SparkConf;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.run.Lease;
import org.rtcn.jobs.run.LeaseOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext.IfPresent;
import picocli.CommandLine.Option;

/** The options of every command that writes. */
public final class WriteOptions extends RunOptions {
  @Option(names = "--overwrite", description = "Replaces earlier output")
  private boolean overwrite;

  /** Whether earlier output is to be replaced. */
  public boolean overwrites() {
    return overwrite;
  }

  /**
   * Takes the lease of the run and does the work. Returns the exit status 0.
   *
   * @throws UserException at once if another process writes into the run
   */
  public int execute(String stage, Check check, Work work) {
    return execute(stage, settings(), check, work);
  }

  /**
   * As {@link #execute(String, Check, Work)} with settings changed by the command's own options.
   */
  public int execute(String stage, Settings settings, Check check, Work work) {
    SparkConf configuration = configuration(stage, settings);
    RunDirectory directory = directory(configuration);
    check.of(directory);
    return Lease.holding(
        directory,
        stage,
        LeaseOptions.of(settings),
        () -> inSession(settings, configuration, directory, work));
  }

  @Override
  IfPresent ifPresent() {
    return overwrite ? IfPresent.OVERWRITE : IfPresent.REUSE_OR_REFUSE;
  }
}
