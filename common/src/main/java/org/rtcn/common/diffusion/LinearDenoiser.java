package org.rtcn.common.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.random.RandomStreams;

/**
 * The best linear guess of x_0 from x_t, for beats of the training beats' covariance: in the basis
 * of its principal axes (variance lambda_i; what they leave has variance lambda_r per value), E[x_0
 * | x_t] = sum_i a lambda_i / (a² lambda_i + s²) u_i (u_i · x_t) + the same with lambda_r of the
 * rest, a = sqrt(alphaBar), s = sqrt(1 - alphaBar) (Wiener filter).
 *
 * <p>The network learns only what this misses. It starts from a sampler of Gaussian beats with the
 * right covariance instead of from nothing, which is most of the way for a minute of training.
 *
 * <p>Not thread-safe.
 */
final class LinearDenoiser {
  private static final int SWEEPS = 24;
  private static final int JACOBI_SWEEPS = 30;
  private static final double SMALLEST_VARIANCE = 1e-3;

  private final int length;
  private final float[] basis;
  private final float[] variance;
  private final float residualVariance;
  private final INDArray axes;

  /**
   * @param basis {@code [axis][value]} flattened, orthonormal
   * @param variance of each axis
   * @param residualVariance of each value, outside the axes
   */
  LinearDenoiser(int length, float[] basis, float[] variance, float residualVariance) {
    this.length = length;
    this.basis = basis;
    this.variance = variance;
    this.residualVariance = residualVariance;
    this.axes =
        variance.length == 0 ? null : Nd4j.createFromArray(basis).reshape(variance.length, length);
  }

  /**
   * Fits the principal axes by subspace iteration.
   *
   * @param groups {@code [class][patient][beat]} normalised beats; classes weigh the same, and
   *     patients within a class, and beats within a patient, as training draws them
   * @param rank number of axes, at most; 0 for an isotropic guess
   */
  static LinearDenoiser fit(List<List<List<float[]>>> groups, int length, int rank, long seed) {
    int count = groups.stream().flatMap(List::stream).mapToInt(List::size).sum();
    float[] rows = new float[count * length];
    int at = 0;
    double total = 0;
    for (List<List<float[]>> patients : groups) {
      for (List<float[]> beats : patients) {
        double weight = 1.0 / groups.size() / patients.size() / beats.size();
        float root = (float) Math.sqrt(weight);
        for (float[] beat : beats) {
          for (float value : beat) {
            rows[at++] = root * value;
            total += weight * value * value;
          }
        }
      }
    }
    int axes = Math.min(rank, Math.min(count, length));
    if (axes == 0) {
      return new LinearDenoiser(length, new float[0], new float[0], variance(total, length));
    }
    double[][] q = startingAxes(axes, length, seed);
    double[][] small = new double[axes][axes];
    try (INDArray x = Nd4j.createFromArray(rows).reshape(count, length);
        INDArray covariance = x.transpose().mmul(x)) {
      for (int sweep = 0; sweep < SWEEPS; sweep++) {
        q = times(q, covariance);
        orthonormalise(q);
      }
      double[][] image = times(q, covariance);
      for (int i = 0; i < axes; i++) {
        for (int j = 0; j < axes; j++) {
          small[i][j] = (dot(q[i], image[j]) + dot(q[j], image[i])) / 2;
        }
      }
    }
    double[][] vectors = jacobi(small);
    float[] basis = new float[axes * length];
    float[] variance = new float[axes];
    double explained = 0;
    for (int i = 0; i < axes; i++) {
      for (int j = 0; j < axes; j++) {
        for (int v = 0; v < length; v++) {
          basis[i * length + v] += (float) (vectors[j][i] * q[j][v]);
        }
      }
      variance[i] = (float) Math.max(small[i][i], SMALLEST_VARIANCE);
      explained += small[i][i];
    }
    return new LinearDenoiser(length, basis, variance, variance(total - explained, length - axes));
  }

  private static float variance(double total, int values) {
    return (float) Math.max(total / Math.max(values, 1), SMALLEST_VARIANCE);
  }

  private static double[][] startingAxes(int axes, int length, long seed) {
    SplittableRandom random = RandomStreams.of(seed, "linear-denoiser");
    double[][] q = new double[axes][length];
    for (double[] row : q) {
      for (int i = 0; i < length; i++) {
        row[i] = random.nextGaussian();
      }
    }
    orthonormalise(q);
    return q;
  }

  private static double[][] times(double[][] q, INDArray covariance) {
    float[][] given = new float[q.length][q[0].length];
    for (int i = 0; i < q.length; i++) {
      for (int v = 0; v < q[i].length; v++) {
        given[i][v] = (float) q[i][v];
      }
    }
    try (INDArray in = Nd4j.createFromArray(given);
        INDArray out = in.mmul(covariance)) {
      float[][] product = out.toFloatMatrix();
      double[][] result = new double[q.length][q[0].length];
      for (int i = 0; i < q.length; i++) {
        for (int v = 0; v < q[i].length; v++) {
          result[i][v] = product[i][v];
        }
      }
      return result;
    }
  }

