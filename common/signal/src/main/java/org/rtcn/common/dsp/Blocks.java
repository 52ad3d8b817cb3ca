package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * A recording in blocks of {@value #SECONDS} s, one each {@value #HOP_SECONDS} s: each holds a beat
 * at rates of 30 per minute and more. Values per block stand at its middle.
 */
final class Blocks {
  static final double SECONDS = 2;
  static final double HOP_SECONDS = 1;

  private final int n;
  private final int length;
  private final int hop;
  private final int count;
  private final int stride;

  /**
   * @param n samples of the recording, at least one
   * @param fsHz its rate
   * @param stride a few samples of the signals to come tell the same as all of them
   */
  Blocks(int n, double fsHz, int stride) {
    this.n = n;
    this.length = Math.min(n, (int) Math.round(SECONDS * fsHz));
    this.hop = Math.max(1, (int) Math.round(HOP_SECONDS * fsHz));
    this.count = (n - length) / hop + 1;
    this.stride = stride;
  }

  int count() {
    return count;
  }

  int from(int block) {
    return block * hop;
  }

  /** The last block ends with the recording. */
  int to(int block) {
    return block == count - 1 ? n : block * hop + length;
  }

  int middle(int block) {
    return block * hop + length / 2;
  }

  double[] maxima(double[] signal) {
    double[] maxima = new double[count];
    for (int b = 0; b < count; b++) {
      for (int i = from(b); i < to(b); i++) {
        maxima[b] = Math.max(maxima[b], signal[i]);
      }
    }
    return maxima;
  }

  double[] medians(double[] signal) {
    double[] medians = new double[count];
    double[] sampled = new double[(length + hop) / stride + 2];
    for (int b = 0; b < count; b++) {
      int size = 0;
      for (int i = from(b); i < to(b); i += stride) {
        sampled[size++] = signal[i];
      }
      Arrays.sort(sampled, 0, size);
      medians[b] = sampled[size / 2];
    }
    return medians;
  }

  /** Of every so many samples. */
  double[] sums(double[] signal, int every) {
    double[] sums = new double[count];
    for (int b = 0; b < count; b++) {
      for (int i = from(b); i < to(b); i += every) {
        sums[b] += signal[i];
      }
    }
    return sums;
  }

  /** The value at a sample, interpolated between the middles of the blocks. */
  double between(double[] perBlock, int at) {
    double position = (at - length * 0.5) / hop;
    if (position <= 0) {
      return perBlock[0];
    }
    int left = (int) position;
    if (left >= count - 1) {
      return perBlock[count - 1];
    }
    double share = position - left;
    return perBlock[left] * (1 - share) + perBlock[left + 1] * share;
  }

  /** The higher value of the two blocks whose middles are next to a sample. */
  double higher(double[] perBlock, int at) {
    int left = (int) Math.floor((at - length * 0.5) / hop);
    return Math.max(
        perBlock[Math.max(0, Math.min(count - 1, left))],
        perBlock[Math.max(0, Math.min(count - 1, left + 1))]);
  }

  /** {@link #between} for all samples. */
  double[] spread(double[] perBlock) {
    double[] spread = new double[n];
    int first = (int) Math.min(n, Math.ceil(length * 0.5));
    Arrays.fill(spread, 0, first, perBlock[0]);
    for (int b = 0; b < count - 1; b++) {
      double slope = (perBlock[b + 1] - perBlock[b]) / hop;
      int from = (int) Math.ceil(length * 0.5 + b * (double) hop);
      for (int i = from; i < Math.min(n, from + hop); i++) {
        spread[i] = perBlock[b] + slope * (i - length * 0.5 - b * (double) hop);
      }
    }
    int last = (int) Math.min(n, Math.ceil(length * 0.5 + (count - 1) * (double) hop));
    Arrays.fill(spread, last, n, perBlock[count - 1]);
    return spread;
  }
}
