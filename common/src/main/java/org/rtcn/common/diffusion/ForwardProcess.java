package org.rtcn.common.diffusion;

/** q: how a beat dissolves into noise. No state apart from its schedule; arrays of any layout. */
public final class ForwardProcess {
  private final NoiseSchedule schedule;

  public ForwardProcess(NoiseSchedule schedule) {
    this.schedule = schedule;
  }

  /**
   * Draws from q(x_t | x_0) = N(sqrt(alphaBar_t) x_0, 1 - alphaBar_t) with the given standard
   * normal noise (Ho et al. 2020, equation 4).
   */
  public double[] qSample(double[] x0, int t, double[] epsilon) {
    requireSameLength(x0.length, epsilon.length);
    double a = Math.sqrt(schedule.alphaBar(t));
    double s = Math.sqrt(1 - schedule.alphaBar(t));
    double[] xt = new double[x0.length];
    for (int i = 0; i < xt.length; i++) {
      xt[i] = a * x0[i] + s * epsilon[i];
    }
    return xt;
  }

  /** {@link #qSample} for the training loop: writes x_t at {@code offset}. */
  void qSample(float[] x0, int t, float[] epsilon, float[] xt, int offset) {
    requireSameLength(x0.length, epsilon.length);
    double a = Math.sqrt(schedule.alphaBar(t));
    double s = Math.sqrt(1 - schedule.alphaBar(t));
    for (int i = 0; i < x0.length; i++) {
      xt[offset + i] = (float) (a * x0[i] + s * epsilon[i]);
    }
  }

  private static void requireSameLength(int signal, int noise) {
    if (signal != noise) {
      throw new IllegalArgumentException(
          "Invalid noise of " + noise + " values for a signal of " + signal);
    }
  }
}
