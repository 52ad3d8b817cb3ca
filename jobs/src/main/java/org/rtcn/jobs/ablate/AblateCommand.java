package org.rtcn.jobs.ablate;

import java.util.List;
import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.crossval.CrossvalOptions;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.train.TrainOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn ablate}. */
@Command(
    name = "ablate",
    mixinStandardHelpOptions = true,
    description = {
      "Compares measures against class imbalance: none, class weights, oversampling, DDPM.",
      "Each is cross-validated on the same folds and seeds; differences come with paired"
          + " intervals.",
      "Needs transform. Writes RUN/ablation. Run again, it resumes where it stopped."
    },
    footer = {
      "",
      "Example:",
      "  rtcn ablate --run ptbxl --config ptbxl-three-class",
      "",
      "Settings: sections rtcn.ablate, crossval, augment, train and evaluate of reference.conf."
    })
public final class AblateCommand implements Callable<Integer> {
  @Mixin private WriteOptions runOptions;

  @Override
  public Integer call() {
    Settings settings = runOptions.settings();
    CrossvalOptions crossval = CrossvalOptions.of(settings);
    List<Arm> arms =
        settings.read(
            "ablate",
            config -> {
              List<Arm> list = config.getStringList("arms").stream().map(Arm::of).toList();
              if (list.size() < 2 || list.stream().distinct().count() < list.size()) {
                throw new IllegalArgumentException(
                    "Invalid arms "
                        + config.getStringList("arms")
                        + ": name two or more, each once");
              }
              return list;
            });
    // Bad settings are refused before the first fold.
    AugmentOptions.of(settings);
    TrainOptions.of(settings);
    EvaluateOptions.of(settings);
    return runOptions.look(
        "ablate",
        settings,
        run -> run.requireWritable().requireStage("transform"),
        context -> AblateStage.run(context, crossval, arms));
  }
}
