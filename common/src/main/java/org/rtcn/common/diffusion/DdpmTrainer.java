package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;

/**
 * Trains the diffusion model in this thread: the workers of {@link DdpmTraining} one after another,
 * round by round. The same beats, configuration and machine give the same weights.
 */
public final class DdpmTrainer {
  /** Steps of a worker between two reports. */
  public static final int REPORTED_EVERY = 50;

  private final DdpmConfig config;
  private final List<String> classes;

  /**
   * @param classes the class list, in the order of the model's class indices
   */
  public DdpmTrainer(DdpmConfig config, List<String> classes) {
    this.config = config;
    this.classes = List.copyOf(classes);
  }

  /**
   * Trains on {@code beats}.
   *
   * @param origin where the beats come from, in words: kept in the model
   * @param progress told about every 50 steps
   * @throws IllegalArgumentException if there is no class, or one twice, a beat has an unknown
   *     label, the wrong shape or a value that is not finite, or a class has no beat
   * @throws org.rtcn.common.error.UserException if the loss stops being finite
   */
  public DdpmModel train(
      Collection<TrainingBeat> beats, String origin, Consumer<TrainingProgress> progress) {
    DdpmModel start = DdpmTraining.fit(config, classes, beats, origin);
    DdpmState state = DdpmState.before(start);
    long startNanos = System.nanoTime();
    double lastLoss = Double.NaN;
    try (DdpmTraining training = new DdpmTraining(start, beats)) {
      while (state.step() < config.stepsPerWorker()) {
        int steps = Math.min(config.averagingFrequency(), config.stepsPerWorker() - state.step());
        List<DdpmState> workers = new ArrayList<>();
        for (int worker = 0; worker < config.workers(); worker++) {
          workers.add(training.advance(state, steps, worker));
        }
        state = DdpmState.mean(workers);
        if (isReported(state, config)) {
          lastLoss = state.loss();
          double seconds = (System.nanoTime() - startNanos) * 1e-9;
          progress.accept(
              new TrainingProgress(
                  state.step(), config.stepsPerWorker(), lastLoss, state.step() / seconds));
          state = state.lossReported();
        }
      }
    }
    return DdpmTraining.model(start, state, (float) lastLoss);
  }

  /** Whether the loss is told after this round. */
  public static boolean isReported(DdpmState state, DdpmConfig config) {
    return state.lossCount() >= REPORTED_EVERY || state.step() >= config.stepsPerWorker();
  }
}
