package org.rtcn.common.diffusion;

/**
 * What the network predicts from (x_t, t). With a = sqrt(alphaBar) and s = sqrt(1 - alphaBar), x_t
 * = a x_0 + s epsilon, each prediction gives the other two.
 */
public enum Parameterisation {
  /** The noise epsilon (Ho et al. 2020). Ill-conditioned for x_0 near t = T, where a is small. */
  EPSILON {
    @Override
    double target(double a, double s, double x0, double epsilon) {
      return epsilon;
    }

    @Override
    double x0(double a, double s, double xt, double prediction) {
      return (xt - s * prediction) / a;
    }

    @Override
    double prediction(double a, double s, double xt, double x0) {
      return (xt - a * x0) / s;
    }
  },
  /** The clean signal itself. */
  X0 {
    @Override
    double target(double a, double s, double x0, double epsilon) {
      return x0;
    }

    @Override
    double x0(double a, double s, double xt, double prediction) {
      return prediction;
    }

    @Override
    double prediction(double a, double s, double xt, double x0) {
      return x0;
    }
  },
  /** v = a epsilon - s x_0 (Salimans and Ho 2022): well-conditioned at every t. */
  V {
    @Override
    double target(double a, double s, double x0, double epsilon) {
      return a * epsilon - s * x0;
    }

    @Override
    double x0(double a, double s, double xt, double prediction) {
      return a * xt - s * prediction;
    }

    @Override
    double prediction(double a, double s, double xt, double x0) {
      return (a * xt - x0) / s;
    }
  };

  /** What the network should say. */
  abstract double target(double a, double s, double x0, double epsilon);

  /** The x_0 that a prediction implies. */
  abstract double x0(double a, double s, double xt, double prediction);

  /** The prediction that means {@code x0}: the inverse of {@link #x0}. */
  abstract double prediction(double a, double s, double xt, double x0);

  /** The squared error of x_0 that a prediction with a squared error of 1 implies. */
  final double x0Error(double alphaBar) {
    return switch (this) {
      case EPSILON -> (1 - alphaBar) / alphaBar;
      case X0 -> 1;
      case V -> 1 - alphaBar;
    };
  }
}
