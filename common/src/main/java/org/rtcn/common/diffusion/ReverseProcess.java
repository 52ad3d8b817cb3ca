package org.rtcn.common.diffusion;

/**
 * p: one step back from x_t, given what the network says about x_0. Both steps are written in x_0,
 * so that x_0 can be clipped to what a beat can be before it is used.
 */
public final class ReverseProcess {
  private final NoiseSchedule schedule;

  public ReverseProcess(NoiseSchedule schedule) {
    this.schedule = schedule;
  }

  /** The x_0 that a prediction at (x_t, t) implies. */
  public double predictX0(double xt, int t, double prediction, Parameterisation parameterisation) {
    double alphaBar = schedule.alphaBar(t);
    return parameterisation.x0(Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar), xt, prediction);
  }

  /**
   * One ancestral step: draws x_{t-1} from q(x_{t-1} | x_t, x_0) (Ho et al. 2020, algorithm 2, with
   * the variance of equation 7). At t = 0 no noise is added.
   *
   * @param noise a standard normal number
   */
  public double ddpmStep(double xt, int t, double x0, double noise) {
    double mean = schedule.posteriorMeanCoefX0(t) * x0 + schedule.posteriorMeanCoefXt(t) * xt;
    return t == 0 ? mean : mean + Math.sqrt(schedule.posteriorVariance(t)) * noise;
  }

  /**
   * One DDIM step from t to an earlier {@code s} (Song et al. 2020, equations 12 and 16).
   *
   * @param s the step to go to; -1 is the clean beat
   * @param eta 0: deterministic; 1: as noisy as DDPM
   * @param noise a standard normal number (no matter when eta = 0)
   */
  public double ddimStep(double xt, int t, int s, double x0, double eta, double noise) {
    double from = schedule.alphaBar(t);
    double to = schedule.alphaBar(s);
    double epsilon = (xt - Math.sqrt(from) * x0) / Math.sqrt(1 - from);
    double sigma = eta * Math.sqrt((1 - to) / (1 - from) * (1 - from / to));
    double direction = Math.sqrt(Math.max(1 - to - sigma * sigma, 0));
    return Math.sqrt(to) * x0 + direction * epsilon + sigma * noise;
  }

  /**
   * Carries a prediction of x_0 on to the middle of the step ahead, from this and the one before:
   * {@link #ddimStep} with eta = 0 and this x_0 is of second order (DPM-Solver++ 2M: Lu et al.
   * 2022, algorithm 2). Without it a short path makes beats that vary too little.
   *
   * @param x0 predicted at t
   * @param x0Before predicted at tBefore
   * @param tBefore the step that led to t
   * @param t the present step
   * @param s the step to go to, not below 0
   */
  public double extrapolateX0(double x0, double x0Before, int tBefore, int t, int s) {
    double ahead = schedule.logSnr(s) - schedule.logSnr(t);
    double behind = schedule.logSnr(t) - schedule.logSnr(tBefore);
    return x0 + 0.5 * ahead / behind * (x0 - x0Before);
  }
}
