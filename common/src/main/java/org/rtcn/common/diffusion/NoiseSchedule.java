package org.rtcn.common.diffusion;

import java.util.Arrays;

/**
 * The variances of a Gaussian diffusion with T steps, in double: beta, alpha = 1 - beta, alphaBar =
 * the running product of alpha, and the coefficients of the posterior q(x_{t-1} | x_t, x_0) (Ho et
 * al. 2020, equations 6 and 7).
 */
public final class NoiseSchedule {

  /** How beta grows with t. */
  public enum Kind {
    /**
     * Linear from 0.1/T to 20/T (Ho et al. 2020 at T = 1000, scaled so that alphaBar ends alike).
     */
    LINEAR,
    /** alphaBar = cos² of the way (Nichol and Dhariwal 2021, equation 17, s = 0.008). */
    COSINE,
    /** LINEAR stretched so that nothing of the beat is left at the end. */
    LINEAR_ZERO_SNR,
    /** COSINE stretched so that nothing of the beat is left at the end. */
    COSINE_ZERO_SNR;

    /** T must be above this: betas of a shorter linear schedule would reach 1. */
    int shortest() {
      return this == LINEAR || this == LINEAR_ZERO_SNR ? 20 : 1;
    }

    /** Whether alphaBar ends at exactly 0, where epsilon says nothing about x_0. */
    boolean endsAtNoise() {
      return this == LINEAR_ZERO_SNR || this == COSINE_ZERO_SNR;
    }
  }

  private static final double COSINE_OFFSET = 0.008;
  private static final double LARGEST_BETA = 0.999;

  /** Below this there is nothing of a beat left to see. */
  private static final double NOISIEST_LOG_SNR = -4;

  private final double[] beta;
  private final double[] alphaBar;

  private NoiseSchedule(double[] beta) {
    this.beta = beta;
    this.alphaBar = new double[beta.length];
    double product = 1;
    for (int t = 0; t < beta.length; t++) {
      product *= 1 - beta[t];
      alphaBar[t] = product;
    }
  }

  /** The schedule of {@code kind} with {@code steps} = T steps. */
  public static NoiseSchedule of(Kind kind, int steps) {
    return switch (kind) {
      case LINEAR -> linear(steps, 0.1 / steps, 20.0 / steps);
      case COSINE -> cosine(steps);
      case LINEAR_ZERO_SNR -> of(Kind.LINEAR, steps).withZeroTerminalSnr();
      case COSINE_ZERO_SNR -> of(Kind.COSINE, steps).withZeroTerminalSnr();
    };
  }

  /**
   * This schedule with sqrt(alphaBar) shifted and scaled so that it keeps its first value and ends
   * at exactly 0: the last step is noise alone, as the sampler takes it to be (Lin et al. 2023,
   * algorithm 1).
   */
  NoiseSchedule withZeroTerminalSnr() {
    int last = steps() - 1;
    double first = Math.sqrt(alphaBar[0]);
    double end = Math.sqrt(alphaBar[last]);
    double[] stretched = new double[steps()];
    double before = 1;
    for (int t = 0; t <= last; t++) {
      double root = (Math.sqrt(alphaBar[t]) - end) * first / (first - end);
      stretched[t] = t == last ? 1 : 1 - root * root / before;
      before = root * root;
    }
    return new NoiseSchedule(stretched);
  }

  /**
   * beta linear from {@code first} to {@code last}, both included.
   *
   * @throws IllegalArgumentException unless T is at least 2 and 0 &lt; first &lt;= last &lt; 1
   */
  public static NoiseSchedule linear(int steps, double first, double last) {
    requireSteps(steps);
    if (!(first > 0 && first <= last && last < 1)) {
      throw new IllegalArgumentException(
          "Invalid betas from "
              + first
              + " to "
              + last
              + ": need 0 < first <= last < 1 (a linear schedule needs T above 20)");
    }
    double[] beta = new double[steps];
    for (int t = 0; t < steps; t++) {
      beta[t] = first + t * ((last - first) / (steps - 1));
    }
    return new NoiseSchedule(beta);
  }

