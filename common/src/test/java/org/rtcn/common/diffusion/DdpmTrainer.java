package org.rtcn.common.diffusion;

import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.rtcn.common.averaging.AveragingTrainer;
import org.rtcn.common.averaging.LearningCurve;
import org.rtcn.common.averaging.Rounds;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.averaging.WeightedSum;

/**
 * Trains the diffusion model in this thread, the workers one after another: the reference that
 * training on a cluster is held against.
 */
public final class DdpmTrainer {
  private final DdpmConfig config;
  private final List<String> classes;
  private LearningCurve curve;

  public DdpmTrainer(DdpmConfig config, List<String> classes) {
    this.config = config;
    this.classes = List.copyOf(classes);
  }

  public DdpmModel train(Collection<TrainingBeat> beats, String origin) {
    curve = new LearningCurve(DdpmTraining.schedule(config), 0, state -> null);
    DdpmModel start = DdpmTraining.fit(config, classes, beats, origin);
    try (DdpmTraining training = new DdpmTraining(start, beats)) {
      Rounds rounds =
          (from, round) ->
              Rounds.Averaged.of(
                  WeightedSum.ofShares(
                      IntStream.range(0, config.workers())
                          .mapToObj(worker -> training.advance(from, round.steps(), worker))
                          .toList()));
      TrainingState end =
          AveragingTrainer.train(
              DdpmTraining.before(start), DdpmTraining.course(config), rounds, List.of(curve));
      return DdpmTraining.model(start, end, (float) curve.last().loss());
    }
  }

  /** What the last training was like. */
  LearningCurve curve() {
    return curve;
  }
}
