package org.rtcn.common.averaging;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;

/**
 * All that a training needs to go on as if it had never stopped: where it stands, and what its
 * listeners remember. Everything else (order, perturbation, dropout, noise) follows from the seed
 * and the step.
 *
 * @param header what is kept as JSON
 * @param state where it stands
 * @param best weights of the best row of the curve; empty without validation
 */
@SuppressWarnings("ArrayRecordComponent")
public record Checkpoint(Header header, TrainingState state, float[] best) {
  private static final String KIND = "rtcn-training/1";
  private static final String BEST = "best";

  /**
   * What is no array.
   *
   * @param fingerprint of the settings and inputs of the training
   * @param workers side by side
   * @param step steps of each worker done
   * @param lossSum sum of the losses of the steps since the curve's last row
   * @param curve its rows so far
   * @param bestRow row of the best validation loss, from 1; 0 for none
   * @param bestLoss that loss; null for none
   */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record Header(
      String fingerprint,
      int workers,
      int step,
      double lossSum,
      List<CurveRow> curve,
      int bestRow,
      Double bestLoss) {

    /** Refuses what could not come about in a training. */
    private void requireSound() {
      boolean sound =
          fingerprint != null
              && curve != null
              && workers >= 1
              && step >= 1
              && Double.isFinite(lossSum)
              && bestRow >= 0
              && bestRow <= curve.size()
              && (bestRow > 0) == (bestLoss != null)
              && (bestLoss == null || Double.isFinite(bestLoss));
      int last = 0;
      for (int i = 0; sound && i < curve.size(); i++) {
        CurveRow row = curve.get(i);
        sound =
            row != null
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
                + " like this; start without --resume");
      }
    }

    /** The step of the curve's last row. */
    int lastReported() {
      return curve.isEmpty() ? 0 : curve.get(curve.size() - 1).step();
    }
  }

  /** It as bytes. */
  public byte[] toBytes() {
    NamedArrays.Builder arrays = NamedArrays.of(KIND, header);
    float[][] vectors = state.vectors();
    for (int v = 0; v < vectors.length; v++) {
      arrays.floats(Spec.of(TrainingState.NAMES.get(v), vectors[v].length), vectors[v]);
    }
    arrays.floats(Spec.of(BEST, best.length), best);
    return arrays.build().toBytes();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes were cut short or changed, or hold what no
   *     training writes
   */
  public static Checkpoint parse(byte[] bytes) {
    NamedArrays arrays = NamedArrays.parse(bytes, KIND);
    Header header = arrays.description(Header.class);
    header.requireSound();
    long length = arrays.shape(TrainingState.NAMES.get(0)).get(0);
    List<Spec> specs = new ArrayList<>();
    for (String name : TrainingState.NAMES) {
      // Not every updater has moments, and not every training keeps a mean of the weights.
      if (arrays.has(name)) {
        specs.add(Spec.of(name, length));
      }
    }
    if (header.bestRow() > 0) {
      specs.add(Spec.of(BEST, length));
    }
    arrays.requireExactly(specs);
    float[][] vectors = new float[TrainingState.NAMES.size()][];
    for (int v = 0; v < vectors.length; v++) {
      String name = TrainingState.NAMES.get(v);
      vectors[v] = arrays.has(name) ? arrays.floats(Spec.of(name, length)) : new float[0];
    }
    TrainingState state = TrainingState.of(header.step(), vectors);
    for (float value : state.moment2()) {
      if (value < 0) {
        throw new IllegalArgumentException("Invalid checkpoint: a second moment is " + value);
      }
    }
    return new Checkpoint(
        header, state, header.bestRow() > 0 ? arrays.floats(Spec.of(BEST, length)) : new float[0]);
  }
}
