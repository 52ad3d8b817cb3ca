package org.rtcn.jobs.augment;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.averaging.Start;
import org.rtcn.jobs.command.WriteOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn augment}. */
@Command(
    name = "augment",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a class-conditional diffusion model (DDPM) on the beats of the training folds and"
          + " generates beats of the rarer classes.",
      "Reads beats and splits; writes synthetic_beats, synthetic_spectrograms and models/ddpm.",
      "Generated beats are only ever used in training."
    },
    footer = {
      "",
      "Examples:",
      "  rtcn augment --run /tmp/ptb --plan",
      "  rtcn augment --run /tmp/ptb --set augment.target-ratio=0.5",
      "",
      "Settings: section rtcn.augment of reference.conf."
    })
public final class AugmentCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Option(
      names = "--plan",
      description = "Prints how many beats of each class it would generate, and stops")
  private boolean planOnly;

  @Option(
      names = "--resume",
      description =
          "Resumes from the last checkpoint of an interrupted training, with the same result as"
              + " without the cut; from the start where there is none")
  private boolean resume;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    AugmentOptions options = AugmentOptions.of(settings);
    if (planOnly) {
      return runOptions.look(
          "augment",
          settings,
          run -> run.requireStage("transform"),
          context -> AugmentStage.printPlan(context, options));
    }
    return runOptions.execute(
        "augment",
        settings,
        run -> run.requireWritable().requireStage("transform"),
        context -> AugmentStage.run(context, options, resume ? Start.RESUME : Start.AFRESH));
  }
}
