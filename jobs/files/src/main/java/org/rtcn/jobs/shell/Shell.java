package org.rtcn.jobs.shell;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.config.Nearest;
import org.rtcn.common.error.UserException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Between an entry point and its commands. */
public final class Shell {
  private Shell() {}

  /** What the last command failed of, for YARN's diagnostics. */
  private static volatile String failure = "see the driver's log";

  private static final int INTERRUPTED = 143;

  /**
   * Runs a command and ends the JVM with its status: 0 success, 2 an error the user can mend, 3
   * ours, 137 out of memory. The only place that may end it. On success it returns, since YARN
   * reports an application that calls {@code System.exit} as failed.
   */
  public static void main(CommandLine commandLine, String[] args) {
    Logging.configure();
    int status = run(commandLine, args);
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

  /** Runs a command. Gives its status. */
  public static int run(CommandLine commandLine, String... args) {
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

  /** A command with those below it, as all of ours read arguments and speak of errors. */
  public static CommandLine commandLine(Object root) {
    CommandLine commandLine = new CommandLine(root);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpLongOptionsMaxWidth(28);
    commandLine.setUsageHelpWidth(100);
    commandLine.setParameterExceptionHandler(Shell::usageError);
    commandLine.setExecutionExceptionHandler(Shell::executionError);
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
    if (Stopping.isRequested()) {
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
}
