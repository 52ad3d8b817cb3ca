package org.rtcn.common.kernels;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.scalar.Step;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.random.impl.BernoulliDistribution;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * The primitives as ND4J has them, and loops in the JVM's memory ({@link HostFloats}) where calling
 * a native operation would cost more than the work.
 */
public final class Nd4jKernels implements Kernels {
  /**
   * Rows that ND4J sums at once: it has one accumulator in single precision, whose mean of 2^24
   * times 0.1 is 0.1153 (1.0.0-M2.1).
   */
  private static final long SUMMED_ROWS = 1 << 12;

  /** Longer arrays go through ND4J's own sums and products as fast as through the JVM's memory. */
  private static final long FEW = 1 << 16;

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

  private final DataType type;
  private final Nd4jElu elu = new Nd4jElu();
  private final HostAdam adam = new HostAdam();
  private final HostPasses passes = new HostPasses();
  private final HostConvolution convolution = new HostConvolution();
  private boolean apart;
  private final HostWeightGradient weightGradient = new HostWeightGradient();
  private final Map<List<Long>, INDArray> masks = new HashMap<>();

  /**
   * Kernels that compute in {@code type}.
   *
   * @param type FLOAT or DOUBLE
   */
  public Nd4jKernels(DataType type) {
    this.type = type;
  }

  /** An array of ND4J's, dense in C order, as a handle. */
  public static Array wrap(INDArray array) {
    return new Nd4jArray(array);
  }

  /** The array of ND4J's behind a handle of these kernels. */
  public static INDArray unwrap(Array array) {
    return Nd4jArray.of(array);
  }

  private static INDArray nd(Array array) {
    return Nd4jArray.of(array);
  }

  private static void run(DynamicCustomOp.DynamicCustomOpsBuilder op) {
    Nd4j.exec(op.build());
  }

  @Override
  public DataType type() {
    return type;
  }

  @Override
  public void keepExamplesApart() {
    apart = true;
  }

  @Override
  public Array zeros(long... shape) {
    return wrap(Nd4j.createUninitializedDetached(type, 'c', shape).assign(0));
  }

  @Override
  public Array uninitialised(long... shape) {
    return wrap(Nd4j.createUninitializedDetached(type, 'c', shape));
  }

  @Override
  public void write(float[] values, Array to) {
    if (HostFloats.serve(nd(to))) {
      HostFloats.write(values, nd(to));
    } else {
      try (INDArray source = Nd4j.create(values, to.shape(), 'c')) {
        nd(to).assign(source);
      }
    }
  }

  @Override
  public void write(double[] values, Array to) {
    try (INDArray source = Nd4j.create(values, to.shape(), 'c')) {
      nd(to).assign(source);
    }
  }

  @Override
  public float[] floats(Array from) {
    INDArray source = nd(from);
    return HostFloats.serve(source)
        ? HostFloats.read(source, null)
        : source.reshape(source.length()).toFloatVector();
  }

  @Override
  public double[] doubles(Array from) {
    return nd(from).dup('c').data().asDouble();
  }

  @Override
  public Array adopt(INDArray array) {
    return wrap(array.dataType() == type ? array : array.castTo(type));
  }

  @Override
  public void copy(Array from, Array to) {
    if (HostFloats.serve(nd(from)) && nd(from).rank() <= 4 && HostFloats.serveDense(nd(to))) {
      passes.copy(nd(from), nd(to));
    } else {
      nd(to).assign(nd(from));
    }
  }

  @Override
  public void fill(Array x, double value) {
    nd(x).assign(value);
  }

  private static boolean few(Array a, Array b, Array z) {
    return nd(a).length() <= FEW && HostFloats.serveDense(nd(a), nd(b), nd(z));
  }

  @Override
  public void add(Array a, Array b, Array sum) {
    if (few(a, b, sum)) {
      passes.add(nd(a), nd(b), nd(sum));
    } else {
      nd(a).addi(nd(b), nd(sum));
    }
  }

  @Override
  public void subtract(Array a, Array b, Array difference) {
    if (few(a, b, difference)) {
      passes.subtract(nd(a), nd(b), nd(difference));
    } else {
      nd(a).subi(nd(b), nd(difference));
    }
  }

  @Override
  public void multiply(Array a, Array b, Array product) {
    if (few(a, b, product)) {
      passes.multiply(nd(a), nd(b), nd(product));
    } else {
      nd(a).muli(nd(b), nd(product));
    }
  }

  @Override
  public void scale(Array x, double factor, Array y) {
    if (few(x, x, y)) {
      passes.scale(nd(x), (float) factor, nd(y));
    } else {
      nd(x).muli(factor, nd(y));
    }
  }

