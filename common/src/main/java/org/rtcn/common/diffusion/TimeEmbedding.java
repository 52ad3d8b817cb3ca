package org.rtcn.common.diffusion;

/**
 * The sinusoidal embedding of a diffusion step (Vaswani et al. 2017, as DDPM uses it): {@code
 * size/2} sines, then as many cosines, of t · 10000^(-i / (size/2 - 1)).
 */
final class TimeEmbedding {
  private static final double LONGEST = 10_000;

  private TimeEmbedding() {}

  /**
   * The embedding of t.
   *
   * @param size even, at least 4
   * @throws IllegalArgumentException if the size is odd or below 4
   */
  static double[] of(double t, int size) {
    if (size < 4 || size % 2 != 0) {
      throw new IllegalArgumentException(
          "Invalid time embedding size " + size + ": must be even and at least 4");
    }
    int half = size / 2;
    double[] embedding = new double[size];
    for (int i = 0; i < half; i++) {
      double angle = t * Math.exp(-Math.log(LONGEST) * i / (half - 1));
      embedding[i] = Math.sin(angle);
      embedding[half + i] = Math.cos(angle);
    }
    return embedding;
  }
}
