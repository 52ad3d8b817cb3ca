package org.rtcn.jobs.train;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.rtcn.common.config.Settings;
import org.rtcn.common.nn.LearningRateSchedule;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;

/** Writes a checkpoint and resumes from a folder of them, for tests of other packages. */
public final class CheckpointResume {
  private static final String FINGERPRINT = "f00d";

  private CheckpointResume() {}

  /** A sound checkpoint, after two epochs. */
  public static byte[] sound(RtcnConfig config) {
    ComputationGraph graph = Rtcn.build(config);
    float[] parameters = graph.params().toFloatVector();
    Checkpoint.State state =
        new Checkpoint.State(
            FINGERPRINT,
            2,
            15,
            0.25,
            List.of(
                new EpochRow(1, 7, 1.5, 1e-3, 0.9, 0.5, 100, 2, 8),
                new EpochRow(2, 14, 1.1, 1e-3, null, null, 100, 2, 16)),
            1,
            0.9);
    return new Checkpoint(state, parameters, new float[2 * parameters.length], parameters)
        .toBytes();
  }

  /** As {@code train --resume} does; whether there was a checkpoint to go on from. */
  public static boolean resume(RtcnConfig config, FileSystem fileSystem, Path folder) {
    var last = new CheckpointStore(fileSystem, folder).latest();
    ComputationGraph graph = Rtcn.build(config);
    TrainingLoop loop =
        new TrainingLoop(
            graph,
            TrainOptions.of(Settings.defaults()).loop(),
            LearningRateSchedule.cosine(1e-3, 1, 100),
            null,
            new CheckpointStore(fileSystem, folder),
            FINGERPRINT,
            2,
            1,
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    last.ifPresent(loop::resume);
    return last.isPresent();
  }
}
