package org.rtcn.common.nn;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Makes a token of each column (time step) of a feature map: all channels and voices of the column,
 * mapped linearly to {@code dim} numbers, plus the sinusoidal positional encoding of Vaswani et al.
 * 2017, section 3.5.
 */
final class TokenBlock implements Block {
  private final BlockSpec.Tokens spec;
  private final Scratch scratch;
  private final INDArray positions;

  TokenBlock(BlockSpec.Tokens spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
    this.positions = Nd4j.createFromArray(sinusoids(spec.width(), spec.dim())).castTo(type);
  }

  /** {@code [position][2i] = sin(position / 10000^(2i/dim))}, {@code [2i + 1]} the cosine. */
  static double[] sinusoids(int positions, int dim) {
    double[] table = new double[positions * dim];
    for (int position = 0; position < positions; position++) {
      for (int i = 0; i < dim; i++) {
        double angle = position / Math.pow(10000, (i - i % 2) / (double) dim);
        table[position * dim + i] = i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
      }
    }
    return table;
  }

  @Override
  public List<Parameter> parameters() {
    long inputs = (long) spec.channels() * spec.height();
    return List.of(
        Parameter.weight("W", Math.sqrt(1.0 / inputs), inputs, spec.dim()),
        Parameter.bias("b", 0, spec.dim()));
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {batch, spec.width(), spec.dim()};
  }

  @Override
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    long batch = x.size(0);
    INDArray columns =
        scratch.array("columns", batch, spec.width(), spec.channels(), spec.height());
    columns.assign(x.permute(0, 3, 1, 2));
    Linear.forward(
        rows(columns, batch),
        parameters.get("W"),
        parameters.get("b"),
        y.reshape('c', batch * spec.width(), spec.dim()));
    Ops.addRow(y.reshape('c', batch, (long) spec.width() * spec.dim()), positions);
  }

  @Override
  public void backward(
      INDArray x,
      INDArray y,
      INDArray dy,
      INDArray dx,
      Map<String, INDArray> parameters,
      Map<String, INDArray> gradients) {
    long batch = x.size(0);
    INDArray columns =
        scratch.array("columns", batch, spec.width(), spec.channels(), spec.height());
    INDArray dColumns =
        scratch.array("dColumns", batch, spec.width(), spec.channels(), spec.height());
    Linear.backward(
        rows(columns, batch),
        parameters.get("W"),
        dy.reshape('c', batch * spec.width(), spec.dim()),
        rows(dColumns, batch),
        gradients.get("W"),
        gradients.get("b"));
    dx.assign(dColumns.permute(0, 2, 3, 1));
  }

  private INDArray rows(INDArray columns, long batch) {
    return columns.reshape('c', batch * spec.width(), (long) spec.channels() * spec.height());
  }
}
