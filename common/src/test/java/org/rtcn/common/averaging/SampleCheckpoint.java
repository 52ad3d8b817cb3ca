package org.rtcn.common.averaging;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Checkpoints made by hand, and what goes on from them. */
public final class SampleCheckpoint {
  private static final String FINGERPRINT = "f00d";

  private SampleCheckpoint() {}

  /** A sound checkpoint of a tiny network, after two rows of the curve. */
  public static Checkpoint at(int step) {
    return new Checkpoint(
        header(3, step),
        new TrainingState(
            step,
            new float[] {1, step, 3},
            new float[] {-1, 0, Float.MIN_VALUE},
            new float[] {1, 0, 2},
            new float[0]),
        new float[] {3, 2, 1});
  }

  private static Checkpoint.Header header(int workers, int step) {
    return new Checkpoint.Header(FINGERPRINT, workers, step, 0.25, rows(step), 1, 0.9);
  }

  private static List<CurveRow> rows(int step) {
    CurveRow row = new CurveRow(Math.min(7, step), 1.5, 1e-3, 0.9, 0.5, 100, 2, 8);
    return step < 14
        ? List.of(row)
        : List.of(row, new CurveRow(14, 1.1, 1e-3, null, null, 100, 2, 16));
  }

  /** Where a training of two workers stands after 15 steps, its weights being the best so far. */
  public static byte[] validated(TrainingState fresh) {
    TrainingState state =
        new TrainingState(15, fresh.weights(), fresh.moment1(), fresh.moment2(), fresh.average());
    return new Checkpoint(header(2, 15), state, fresh.weights()).toBytes();
  }

  /** Where a training of one worker stands that validates nothing. */
  public static byte[] unvalidated(int step, TrainingState fresh) {
    TrainingState state =
        new TrainingState(step, fresh.weights(), fresh.moment1(), fresh.moment2(), fresh.average());
    return new Checkpoint(
            new Checkpoint.Header(FINGERPRINT, 1, step, 0.25, List.of(), 0, null),
            state,
            new float[0])
        .toBytes();
  }

  /** A training that may go on from such, and says nothing. */
  public static TrainingRun run(Course course) {
    return new TrainingRun(
        course,
        new TrainingRun.Words("train", "rtcn.train", "do something"),
        new TrainingRun.Keeping(FINGERPRINT, 0, 0),
        new LearningCurve(step -> 1e-3, 0, state -> null),
        (bytes, step) -> {},
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }

  /** Goes on from a checkpoint. */
  public static TrainingState resume(Course course, byte[] checkpoint, TrainingState fresh) {
    return run(course).resume(Optional.of(Checkpoint.parse(checkpoint)), fresh);
  }
}
