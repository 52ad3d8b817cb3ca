package org.rtcn.common.metrics;

import java.io.Serializable;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;

/**
 * Temperature scaling (Guo, Pleiss, Sun and Weinberger 2017): probabilities become {@code p^(1/T)},
 * brought to sum 1. T above 1 takes confidence away, below 1 adds some; the order of the classes,
 * and so every answer, stays.
 *
 * @param temperature T, positive; 1 changes nothing
 */
public record TemperatureScaling(double temperature) implements Serializable {
  /** Beyond these a temperature says that the validation cases could not tell. */
  static final double LOWEST = 0.05;

  static final double HIGHEST = 20;

  /** A probability of exactly 0 could never be mended by any temperature. */
  static final double SMALLEST = 1e-12;

  /**
   * @throws IllegalArgumentException if the temperature is not positive
   */
  public TemperatureScaling {
    if (!(temperature > 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "Invalid temperature " + temperature + ": must be a positive number");
    }
  }

  /**
   * The temperature of smallest log loss. The loss is convex in 1/T, so there is one smallest.
   *
   * @param truth index of the true class per case
   * @param probabilities {@code [case][class]}
   * @throws IllegalArgumentException if there are no cases
   */
  public static TemperatureScaling fit(int[] truth, double[][] probabilities) {
    if (truth.length == 0) {
      throw new IllegalArgumentException("Cannot fit a temperature: there are no cases");
    }
    double best =
        new BrentOptimizer(1e-8, 1e-10)
            .optimize(
                new MaxEval(500),
                GoalType.MINIMIZE,
                new SearchInterval(Math.log(LOWEST), Math.log(HIGHEST), 0),
                new UnivariateObjectiveFunction(
                    logT -> {
                      TemperatureScaling scaling = new TemperatureScaling(Math.exp(logT));
                      double loss = 0;
                      for (int i = 0; i < truth.length; i++) {
                        loss -= scaling.logOf(probabilities[i], truth[i]);
                      }
                      return loss / truth.length;
                    }))
            .getPoint();
    return new TemperatureScaling(Math.exp(best));
  }

  /** The scaled probabilities, sum 1. */
  public double[] apply(double[] probabilities) {
    double[] scaled = new double[probabilities.length];
    for (int c = 0; c < scaled.length; c++) {
      scaled[c] = Math.exp(logOf(probabilities, c));
    }
    return scaled;
  }

  private double logOf(double[] probabilities, int c) {
    double max = Double.NEGATIVE_INFINITY;
    for (double p : probabilities) {
      max = Math.max(max, Math.log(Math.max(SMALLEST, p)) / temperature);
    }
    double sum = 0;
    for (double p : probabilities) {
      sum += Math.exp(Math.log(Math.max(SMALLEST, p)) / temperature - max);
    }
    return Math.log(Math.max(SMALLEST, probabilities[c])) / temperature - max - Math.log(sum);
  }
}
