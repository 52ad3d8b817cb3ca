package org.rtcn.common.kernels;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Layer normalisation in one pass over the rows where {@link HostFloats} serve, else by native
 * operations.
 */
final class Nd4jNormalisation implements Kernels.Normalisation {
  private final Scratch scratch;
  private final Host host = new Host();
  private boolean onHost;
  private INDArray normalised;
  private INDArray inverseDeviation;

  Nd4jNormalisation(Kernels kernels) {
    this.scratch = new Scratch(kernels);
  }

  @Override
  public void forward(Array x, Array gain, Array bias, Array y) {
    onHost = HostFloats.serve(Nd4jArray.of(x));
    if (onHost) {
      host.forward(Nd4jArray.of(x), Nd4jArray.of(gain), Nd4jArray.of(bias), Nd4jArray.of(y));
    } else {
      nativeForward(Nd4jArray.of(x), Nd4jArray.of(gain), Nd4jArray.of(bias), Nd4jArray.of(y));
    }
  }

  @Override
  public void backward(Array dy, Array gain, Array dx, Array dGain, Array dBias) {
    if (onHost) {
      host.backward(
          Nd4jArray.of(dy),
          Nd4jArray.of(gain),
          Nd4jArray.of(dx),
          Nd4jArray.of(dGain),
          Nd4jArray.of(dBias));
    } else {
      nativeBackward(
          Nd4jArray.of(dy),
          Nd4jArray.of(gain),
          Nd4jArray.of(dx),
          Nd4jArray.of(dGain),
          Nd4jArray.of(dBias));
    }
  }

  private INDArray array(String name, long... shape) {
    return Nd4jArray.of(scratch.array(name, shape));
  }

  private void nativeForward(INDArray x, INDArray gain, INDArray bias, INDArray y) {
    normalised = array("normalised", x.shape());
    inverseDeviation = array("deviation", x.size(0));
    Broadcast.sub(x, x.mean(1), normalised, 0);
    normalised.muli(normalised, y);
    inverseDeviation.assign(y.mean(1)).addi(EPSILON);
    Transforms.sqrt(inverseDeviation, false).rdivi(1.0);
    Broadcast.mul(normalised, inverseDeviation, normalised, 0);
    Broadcast.mul(normalised, gain, y, 1);
    Broadcast.add(y, bias, y, 1);
  }

  private void nativeBackward(
      INDArray dy, INDArray gain, INDArray dx, INDArray dGain, INDArray dBias) {
    INDArray product = array("product", dy.shape());
    dy.muli(normalised, product);
    dGain.assign(product.sum(0));
    dBias.assign(dy.sum(0));
    Broadcast.mul(dy, gain, dx, 1);
    dx.muli(normalised, product);
    INDArray meanProduct = product.mean(1);
    Broadcast.sub(dx, dx.mean(1), dx, 0);
    Broadcast.mul(normalised, meanProduct, product, 0);
    dx.subi(product);
    Broadcast.mul(dx, inverseDeviation, dx, 0);
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
