package org.rtcn.jobs.train;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;

/**
 * All that training needs to go on as if it had never stopped: weights, the updater's moments, the
 * step, and what the loop remembers. Everything else (order, perturbation, dropout) follows from
 * the seed and the step.
 *
 * @param state what is kept as JSON
 * @param parameters the network's flat parameter vector
 * @param updater the updater's flat state
 * @param best parameters of the best epoch so far; empty without validation
 */
@SuppressWarnings("ArrayRecordComponent")
record Checkpoint(State state, float[] parameters, float[] updater, float[] best) {
  private static final String KIND = "rtcn-checkpoint/1";

  /**
   * What the loop remembers.
   *
   * @param fingerprint of the settings and inputs of the training
   * @param workers side by side
   * @param step steps of each worker done
   * @param lossSum sum of the losses of the epoch's steps so far
   * @param epochs rows of the learning curve so far
   * @param bestEpoch epoch of the best validation loss, 0 for none
   * @param bestLoss that loss; null for none
   */
  record State(
      String fingerprint,
      int workers,
      int step,
      double lossSum,
      List<EpochRow> epochs,
      int bestEpoch,
      Double bestLoss) {
    /** Refuses what could not come about in a training. */
    private void requireSound() {
      boolean sound =
          fingerprint != null
              && epochs != null
              && workers >= 1
              && step >= 1
              && Double.isFinite(lossSum)
              && bestEpoch >= 0
              && bestEpoch <= epochs.size()
              && (bestEpoch > 0) == (bestLoss != null)
              && (bestLoss == null || Double.isFinite(bestLoss));
      int last = 0;
      for (int i = 0; sound && i < epochs.size(); i++) {
        EpochRow row = epochs.get(i);
        sound =
            row != null
                && row.epoch() == i + 1
                && row.step() > last
                && row.step() <= step
                && Double.isFinite(row.loss())
                && Double.isFinite(row.learningRate());
        last = sound ? row.step() : last;
      }
      if (!sound) {
        throw new IllegalArgumentException(
            "Invalid checkpoint: no training was ever at step "
                + step
                + " of epoch "
                + (epochs == null ? "?" : epochs.size() + 1)
                + " like this; train without --resume");
      }
    }
  }

  byte[] toBytes() {
    NamedArrays.Builder arrays = NamedArrays.of(KIND, state);
    arrays.floats(spec("parameters", parameters), parameters);
    arrays.floats(spec("updater", updater), updater);
    arrays.floats(spec("best", best), best);
    return arrays.build().toBytes();
  }

  private static Spec spec(String name, float[] values) {
    return Spec.of(name, values.length);
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes were cut short or changed, or hold what no
   *     training writes
   */
  static Checkpoint parse(byte[] bytes) {
    NamedArrays arrays = NamedArrays.parse(bytes, KIND);
    State state = arrays.description(State.class);
    state.requireSound();
    long length = arrays.shape("parameters").get(0);
    Spec parameters = Spec.of("parameters", length);
    List<Spec> all = new ArrayList<>(List.of(parameters));
    if (arrays.has("updater")) {
      all.add(Spec.of("updater", arrays.shape("updater").get(0)));
    }
    if (state.bestEpoch() > 0) {
      all.add(Spec.of("best", length));
    }
    arrays.requireExactly(all);
    return new Checkpoint(
        state,
        arrays.floats(parameters),
        arrays.has("updater") ? arrays.floats(all.get(1)) : new float[0],
        state.bestEpoch() > 0 ? arrays.floats(all.get(all.size() - 1)) : new float[0]);
  }
}
