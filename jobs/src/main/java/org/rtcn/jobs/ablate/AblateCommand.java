package org.rtcn.jobs.ablate;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.train.TrainOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn ablate}. */
@Command(
    name = "ablate",
    mixinStandardHelpOptions = true,
    description = {
      "Compares measures against class imbalance: none, class weights, oversampling, DDPM.",
      "Each is trained equally long on the same folds and seeds; differences come with paired"
          + " intervals.",
      "Needs transform. Writes RUN/ablation. Run again, it resumes where it stopped."
    },
    footer = {
      "",
      "Example:",
      "  rtcn ablate --run ptbxl --config ptbxl-three-class --seeds 3",
      "",
      "Settings: sections rtcn.ablate, crossval, augment, train and evaluate of reference.conf."
    })
public final class AblateCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description =
          "Trainings of each arm, with as many seeds: short for --set ablate.seeds=N. Figures are"
              + " means over them, intervals are over patients and seeds")
  private Integer seeds;

  @Override
  public Integer call() {
    Settings given = runOptions.settings();
    Settings settings = seeds == null ? given : given.with("ablate.seeds=" + seeds);
    CrossvalOptions crossval = CrossvalOptions.of(settings);
    AblateOptions options = AblateOptions.of(settings);
    // Bad settings are refused before the first fold.
    AugmentOptions.of(settings);
    TrainOptions.of(settings);
    EvaluateOptions.of(settings);
    return runOptions.look(
        "ablate",
        settings,
        run -> run.requireWritable().requireStage("transform"),
        context -> AblateStage.run(context, crossval, options));
  }
}
