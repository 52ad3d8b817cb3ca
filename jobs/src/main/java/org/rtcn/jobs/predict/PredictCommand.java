package org.rtcn.jobs.predict;

import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.command.WriteOptions;
import org.rtcn.jobs.ingest.IngestOptions;
import org.rtcn.jobs.ingest.IngestStage;
import org.rtcn.jobs.inputs.Locations;
import org.rtcn.jobs.run.RunDirectory;
import org.rtcn.jobs.train.ModelFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rtcn predict}. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Predicts new recordings with a trained model; no labels needed.",
      "Writes records, signals, rejects, beats, spectrograms and predictions to a run of its own."
    },
    footer = {
      "",
      "Example:",
      "  rtcn predict --model rtcn-run/models/rtcn --input /data/new --run /data/new-predictions"
    })
public final class PredictCommand implements Callable<Integer> {
  @Mixin private WriteOptions options;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the model: RUN/models/rtcn of the run that trained it")
  private String model;

  @Option(
      names = "--input",
      paramLabel = "DIR",
      required = true,
      description =
          "Folder of recordings in any format that ingest reads, searched with its subfolders; or a"
              + " run whose Parquet tables records and signals are taken instead")
  private String input;

  @Option(
      names = "--below",
      paramLabel = "DIR",
      description =
          "With a run as input: only recordings that its ingest has read below this folder, and"
              + " what it has refused there")
  private String below;

  @Override
  public Integer call() {
    return options.execute(
        "predict",
        this::check,
        context -> PredictStage.run(context, model, input, below == null ? "" : below));
  }

  private void check(RunDirectory run) {
    if (below != null && below.isBlank()) {
      throw new UserException(
          "Invalid --below \"\": give a folder, or leave the option out to take all recordings");
    }
    Configuration configuration = run.requireWritable().fileSystem().getConf();
    ModelFiles.read(Locations.path("the model", model), configuration);
    IngestStage.requireInput(
        IngestOptions.read(options.settings().with("ingest.source=unlabelled"), input),
        configuration);
  }
}
