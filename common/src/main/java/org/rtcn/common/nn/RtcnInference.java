package org.rtcn.common.nn;

import java.util.Arrays;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * Answers of a trained network: standardised images in, probabilities or features out, in batches
 * of one size. The weights stay with the kernels. Not thread-safe.
 */
final class RtcnInference implements AutoCloseable {
  /**
   * Images per pass. Always the same, padded where needed, because the kernels that a matrix
   * product takes, and so its last digits, may depend on the number of rows.
   */
  private final int batchSize;

  private final RtcnConfig config;
  private final Kernels kernels;
  private final RtcnNetwork network;
  private final Scratch scratch;

  /**
   * @param weights in the order of {@link RtcnLayout}
   */
  RtcnInference(RtcnConfig config, float[] weights, Kernels kernels) {
    this.config = config;
    this.kernels = kernels;
    this.batchSize = kernels.rowsPerPass();
    kernels.keepExamplesApart();
    this.network = new RtcnNetwork(config, kernels);
    this.scratch = new Scratch(kernels);
    kernels.pass(() -> kernels.write(weights, network.weights()));
  }

  /**
   * Softmax over classes.
   *
   * @param images standardised, each followed by the numbers of its patient if the network reads
   *     any
   * @return {@code [image][class]}; NaN where the network gives no finite number. A row depends on
   *     its own image only
   */
  float[][] probabilities(float[][] images) {
    float[] logits = rows(images, batchSize, true);
    RtcnNetwork.softmax(logits, config.classes());
    return split(logits, images.length, config.classes());
  }

  /** The same of one image in a pass of its own. */
  float[] alone(float[] image) {
    float[] logits = rows(new float[][] {image}, 1, true);
    RtcnNetwork.softmax(logits, config.classes());
    return logits;
  }

  /** What the head reads, {@code [image][modelDim]}. */
  float[][] features(float[][] images) {
    return split(rows(images, batchSize, false), images.length, config.modelDim());
  }

  private static float[][] split(float[] flat, int rows, int columns) {
    float[][] split = new float[rows][];
    for (int i = 0; i < rows; i++) {
      split[i] = Arrays.copyOfRange(flat, i * columns, (i + 1) * columns);
    }
    return split;
  }

  /** All passes are begun before their results are waited for. */
  private float[] rows(float[][] images, int size, boolean head) {
    int columns = head ? config.classes() : config.modelDim();
    int passes = (images.length + size - 1) / size;
    if (passes == 0) {
      return new float[0];
    }
    Array all = kernels.zeros((long) passes * size, columns);
    try {
      int length = config.channels() * config.voices() * config.columns();
      int numbers = config.patientInput().numbers();
      float[] batch = new float[size * length];
      float[] patients = new float[size * numbers];
      for (int pass = 0; pass < passes; pass++) {
        int from = pass * size;
        int here = Math.min(size, images.length - from);
        for (int i = 0; i < here; i++) {
          System.arraycopy(images[from + i], 0, batch, i * length, length);
          System.arraycopy(images[from + i], length, patients, i * numbers, numbers);
        }
        Arrays.fill(batch, here * length, size * length, 0);
        Arrays.fill(patients, here * numbers, size * numbers, 0);
        kernels.pass(
            () -> kernels.copy(pass(batch, patients, size, head), all.slice(0, from, from + size)));
      }
      return kernels.floats(all);
    } finally {
      all.close();
    }
  }

  private Array pass(float[] batch, float[] patients, int size, boolean head) {
    Array x = scratch.array("x" + size, size, config.channels(), config.voices(), config.columns());
    kernels.write(batch, x);
    Array numbers = null;
    if (network.readsPatients()) {
      numbers = scratch.array("patients" + size, size, config.patientInput().numbers());
      kernels.write(patients, numbers);
    }
    return head
        ? network.logits(x, numbers, Block.Mode.INFERENCE)
        : network.features(x, numbers, Block.Mode.INFERENCE);
  }

  @Override
  public void close() {
    scratch.close();
    network.close();
  }
}
