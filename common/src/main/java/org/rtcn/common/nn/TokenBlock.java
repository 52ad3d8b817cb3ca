package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Makes a token of each column (time step) of a feature map: all channels and voices of the column,
 * mapped linearly to {@code dim} numbers, plus the sinusoidal positional encoding of Vaswani et al.
 * 2017, section 3.5. With {@link Pooling#CLASS_TOKEN} a learned token, {@code c}, stands before
 * them.
 */
final class TokenBlock implements Block {
  private final BlockSpec.Tokens spec;
  private final Scratch scratch;
  private final INDArray positions;

  TokenBlock(BlockSpec.Tokens spec, DataType type) {
    this.spec = spec;
    this.scratch = new Scratch(type);
    this.positions = Nd4j.createFromArray(sinusoids(spec.count(), spec.dim())).castTo(type);
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
    List<Parameter> list = new ArrayList<>();
    list.add(Parameter.weight("W", Math.sqrt(1.0 / inputs), inputs, spec.dim()));
    list.add(Parameter.bias("b", 0, spec.dim()));
    if (spec.pooling() == Pooling.CLASS_TOKEN) {
      list.add(Parameter.bias("c", 0, spec.dim()));
    }
    return List.copyOf(list);
  }

  @Override
  public long[] outputShape(long batch) {
    return new long[] {batch, spec.count(), spec.dim()};
  }

  @Override
  public void forward(INDArray x, INDArray y, Map<String, INDArray> parameters, Mode mode) {
    long batch = x.size(0);
    INDArray columns =
        scratch.array("columns", batch, spec.width(), spec.channels(), spec.height());
    columns.assign(x.permute(0, 3, 1, 2));
    boolean classToken = spec.pooling() == Pooling.CLASS_TOKEN;
    INDArray mapped =
        classToken
            ? scratch.array("mapped", batch * spec.width(), spec.dim())
            : y.reshape('c', batch * spec.width(), spec.dim());
    Linear.forward(rows(columns, batch), parameters.get("W"), parameters.get("b"), mapped);
    if (classToken) {
      ofColumns(y).assign(mapped.reshape('c', batch, spec.width(), spec.dim()));
      INDArray first = scratch.array("first", batch, spec.dim()).assign(0);
      Ops.addRow(first, parameters.get("c"));
      classTokens(y).assign(first);
    }
    Ops.addRow(y.reshape('c', batch, (long) spec.count() * spec.dim()), positions);
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
    INDArray dMapped = dy;
    if (spec.pooling() == Pooling.CLASS_TOKEN) {
      dMapped = scratch.array("dMapped", batch, spec.width(), spec.dim());
      dMapped.assign(ofColumns(dy));
      gradients.get("c").assign(classTokens(dy).sum(0));
    }
    Linear.backward(
        rows(columns, batch),
        parameters.get("W"),
        dMapped.reshape('c', batch * spec.width(), spec.dim()),
        rows(dColumns, batch),
        gradients.get("W"),
        gradients.get("b"));
    dx.assign(dColumns.permute(0, 2, 3, 1));
  }

  private INDArray ofColumns(INDArray tokens) {
    return tokens.get(NDArrayIndex.all(), NDArrayIndex.interval(1, spec.count()));
  }

  private static INDArray classTokens(INDArray tokens) {
    return tokens.get(NDArrayIndex.all(), NDArrayIndex.point(0));
  }

  private INDArray rows(INDArray columns, long batch) {
    return columns.reshape('c', batch * spec.width(), (long) spec.channels() * spec.height());
  }
}
