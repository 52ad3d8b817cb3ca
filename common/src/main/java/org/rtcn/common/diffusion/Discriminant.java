package org.rtcn.common.diffusion;

import java.util.List;

/**
 * Linear discriminant analysis with equal priors and a covariance drawn a tenth of the way towards
 * an isotropic one: a judge of classes that is quick to fit and has nothing to tune.
 */
final class Discriminant {
  private static final double SHRINKAGE = 0.1;

  private final double[][] weights;
  private final double[] offsets;

  private Discriminant(double[][] weights, double[] offsets) {
    this.weights = weights;
    this.offsets = offsets;
  }

  /**
   * Fits on {@code [class][example][feature]}, each class with the same weight.
   *
   * @throws IllegalArgumentException if a class has fewer than two examples
   */
  static Discriminant fit(List<double[][]> classes) {
    int size = classes.get(0)[0].length;
    double[][] means = new double[classes.size()][];
    double[][] covariance = new double[size][size];
    for (int k = 0; k < means.length; k++) {
      means[k] = SampleQuality.mean(classes.get(k));
      double weight = 1.0 / classes.get(k).length / means.length;
      for (double[] x : classes.get(k)) {
        for (int i = 0; i < size; i++) {
          for (int j = 0; j <= i; j++) {
            covariance[i][j] += weight * (x[i] - means[k][i]) * (x[j] - means[k][j]);
          }
        }
      }
    }
    double trace = 0;
    for (int i = 0; i < size; i++) {
      trace += covariance[i][i];
    }
    for (int i = 0; i < size; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] *= 1 - SHRINKAGE;
      }
      covariance[i][i] += SHRINKAGE * trace / size + 1e-12;
    }
    choleskyInPlace(covariance);
    double[] offsets = new double[means.length];
    double[][] weights = new double[means.length][];
    for (int k = 0; k < means.length; k++) {
      weights[k] = solve(covariance, means[k]);
      for (int i = 0; i < size; i++) {
        offsets[k] -= 0.5 * weights[k][i] * means[k][i];
      }
    }
    return new Discriminant(weights, offsets);
  }

  /** The class of {@code x}. */
  int classOf(double[] x) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < weights.length; k++) {
      double score = offsets[k];
      for (int i = 0; i < x.length; i++) {
        score += weights[k][i] * x[i];
      }
      if (score > most) {
        most = score;
        best = k;
      }
    }
    return best;
  }

  private static void choleskyInPlace(double[][] m) {
    for (int i = 0; i < m.length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = m[i][j];
        for (int k = 0; k < j; k++) {
          sum -= m[i][k] * m[j][k];
        }
        m[i][j] = i == j ? Math.sqrt(sum) : sum / m[j][j];
      }
    }
  }

  private static double[] solve(double[][] lower, double[] right) {
    double[] x = right.clone();
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= lower[i][k] * x[k];
      }
      x[i] /= lower[i][i];
    }
    for (int i = x.length - 1; i >= 0; i--) {
      for (int k = i + 1; k < x.length; k++) {
        x[i] -= lower[k][i] * x[k];
      }
      x[i] /= lower[i][i];
    }
    return x;
  }
}
