package org.rtcn.common.nn;

import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Adam (Kingma and Ba 2015, algorithm 1), worked off in one pass of vector instructions where
 * {@link HostFloats} serve: ND4J's operation is scalar and takes four times as long. ND4J adds ε to
 * the root of the second moment before its bias is corrected, which weakens the first steps; here
 * it is added after, as in the paper and in PyTorch. Public because DL4J writes it as JSON.
 */
public final class OnePassAdam extends Adam {
  private static final long serialVersionUID = 1L;

  /** For DL4J's JSON. */
  OnePassAdam() {
    super();
  }

  /**
   * @param schedule learning rate per iteration
   */
  public OnePassAdam(ISchedule schedule) {
    super(schedule);
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray view, boolean initialise) {
    OnePass updater = new OnePass(this);
    INDArray flat = view.reshape(view.length());
    updater.setStateViewArray(flat, new long[] {view.length() / 2}, flat.ordering(), initialise);
    return updater;
  }

  @Override
  public OnePassAdam clone() {
    OnePassAdam copy = new OnePassAdam(getLearningRateSchedule());
    copy.setLearningRate(getLearningRate());
    copy.setBeta1(getBeta1());
    copy.setBeta2(getBeta2());
    copy.setEpsilon(getEpsilon());
    return copy;
  }

  /** Holds the moments. */
  private static final class OnePass extends AdamUpdater {
    private final Steps steps;

    OnePass(Adam config) {
      super(config);
      steps = new Steps(config.getBeta1(), config.getBeta2(), config.getEpsilon());
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      double rate = getConfig().getLearningRate(iteration, epoch);
      steps.step(gradient, getM(), getV(), rate, iteration);
    }
  }

  /** Makes steps. Not for several threads. */
  public static final class Steps {
    /** So many numbers of each array stay in the cache. */
    private static final int CHUNK = 8192;

    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final float[] gradients = new float[CHUNK];
    private final float[] means = new float[CHUNK];
    private final float[] variances = new float[CHUNK];

    /**
     * @param beta1 what the mean of the gradients keeps at each step
     * @param beta2 what the mean of their squares keeps
     * @param epsilon added to the root of the corrected second moment
     */
    public Steps(double beta1, double beta2, double epsilon) {
      this.beta1 = beta1;
      this.beta2 = beta2;
      this.epsilon = epsilon;
    }

    /**
     * Replaces a gradient by what is to be subtracted from the weights.
     *
     * @param gradient dense in C order
     * @param mean the first moment, of as many numbers, brought up to date
     * @param variance the second moment, brought up to date
     * @param iteration 0 for the first
     */
    public void step(
        INDArray gradient, INDArray mean, INDArray variance, double rate, int iteration) {
      double root2 = Math.sqrt(1 - Math.pow(beta2, iteration + 1.0));
      if (!HostFloats.serve(gradient)) {
        Nd4j.exec(
            new org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater(
                gradient,
                variance.reshape(gradient.shape()),
                mean.reshape(gradient.shape()),
                rate,
                beta1,
                beta2,
                epsilon * root2,
                iteration));
        return;
      }
      double step = rate * root2 / (1 - Math.pow(beta1, iteration + 1.0));
      FloatPointer g = new FloatPointer(HostFloats.pointer(gradient));
      FloatPointer m = new FloatPointer(HostFloats.pointer(mean));
      FloatPointer v = new FloatPointer(HostFloats.pointer(variance));
      for (long from = 0; from < gradient.length(); from += CHUNK) {
        int count = (int) Math.min(CHUNK, gradient.length() - from);
        g.position(from).get(gradients, 0, count);
        m.position(from).get(means, 0, count);
        v.position(from).get(variances, 0, count);
        advance(
            gradients,
            means,
            variances,
            count,
            (float) step,
            (float) beta1,
            (float) beta2,
            (float) (epsilon * root2));
        g.put(gradients, 0, count);
        m.put(means, 0, count);
        v.put(variances, 0, count);
      }
    }

    private static void advance(
        float[] gradients,
        float[] means,
        float[] variances,
        int count,
        float step,
        float beta1,
        float beta2,
        float epsilon) {
      for (int i = 0; i < count; i++) {
        float g = gradients[i];
        float m = beta1 * means[i] + (1 - beta1) * g;
        float v = beta2 * variances[i] + (1 - beta2) * g * g;
        means[i] = m;
        variances[i] = v;
        gradients[i] = step * m / ((float) Math.sqrt(v) + epsilon);
      }
    }
  }
}