  /**
   * alphaBar(t) = f(t + 1) / f(0) with f(u) = cos²((u/T + s) / (1 + s) · π/2); beta at most 0.999.
   */
  public static NoiseSchedule cosine(int steps) {
    requireSteps(steps);
    double[] beta = new double[steps];
    for (int t = 0; t < steps; t++) {
      double ratio = cosineAlphaBar(t + 1, steps) / cosineAlphaBar(t, steps);
      beta[t] = Math.min(Math.max(1 - ratio, 0), LARGEST_BETA);
    }
    return new NoiseSchedule(beta);
  }

  private static double cosineAlphaBar(double u, int steps) {
    double c = Math.cos((u / steps + COSINE_OFFSET) / (1 + COSINE_OFFSET) * Math.PI / 2);
    return c * c;
  }

  private static void requireSteps(int steps) {
    if (steps < 2) {
      throw new IllegalArgumentException("Invalid T " + steps + ": need at least 2 steps");
    }
  }

  /** T. */
  public int steps() {
    return beta.length;
  }

  /** The variance added at step t. */
  public double beta(int t) {
    return beta[t];
  }

  /** 1 - beta(t). */
  public double alpha(int t) {
    return 1 - beta[t];
  }

  /** The share of x_0's variance left at t; 1 for t = -1 (the clean beat). */
  public double alphaBar(int t) {
    return t < 0 ? 1 : alphaBar[t];
  }

  /** Variance of q(x_{t-1} | x_t, x_0). */
  public double posteriorVariance(int t) {
    return beta[t] * (1 - alphaBar(t - 1)) / (1 - alphaBar[t]);
  }

  /** Weight of x_0 in the mean of q(x_{t-1} | x_t, x_0). */
  public double posteriorMeanCoefX0(int t) {
    return beta[t] * Math.sqrt(alphaBar(t - 1)) / (1 - alphaBar[t]);
  }

  /** Weight of x_t in the mean of q(x_{t-1} | x_t, x_0). */
  public double posteriorMeanCoefXt(int t) {
    return (1 - alphaBar(t - 1)) * Math.sqrt(alpha(t)) / (1 - alphaBar[t]);
  }

  /** Half the log of signal over noise variance: log(sqrt(alphaBar) / sqrt(1 - alphaBar)). */
  public double logSnr(int t) {
    return 0.5 * Math.log(alphaBar[t] / (1 - alphaBar[t]));
  }

  /**
   * {@code count} steps from T - 1 down to 0, as evenly spaced in t as whole numbers allow: the
   * path of a shortened stochastic sampler.
   *
   * @throws IllegalArgumentException unless 2 &lt;= count &lt;= T
   */
  public int[] path(int count) {
    requirePath(count);
    int[] path = new int[count];
    for (int i = 0; i < count; i++) {
      path[i] = (int) Math.round((steps() - 1) * (1 - i / (double) (count - 1)));
    }
    return path;
  }

  /**
   * At most {@code count} steps from T - 1 down to 0, after the first evenly spaced in the log of
   * the signal-to-noise ratio: the path of the deterministic sampler, which then errs alike at all
   * scales. With steps even in t, the last few would lose a third of the variance of small
   * components.
   *
   * @throws IllegalArgumentException unless 2 &lt;= count &lt;= T
   */
  public int[] logSnrPath(int count) {
    requirePath(count);
    double noisiest = Math.max(NOISIEST_LOG_SNR, logSnr(steps() - 1));
    double cleanest = logSnr(0);
    int[] path = new int[count];
    path[0] = steps() - 1;
    int length = 1;
    for (int i = 0; i < count - 1; i++) {
      double share = count == 2 ? 1 : i / (count - 2.0);
      int t = nearest(noisiest + share * (cleanest - noisiest));
      if (t < path[length - 1]) {
        path[length++] = t;
      }
    }
    return Arrays.copyOf(path, length);
  }

  private int nearest(double logSnr) {
    int best = 0;
    for (int t = 1; t < steps(); t++) {
      if (Math.abs(logSnr(t) - logSnr) < Math.abs(logSnr(best) - logSnr)) {
        best = t;
      }
    }
    return best;
  }

  private void requirePath(int count) {
    if (count < 2 || count > steps()) {
      throw new IllegalArgumentException(
          "Invalid sampler steps " + count + ": need 2 to T = " + steps());
    }
  }
}
