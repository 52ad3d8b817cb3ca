package org.rtcn.common.kernels;

/** {@link Kernels#crossEntropy} of one row, in the JVM. */
final class CrossEntropy {
  /** Probabilities are kept off 0 and 1, where logarithms and powers below 1 end. */
  static final double TINY = 1e-7;

  private CrossEntropy() {}

  /**
   * The row's loss; its numbers before softmax become their gradient. With {@code h_c = y_c p_c
   * dL_c/dp_c = y_c (γ p_c (1 - p_c)^(γ-1) log p_c - (1 - p_c)^γ)} that is {@code h_k - p_k Σ h_c}.
   */
  static double row(double[] x, double[] y, int from, int columns, double gamma) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + columns; i++) {
      highest = Math.max(highest, x[i]);
    }
    double sum = 0;
    for (int i = from; i < from + columns; i++) {
      sum += Math.exp(x[i] - highest);
    }
    double logSum = Math.log(sum);
    double loss = 0;
    double all = 0;
    double[] h = new double[columns];
    for (int c = 0; c < columns; c++) {
      double logP = x[from + c] - highest - logSum;
      double p = Math.exp(logP);
      double factor = 1;
      double steep = 0;
      if (gamma > 0) {
        p = Math.max(TINY, Math.min(1 - TINY, p));
        logP = Math.log(p);
        factor = Math.pow(1 - p, gamma);
        steep = gamma * p * Math.pow(1 - p, gamma - 1) * logP;
      }
      x[from + c] = p;
      h[c] = y[from + c] * (steep - factor);
      all += h[c];
      loss -= y[from + c] * factor * logP;
    }
    for (int c = 0; c < columns; c++) {
      x[from + c] = h[c] - x[from + c] * all;
    }
    return loss;
  }
}
