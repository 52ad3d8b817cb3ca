package org.rtcn.common.diffusion;

import java.util.Arrays;
import java.util.List;

/**
 * How far two sets of vectors lie apart, and whether one is copied from the other. Sets are {@code
 * [example][feature]}; nothing is changed.
 */
public final class SampleQuality {
  private SampleQuality() {}

  /** Which mean of the kernel MMD takes within a set. */
  public enum Bias {
    /** Over all pairs, each example with itself included: never negative. */
    BIASED,
    /** Over pairs of different examples: zero on average for equal distributions. */
    UNBIASED
  }

  /**
   * Squared maximum mean discrepancy with the Gaussian kernel exp(-d² / median) (Gretton et al.
   * 2012, equations 3 and 5).
   *
   * @param median of the squared distances, see {@link #medianSquaredDistance}
   * @throws IllegalArgumentException if a set has fewer than two examples
   */
  public static double mmdSquared(double[][] a, double[][] b, double median, Bias bias) {
    requireTwo(a);
    requireTwo(b);
    double across = 0;
    for (double[] x : a) {
      for (double[] y : b) {
        across += Math.exp(-squaredDistance(x, y) / median);
      }
    }
    return within(a, median, bias)
        + within(b, median, bias)
        - 2 * across / ((double) a.length * b.length);
  }

