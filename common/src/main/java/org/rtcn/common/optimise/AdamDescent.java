package org.rtcn.common.optimise;

import java.util.function.IntToDoubleFunction;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;

/**
 * The descent of a flat vector of weights: the gradient is clipped by its norm (Pascanu, Mikolov,
 * Bengio 2013, algorithm 1), goes through Adam (Kingma and Ba 2015) and is subtracted, with weight
 * decay where there is any. It owns the moments, which stay with the kernels.
 *
 * <p>Not thread-safe.
 */
public final class AdamDescent implements AutoCloseable {
  private final Kernels kernels;
  private final Kernels.Adam constants;
  private final IntToDoubleFunction rate;
  private final double maxNorm;
  private final Array moment1;
  private final Array moment2;

  /**
   * @param length of the vector
   * @param rate learning rate of an iteration, from 0
   * @param maxNorm Euclidean norm that a gradient may have at most, 0 for any
   */
  public AdamDescent(
      Kernels kernels,
      long length,
      Kernels.Adam constants,
      IntToDoubleFunction rate,
      double maxNorm) {
    this.kernels = kernels;
    this.constants = constants;
    this.rate = rate;
    this.maxNorm = maxNorm;
    this.moment1 = kernels.zeros(length);
    this.moment2 = kernels.zeros(length);
  }

  /** The running mean of the gradients. */
  public Array moment1() {
    return moment1;
  }

  /** The running mean of their squares. */
  public Array moment2() {
    return moment2;
  }

  /**
   * Makes one step.
   *
   * @param gradient is overwritten
   * @param decay factor per weight, or null for no decay
   * @param iteration of the whole training, from 0
   */
  public void step(Array weights, Array gradient, Array decay, int iteration) {
    if (maxNorm > 0) {
      kernels.clip(gradient, maxNorm);
    }
    double now = rate.applyAsDouble(iteration);
    kernels.adamDescend(weights, gradient, moment1, moment2, decay, now, iteration, constants);
  }

  @Override
  public void close() {
    moment1.close();
    moment2.close();
  }
}
