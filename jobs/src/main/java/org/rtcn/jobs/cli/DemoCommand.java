package org.rtcn.jobs.cli;

import java.util.concurrent.Callable;
import org.rtcn.common.config.Settings;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.simulate.SimulationOptions;
import org.rtcn.jobs.augment.AugmentOptions;
import org.rtcn.jobs.augment.AugmentStage;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.evaluate.EvaluateOptions;
import org.rtcn.jobs.evaluate.EvaluateStage;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.simulate.SimulateCommand;
import org.rtcn.jobs.simulate.SimulateStage;
import org.rtcn.jobs.train.TrainOptions;
import org.rtcn.jobs.train.TrainStage;
import org.rtcn.jobs.transform.TransformStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code rtcn demo}: every stage, one after the other, in one application. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Runs everything on simulated ECG, from raw recordings to the report, within minutes.",
      "simulate, ingest, transform, augment, train, evaluate. Settings: conf/demo.conf.",
      "Run again, it resumes where it stopped."
    },
    footer = {"", "Example:", "  rtcn demo --run /tmp/demo"})
final class DemoCommand implements Callable<Integer> {
  private static final String OVERLAY = "demo";

  @Mixin private WriteOptions options;

  @Override
  public Integer call() {
    Settings settings = options.settings(OVERLAY);
    // All options are checked before the first stage runs.
    SimulationOptions simulation = SimulateCommand.read(settings);
    TransformOptions transform = TransformOptions.of(settings);
    AugmentOptions augment = AugmentOptions.of(settings);
    TrainOptions train = TrainOptions.of(settings);
    EvaluateOptions evaluate = EvaluateOptions.of(settings);
    return options.execute(
        "demo",
        settings,
        RunDirectory::requireWritable,
        context -> {
          SimulateStage.run(context, simulation);
          IngestStage.run(
              context,
              IngestOptions.read(settings, context.run().path(SimulateStage.RAW).toString()));
          TransformStage.run(context, transform);
          AugmentStage.run(context, augment);
          TrainStage.run(context, train);
          EvaluateStage.run(context, evaluate);
          printReport(context);
        });
  }

  private static void printReport(StageContext context) {
    context
        .console()
        .printf("%nReport (simulated ECG): %s%n", context.run().path(EvaluateStage.REPORT));
  }
}
