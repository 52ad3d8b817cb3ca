package org.rtcn.jobs.cli;

import org.rtcn.jobs.ablate.AblateCommand;
import org.rtcn.jobs.augment.AugmentCommand;
import org.rtcn.jobs.compare.CompareCommand;
import org.rtcn.jobs.convert.ConvertCommand;
import org.rtcn.jobs.crossval.CrossvalCommand;
import org.rtcn.jobs.diagnose.DiagnoseCommand;
import org.rtcn.jobs.diagnose.ExportCommand;
import org.rtcn.jobs.diagnose.FilesMain;
import org.rtcn.jobs.evaluate.EvaluateCommand;
import org.rtcn.jobs.gate.GateCommand;
import org.rtcn.jobs.ingest.IngestCommand;
import org.rtcn.jobs.ingest.RecordsCommand;
import org.rtcn.jobs.plot.PlotCommand;
import org.rtcn.jobs.predict.PredictCommand;
import org.rtcn.jobs.score.ScoreRPeaksCommand;
import org.rtcn.jobs.shell.Shell;
import org.rtcn.jobs.shell.VersionProvider;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.sql.SqlCommand;
import org.rtcn.jobs.train.TrainCommand;
import org.rtcn.jobs.transform.TransformCommand;
import org.rtcn.jobs.verify.VerifyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The one entry point: {@code spark-submit --class org.rtcn.jobs.cli.Main rtcn.jar STAGE …}. The
 * commands that need no Spark have another, {@link FilesMain}.
 */
public final class Main {
  private Main() {}

  /** Runs a command and ends the JVM with its status. */
  public static void main(String[] args) {
    Shell.main(commandLine(), args);
  }

  static int run(String... args) {
    return Shell.run(commandLine(), args);
  }

  static CommandLine commandLine() {
    return Shell.commandLine(new Rtcn());
  }

  @Command(
      name = "rtcn",
      mixinStandardHelpOptions = true,
      versionProvider = VersionProvider.class,
      description = {
        "From raw 12-lead ECG to a trained, evaluated, explainable model of myocardial infarction,"
            + " as Apache Spark jobs.",
        "Research use only, not a medical device."
      },
      // In the order in which they run; the overview shows the first sentence of each.
      subcommands = {
        SimulateCommand.class,
        IngestCommand.class,
        RecordsCommand.class,
        TransformCommand.class,
        AugmentCommand.class,
        TrainCommand.class,
        EvaluateCommand.class,
        CrossvalCommand.class,
        AblateCommand.class,
        CompareCommand.class,
        PredictCommand.class,
        GateCommand.class,
        DiagnoseCommand.class,
        ExportCommand.class,
        PlotCommand.class,
        ConvertCommand.class,
        ScoreRPeaksCommand.class,
        SqlCommand.class,
        VerifyCommand.class,
        DoctorCommand.class,
        DemoCommand.class,
        HelpCommand.class
      },
      footer = {
        "",
        "Options after -- go to spark-submit. Example:",
        "  rtcn demo --run /tmp/demo -- --driver-memory 4g"
      })
  static final class Rtcn implements Runnable {
    @CommandLine.Spec private CommandSpec spec;

    @Override
    public void run() {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }
}
