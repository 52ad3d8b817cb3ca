package org.rtcn.jobs.diagnose;

import java.nio.file.Path;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import picocli.CommandLine.Option;

/** {@code --model} of the commands that work without a run. */
final class LocalModel {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Local folder of a model: RUN/models/rtcn of the run that trained it")
  private Path folder;

  /** The model there, or the small one of the jar where none is named. */
  RtcnDiagnoser diagnoser() {
    return folder == null ? RtcnDiagnoser.ofSimulatedEcg() : RtcnDiagnoser.load(folder);
  }
}
