package org.rtcn.jobs.evaluate;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.command.WriteOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Measures the trained model on the held-out patients and writes the report.",
      "Reads spectrograms, beats, splits and the model; writes predictions, metrics and"
          + " report/report.html."
    },
    footer = {
      "",
      "Example:",
      "  rtcn evaluate --run /tmp/ptb --set evaluate.bootstrap-resamples=2000",
      "",
      "Settings: section rtcn.evaluate of reference.conf."
    })
public final class EvaluateCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    EvaluateOptions options = EvaluateOptions.of(settings);
    return runOptions.execute(
        "evaluate",
        settings,
        run -> {
          run.requireWritable().requireStage("transform");
          run.requireStage("train");
        },
        context -> EvaluateStage.run(context, options));
  }
}
