package org.rtcn.common.drift;

import java.util.Arrays;
import org.apache.commons.math3.stat.inference.ChiSquareTest;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;

/**
 * How far two nights lie apart.
 *
 * @param distance 0 for the same distribution, 1 for two that have nothing in common
 * @param pValue how often chance alone would take two nights of these sizes at least as far apart
 */
public record Drift(double distance, double pValue) {
  /** Sizes up to whose product the exact distribution is computed. */
  private static final long EXACT = 10_000;

  /**
   * Of a measure in bins: the largest difference between the cumulative distributions, with the p
   * value of the two-sample Kolmogorov–Smirnov test. Ties within bins make the test cautious.
   *
   * @param first counts by bin
   * @param second of the same bins
   * @throws IllegalArgumentException if either has no count
   */
  public static Drift ofDistributions(long[] first, long[] second) {
    long n = requireCounts(first, second);
    long m = Arrays.stream(second).sum();
    long a = 0;
    long b = 0;
    double distance = 0;
    for (int bin = 0; bin < first.length; bin++) {
      a += first[bin];
      b += second[bin];
      distance = Math.max(distance, Math.abs((double) a / n - (double) b / m));
    }
    KolmogorovSmirnovTest test = new KolmogorovSmirnovTest();
    double pValue =
        n * m <= EXACT
            ? test.exactP(distance, (int) n, (int) m, false)
            : test.approximateP(
                distance, (int) Math.min(n, 1_000_000), (int) Math.min(m, 1_000_000));
    return new Drift(distance, pValue);
  }

  /**
   * Of classes: half the sum of the differences between their shares, with the p value of the χ²
   * test of homogeneity.
   *
   * @param first counts by class
   * @param second of the same classes
   * @throws IllegalArgumentException if either has no count
   */
  public static Drift ofShares(long[] first, long[] second) {
    long n = requireCounts(first, second);
    long m = Arrays.stream(second).sum();
    double distance = 0;
    for (int each = 0; each < first.length; each++) {
      distance += Math.abs((double) first[each] / n - (double) second[each] / m) / 2;
    }
    int[] seen =
        java.util.stream.IntStream.range(0, first.length)
            .filter(each -> first[each] + second[each] > 0)
            .toArray();
    if (seen.length < 2) {
      return new Drift(distance, 1);
    }
    double pValue =
        new ChiSquareTest()
            .chiSquareTestDataSetsComparison(
                Arrays.stream(seen).mapToLong(each -> first[each]).toArray(),
                Arrays.stream(seen).mapToLong(each -> second[each]).toArray());
    return new Drift(distance, pValue);
  }

  private static long requireCounts(long[] first, long[] second) {
    long n = Arrays.stream(first).sum();
    if (first.length != second.length || n == 0 || Arrays.stream(second).sum() == 0) {
      throw new IllegalArgumentException(
          "Cannot compare counts of "
              + first.length
              + " and "
              + second.length
              + " bins: both need the same bins, and something in them");
    }
    return n;
  }
}
