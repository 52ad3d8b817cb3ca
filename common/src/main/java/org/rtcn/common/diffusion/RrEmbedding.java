package org.rtcn.common.diffusion;

/**
 * What the network is told of an RR interval: the sinusoids of {@link TimeEmbedding} at a place
 * that grows with its logarithm, from 0 at 0.2 s to 1000 at 3.2 s. Zeros stand for "not told".
 */
final class RrEmbedding {
  private static final double SHORTEST_S = 0.2;
  private static final double DOUBLINGS = 4;

  private RrEmbedding() {}

  /** The embedding of {@code rrSeconds[i]}, NaN for "not told", in row i of {@code size}. */
  static float[] of(float[] rrSeconds, int size) {
    float[] values = new float[rrSeconds.length * size];
    for (int i = 0; i < rrSeconds.length; i++) {
      if (rrSeconds[i] > 0) {
        double doublings = Math.log(rrSeconds[i] / SHORTEST_S) / Math.log(2);
        double place = 1000 * Math.max(0, Math.min(1, doublings / DOUBLINGS));
        double[] embedding = TimeEmbedding.of(place, size);
        for (int j = 0; j < size; j++) {
          values[i * size + j] = (float) embedding[j];
        }
      }
    }
    return values;
  }
}
