package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.storage.NamedArrays;
import org.rtcn.common.storage.NamedArrays.Spec;

/**
 * All that the training of a diffusion model needs to go on.
 *
 * @param fingerprint of the settings and inputs of the training
 * @param untrained what it started from: on another machine it might be fitted a bit differently
 * @param state where it stands
 * @param lossCurve {@code step, loss} pairs so far
 */
public record DdpmCheckpoint(
    String fingerprint, DdpmModel untrained, DdpmState state, List<List<Double>> lossCurve) {
  private static final String KIND = "rtcn-ddpm-checkpoint/1";
  private static final String UNTRAINED = "untrained/";
  private static final List<String> VECTORS = List.of("weights", "average", "moment1", "moment2");

  /**
   * What of it is no array.
   *
   * @param step steps that each worker has made
   * @param lossSum since the loss was last reported
   * @param lossCount steps since then
   */
  record Description(
      String fingerprint,
      DdpmModel.Description untrained,
      int step,
      double lossSum,
      int lossCount,
      List<List<Double>> lossCurve) {
    /** Refuses what could not come about in a training. */
    private void requireSound() {
      boolean sound =
          fingerprint != null
              && untrained != null
              && lossCurve != null
              && step >= 0
              && step <= untrained.config().stepsPerWorker()
              && lossCount >= 0
              && lossCount <= step
              && Double.isFinite(lossSum);
      double last = 0;
      for (int i = 0; sound && i < lossCurve.size(); i++) {
        List<Double> point = lossCurve.get(i);
        sound =
            point != null
                && point.size() == 2
                && point.get(0) != null
                && point.get(1) != null
                && point.get(0) > last
                && point.get(0) <= step
                && Double.isFinite(point.get(1));
        last = sound ? point.get(0) : last;
      }
      if (!sound) {
        throw new IllegalArgumentException(
            "Invalid checkpoint: no training was ever at step "
                + step
                + " like this; augment without --resume");
      }
    }
  }

  /** It as bytes. */
  public byte[] toBytes() {
    NamedArrays.Builder arrays =
        NamedArrays.of(
            KIND,
            new Description(
                fingerprint,
                untrained.description(),
                state.step(),
                state.lossSum(),
                state.lossCount(),
                lossCurve));
    untrained.addTo(arrays, UNTRAINED);
    List<float[]> vectors =
        List.of(state.weights(), state.average(), state.moment1(), state.moment2());
    for (int v = 0; v < vectors.size(); v++) {
      arrays.floats(Spec.of(VECTORS.get(v), vectors.get(v).length), vectors.get(v));
    }
    return arrays.build().toBytes();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if the bytes were cut short or changed, or hold what no
   *     training writes
   */
  public static DdpmCheckpoint parse(byte[] bytes) {
    NamedArrays arrays = NamedArrays.parse(bytes, KIND);
    Description description = arrays.description(Description.class);
    description.requireSound();
    List<Spec> all = new ArrayList<>(DdpmModel.layout(description.untrained(), arrays, UNTRAINED));
    long length = description.untrained().weights().stream().mapToLong(Spec::length).sum();
    for (String vector : VECTORS) {
      all.add(Spec.of(vector, length));
    }
    arrays.requireExactly(all);
    List<float[]> vectors =
        VECTORS.stream().map(name -> arrays.floats(Spec.of(name, length))).toList();
    for (float value : vectors.get(3)) {
      if (value < 0) {
        throw new IllegalArgumentException("Invalid checkpoint: a second moment is " + value);
      }
    }
    return new DdpmCheckpoint(
        description.fingerprint(),
        DdpmModel.of(description.untrained(), arrays, UNTRAINED),
        new DdpmState(
            description.step(),
            vectors.get(0),
            vectors.get(1),
            vectors.get(2),
            vectors.get(3),
            description.lossSum(),
            description.lossCount()),
        description.lossCurve());
  }
}
