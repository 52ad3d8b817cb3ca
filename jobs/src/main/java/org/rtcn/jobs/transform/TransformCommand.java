package org.rtcn.jobs.transform;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.jobs.command.WriteOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn transform}. */
@Command(
    name = "transform",
    mixinStandardHelpOptions = true,
    description = {
      "Denoises recordings, finds R peaks, cuts beats and computes the S-transform image of each.",
      "Reads records, signals and splits; writes beats and spectrograms."
    },
    footer = {
      "",
      "Example:",
      "  rtcn transform --run /tmp/ptb --set transform.max-beats-per-record=4",
      "",
      "Settings: section rtcn.transform of reference.conf."
    })
public final class TransformCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    TransformOptions options = TransformOptions.of(settings);
    return runOptions.execute(
        "transform",
        settings,
        run -> run.requireWritable().requireStage("ingest"),
        context -> TransformStage.run(context, options));
  }
}
