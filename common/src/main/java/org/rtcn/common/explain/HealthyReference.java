package org.rtcn.common.explain;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulationOptions;

/**
 * Beats of healthy training patients: what a beat is compared with when it is asked what makes it
 * an infarct's. A beat's reference is the mean of those most like it, so that build and axis of the
 * heart count for less.
 */
public final class HealthyReference implements Serializable {
  private static final long serialVersionUID = 1L;

  /** So many beats make a reference: fewer carry their owners' own traits, more blur. */
  private static final int NEAREST = 10;

  private static final int SIMULATED = 60;
  private static final long SIMULATED_SEED = 20251010;

  private final float[][][] windows;
  private final String whose;

  /**
   * @param windows of healthy training beats, {@code [lead][sample]} in mV, all of one size
   * @throws IllegalArgumentException if there is none
   */
  public HealthyReference(List<float[][]> windows) {
    this(windows, windows.size() + " healthy training beats");
  }

  private HealthyReference(List<float[][]> windows, String whose) {
    if (windows.isEmpty()) {
      throw new IllegalArgumentException("Invalid healthy reference: it has no beat");
    }
    this.windows = windows.toArray(new float[0][][]);
    this.whose = whose;
  }

  /** What beats are compared with, in words: how many, and whose. */
  public String words() {
    return whose;
  }

  /**
   * Simulated healthy beats, where no recorded ones are at hand; the same on every machine.
   *
   * @param input cuts them as the model's beats are cut
   */
  public static HealthyReference simulated(ModelInput input) {
    EcgSimulator simulator =
        new EcgSimulator(
            new SimulationOptions(
                SIMULATED_SEED, Map.of(Label.HC, SIMULATED), 1, 1, 500, 4, 1, 0, 0));
    List<float[][]> windows = new ArrayList<>();
    for (int patient = 1; patient <= SIMULATED; patient++) {
      input.beats(simulator.recordsOf(patient).get(0).signal()).beats().stream()
          .findFirst()
          .ifPresent(beat -> windows.add(beat.window()));
    }
    return new HealthyReference(windows, windows.size() + " simulated healthy beats");
  }

  /** The mean of the {@value #NEAREST} beats at the least root mean square distance. */
  float[][] like(float[][] window) {
    double[] distances = new double[windows.length];
    for (int i = 0; i < windows.length; i++) {
      distances[i] = distance(windows[i], window);
    }
    int[] nearest =
        IntStream.range(0, windows.length)
            .boxed()
            // A stable sort: among equals the first.
            .sorted(Comparator.comparingDouble(i -> distances[i]))
            .limit(NEAREST)
            .mapToInt(Integer::intValue)
            .toArray();
    float[][] mean = new float[window.length][window[0].length];
    for (int beat : nearest) {
      for (int lead = 0; lead < mean.length; lead++) {
        for (int i = 0; i < mean[lead].length; i++) {
          mean[lead][i] += windows[beat][lead][i] / nearest.length;
        }
      }
    }
    return mean;
  }

  /** Root mean square difference over all leads and samples. */
  static double distance(float[][] a, float[][] b) {
    double sum = 0;
    long samples = 0;
    for (int lead = 0; lead < a.length; lead++) {
      for (int i = 0; i < a[lead].length; i++) {
        double difference = a[lead][i] - b[lead][i];
        sum += difference * difference;
      }
      samples += a[lead].length;
    }
    return Math.sqrt(sum / samples);
  }
}
