package org.rtcn.common.nn;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Layer normalisation over the columns of each row (Ba, Kiros, Hinton 2016): {@code y = g (x -
 * mean) / sqrt(var + ε) + b}, the variance being the biased one, ε = 1e-5. One pass over the rows
 * where {@link HostFloats} serve, else native operations.
 */
final class LayerNormalisation {
  static final double EPSILON = 1e-5;

  private final Scratch scratch;
  private final String name;
  private final Host host = new Host();
  private boolean onHost;
  private INDArray normalised;
  private INDArray inverseDeviation;

  LayerNormalisation(Scratch scratch, String name) {
    this.scratch = scratch;
    this.name = name;
  }

  /** All arrays are dense in C order. */
  void forward(INDArray x, INDArray gain, INDArray bias, INDArray y) {
    onHost = HostFloats.serve(x);
    if (onHost) {
      host.forward(x, gain, bias, y);
    } else {
      nativeForward(x, gain, bias, y);
    }
  }

  /** {@code dx} must not be {@code dy}. */
  void backward(INDArray dy, INDArray gain, INDArray dx, INDArray dGain, INDArray dBias) {
    if (onHost) {
      host.backward(dy, gain, dx, dGain, dBias);
    } else {
      nativeBackward(dy, gain, dx, dGain, dBias);
    }
  }

  private void nativeForward(INDArray x, INDArray gain, INDArray bias, INDArray y) {
    normalised = scratch.array(name + ".normalised", x.shape());
    inverseDeviation = scratch.array(name + ".deviation", x.size(0));
    Ops.minusColumn(x, x.mean(1), normalised);
    normalised.muli(normalised, y);
    inverseDeviation.assign(y.mean(1)).addi(EPSILON);
    Transforms.sqrt(inverseDeviation, false).rdivi(1.0);
    Ops.timesColumn(normalised, inverseDeviation, normalised);
    Ops.timesRow(normalised, gain, y);
    Ops.addRow(y, bias);
  }

  private void nativeBackward(
      INDArray dy, INDArray gain, INDArray dx, INDArray dGain, INDArray dBias) {
    INDArray product = scratch.array(name + ".product", dy.shape());
    dy.muli(normalised, product);
    dGain.assign(product.sum(0));
    dBias.assign(dy.sum(0));
    Ops.timesRow(dy, gain, dx);
    dx.muli(normalised, product);
    INDArray meanProduct = product.mean(1);
    Ops.minusColumn(dx, dx.mean(1), dx);
    Ops.timesColumn(normalised, meanProduct, product);
    dx.subi(product);
    Ops.timesColumn(dx, inverseDeviation, dx);
  }

  /** The same in the JVM's memory. */
  private static final class Host {
    private float[] values;
    private float[] normalised;
    private float[] inverseDeviation;
    private float[] gain;
    private float[] bias;
    private float[] dGain;
    private float[] dBias;

    void forward(INDArray x, INDArray gains, INDArray biases, INDArray y) {
      final int rows = Math.toIntExact(x.size(0));
      final int columns = Math.toIntExact(x.size(1));
      values = HostFloats.read(x, values);
      gain = HostFloats.read(gains, gain);
      bias = HostFloats.read(biases, bias);
      normalised = HostFloats.ofLength(normalised, values.length);
      inverseDeviation = HostFloats.ofLength(inverseDeviation, rows);
      for (int r = 0; r < rows; r++) {
        int from = r * columns;
        float mean = HostFloats.sum(values, from, columns) / columns;
        for (int c = 0; c < columns; c++) {
          normalised[from + c] = values[from + c] - mean;
        }
        float variance = HostFloats.dot(normalised, from, normalised, from, columns) / columns;
        float inverse = (float) (1 / Math.sqrt(variance + EPSILON));
        inverseDeviation[r] = inverse;
        for (int c = 0; c < columns; c++) {
          float z = normalised[from + c] * inverse;
          normalised[from + c] = z;
          values[from + c] = z * gain[c] + bias[c];
        }
      }
      HostFloats.write(values, y);
    }

    void backward(INDArray dy, INDArray gains, INDArray dx, INDArray dGains, INDArray dBiases) {
      final int rows = Math.toIntExact(dy.size(0));
      final int columns = Math.toIntExact(dy.size(1));
      values = HostFloats.read(dy, values);
      gain = HostFloats.read(gains, gain);
      dGain = HostFloats.ofLength(dGain, columns);
      dBias = HostFloats.ofLength(dBias, columns);
      Arrays.fill(dGain, 0);
      Arrays.fill(dBias, 0);
      for (int r = 0; r < rows; r++) {
        int from = r * columns;
        for (int c = 0; c < columns; c++) {
          float d = values[from + c];
          dGain[c] += d * normalised[from + c];
          dBias[c] += d;
          values[from + c] = d * gain[c];
        }
        float mean = HostFloats.sum(values, from, columns) / columns;
        float meanProduct = HostFloats.dot(values, from, normalised, from, columns) / columns;
        float inverse = inverseDeviation[r];
        for (int c = 0; c < columns; c++) {
          values[from + c] =
              (values[from + c] - mean - normalised[from + c] * meanProduct) * inverse;
        }
      }
      HostFloats.write(values, dx);
      HostFloats.write(dGain, dGains);
      HostFloats.write(dBias, dBiases);
    }
  }
}
