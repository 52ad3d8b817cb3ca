package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Baseline wander as the running median over 600 ms of the running median over 200 ms, to be
 * subtracted: the first removes the QRS complex and P wave, the second the T wave. It has no delay.
 *
 * <p>Source: de Chazal, O'Dwyer, Reilly, "Automatic classification of heartbeats using ECG
 * morphology and heartbeat interval features", IEEE Trans. Biomed. Eng. 51(7), 2004.
 */
public final class MedianBaseline {
  private static final double QRS_SECONDS = 0.2;
  private static final double T_SECONDS = 0.6;

  /** What lies beyond the ends of a signal. */
  public enum Ends {
    /** Zero, as SciPy's {@code medfilt} has it. */
    ZERO,
    /** The mirrored signal, its end sample once: for ECG, which has no reason to end at zero. */
    MIRROR
  }

  private final int qrsHalf;
  private final int tHalf;
  private final Ends ends;

  /**
   * @throws IllegalArgumentException if the rate is not positive
   */
  public MedianBaseline(double fsHz, Ends ends) {
    if (!(fsHz > 0)) {
      throw new IllegalArgumentException("Invalid sampling rate " + fsHz + " Hz: must be positive");
    }
    this.qrsHalf = (int) Math.round(QRS_SECONDS * fsHz / 2);
    this.tHalf = (int) Math.round(T_SECONDS * fsHz / 2);
    this.ends = ends;
  }

  /** The signal without its baseline, as many samples. */
  public double[] remove(double[] signal) {
    double[] baseline = runningMedian(runningMedian(signal, qrsHalf), tHalf);
    double[] level = new double[signal.length];
    for (int i = 0; i < level.length; i++) {
      level[i] = signal[i] - baseline[i];
    }
    return level;
  }

  /** Medians over {@code 2 half + 1} samples, by a window that is kept sorted. */
  private double[] runningMedian(double[] signal, int half) {
    int n = signal.length;
    double[] medians = new double[n];
    double[] window = new double[2 * half + 1];
    for (int i = -half; i <= half; i++) {
      window[i + half] = at(signal, i);
    }
    Arrays.sort(window);
    for (int i = 0; i < n; i++) {
      medians[i] = window[half];
      replace(window, at(signal, i - half), at(signal, i + half + 1));
    }
    return medians;
  }

  private static void replace(double[] sorted, double leaving, double entering) {
    int from = Arrays.binarySearch(sorted, leaving);
    int to = Arrays.binarySearch(sorted, entering);
    to = to < 0 ? -to - 1 : to;
    if (to > from) {
      System.arraycopy(sorted, from + 1, sorted, from, to - 1 - from);
      sorted[to - 1] = entering;
    } else {
      System.arraycopy(sorted, to, sorted, to + 1, from - to);
      sorted[to] = entering;
    }
  }

  private double at(double[] signal, int index) {
    int n = signal.length;
    if (index >= 0 && index < n) {
      return signal[index];
    }
    if (ends == Ends.ZERO) {
      return 0;
    }
    int folded = Math.floorMod(index, 2 * n);
    return signal[folded < n ? folded : 2 * n - 1 - folded];
  }
}
