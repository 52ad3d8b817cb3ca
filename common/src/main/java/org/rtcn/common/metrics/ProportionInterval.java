package org.rtcn.common.metrics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.BetaDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * Exact intervals of proportions. Where each patient is one case that is the interval of Clopper
 * and Pearson (1934): 4 of 4 gives 0.40 to 1.00, where a bootstrap would know of no doubt. Where
 * patients bring several cases, these resemble each other, and the effective number of cases takes
 * the place of the number (Korn and Graubard, Survey Methodology 1998; 24:193): p(1 - p) over the
 * variance between patients, never more than the cases, with the correction for few patients. Where
 * all cases or none are hits that variance is 0 and says nothing; the number of patients counts
 * then.
 */
final class ProportionInterval {
  private ProportionInterval() {}

  /**
   * The interval of a proportion.
   *
   * @param confidence coverage, for example 0.95
   * @param patients the patient of each case
   * @param counted which cases the proportion is of
   * @param hit which of them count as hits; cases that are not counted are of no account
   * @return low and high; NaN without a counted case
   */
  static double[] of(double confidence, List<String> patients, boolean[] counted, boolean[] hit) {
    Map<String, long[]> byPatient = new LinkedHashMap<>();
    long cases = 0;
    long hits = 0;
    for (int i = 0; i < counted.length; i++) {
      if (counted[i]) {
        long[] of = byPatient.computeIfAbsent(patients.get(i), p -> new long[2]);
        of[0] += hit[i] ? 1 : 0;
        of[1]++;
        hits += hit[i] ? 1 : 0;
        cases++;
      }
    }
    if (cases == 0) {
      return new double[] {Double.NaN, Double.NaN};
    }
    double effective = effectiveCases(confidence, byPatient, hits, cases);
    return clopperPearson(confidence, effective * hits / cases, effective);
  }

  private static double effectiveCases(
      double confidence, Map<String, long[]> byPatient, long hits, long cases) {
    int patients = byPatient.size();
    if (patients == cases || patients < 2 || hits == 0 || hits == cases) {
      return patients;
    }
    double p = (double) hits / cases;
    double squares = 0;
    for (long[] of : byPatient.values()) {
      double residual = of[0] - p * of[1];
      squares += residual * residual;
    }
    double variance = patients / (patients - 1.0) * squares / ((double) cases * cases);
    double tail = 1 - (1 - confidence) / 2;
    double few =
        new TDistribution(cases - 1.0).inverseCumulativeProbability(tail)
            / new TDistribution(patients - 1.0).inverseCumulativeProbability(tail);
    return Math.min((double) cases, p * (1 - p) / variance * few * few);
  }

  /**
   * The interval of Clopper and Pearson.
   *
   * @param hits 0 to {@code cases}; need not be whole
   */
  static double[] clopperPearson(double confidence, double hits, double cases) {
    double tail = (1 - confidence) / 2;
    double misses = cases - hits;
    double low = hits <= 0 ? 0 : quantile(hits, misses + 1, tail);
    double high = misses <= 0 ? 1 : quantile(hits + 1, misses, 1 - tail);
    return new double[] {low, high};
  }

  private static double quantile(double alpha, double beta, double q) {
    return new BetaDistribution(null, alpha, beta).inverseCumulativeProbability(q);
  }
}
