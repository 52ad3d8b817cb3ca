package org.rtcn.common.optimise;

import java.util.Map;
import java.util.Objects;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;

/**
 * Clips the gradient by its norm before another updater sees it (Pascanu, Mikolov, Bengio 2013,
 * algorithm 1), as {@link Kernels#clip} does. Since all layers of an RTCN share one updater block,
 * it is the norm over the whole network; DL4J's own clipping looks at one layer or one parameter at
 * a time. Public because DL4J writes it as JSON.
 */
public final class ClippedUpdater implements IUpdater {
  private static final long serialVersionUID = 1L;

  @JsonProperty private IUpdater updater;
  @JsonProperty private double maxNorm;

  /** For DL4J's JSON. */
  ClippedUpdater() {}

  /**
   * @param updater what the clipped gradient goes to
   * @param maxNorm Euclidean norm that the gradient of the mean loss may have at most
   * @throws IllegalArgumentException if the norm is not positive
   */
  public ClippedUpdater(IUpdater updater, double maxNorm) {
    if (!(maxNorm > 0)) {
      throw new IllegalArgumentException(
          "Invalid gradient-clip " + maxNorm + ": must be positive, for example 1");
    }
    this.updater = updater;
    this.maxNorm = maxNorm;
  }

  /** What the clipped gradient goes to. */
  public IUpdater updater() {
    return updater;
  }

  /** Euclidean norm that a gradient may have at most. */
  public double maxNorm() {
    return maxNorm;
  }

  @Override
  public long stateSize(long parameters) {
    return updater.stateSize(parameters);
  }

  @Override
  public GradientUpdater<?> instantiate(INDArray view, boolean initialise) {
    return new Clipping(updater.instantiate(view, initialise));
  }

  @Override
  public GradientUpdater<?> instantiate(Map<String, INDArray> state, boolean initialise) {
    return new Clipping(updater.instantiate(state, initialise));
  }

  @Override
  @SuppressWarnings("checkstyle:NoClone")
  public IUpdater clone() {
    return new ClippedUpdater(updater.clone(), maxNorm);
  }

  @Override
  public double getLearningRate(int iteration, int epoch) {
    return updater.getLearningRate(iteration, epoch);
  }

  @Override
  public boolean hasLearningRate() {
    return updater.hasLearningRate();
  }

  @Override
  public void setLrAndSchedule(double rate, ISchedule schedule) {
    updater.setLrAndSchedule(rate, schedule);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClippedUpdater clipped
        && clipped.maxNorm == maxNorm
        && clipped.updater.equals(updater);
  }

  @Override
  public int hashCode() {
    return Objects.hash(updater, maxNorm);
  }

  /** Clips, then passes on. */
  private final class Clipping implements GradientUpdater<IUpdater> {
    private final GradientUpdater<?> next;
    private Kernels kernels;

    Clipping(GradientUpdater<?> next) {
      this.next = next;
    }

    @Override
    public IUpdater getConfig() {
      return ClippedUpdater.this;
    }

    @Override
    public void setState(Map<String, INDArray> state, boolean initialise) {
      next.setState(state, initialise);
    }

    @Override
    public Map<String, INDArray> getState() {
      return next.getState();
    }

    @Override
    public void setStateViewArray(
        INDArray view, long[] gradientShape, char gradientOrder, boolean initialise) {
      next.setStateViewArray(view, gradientShape, gradientOrder, initialise);
    }

    @Override
    public void applyUpdater(INDArray gradient, int iteration, int epoch) {
      if (kernels == null) {
        kernels = new Nd4jKernels(gradient.dataType());
      }
      kernels.clip(Nd4jKernels.wrap(gradient), maxNorm);
      next.applyUpdater(gradient, iteration, epoch);
    }
  }
}