  private static double within(double[][] a, double median, Bias bias) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * Math.exp(-squaredDistance(a[i], a[j]) / median);
      }
    }
    double n = a.length;
    return bias == Bias.UNBIASED ? sum / (n * (n - 1)) : (sum + n) / (n * n);
  }

  /** The median squared distance over all pairs of the two sets together. */
  public static double medianSquaredDistance(double[][] a, double[][] b) {
    double[][] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    requireTwo(all);
    double[] distances = new double[all.length * (all.length - 1) / 2];
    int at = 0;
    for (int i = 0; i < all.length; i++) {
      for (int j = 0; j < i; j++) {
        distances[at++] = squaredDistance(all[i], all[j]);
      }
    }
    return median(distances);
  }

  /**
   * Fréchet distance, squared, between the Gaussians of the sets' means and covariances: |m1 - m2|²
   * + tr(C1 + C2 - 2 (C1 C2)^½) (Dowson and Landau 1982; Heusel et al. 2017). Small sets seem
   * farther apart than large ones: compare with the distance between halves of the real set.
   *
   * @throws IllegalArgumentException if a set has fewer than two examples
   */
  public static double frechetDistance(double[][] a, double[][] b) {
    double[] meanA = mean(a);
    double[] meanB = mean(b);
    double[][] covarianceA = covariance(a, meanA);
    double[][] covarianceB = covariance(b, meanB);
    double result = squaredDistance(meanA, meanB);
    for (int i = 0; i < meanA.length; i++) {
      result += covarianceA[i][i] + covarianceB[i][i];
    }
    // tr (C1 C2)^½ = tr (C1^½ C2 C1^½)^½, which is symmetric.
    double[][] root = squareRoot(covarianceA);
    double[][] inner = product(product(root, covarianceB), root);
    for (int i = 0; i < inner.length; i++) {
      for (int j = 0; j < i; j++) {
        double both = (inner[i][j] + inner[j][i]) / 2;
        inner[i][j] = both;
        inner[j][i] = both;
      }
    }
    SymmetricEigen.diagonalise(inner);
    for (int i = 0; i < inner.length; i++) {
      result -= 2 * Math.sqrt(Math.max(inner[i][i], 0));
    }
    return result;
  }

  private static double[][] squareRoot(double[][] m) {
    double[][] values = new double[m.length][];
    for (int i = 0; i < m.length; i++) {
      values[i] = m[i].clone();
    }
    double[][] vectors = SymmetricEigen.diagonalise(values);
    double[][] root = new double[m.length][m.length];
    for (int k = 0; k < m.length; k++) {
      double value = Math.sqrt(Math.max(values[k][k], 0));
      for (int i = 0; i < m.length; i++) {
        for (int j = 0; j < m.length; j++) {
          root[i][j] += value * vectors[i][k] * vectors[j][k];
        }
      }
    }
    return root;
  }

  private static double[][] product(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int k = 0; k < b.length; k++) {
        for (int j = 0; j < b[0].length; j++) {
          c[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return c;
  }

  /**
   * Dynamic time warping: the least sum of |a_i - b_j| along a path of steps (1,0), (0,1), (1,1)
   * from the first samples to the last (Sakoe and Chiba 1978), no window.
   */
  public static double dynamicTimeWarping(double[] a, double[] b) {
    return dynamicTimeWarping(new double[][] {a}, new double[][] {b});
  }

  /** The same for several leads that warp together: the cost is the sum over the leads. */
  static double dynamicTimeWarping(double[][] a, double[][] b) {
    int columns = b[0].length;
    double[] row = new double[columns + 1];
    Arrays.fill(row, Double.POSITIVE_INFINITY);
    row[0] = 0;
    for (int i = 0; i < a[0].length; i++) {
      double diagonal = row[0];
      row[0] = Double.POSITIVE_INFINITY;
      for (int j = 0; j < columns; j++) {
        double cost = 0;
        for (int lead = 0; lead < a.length; lead++) {
          cost += Math.abs(a[lead][i] - b[lead][j]);
        }
        double above = row[j + 1];
        row[j + 1] = cost + Math.min(diagonal, Math.min(above, row[j]));
        diagonal = above;
      }
    }
    return row[columns];
  }

  /** The distance of each example to the nearest of {@code others}. */
  public static double[] nearestDistances(double[][] examples, double[][] others) {
    return Arrays.stream(examples).mapToDouble(x -> nearest(x, others)[0]).toArray();
  }

  /** The distance of each example to the nearest other example of its set. */
  public static double[] nearestDistancesWithin(double[][] examples) {
    return Arrays.stream(examples).mapToDouble(x -> nearest(x, examples)[0]).toArray();
  }

  /**
   * The share of generated examples that lie less than {@code share} as far from their nearest
   * training example as from the second nearest: copies rather than relatives.
   */
  public static double memorisedFraction(double[][] generated, double[][] training, double share) {
    requireTwo(training);
    long copies =
        Arrays.stream(generated)
            .map(x -> nearest(x, training))
            .filter(d -> d[0] < share * d[1])
            .count();
    return copies / (double) generated.length;
  }

  /** Distances to the nearest and second nearest that are not the same array. */
  private static double[] nearest(double[] x, double[][] others) {
    double first = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    for (double[] other : others) {
      double distance = other == x ? Double.POSITIVE_INFINITY : squaredDistance(x, other);
      if (distance < first) {
        second = first;
        first = distance;
      } else if (distance < second) {
        second = distance;
      }
    }
    return new double[] {Math.sqrt(first), Math.sqrt(second)};
  }

  /**
   * Mean difference of two sets' mean power spectra, in dB, over leads and frequencies (Hann
   * window; the mean level aside).
   *
   * @param a beats {@code [lead][sample]}
   * @param b beats of the same shape
   * @param bins frequencies 1 to this, in units of the sampling rate over the length
   */
  public static double spectralDistanceDb(List<float[][]> a, List<float[][]> b, int bins) {
    double[][] one = meanSpectrum(a, bins);
    double[][] other = meanSpectrum(b, bins);
    double sum = 0;
    for (int lead = 0; lead < one.length; lead++) {
      for (int k = 0; k < bins; k++) {
        sum += Math.abs(10 * Math.log10(one[lead][k] / other[lead][k]));
      }
    }
    return sum / one.length / bins;
  }

  private static double[][] meanSpectrum(List<float[][]> beats, int bins) {
    int leads = beats.get(0).length;
    int length = beats.get(0)[0].length;
    double[] cosine = new double[length];
    double[] sine = new double[length];
    for (int i = 0; i < length; i++) {
      cosine[i] = Math.cos(2 * Math.PI * i / length);
      sine[i] = Math.sin(2 * Math.PI * i / length);
    }
    double[][] power = new double[leads][bins];
    for (float[][] beat : beats) {
      for (int lead = 0; lead < leads; lead++) {
        for (int k = 1; k <= bins; k++) {
          double re = 0;
          double im = 0;
          for (int i = 0; i < length; i++) {
            double value = beat[lead][i] * (0.5 - 0.5 * cosine[i]);
            re += value * cosine[(int) ((long) i * k % length)];
            im += value * sine[(int) ((long) i * k % length)];
          }
          // The floor keeps a flat lead's logarithm finite.
          power[lead][k - 1] += (re * re + im * im + 1e-12) / beats.size();
        }
      }
    }
    return power;
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
  }

  static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = a[i] - b[i];
      sum += d * d;
    }
    return sum;
  }

  static double[] mean(double[][] set) {
    requireTwo(set);
    double[] mean = new double[set[0].length];
    for (double[] x : set) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += x[i] / set.length;
      }
    }
    return mean;
  }

  private static double[][] covariance(double[][] set, double[] mean) {
    double[][] covariance = new double[mean.length][mean.length];
    for (double[] x : set) {
      for (int i = 0; i < mean.length; i++) {
        for (int j = 0; j < mean.length; j++) {
          covariance[i][j] += (x[i] - mean[i]) * (x[j] - mean[j]) / (set.length - 1);
        }
      }
    }
    return covariance;
  }

  private static void requireTwo(double[][] set) {
    if (set.length < 2) {
      throw new IllegalArgumentException(
          "Invalid set of " + set.length + " examples: must have at least two");
    }
  }
}
