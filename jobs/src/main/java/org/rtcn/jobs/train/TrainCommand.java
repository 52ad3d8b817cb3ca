package org.rtcn.jobs.train;

import com.typesafe.config.ConfigUtil;
import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.command.WriteOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains the ResNet-Transformer on the images of the training folds, by parameter averaging"
          + " over the executors.",
      "Reads spectrograms, splits and, where present, synthetic_spectrograms; writes models/rtcn."
    },
    footer = {
      "",
      "Example:",
      "  rtcn train --run /tmp/ptb --set train.epochs=30 -- --executor-memory 4g",
      "",
      "Settings: section rtcn.train of reference.conf."
    })
public final class TrainCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Option(
      names = "--resume",
      description =
          "Resumes from the last checkpoint of an interrupted training, with the same result as"
              + " without the cut; from the start where there is none")
  private boolean resume;

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description =
          "Folder of a model to go on from instead of random weights, short for --set"
              + " train.from=DIR: its network, with a new head where the classes differ. None of"
              + " the patients that it has learned from may be held out here")
  private String from;

  @Override
  public Integer call() {
    Settings given = runOptions.settings();
    Settings settings =
        from == null ? given : given.with("train.from=" + ConfigUtil.quoteString(from));
    TrainOptions options = TrainOptions.of(settings);
    Start start = resume ? Start.RESUME : Start.AFRESH;
    return runOptions.execute(
        "train",
        settings,
        run -> run.requireWritable().requireStage("transform"),
        context -> TrainStage.run(context, options, start));
  }
}
