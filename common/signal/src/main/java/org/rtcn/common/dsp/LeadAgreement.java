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
  private final int stride;
  private final double[][] heights;
  private final double[][] sums;
  private final double[][] squares;

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
    this.sums = new double[heights.length][];
    this.squares = new double[heights.length][];
    for (int lead = 0; lead < heights.length; lead++) {
      sums[lead] = cumulative(heights[lead], null);
      squares[lead] = cumulative(heights[lead], heights[lead]);
    }
    this.stride = stride;
  }

  /** Of the products, or of the values themselves. */
  private static double[] cumulative(double[] values, double[] others) {
    double[] sums = new double[values.length + 1];
    for (int k = 0; k < values.length; k++) {
      sums[k + 1] = sums[k] + values[k] * (others == null ? 1 : others[k]);
    }
    return sums;
  }

  /**
   * {@code [lead][block]}, 0 to 1. Of three leads and more each is judged by the quarter of the
   * others that it agrees with best. Two can only contradict each other: then the first one, by
   * whose waves beats are placed, decides wherever it stands out by itself.
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
      double[] r = correlation(0, 1);
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
        pairs[one][other - 1] = correlation(one, other);
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
  private double[] correlation(int one, int other) {
    int m = heights[one].length;
    double[] products = cumulative(heights[one], heights[other]);
    double[] r = new double[blocks.count()];
    for (int block = 0; block < r.length; block++) {
      int centre = blocks.middle(block) / stride;
      int from = Math.max(0, centre - reach);
      int to = Math.min(m, centre + reach);
      double count = to - from;
      double meanA = (sums[one][to] - sums[one][from]) / count;
      double meanB = (sums[other][to] - sums[other][from]) / count;
      double aa = (squares[one][to] - squares[one][from]) / count - meanA * meanA;
      double bb = (squares[other][to] - squares[other][from]) / count - meanB * meanB;
      double ab = (products[to] - products[from]) / count - meanA * meanB;
      r[block] = ab / Math.sqrt(Math.max(0, aa * bb) + 1e-12);
    }
    return r;
  }
}
