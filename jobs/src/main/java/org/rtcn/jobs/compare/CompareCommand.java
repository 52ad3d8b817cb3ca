package org.rtcn.jobs.compare;

import java.util.List;
import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code rtcn compare}. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Compares the held-out predictions of several runs, as a table and a plot.",
      "Differences from the first run come with paired intervals over the patients that both have.",
      "Writes comparison/comparison.html and the table comparisons into --run."
    },
    footer = {
      "",
      "Example:",
      "  rtcn compare --run /tmp/comparison small=run1/crossval large=run2/crossval"
    })
public final class CompareCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Parameters(
      arity = "2..*",
      paramLabel = "[NAME=]RUN",
      description = "Runs, or their folder crossval; the first is what the others are set against")
  private List<String> runs;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    EvaluateOptions options = EvaluateOptions.of(settings);
    return runOptions.execute(
        "compare",
        settings,
        run -> CompareStage.require(run.requireWritable().fileSystem().getConf(), runs),
        context -> CompareStage.run(context, options, runs));
  }
}
