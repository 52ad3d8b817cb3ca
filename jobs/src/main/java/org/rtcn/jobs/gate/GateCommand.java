package org.rtcn.jobs.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.command.WriteOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn gate}. */
@Command(
    name = "gate",
    mixinStandardHelpOptions = true,
    description = {
      "Judges what predict has written: rejects, signals and answers, against earlier runs.",
      "Writes the table gate. Exit status 2 and one line with the reasons if the gate is closed."
    },
    footer = {
      "",
      "Example:",
      "  rtcn gate --run nights/2026-11-27 --against nights/2026-11-26 --against nights/2026-11-25",
      "",
      "Settings: section rtcn.gate of reference.conf."
    })
public final class GateCommand implements Callable<Integer> {
  @Mixin private WriteOptions options;

  @Option(
      names = "--against",
      paramLabel = "DIR",
      description =
          "An earlier run; may be given more than once. Those whose gate was open are together what"
              + " is compared with; others, also those that are not there, are left out")
  private List<String> against = new ArrayList<>();

  @Override
  public Integer call() {
    Settings settings = options.settings();
    GateOptions checked = GateOptions.of(settings);
    return options.execute(
        "gate",
        settings,
        run -> run.requireWritable().requireStage("predict"),
        context -> GateStage.run(context, checked, against));
  }
}
