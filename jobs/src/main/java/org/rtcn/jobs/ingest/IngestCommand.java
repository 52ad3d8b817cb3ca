package org.rtcn.jobs.ingest;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.simulate.SimulateStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn ingest}. */
@Command(
    name = "ingest",
    mixinStandardHelpOptions = true,
    description = {
      "Reads WFDB recordings and their labels to the tables records, signals, rejects and splits.",
      "What cannot be read becomes a row of rejects with its reason; nothing is lost."
    },
    footer = {
      "",
      "Example: PTB-XL at 500 Hz:",
      "  rtcn ingest --run /data/run1 --input /data/ptb-xl/1.0.3"
    })
public final class IngestCommand implements Callable<Integer> {
  @Mixin private WriteOptions options;

  @Option(
      names = "--input",
      paramLabel = "DIR",
      description =
          "Folder of WFDB records (PTB, PTB-XL, CinC, or any with labels.csv). Default: RUN/raw,"
              + " where simulate writes")
  private String input;

  @Option(
      names = "--update",
      description =
          "Reads new and changed recordings only, and keeps the rows of the others in the run")
  private boolean update;

  @Option(names = "--dry-run", description = "Prints what it would do, and does nothing")
  private boolean dryRun;

  @Override
  public Integer call() {
    Settings settings = options.settings();
    // Values are checked before a session is opened.
    IngestOptions checked = IngestOptions.read(settings, input == null ? "" : input);
    IngestStage.Mode mode = update ? IngestStage.Mode.UPDATE : IngestStage.Mode.ALL;
    return dryRun
        ? options.look(
            "ingest",
            settings,
            run -> requireInput(run, settings, checked),
            context -> IngestStage.dryRun(context, chosen(context.run(), settings, checked), mode))
        : options.execute(
            "ingest",
            settings,
            run -> requireInput(run.requireWritable(), settings, checked),
            context -> IngestStage.run(context, chosen(context.run(), settings, checked), mode));
  }

  private void requireInput(RunDirectory run, Settings settings, IngestOptions checked) {
    IngestStage.requireInput(chosen(run, settings, checked), run.fileSystem().getConf());
  }

  private IngestOptions chosen(RunDirectory run, Settings settings, IngestOptions checked) {
    return input == null
        ? IngestOptions.read(settings, run.path(SimulateStage.RAW).toString())
        : checked;
  }
}
