package org.rtcn.common.metrics;

/**
 * Cox's recalibration of a probability: slope and intercept (Cox 1958; Van Calster et al. 2019). A
 * perfectly calibrated model has slope 1 and intercept 0. A slope below 1 says that its
 * probabilities are too extreme; an intercept below 0 that they are too high on average.
 */
public final class LogisticCalibration {
  private static final double EDGE = 1e-9;
  private static final int MOST_STEPS = 50;

  /** Beyond this slope the data are as good as separated and no slope is defined. */
  private static final double STEEPEST = 1e3;

  private LogisticCalibration() {}

  /**
   * b of logit P(positive) = a + b logit(score), by maximum likelihood; NaN where it is not defined
   * (one class only, equal scores, or classes that the score separates without error).
   */
  public static double slope(boolean[] positive, double[] score) {
    double[] x = logits(score);
    double a = 0;
    double b = 1;
    if (!bothKinds(positive) || constant(x) || separated(positive, x)) {
      return Double.NaN;
    }
    for (int s = 0; s < MOST_STEPS; s++) {
      double ga = 0;
      double gb = 0;
      double haa = 0;
      double hab = 0;
      double hbb = 0;
      for (int i = 0; i < x.length; i++) {
        double p = 1 / (1 + Math.exp(-(a + b * x[i])));
        double error = (positive[i] ? 1 : 0) - p;
        double w = Math.max(1e-12, p * (1 - p));
        ga += error;
        gb += error * x[i];
        haa += w;
        hab += w * x[i];
        hbb += w * x[i] * x[i];
      }
      double determinant = haa * hbb - hab * hab;
      if (!(determinant > 1e-18)) {
        return Double.NaN;
      }
      double da = (hbb * ga - hab * gb) / determinant;
      double db = (haa * gb - hab * ga) / determinant;
      // Newton overshoots from far away; the log-likelihood is concave, so shorter steps get there.
      double damp = Math.min(1, 5 / Math.max(Math.abs(da), Math.abs(db)));
      a += damp * da;
      b += damp * db;
      if (Math.abs(da) + Math.abs(db) < 1e-9) {
        return Math.abs(b) < STEEPEST ? b : Double.NaN;
      }
    }
    return Double.NaN;
  }

  /**
   * a of logit P(positive) = a + logit(score): calibration in the large; NaN where there is one
   * class only.
   */
  public static double intercept(boolean[] positive, double[] score) {
    if (!bothKinds(positive)) {
      return Double.NaN;
    }
    double[] x = logits(score);
    double low = -50;
    double high = 50;
    // The expected number of positives rises with a: halving finds it whatever the scores.
    for (int s = 0; s < 80; s++) {
      double a = (low + high) / 2;
      double surplus = 0;
      for (int i = 0; i < x.length; i++) {
        surplus += (positive[i] ? 1 : 0) - 1 / (1 + Math.exp(-(a + x[i])));
      }
      if (surplus > 0) {
        low = a;
      } else {
        high = a;
      }
    }
    return (low + high) / 2;
  }

  private static double[] logits(double[] score) {
    double[] x = new double[score.length];
    for (int i = 0; i < x.length; i++) {
      double p = Math.max(EDGE, Math.min(1 - EDGE, score[i]));
      x[i] = Math.log(p / (1 - p));
    }
    return x;
  }

  private static boolean bothKinds(boolean[] positive) {
    boolean some = false;
    boolean others = false;
    for (boolean p : positive) {
      some |= p;
      others |= !p;
    }
    return some && others;
  }

  private static boolean constant(double[] x) {
    for (double v : x) {
      if (v != x[0]) {
        return false;
      }
    }
    return true;
  }

  private static boolean separated(boolean[] positive, double[] x) {
    double lowestPositive = Double.POSITIVE_INFINITY;
    double highestPositive = Double.NEGATIVE_INFINITY;
    double lowestNegative = Double.POSITIVE_INFINITY;
    double highestNegative = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < x.length; i++) {
      if (positive[i]) {
        lowestPositive = Math.min(lowestPositive, x[i]);
        highestPositive = Math.max(highestPositive, x[i]);
      } else {
        lowestNegative = Math.min(lowestNegative, x[i]);
        highestNegative = Math.max(highestNegative, x[i]);
      }
    }
    return lowestPositive >= highestNegative || lowestNegative >= highestPositive;
  }
}