  /** Gram-Schmidt, twice, which is as good as any. */
  private static void orthonormalise(double[][] q) {
    for (int i = 0; i < q.length; i++) {
      for (int pass = 0; pass < 2; pass++) {
        for (int j = 0; j < i; j++) {
          double overlap = dot(q[i], q[j]);
          for (int v = 0; v < q[i].length; v++) {
            q[i][v] -= overlap * q[j][v];
          }
        }
      }
      double norm = Math.sqrt(dot(q[i], q[i]));
      // An axis that the data do not have: any value will do, its variance is zero.
      double scale = norm > 1e-30 ? 1 / norm : 0;
      for (int v = 0; v < q[i].length; v++) {
        q[i][v] *= scale;
      }
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** Diagonalises a symmetric matrix in place; returns the eigenvectors as columns. */
  private static double[][] jacobi(double[][] m) {
    int n = m.length;
    double[][] vectors = new double[n][n];
    for (int i = 0; i < n; i++) {
      vectors[i][i] = 1;
    }
    for (int sweep = 0; sweep < JACOBI_SWEEPS; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          if (Math.abs(m[p][q]) < 1e-14 * Math.sqrt(Math.abs(m[p][p] * m[q][q]))) {
            continue;
          }
          double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
          double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
          double c = 1 / Math.hypot(t, 1);
          double s = t * c;
          for (int k = 0; k < n; k++) {
            double mkp = m[k][p];
            double mkq = m[k][q];
            m[k][p] = c * mkp - s * mkq;
            m[k][q] = s * mkp + c * mkq;
          }
          for (int k = 0; k < n; k++) {
            double mpk = m[p][k];
            double mqk = m[q][k];
            m[p][k] = c * mpk - s * mqk;
            m[q][k] = s * mpk + c * mqk;
            double vkp = vectors[k][p];
            double vkq = vectors[k][q];
            vectors[k][p] = c * vkp - s * vkq;
            vectors[k][q] = s * vkp + c * vkq;
          }
        }
      }
    }
    return vectors;
  }

  /**
   * Guesses x_0 for a batch.
   *
   * @param xt {@code [beat * value]}
   * @param alphaBar of each beat's step
   * @return like {@code xt}
   */
  float[] x0(float[] xt, double[] alphaBar) {
    int size = alphaBar.length;
    float[] guess = new float[xt.length];
    for (int i = 0; i < size; i++) {
      float gain = (float) gain(alphaBar[i], residualVariance);
      for (int v = i * length; v < (i + 1) * length; v++) {
        guess[v] = gain * xt[v];
      }
    }
    if (axes == null) {
      return guess;
    }
    int rank = variance.length;
    float[] factors = new float[size * rank];
    for (int i = 0; i < size; i++) {
      double rest = gain(alphaBar[i], residualVariance);
      for (int axis = 0; axis < rank; axis++) {
        factors[i * rank + axis] = (float) (gain(alphaBar[i], variance[axis]) - rest);
      }
    }
    try (INDArray x = Nd4j.create(DataType.FLOAT, size, length);
        INDArray f = Nd4j.createFromArray(factors).reshape(size, rank)) {
      FloatArrays.fill(x, xt);
      try (INDArray coordinates = x.mmul(axes.transpose());
          INDArray weighted = coordinates.mul(f);
          INDArray along = weighted.mmul(axes)) {
        // Products may come back in column order.
        try (INDArray rows = along.dup('c')) {
          float[] values = rows.data().asFloat();
          for (int v = 0; v < guess.length; v++) {
            guess[v] += values[v];
          }
        }
      }
    }
    return guess;
  }

  private static double gain(double alphaBar, double lambda) {
    return Math.sqrt(alphaBar) * lambda / (alphaBar * lambda + 1 - alphaBar);
  }

  int rank() {
    return variance.length;
  }

  /** All numbers as one vector: basis, variances, residual variance. */
  float[] toVector() {
    float[] vector = Arrays.copyOf(basis, basis.length + variance.length + 1);
    System.arraycopy(variance, 0, vector, basis.length, variance.length);
    vector[vector.length - 1] = residualVariance;
    return vector;
  }

  /** The inverse of {@link #toVector}. */
  static LinearDenoiser fromVector(int length, int rank, float[] vector) {
    int basis = rank * length;
    return new LinearDenoiser(
        length,
        Arrays.copyOf(vector, basis),
        Arrays.copyOfRange(vector, basis, basis + rank),
        vector[basis + rank]);
  }
}
