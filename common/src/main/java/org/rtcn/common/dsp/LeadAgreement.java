package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * How well the leads of a recording agree on when its beats are. Leads that look at one heart rise
 * and fall together; noise keeps to itself.
 */
final class LeadAgreement {
  private static final double REACH_SECONDS = 5;

  /** Below this correlation of their heights two leads don't agree; above the second they do. */
  private static final double APART = 0.2;

  private static final double TOGETHER = 0.6;
  private static final double LEAST = 0.01;

  /** A height beyond this is an artefact, whose size says nothing. */
  private static final double MOST_HEIGHT = 2;

  private final Blocks blocks;
  private final int reach;
  private final double[][] heights;

  /**
   * @param energies {@code [lead][sample]}
   * @param levels {@code [lead][block]}: energy of the lead's beats, 0 where unknown
   * @param stride samples of the energies from one that is looked at to the next
   */
  LeadAgreement(double[][] energies, double[][] levels, Blocks blocks, int stride, double fsHz) {
    this.blocks = blocks;
    this.reach = (int) Math.round(REACH_SECONDS * fsHz) / stride;
    this.heights = new double[energies.length][(energies[0].length + stride - 1) / stride];
    for (int lead = 0; lead < heights.length; lead++) {
      for (int k = 0; k < heights[lead].length; k++) {
        double own = blocks.between(levels[lead], k * stride);
        heights[lead][k] =
            own == 0 ? 0 : Math.min(MOST_HEIGHT, Math.sqrt(energies[lead][k * stride] / own));
      }
    }
    this.stride = stride;
  }

  private final int stride;

  /**
   * {@code [lead][block]}, 0 to 1. Of three leads and more each is judged by the quarter of the
   * others that it agrees with best. Two can only contradict each other: then the first one, by
   * whose waves beats are placed, has the word wherever it stands out by itself.
   *
   * @param firstStandsOut per block
   */
  double[][] factors(boolean[] firstStandsOut) {
    int leads = heights.length;
    double[][] factors = new double[leads][blocks.count()];
    if (leads < 3) {
      Arrays.fill(factors[0], 1);
    }
    if (leads == 2) {
      double[] r = correlation(heights[0], heights[1]);
      for (int b = 0; b < r.length; b++) {
        factors[1][b] = firstStandsOut[b] ? factor(r[b]) : 1;
      }
    }
    if (leads < 3) {
      return factors;
    }
    double[][][] pairs = new double[leads][leads - 1][];
    for (int one = 0; one < leads; one++) {
      for (int other = one + 1; other < leads; other++) {
        pairs[one][other - 1] = correlation(heights[one], heights[other]);
        pairs[other][one] = pairs[one][other - 1];
      }
    }
    double[] others = new double[leads - 1];
    for (int lead = 0; lead < leads; lead++) {
      for (int b = 0; b < blocks.count(); b++) {
        for (int k = 0; k < others.length; k++) {
          others[k] = pairs[lead][k][b];
        }
        Arrays.sort(others);
        factors[lead][b] = factor(others[others.length - 1 - others.length / 4]);
      }
    }
    return factors;
  }

  private static double factor(double correlation) {
    return Math.max(LEAST, Math.min(1, (correlation - APART) / (TOGETHER - APART)));
  }

  /** Per block, of what lies within reach of its middle. */
  private double[] correlation(double[] a, double[] b) {
    int m = a.length;
    double[][] sums = new double[5][m + 1];
    for (int k = 0; k < m; k++) {
      sums[0][k + 1] = sums[0][k] + a[k];
      sums[1][k + 1] = sums[1][k] + b[k];
      sums[2][k + 1] = sums[2][k] + a[k] * a[k];
      sums[3][k + 1] = sums[3][k] + b[k] * b[k];
      sums[4][k + 1] = sums[4][k] + a[k] * b[k];
    }
    double[] r = new double[blocks.count()];
    for (int block = 0; block < r.length; block++) {
      int centre = blocks.middle(block) / stride;
      int from = Math.max(0, centre - reach);
      int to = Math.min(m, centre + reach);
      double count = to - from;
      double meanA = (sums[0][to] - sums[0][from]) / count;
      double meanB = (sums[1][to] - sums[1][from]) / count;
      double aa = (sums[2][to] - sums[2][from]) / count - meanA * meanA;
      double bb = (sums[3][to] - sums[3][from]) / count - meanB * meanB;
      double ab = (sums[4][to] - sums[4][from]) / count - meanA * meanB;
      r[block] = ab / Math.sqrt(aa * bb + 1e-12);
    }
    return r;
  }
}
