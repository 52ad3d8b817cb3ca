package org.rtcn.common.diffusion;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.random.RandomStreams;

/**
 * The best linear guess of x_0 from x_t, for beats of the training beats' covariance: in the basis
 * of its principal axes (variance lambda_i; what they leave has variance lambda_r per value), E[x_0
 * | x_t] = sum_i a lambda_i / (a² lambda_i + s²) u_i (u_i · x_t) + the same with lambda_r of the
 * rest, a = sqrt(alphaBar), s = sqrt(1 - alphaBar) (Wiener filter). The axes are common to all
 * classes; the variances are each class's own, since classes differ in how much they vary.
 *
 * <p>The network learns only what this misses. It starts from a sampler of Gaussian beats with the
 * right covariance instead of from nothing, which is most of the way for a minute of training.
 *
 * <p>Not thread-safe.
 */
final class LinearDenoiser {
  private static final int SWEEPS = 24;
  private static final double SMALLEST_VARIANCE = 1e-3;
  private static final double SHARED_PATIENTS = 4;

  private final int length;
  private final float[] basis;
  private final float[][] variance;
  private final float[] residualVariance;
  private final INDArray axes;

  /**
   * @param basis {@code [axis][value]} flattened, orthonormal
   * @param variance {@code [0: all classes, 1 + k: class k][axis]}
   * @param residualVariance of each value, outside the axes, like {@code variance}
   */
  LinearDenoiser(int length, float[] basis, float[][] variance, float[] residualVariance) {
    this.length = length;
    this.basis = basis;
    this.variance = variance;
    this.residualVariance = residualVariance;
    this.axes =
        basis.length == 0 ? null : Nd4j.createFromArray(basis).reshape(variance[0].length, length);
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
      return of(groups, length, new float[0], total, new double[0]);
    }
    double[][] q = startingAxes(axes, length, seed);
    double[][] small = new double[axes][axes];
    Nd4jRuntime.start();
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
    double[][] vectors = SymmetricEigen.diagonalise(small);
    float[] basis = new float[axes * length];
    double[] variance = new double[axes];
    for (int i = 0; i < axes; i++) {
      for (int j = 0; j < axes; j++) {
        for (int v = 0; v < length; v++) {
          basis[i * length + v] += (float) (vectors[j][i] * q[j][v]);
        }
      }
      variance[i] = small[i][i];
    }
    return of(groups, length, basis, total, variance);
  }

  /**
   * Adds each class's own variances along the common axes. A class of few patients is drawn towards
   * all classes' variances, as if {@link #SHARED_PATIENTS} patients had them.
   */
  private static LinearDenoiser of(
      List<List<List<float[]>>> groups, int length, float[] basis, double total, double[] pooled) {
    int axes = pooled.length;
    float[][] variance = new float[1 + groups.size()][axes];
    float[] residual = new float[1 + groups.size()];
    double pooledRest = total;
    for (int i = 0; i < axes; i++) {
      variance[0][i] = floored(pooled[i]);
      pooledRest -= pooled[i];
    }
    int rest = Math.max(length - axes, 1);
    residual[0] = floored(pooledRest / rest);
    for (int k = 0; k < groups.size(); k++) {
      double[] own = new double[axes];
      double ownRest = 0;
      for (List<float[]> beats : groups.get(k)) {
        double weight = 1.0 / groups.get(k).size() / beats.size();
        for (float[] beat : beats) {
          for (float value : beat) {
            ownRest += weight * value * value;
          }
          for (int i = 0; i < axes; i++) {
            double along = 0;
            for (int v = 0; v < length; v++) {
              along += basis[i * length + v] * beat[v];
            }
            own[i] += weight * along * along;
            ownRest -= weight * along * along;
          }
        }
      }
      double share = groups.get(k).size() / (groups.get(k).size() + SHARED_PATIENTS);
      for (int i = 0; i < axes; i++) {
        variance[1 + k][i] = floored(share * own[i] + (1 - share) * pooled[i]);
      }
      residual[1 + k] = floored((share * ownRest + (1 - share) * pooledRest) / rest);
    }
    return new LinearDenoiser(length, basis, variance, residual);
  }

  private static float floored(double variance) {
    return (float) Math.max(variance, SMALLEST_VARIANCE);
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

  /**
   * Guesses x_0 for a batch.
   *
   * @param xt {@code [beat * value]}
   * @param alphaBar of each beat's step
   * @param classOf the class of each beat; K for "not told"
   * @return like {@code xt}
   */
  float[] x0(float[] xt, double[] alphaBar, int[] classOf) {
    int size = alphaBar.length;
    float[] guess = new float[xt.length];
    for (int i = 0; i < size; i++) {
      float gain = (float) gain(alphaBar[i], residualVariance[row(classOf[i])]);
      for (int v = i * length; v < (i + 1) * length; v++) {
        guess[v] = gain * xt[v];
      }
    }
    if (axes == null) {
      return guess;
    }
    int rank = rank();
    float[] factors = new float[size * rank];
    for (int i = 0; i < size; i++) {
      int row = row(classOf[i]);
      double rest = gain(alphaBar[i], residualVariance[row]);
      for (int axis = 0; axis < rank; axis++) {
        factors[i * rank + axis] = (float) (gain(alphaBar[i], variance[row][axis]) - rest);
      }
    }
    try (INDArray x = Nd4j.create(xt, new long[] {size, length}, 'c');
        INDArray f = Nd4j.createFromArray(factors).reshape(size, rank)) {
      try (INDArray coordinates = x.mmul(axes.transpose());
          INDArray weighted = coordinates.mul(f);
          INDArray along = weighted.mmul(axes)) {
        // Products may come back in column order.
        try (INDArray rows = along.dup('c')) {
          float[] values = numbers(rows);
          for (int v = 0; v < guess.length; v++) {
            guess[v] += values[v];
          }
        }
      }
    }
    return guess;
  }

  /** Copied at once where they are the JVM's to read: ND4J reads them one by one. */
  private static float[] numbers(INDArray rows) {
    if (!Nd4j.getEnvironment().isCPU() || rows.dataType() != DataType.FLOAT) {
      return rows.data().asFloat();
    }
    float[] values = new float[Math.toIntExact(rows.length())];
    rows.data().asNioFloat().get(values);
    return values;
  }

  /** The coordinates of one value vector along the axes. */
  double[] coordinates(float[] values) {
    double[] along = new double[rank()];
    for (int i = 0; i < along.length; i++) {
      for (int v = 0; v < length; v++) {
        along[i] += basis[i * length + v] * values[v];
      }
    }
    return along;
  }

  private static double gain(double alphaBar, double lambda) {
    return Math.sqrt(alphaBar) * lambda / (alphaBar * lambda + 1 - alphaBar);
  }

  /** Class K, "not told", has all classes' variances. */
  private int row(int classIndex) {
    return classIndex == variance.length - 1 ? 0 : 1 + classIndex;
  }

  int rank() {
    return variance[0].length;
  }

  /** {@code [axis][value]} flattened. */
  float[] basis() {
    return basis;
  }

  /** {@code [0: all classes, 1 + k: class k][axis]} flattened. */
  float[] variance() {
    int rank = rank();
    float[] flat = new float[variance.length * rank];
    for (int row = 0; row < variance.length; row++) {
      System.arraycopy(variance[row], 0, flat, row * rank, rank);
    }
    return flat;
  }

  /** Like {@link #variance}, of what the axes leave. */
  float[] residualVariance() {
    return residualVariance;
  }

  /** The inverse of the three above. */
  static LinearDenoiser of(int length, float[] basis, float[] variance, float[] residual) {
    int rank = variance.length / residual.length;
    float[][] rows = new float[residual.length][];
    for (int row = 0; row < rows.length; row++) {
      rows[row] = Arrays.copyOfRange(variance, row * rank, (row + 1) * rank);
    }
    return new LinearDenoiser(length, basis, rows, residual);
  }
}
