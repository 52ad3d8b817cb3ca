package org.rtcn.common.diffusion;

/**
 * How much the error at a step t counts in the loss. Every weighting is a weight on the squared
 * error of x_0, times what the same error is in the network's own terms ({@link
 * Parameterisation#x0Error}); so it means the same whatever the network predicts.
 */
public enum LossWeighting {
  /** The mean squared error of what the network predicts, as it is. */
  UNIFORM {
    @Override
    double weight(double alphaBar, Parameterisation says) {
      return 1;
    }
  },
  /** The mean squared error of the noise (Ho et al. 2020, equation 14): small where noise rules. */
  NOISE {
    @Override
    double weight(double alphaBar, Parameterisation says) {
      return says == Parameterisation.EPSILON ? 1 : snr(alphaBar) * says.x0Error(alphaBar);
    }
  },
  /** The squared error of x_0 times the lesser of SNR and 5 (Hang et al. 2023, equation 8). */
  MIN_SNR {
    @Override
    double weight(double alphaBar, Parameterisation says) {
      return Math.min(snr(alphaBar), LARGEST_SNR) * says.x0Error(alphaBar);
    }
  };

  private static final double LARGEST_SNR = 5;

  /** The factor of a beat's mean squared error. */
  abstract double weight(double alphaBar, Parameterisation says);

  private static double snr(double alphaBar) {
    return alphaBar / (1 - alphaBar);
  }
}
