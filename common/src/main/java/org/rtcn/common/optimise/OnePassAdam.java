package org.rtcn.common.optimise;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.AdamUpdater;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.schedule.ISchedule;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;

/**
 * Adam (Kingma and Ba 2015, algorithm 1) as {@link Kernels#adam} has it. Public because DL4J writes
 * it as JSON.
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
    private final Kernels.Adam constants;
    private Kernels kernels;

    OnePass(Adam config) {
      super(config);
      constants = new Kernels.Adam(config.getBeta1(), config.getBeta2(), config.getEpsilon());
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      if (kernels == null) {
        kernels = new Nd4jKernels(gradient.dataType());
      }
      kernels.adam(
          Nd4jKernels.wrap(gradient),
          Nd4jKernels.wrap(getM()),
          Nd4jKernels.wrap(getV()),
          getConfig().getLearningRate(iteration, epoch),
          iteration,
          constants);
    }
  }
}
