package org.rtcn.jobs.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.apache.spark.sql.SparkSession;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.jobs.run.Lease;
import org.rtcn.jobs.run.LeaseOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.spark.SparkSessions;
import picocli.CommandLine.Option;

/** The options that every stage shares. */
public final class RunOptions {
  @Option(
      names = "--run",
      paramLabel = "DIR",
      defaultValue = "rtcn-run",
      description = "Run directory: a path or URI (hdfs://, s3a://). Default: ${DEFAULT-VALUE}")
  private String run;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "HOCON file over reference.conf, or the name of an overlay in conf/ (e.g. demo);"
              + " may be given more than once")
  private List<String> overlays = new ArrayList<>();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets one key, e.g. --set train.epochs=5; may be given more than once")
  private List<String> assignments = new ArrayList<>();

  @Option(names = "--overwrite", description = "Replaces this stage's earlier output in the run")
  private boolean overwrite;

  /** Whether earlier output is to be replaced. */
  public boolean overwrites() {
    return overwrite;
  }

  /** The work of a command inside an open session. */
  @FunctionalInterface
  public interface Work {
    void run(StageContext context);
  }

  /**
   * Effective settings: defaults, the command's own overlays, the user's; refused before any
   * session is opened if they are wrong.
   */
  public Settings settings(String... bundledOverlays) {
    List<String> all = new ArrayList<>(List.of(bundledOverlays));
    all.addAll(overlays);
    return Settings.load(all, assignments);
  }

  /**
   * What a command looks at before Spark is started: its inputs, and that it may write. Whatever is
   * missing is refused within a second.
   */
  @FunctionalInterface
  public interface Check {
    /** Throws a UserException for what the user has to mend first. */
    void of(RunDirectory run);
  }

  /**
   * Takes the lease of the run, opens the session, does the work, closes both. Returns the exit
   * status 0.
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

  /** As {@link #execute(String, Check, Work)} for what writes nothing into the run: no lease. */
  public int look(String stage, Check check, Work work) {
    return look(stage, settings(), check, work);
  }

  /** As {@link #look(String, Check, Work)} with settings changed by the command's own options. */
  public int look(String stage, Settings settings, Check check, Work work) {
    SparkConf configuration = configuration(stage, settings);
    RunDirectory directory = directory(configuration);
    check.of(directory);
    return inSession(settings, configuration, directory, work);
  }

  private static SparkConf configuration(String stage, Settings settings) {
    settings.read("", config -> Choices.of(GpuPolicy.class, config, "gpu")).use();
    KernelChoice kernels =
        settings.read("", config -> Choices.of(KernelChoice.class, config, "kernels"));
    kernels.use();
    kernels.require();
    return SparkSessions.configuration(stage);
  }

  private RunDirectory directory(SparkConf configuration) {
    return RunDirectory.at(run, SparkHadoopUtil.get().newConfiguration(configuration));
  }

  private int inSession(
      Settings settings, SparkConf configuration, RunDirectory directory, Work work) {
    PrintStream console = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    QuietConsole.sparkStarts();
    SparkSession spark = SparkSessions.open(configuration);
    Interruption interruption = Interruption.watch(spark.sparkContext());
    try {
      work.run(
          new StageContext(
              spark,
              directory,
              settings,
              overwrite ? IfPresent.OVERWRITE : IfPresent.REUSE_OR_REFUSE,
              console));
      return 0;
    } finally {
      interruption.over();
      QuietConsole.sparkStops();
      spark.stop();
    }
  }
}
