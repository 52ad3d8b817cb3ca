package org.rtcn.common.diffusion;

import java.util.List;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.nn.UNet;

/**
 * The denoiser: a {@link UNet} over beats.
 *
 * <pre>
 *   x [B, 2 · leads · patch, 1, length / patch], step embedding [B, E], class one-hot [B, K + 1],
 *   RR embedding [B, E] where the network is told the RR interval
 *     →  prediction [B, leads · patch, 1, length / patch]
 *   The first half of x's rows is x_t, the second the linear guess of x_0.
 * </pre>
 *
 * Patches of consecutive samples are rows of their own, so that the finest level is short and wide.
 * Class K stands for "class not told", an RR embedding of zeros for "RR not told".
 *
 * <p>Not thread-safe.
 */
final class UNet1d implements AutoCloseable {
  private final UNet network;
  private final Kernels kernels;
  private final DdpmConfig config;
  private final int classCount;
  private Array dOutput;

  /**
   * A network with fresh weights, drawn from {@code config.seed()} and each weight's name.
   *
   * @param classCount K, the classes without the "not told" one
   */
  UNet1d(DdpmConfig config, int classCount, Kernels kernels) {
    this.config = config;
    this.classCount = classCount;
    this.kernels = kernels;
    network = new UNet(config.network(classCount), config.seed(), kernels);
  }

  private boolean tellsRr() {
    return config.condition() == BeatCondition.RR_INTERVAL;
  }

  /** Rows of the prediction. */
  private int rows() {
    return config.leads() * config.shape().patch();
  }

  /** E. */
  int embeddingSize() {
    return config.shape().baseChannels();
  }

  /** What it computes with. */
  Kernels kernels() {
    return kernels;
  }

  /** Number of weights. */
  int parameterCount() {
    return Math.toIntExact(network.weights().length());
  }

  /** All weights in one vector: the network's own, not a copy. */
  Array weights() {
    return network.weights();
  }

  /** What {@link #lossAndGradients} left: the network's own, not a copy. */
  Array gradients() {
    return network.gradients();
  }

  /** Names of the weights, in the order of the vector. */
  List<String> weightNames() {
    return network.names();
  }

  /** The part of a vector that belongs to a weight: a view. */
  Array part(Array vector, String name) {
    return network.part(vector, name);
  }

  /**
   * Replaces all weights.
   *
   * @throws IllegalArgumentException if the length differs from {@link #parameterCount}
   */
  void setWeights(float[] values) {
    if (values.length != parameterCount()) {
      throw new IllegalArgumentException(
          "Invalid weights: " + values.length + " values for a network of " + parameterCount());
    }
    kernels.write(values, network.weights());
  }

  /** Zeros in the shape of the prediction for {@code size} beats. */
  Array emptyOutput(int size) {
    return kernels.zeros(size, rows(), 1, config.positions());
  }

  /** What the network reads. */
  record Told(Array x, Array step, Array oneHot, Array rr) implements AutoCloseable {
    @Override
    public void close() {
      x.close();
      step.close();
      oneHot.close();
      if (rr != null) {
        rr.close();
      }
    }
  }

  /** Arrays of zeros for {@code size} beats. */
  Told told(int size) {
    return new Told(
        kernels.zeros(size, 2L * rows(), 1, config.positions()),
        kernels.zeros(size, embeddingSize()),
        kernels.zeros(size, classCount + 1L),
        tellsRr() ? kernels.zeros(size, embeddingSize()) : null);
  }

  /** The prediction: the network's own array, good until the next call. */
  Array predict(Told told) {
    Array[] prediction = new Array[1];
    kernels.pass(() -> prediction[0] = forward(told));
    return prediction[0];
  }

  private Array forward(Told told) {
    return network.forward(told.x(), told.step(), told.oneHot(), told.rr());
  }

  /** The mean squared error of a batch. */
  double loss(Told told, Array target) {
    Kernels.Total total = kernels.total();
    kernels.pass(
        () -> {
          Array error = error(told, target);
          kernels.addSquares(error, 1.0 / error.length(), total);
        });
    return total.value();
  }

  /** The loss; fills {@link #gradients}. */
  double lossAndGradients(Told told, Array target) {
    return lossAndGradients(told, target, null);
  }

  /** As the other, with factors. */
  double lossAndGradients(Told told, Array target, Array roots) {
    Kernels.Total total = kernels.total();
    gradients(told, target, roots, total);
    return total.value();
  }

  /**
   * Fills {@link #gradients}.
   *
   * @param roots square roots of a factor for each beat, as a column; null counts all alike
   * @param loss the mean squared error, with the factors, is added to it
   */
  void gradients(Told told, Array target, Array roots, Kernels.Total loss) {
    kernels.pass(() -> gradientsOf(error(told, target), roots, loss));
  }

  private void gradientsOf(Array error, Array roots, Kernels.Total loss) {
    Array rows = error.reshape(error.size(0), error.length() / error.size(0));
    if (roots != null) {
      kernels.scaleRows(rows, roots);
    }
    kernels.addSquares(error, 1.0 / error.length(), loss);
    if (roots != null) {
      kernels.scaleRows(rows, roots);
    }
    kernels.scale(error, 2.0 / error.length(), error);
    network.backward(error);
  }

  private Array error(Told told, Array target) {
    Array prediction = forward(told);
    if (dOutput == null || dOutput.size(0) != prediction.size(0)) {
      dOutput = kernels.uninitialised(prediction.shape());
    }
    kernels.subtract(prediction, target, dOutput);
    return dOutput;
  }

  @Override
  public void close() {
    network.close();
    if (dOutput != null) {
      dOutput.close();
      dOutput = null;
    }
  }
}
