package org.rtcn.jobs.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.Version;
import org.rtcn.common.config.Nearest;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.ablate.AblateCommand;
import org.rtcn.jobs.augment.AugmentCommand;
import org.rtcn.jobs.command.Interruption;
import org.rtcn.jobs.compare.CompareCommand;
import org.rtcn.jobs.convert.ConvertCommand;
import org.rtcn.jobs.crossval.CrossvalCommand;
import org.rtcn.jobs.evaluate.EvaluateCommand;
import org.rtcn.jobs.gate.GateCommand;
import org.rtcn.jobs.ingest.IngestCommand;
import org.rtcn.jobs.ingest.RecordsCommand;
import org.rtcn.jobs.plot.PlotCommand;
import org.rtcn.jobs.predict.DiagnoseCommand;
import org.rtcn.jobs.predict.ExportCommand;
import org.rtcn.jobs.predict.PredictCommand;
import org.rtcn.jobs.run.WorldFault;
import org.rtcn.jobs.score.ScoreRPeaksCommand;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.sql.SqlCommand;
import org.rtcn.jobs.train.TrainCommand;
import org.rtcn.jobs.transform.TransformCommand;
import org.rtcn.jobs.verify.VerifyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * The one entry point: {@code spark-submit --class org.rtcn.jobs.cli.Main rtcn.jar STAGE …}. The
 * only place that may end the JVM. On success it returns, since YARN reports an application that
 * calls {@code System.exit} as failed.
 */
public final class Main {
  private Main() {}

  /** What the last command failed of, for YARN's diagnostics. */
  private static volatile String failure = "see the driver's log";

  private static final int INTERRUPTED = 143;

  /** Exit status: 0 success, 2 an error the user can mend, 3 ours, 137 out of memory. */
  public static void main(String[] args) {
    Logging.configure();
    int status = run(args);
    if (status == 0) {
      return;
    }
    if (insideYarn()) {
      throw new StageFailure(status, failure);
    }
    System.exit(status);
  }

  private static boolean insideYarn() {
    return "cluster".equals(System.getProperty("spark.submit.deployMode"))
        && "yarn".equals(System.getProperty("spark.master"));
  }

  static int run(String... args) {
    CommandLine commandLine = commandLine();
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      failure =
          "Cannot go on: this process ran out of memory ("
              + e.getMessage()
              + "). Give --driver-memory after --";
      System.err.println("rtcn: " + failure);
      return 137;
    } catch (Error e) {
      // picocli passes on what is no Exception: a native library that cannot be unpacked is one.
      return failed(e, runOf(commandLine.getParseResult()), commandLine.getErr());
    }
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Rtcn());
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(28);
    commandLine.setUsageHelpWidth(100);
    commandLine.setParameterExceptionHandler(Main::usageError);
    commandLine.setExecutionExceptionHandler(Main::executionError);
    return commandLine;
  }

  private static int usageError(ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    PrintWriter err = command.getErr();
    failure = refusal(error);
    err.println("rtcn: " + failure);
    err.println("Try \"" + command.getCommandSpec().qualifiedName() + " --help\".");
    return 2;
  }

  private static String refusal(ParameterException error) {
    CommandSpec command = error.getCommandLine().getCommandSpec();
    if (error instanceof CommandLine.UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().get(0);
      boolean isOption = word.startsWith("-");
      Set<String> known = isOption ? command.optionsMap().keySet() : command.subcommands().keySet();
      String kind = isOption ? "option" : known.isEmpty() ? "argument" : "command";
      return String.format(
          "Invalid %s \"%s\": %s takes none of that name%s",
          kind,
          word,
          command.qualifiedName(),
          Nearest.of(word.replaceFirst("=.*", ""), known)
              .map(name -> ". Did you mean \"" + name + "\"?")
              .orElse(""));
    }
    String said = error.getMessage();
    if (error instanceof CommandLine.MissingParameterException) {
      return String.format(
          "Cannot run \"%s\": %s%s",
          command.qualifiedName(),
          said.substring(0, 1).toLowerCase(Locale.ROOT),
          said.substring(1));
    }
    return said.startsWith("Invalid ") ? said : "Invalid arguments: " + said;
  }

  private static int executionError(
      Exception error, CommandLine command, CommandLine.ParseResult parsed) {
    return failed(error, runOf(parsed), command.getErr());
  }

  /** The value of {@code --run}, where the command has one. */
  private static Optional<String> runOf(CommandLine.ParseResult parsed) {
    CommandLine.ParseResult last = parsed;
    while (last != null && last.hasSubcommand()) {
      last = last.subcommand();
    }
    return Optional.ofNullable(last)
        .map(command -> command.commandSpec().findOption("--run"))
        .map(option -> option.<Object>getValue())
        .map(Object::toString);
  }

  /** Says why the command failed, and whose it is to mend. */
  private static int failed(Throwable error, Optional<String> run, PrintWriter err) {
    if (Interruption.isRequested()) {
      // Said already; the JVM ends with the status of the signal.
      return INTERRUPTED;
    }
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof UserException) {
        failure = cause.getMessage();
        err.println("rtcn: " + cause.getMessage());
        return 2;
      }
      if (cause instanceof OutOfMemoryError memory) {
        throw memory;
      }
    }
    String details = "";
    if (insideYarn()) {
      Logging.printDetails(err);
    } else {
      details = Logging.writeDetails(error).map(file -> " (details: " + file + ")").orElse("");
    }
    Optional<String> world = WorldFault.explain(error, run);
    if (world.isPresent()) {
      failure = world.get();
      err.println("rtcn: " + world.get() + details);
      return 2;
    }
    failure = error.toString();
    err.println("rtcn: this is a fault of ours, not of your input" + details + ":");
    error.printStackTrace(err);
    return 3;
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

  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"rtcn-spark " + Version.current()};
    }
  }
}
