package org.rtcn.jobs.evaluate;

import dev.ludovic.netlib.lapack.JavaLAPACK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.netlib.util.intW;

/**
 * The directions in which centred rows vary most: leading eigenvectors of their Gram matrix, or of
 * the products of their columns where these are fewer. By LAPACK in Java, on every machine the same
 * arithmetic; Spark's own decomposition starts from a random vector whose generator goes on from
 * call to call, so that the last digits differed from run to run.
 */
final class PrincipalComponents {
  /** LAPACK was translated from Fortran; folds at work side by side do not share its variables. */
  private static final Object LAPACK = new Object();

  /** Below this share of the largest variance a direction is rounding. */
  private static final double ROUNDING = 1e-12;

  private PrincipalComponents() {}

  /**
   * The first components, that of the largest variance first.
   *
   * @param rows centred, {@code [row][column]}; their order does not matter but for rounding
   * @param most how many at most; fewer come back where the rows span fewer directions
   * @return {@code [component][column]}, orthonormal
   */
  static double[][] of(double[][] rows, int most) {
    int width = rows[0].length;
    boolean ofRows = rows.length <= width;
    int size = ofRows ? rows.length : width;
    int count = Math.min(most, size);
    double[] products = ofRows ? rowProducts(rows) : columnProducts(rows);
    double[] variances = new double[size];
    double[] vectors = new double[size * count];
    leading(products, size, count, variances, vectors);
    List<double[]> components = new ArrayList<>();
    for (int c = count - 1; c >= 0; c--) {
      if (variances[c] > ROUNDING * variances[count - 1]) {
        double[] vector = Arrays.copyOfRange(vectors, c * size, (c + 1) * size);
        components.add(ofRows ? combined(rows, vector, Math.sqrt(variances[c])) : vector);
      }
    }
    return components.toArray(new double[0][]);
  }

  /** Upper triangle of the products of each two rows, column by column. */
  private static double[] rowProducts(double[][] rows) {
    int size = rows.length;
    double[] products = new double[size * size];
    for (int j = 0; j < size; j++) {
      for (int i = 0; i <= j; i++) {
        double sum = 0;
        for (int k = 0; k < rows[i].length; k++) {
          sum += rows[i][k] * rows[j][k];
        }
        products[i + j * size] = sum;
      }
    }
    return products;
  }

  /** Upper triangle of the products of each two columns, column by column. */
  private static double[] columnProducts(double[][] rows) {
    int size = rows[0].length;
    double[] products = new double[size * size];
    for (double[] row : rows) {
      for (int j = 0; j < size; j++) {
        double factor = row[j];
        int column = j * size;
        for (int i = 0; i <= j; i++) {
          products[column + i] += factor * row[i];
        }
      }
    }
    return products;
  }

  /** The largest eigenvalues, ascending, and their vectors one after the other. */
  private static void leading(
      double[] matrix, int size, int count, double[] values, double[] vectors) {
    intW found = new intW(0);
    intW info = new intW(0);
    synchronized (LAPACK) {
      JavaLAPACK.getInstance()
          .dsyevx(
              "V",
              "I",
              "U",
              size,
              matrix,
              size,
              0,
              0,
              size - count + 1,
              size,
              2 * Double.MIN_NORMAL,
              found,
              values,
              vectors,
              size,
              new double[8 * size],
              8 * size,
              new int[5 * size],
              new int[size],
              info);
    }
    if (info.val != 0 || found.val != count) {
      throw new IllegalStateException(
          "Failed to find principal components: LAPACK's dsyevx says " + info.val);
    }
  }

  /** The direction that a combination of rows points to. */
  private static double[] combined(double[][] rows, double[] factors, double length) {
    double[] sum = new double[rows[0].length];
    for (int i = 0; i < rows.length; i++) {
      for (int k = 0; k < sum.length; k++) {
        sum[k] += factors[i] * rows[i][k] / length;
      }
    }
    return sum;
  }
}