  @Override
  public void addRow(Array x, Array row) {
    if (HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(row))) {
      passes.addRow(nd(x), nd(row));
    } else {
      Broadcast.add(nd(x), nd(row).reshape(row.length()), nd(x), 1);
    }
  }

  @Override
  public void scaleRows(Array x, Array column) {
    nd(x).muliColumnVector(nd(column).reshape(column.length(), 1));
  }

  @Override
  public void sumRows(Array x, Array sum) {
    INDArray rows = nd(x);
    INDArray total = nd(sum);
    if (HostFloats.serveDense(rows) && HostFloats.serveDense(total)) {
      passes.sumRows(rows, total);
      return;
    }
    long count = rows.size(0);
    if (count <= SUMMED_ROWS) {
      total.assign(rows.sum(0));
      return;
    }
    total.assign(0);
    for (long from = 0; from < count; from += SUMMED_ROWS) {
      long to = Math.min(count, from + SUMMED_ROWS);
      try (INDArray part = rows.get(NDArrayIndex.interval(from, to)).sum(0)) {
        total.addi(part.reshape(total.shape()));
      }
    }
  }

  @Override
  public void sumColumns(Array x, Array sum) {
    if (x.size(1) == 2 && HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(sum))) {
      passes.pairs(nd(x), nd(sum));
    } else {
      nd(sum).assign(nd(x).sum(1));
    }
  }

  @Override
  public void meanTokens(Array x, Array mean) {
    if (HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(mean))) {
      passes.meanTokens(nd(x), nd(mean));
    } else {
      nd(mean).assign(nd(x).mean(1));
    }
  }

  @Override
  public void spreadTokens(Array x, Array y) {
    if (HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(y))) {
      passes.spreadTokens(nd(x), nd(y));
    } else {
      nd(y).assign(nd(x).reshape('c', x.size(0), 1, x.size(1)).broadcast(y.shape()));
    }
  }

  @Override
  public void follow(Array mean, Array values, double keep) {
    if (HostFloats.serveDense(nd(mean)) && HostFloats.serveDense(nd(values))) {
      passes.follow(nd(mean), nd(values), (float) keep);
    } else {
      nd(mean).subi(nd(values)).muli(keep).addi(nd(values));
    }
  }

  /** A sum in the JVM. */
  private static final class HostTotal implements Total {
    private double sum;

    @Override
    public double value() {
      return sum;
    }
  }

  @Override
  public Total total() {
    return new HostTotal();
  }

  @Override
  public void addSquares(Array x, double factor, Total total) {
    ((HostTotal) total).sum += squares(x) * factor;
  }

  private double squares(Array x) {
    if (HostFloats.serveDense(nd(x))) {
      return passes.squares(nd(x));
    }
    double norm = Nd4j.getBlasWrapper().nrm2(nd(x).reshape(x.length()));
    return norm * norm;
  }

  @Override
  public void clip(Array x, double maxNorm) {
    double norm = Math.sqrt(squares(x));
    if (norm > maxNorm) {
      nd(x).muli(maxNorm / norm);
    }
  }

  @Override
  public void matmul(Array a, Array b, Array z, boolean transposeA, boolean transposeB) {
    if (nd(z).rank() == 2 && HostFloats.serveDense(nd(a), nd(b), nd(z))) {
      HostGemm.multiply(nd(a), nd(b), nd(z), transposeA, transposeB, 0);
    } else {
      matmul(nd(a), nd(b), nd(z), transposeA, transposeB);
    }
  }

  static void matmul(INDArray a, INDArray b, INDArray z, boolean transposeA, boolean transposeB) {
    run(
        DynamicCustomOp.builder("matmul")
            .addInputs(a, b)
            .addOutputs(z)
            .addIntegerArguments(transposeA ? 1 : 0, transposeB ? 1 : 0, 0));
  }

  @Override
  public void affine(Array x, Array weights, Array bias, Array y) {
    // Straight from OpenBLAS, a row's last digits depend on its place among the rows.
    if (!apart
        && HostFloats.serveDense(nd(x), nd(weights), nd(y))
        && HostFloats.serveDense(nd(bias))) {
      passes.spreadRow(nd(bias), nd(y));
      HostGemm.multiply(nd(x), nd(weights), nd(y), false, false, 1);
      return;
    }
    run(
        DynamicCustomOp.builder("xw_plus_b")
            .addInputs(nd(x), nd(weights), nd(bias).reshape(bias.length()))
            .addOutputs(nd(y)));
  }

  @Override
  public void conv2d(Array x, Array weights, Array bias, Array y, int stride) {
    if (HostConvolution.suits(weights) && HostFloats.serveDense(nd(x), nd(weights), nd(y))) {
      convolution.forward(nd(x), nd(weights), bias == null ? null : nd(bias), nd(y), stride, apart);
      return;
    }
    DynamicCustomOp.DynamicCustomOpsBuilder op = DynamicCustomOp.builder("conv2d");
    if (bias == null) {
      op.addInputs(nd(x), nd(weights));
    } else {
      op.addInputs(nd(x), nd(weights), nd(bias));
    }
    run(op.addOutputs(nd(y)).addIntegerArguments(convolution(weights, stride)));
  }

  @Override
  public void conv2dBackward(
      Array x,
      Array weights,
      Array bias,
      Array dy,
      Array dx,
      Array dWeights,
      Array dBias,
      int stride) {
    boolean host =
        HostFloats.serveDense(nd(x), nd(dy), nd(dWeights))
            && (dx == null || HostFloats.serveDense(nd(dx)));
    if (host && HostConvolution.suits(weights)) {
      convolution.backward(
          nd(x),
          nd(weights),
          nd(dy),
          dx == null ? null : nd(dx),
          nd(dWeights),
          dBias == null ? null : nd(dBias),
          stride);
      return;
    }
    if (host && dx == null) {
      weightGradient.compute(nd(x), nd(dy), nd(dWeights), dBias == null ? null : nd(dBias), stride);
      return;
    }
    // The operation computes dx whether anybody wants it or not.
    INDArray dInput = dx == null ? buffer(x.shape()) : nd(dx);
    DynamicCustomOp.DynamicCustomOpsBuilder op = DynamicCustomOp.builder("conv2d_bp");
    if (bias == null) {
      op.addInputs(nd(x), nd(weights), nd(dy)).addOutputs(dInput, nd(dWeights));
    } else {
      op.addInputs(nd(x), nd(weights), nd(bias), nd(dy))
          .addOutputs(dInput, nd(dWeights), nd(dBias));
    }
    run(op.addIntegerArguments(convolution(weights, stride)));
  }

  private static int[] convolution(Array weights, int stride) {
    int height = (int) weights.size(2);
    int width = (int) weights.size(3);
    // kH kW sH sW pH pW dH dW, explicit padding, NCHW, OIHW
    return new int[] {
      height, width, stride, stride, (height - 1) / 2, (width - 1) / 2, 1, 1, 0, 0, 1
    };
  }

  /** Numbers that nobody reads afterwards. */
  private INDArray buffer(long[] shape) {
    return masks.computeIfAbsent(
        Arrays.stream(shape).boxed().toList(),
        ignored -> Nd4j.createUninitializedDetached(type, 'c', shape));
  }

  @Override
  public void relu(Array x, Array y) {
    run(
        DynamicCustomOp.builder("relu")
            .addInputs(nd(x))
            .addOutputs(nd(y))
            .addFloatingPointArguments(0.0));
  }

  /** Two vectorised passes: ND4J's {@code relu_bp} is scalar and takes six times as long. */
  @Override
  public void reluBackward(Array y, Array dy, Array dx) {
    if (HostFloats.serveDense(nd(y), nd(dy), nd(dx))) {
      passes.reluBackward(nd(y), nd(dy), nd(dx));
      return;
    }
    INDArray mask = buffer(y.shape());
    Nd4j.exec(new Step(nd(y), mask));
    nd(dy).muli(mask, nd(dx));
  }

  /** Keeps the slope where {@link HostFloats} serve, else {@code Φ(x)}. */
  @Override
  public void gelu(Array x, Array y, Array kept) {
    if (HostFloats.serveDense(nd(x), nd(y), nd(kept))) {
      passes.gelu(nd(x), nd(y), nd(kept));
      return;
    }
    INDArray phi = nd(kept);
    nd(x).muli(SQRT_HALF, phi);
    Nd4j.exec(new Erf(phi, phi));
    phi.addi(1).muli(0.5);
    nd(x).muli(phi, nd(y));
  }

  @Override
  public void geluBackward(Array input, Array kept, Array dy, Array dx) {
    INDArray x = nd(input);
    if (HostFloats.serveDense(x, nd(dy), nd(kept))) {
      multiply(dy, kept, dx);
      return;
    }
    INDArray slope = x.mul(x).muli(-0.5);
    Transforms.exp(slope, false);
    slope.muli(INVERSE_SQRT_2PI).muli(x).addi(nd(kept));
    nd(dy).muli(slope, nd(dx));
  }

  @Override
  public void elu(Array x, Array shift, Array y) {
    elu.forward(nd(x), shift == null ? null : nd(shift), nd(y));
  }

  @Override
  public void eluBackward(Array y, Array dy, Array dx, Array dShift) {
    elu.backward(nd(y), nd(dy), nd(dx), dShift == null ? null : nd(dShift));
  }

  /** Draws from ND4J's generator of this thread. */
  @Override
  public void dropout(Array x, Array mask, double dropProbability) {
    double keep = 1 - dropProbability;
    if (HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(mask))) {
      passes.dropout(nd(x), nd(mask), keep, Nd4j.getRandom().nextLong());
      return;
    }
    Nd4j.getExecutioner().exec(new BernoulliDistribution(nd(mask), keep), Nd4j.getRandom());
    nd(mask).divi(keep);
    nd(x).muli(nd(mask));
  }

  @Override
  public void seed(long seed) {
    Nd4j.getRandom().setSeed(seed);
  }

  @Override
  public void joinChannels(Array a, Array b, Array z) {
    if (HostFloats.serveDense(nd(a), nd(b), nd(z))) {
      passes.join(nd(a), nd(b), nd(z));
      return;
    }
    run(
        DynamicCustomOp.builder("concat")
            .addInputs(nd(a), nd(b))
            .addOutputs(nd(z))
            .addIntegerArguments(1));
  }

  @Override
  public void doubleWidth(Array x, Array y) {
    if (HostFloats.serveDense(nd(x)) && HostFloats.serveDense(nd(y))) {
      passes.twice(nd(x), nd(y));
      return;
    }
    run(
        DynamicCustomOp.builder("upsampling2d")
            .addInputs(nd(x))
            .addOutputs(nd(y))
            .addIntegerArguments(1, 2, 1));
  }

  @Override
  public Normalisation normalisation() {
    return new Nd4jNormalisation(this);
  }

  @Override
  public Attention attention(int tokens, int dim, int heads) {
    return new Nd4jAttention(this, tokens, dim, heads);
  }

  /**
   * In one pass of vector instructions where {@link HostFloats} serve: ND4J's operation is scalar
   * and takes four times as long. It also adds ε to the root of the second moment before its bias
   * is corrected, which weakens the first steps.
   */
  @Override
  public void adam(
      Array gradient, Array mean, Array variance, double rate, int iteration, Adam constants) {
    if (HostFloats.serve(nd(gradient))) {
      adam.step(
          null,
          nd(gradient),
          nd(mean),
          nd(variance),
          null,
          rate,
          HostAdam.Step.of(rate, iteration, constants));
      return;
    }
    double root2 = Math.sqrt(1 - Math.pow(constants.beta2(), iteration + 1.0));
    Nd4j.exec(
        new org.nd4j.linalg.api.ops.impl.updaters.AdamUpdater(
            nd(gradient),
            nd(variance).reshape(gradient.shape()),
            nd(mean).reshape(gradient.shape()),
            rate,
            constants.beta1(),
            constants.beta2(),
            constants.epsilon() * root2,
            iteration));
  }

  @Override
  public void descend(Array weights, Array change, Array decay, double rate) {
    if (HostFloats.serve(nd(weights))) {
      adam.descend(nd(weights), nd(change), decay == null ? null : nd(decay), (float) rate);
      return;
    }
    if (decay != null) {
      nd(change).addi(nd(decay).mul(nd(weights)).muli(rate));
    }
    nd(weights).subi(nd(change));
  }

  @Override
  public void adamDescend(
      Array weights,
      Array gradient,
      Array mean,
      Array variance,
      Array decay,
      double rate,
      int iteration,
      Adam constants) {
    if (!HostFloats.serve(nd(weights))) {
      Kernels.super.adamDescend(
          weights, gradient, mean, variance, decay, rate, iteration, constants);
      return;
    }
    adam.step(
        nd(weights),
        nd(gradient),
        nd(mean),
        nd(variance),
        decay == null ? null : nd(decay),
        rate,
        HostAdam.Step.of(rate, iteration, constants));
  }

  @Override
  public void crossEntropy(Array logits, Array labels, double gamma, Array dLogits, Total loss) {
    int columns = Math.toIntExact(logits.size(1));
    double[] x = wide(logits);
    double[] y = wide(labels);
    double sum = 0;
    for (int from = 0; from < x.length; from += columns) {
      sum += CrossEntropy.row(x, y, from, columns, gamma);
    }
    int rows = x.length / columns;
    for (int i = 0; i < x.length; i++) {
      x[i] /= rows;
    }
    if (HostFloats.serveDense(nd(dLogits))) {
      float[] narrow = new float[x.length];
      for (int i = 0; i < x.length; i++) {
        narrow[i] = (float) x[i];
      }
      HostFloats.write(narrow, nd(dLogits));
    } else {
      write(x, dLogits);
    }
    ((HostTotal) loss).sum += sum / rows;
  }

  private double[] wide(Array array) {
    if (!HostFloats.serveDense(nd(array))) {
      return doubles(array);
    }
    float[] narrow = HostFloats.read(nd(array), null);
    double[] values = new double[narrow.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = narrow[i];
    }
    return values;
  }

  @Override
  public void pass(Runnable work) {
    work.run();
  }
}
