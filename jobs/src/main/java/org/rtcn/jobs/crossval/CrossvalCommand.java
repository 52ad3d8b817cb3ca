package org.rtcn.jobs.crossval;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.train.TrainOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn crossval}. */
@Command(
    name = "crossval",
    mixinStandardHelpOptions = true,
    description = {
      "Cross-validates over patients: each fold is held out once, trained without and measured.",
      "Needs transform. Writes RUN/crossval: one run per fold, and predictions, metrics and the"
          + " report of all folds together. Run again, it resumes where it stopped."
    },
    footer = {
      "",
      "Example:",
      "  rtcn crossval --run ptbxl --config ptbxl-three-class",
      "",
      "Settings: sections rtcn.crossval, train and evaluate of reference.conf."
    })
public final class CrossvalCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    CrossvalOptions options = CrossvalOptions.of(settings);
    // Bad settings are refused before the first fold.
    AugmentOptions.of(settings);
    TrainOptions.of(settings);
    EvaluateOptions.of(settings);
    return runOptions.look(
        "crossval",
        settings,
        run -> run.requireWritable().requireStage("transform"),
        context -> CrossvalStage.run(context, options));
  }
}
