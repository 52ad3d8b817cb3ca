package org.rtcn.jobs.diagnose;

import org.rtcn.jobs.shell.Shell;
import org.rtcn.jobs.shell.VersionProvider;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The entry point of the commands that work on files alone: no class of Spark's need be there.
 * {@code deploy/bin/rtcn} takes it for {@code diagnose} and {@code export}.
 */
@Command(
    name = "rtcn",
    mixinStandardHelpOptions = true,
    versionProvider = VersionProvider.class,
    description =
        "Answers for ECG files, and models as ONNX. Research use only, not a medical device.",
    subcommands = {DiagnoseCommand.class, ExportCommand.class})
public final class FilesMain implements Runnable {
  @CommandLine.Spec private CommandSpec spec;

  private FilesMain() {}

  /** Runs a command and ends the JVM with its status. */
  public static void main(String[] args) {
    Shell.main(Shell.commandLine(new FilesMain()), args);
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
