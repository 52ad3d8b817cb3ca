package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Scratch;

/**
 * Makes a token of each column (time step) of a feature map: all channels and voices of the column,
 * mapped linearly to {@code dim} numbers, plus the sinusoidal positional encoding of Vaswani et al.
 * 2017, section 3.5. With {@link Pooling#CLASS_TOKEN} a learned token, {@code c}, stands before
 * them.
 */
final class TokenBlock implements Block {
  private final BlockSpec.Tokens spec;
  private final Kernels kernels;
  private final Scratch scratch;
  private final Array positions;

  TokenBlock(BlockSpec.Tokens spec, Kernels kernels) {
    this.spec = spec;
    this.kernels = kernels;
    this.scratch = new Scratch(kernels);
    this.positions = kernels.uninitialised((long) spec.count() * spec.dim());
    kernels.write(sinusoids(spec.count(), spec.dim()), positions);
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
  public void forward(Array x, Array y, Map<String, Array> parameters, Mode mode) {
    long batch = x.size(0);
    Array columns = scratch.array("columns", batch, spec.width(), spec.channels(), spec.height());
    kernels.copy(x.permute(0, 3, 1, 2), columns);
    boolean classToken = spec.pooling() == Pooling.CLASS_TOKEN;
    Array mapped =
        classToken
            ? scratch.array("mapped", batch * spec.width(), spec.dim())
            : y.reshape(batch * spec.width(), spec.dim());
    kernels.affine(rows(columns, batch), parameters.get("W"), parameters.get("b"), mapped);
    if (classToken) {
      kernels.copy(mapped.reshape(batch, spec.width(), spec.dim()), ofColumns(y));
      Array first = scratch.array("first", batch, spec.dim());
      kernels.fill(first, 0);
      kernels.addRow(first, parameters.get("c"));
      kernels.copy(first, classTokens(y));
    }
    kernels.addRow(y.reshape(batch, (long) spec.count() * spec.dim()), positions);
  }

  @Override
  public void backward(
      Array x,
      Array y,
      Array dy,
      Array dx,
      Map<String, Array> parameters,
      Map<String, Array> gradients) {
    long batch = x.size(0);
    Array columns = scratch.array("columns", batch, spec.width(), spec.channels(), spec.height());
    Array dColumns = scratch.array("dColumns", batch, spec.width(), spec.channels(), spec.height());
    Array dMapped = dy;
    if (spec.pooling() == Pooling.CLASS_TOKEN) {
      dMapped = scratch.array("dMapped", batch, spec.width(), spec.dim());
      kernels.copy(ofColumns(dy), dMapped);
      kernels.sumRows(classTokens(dy), gradients.get("c"));
    }
    kernels.affineBackward(
        rows(columns, batch),
        parameters.get("W"),
        dMapped.reshape(batch * spec.width(), spec.dim()),
        rows(dColumns, batch),
        gradients.get("W"),
        gradients.get("b"));
    kernels.copy(dColumns.permute(0, 2, 3, 1), dx);
  }

  private Array ofColumns(Array tokens) {
    return tokens.slice(1, 1, spec.count());
  }

  private static Array classTokens(Array tokens) {
    return tokens.at(1, 0);
  }

  private Array rows(Array columns, long batch) {
    return columns.reshape(batch * spec.width(), (long) spec.channels() * spec.height());
  }

  @Override
  public void close() {
    scratch.close();
  }
}
