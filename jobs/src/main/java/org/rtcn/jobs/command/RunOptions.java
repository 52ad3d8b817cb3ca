package org.rtcn.jobs.command;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.error.UserException;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.GpuPolicy;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.run.StageContext.IfPresent;
import org.rtcn.jobs.shell.QuietConsole;
import org.rtcn.jobs.spark.SparkOnDemand;
import org.rtcn.jobs.spark.SparkSessions;
import picocli.CommandLine.Option;

/** The options of every command that looks at a run; of those that write, {@link WriteOptions}. */
public class RunOptions {
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

  /** The work of a command; Spark starts when the work first asks for it. */
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
   * What a command looks at before its work: its inputs, and that it may write. Whatever is missing
   * is refused within a second.
   */
  @FunctionalInterface
  public interface Check {
    /** Throws a UserException for what the user has to mend first. */
    void of(RunDirectory run);
  }

  /**
   * Does the work of what writes nothing into the run: no lease is taken. Returns the exit status
   * 0.
   *
   * @throws UserException for what the user has to mend
   */
  public int look(String stage, Check check, Work work) {
    return look(stage, settings(), check, work);
  }

  /** As {@link #look(String, Check, Work)} for questions in SQL: with as little Spark as can be. */
  public int ask(String stage, Check check, Work work) {
    Settings settings = settings();
    SparkConf configuration = configuration(stage, settings);
    if (SparkOnDemand.isLocal(configuration.get("spark.master"))) {
      SparkSessions.forQuestions(configuration);
    }
    RunDirectory directory = directory(configuration);
    check.of(directory);
    return inSession(settings, configuration, directory, work);
  }

  /** As {@link #look(String, Check, Work)} with settings changed by the command's own options. */
  public int look(String stage, Settings settings, Check check, Work work) {
    SparkConf configuration = configuration(stage, settings);
    RunDirectory directory = directory(configuration);
    check.of(directory);
    return inSession(settings, configuration, directory, work);
  }

  /** What to do when the stage has already run. */
  IfPresent ifPresent() {
    return IfPresent.REUSE_OR_REFUSE;
  }

  static SparkConf configuration(String stage, Settings settings) {
    settings.read("", config -> Choices.of(GpuPolicy.class, config, "gpu")).use();
    KernelChoice kernels =
        settings.read("", config -> Choices.of(KernelChoice.class, config, "kernels"));
    kernels.use();
    kernels.require();
    return SparkSessions.configuration(stage);
  }

  RunDirectory directory(SparkConf configuration) {
    return RunDirectory.at(run, SparkHadoopUtil.get().newConfiguration(configuration));
  }

  int inSession(Settings settings, SparkConf configuration, RunDirectory directory, Work work) {
    PrintStream console = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    QuietConsole.sparkStarts();
    SparkOnDemand session = SparkOnDemand.of(configuration);
    Interruption interruption = Interruption.watch(session);
    try {
      work.run(new StageContext(session, directory, settings, ifPresent(), console));
      return 0;
    } finally {
      interruption.over();
      QuietConsole.sparkStops();
      session.close();
    }
  }
}
