package org.rtcn.common.kernels;

import java.util.Arrays;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The primitives as LibTorch's ATen functions, without automatic differentiation. All numbers stay
 * on the device; {@link #floats}, {@link #doubles} and {@link Total#value} wait for it.
 */
final class TorchKernels implements Kernels {
  private static final long[] NO_PADDING = {0, 0};
  private static final long[] UNIT = {1, 1};

  private final DataType type;
  private final boolean cuda;
  private final TensorOptions options;
  private final TensorOptions wide;
  private final TensorOptions staging;
  private final Generator own;
  private final GeneratorOptional generator;
  private final HostAdam hostAdam = new HostAdam();
  private final Scalar one;
  private final Scalar none;

  /**
   * Kernels on a device.
   *
   * @param type FLOAT or DOUBLE
   * @param device {@code cpu} or {@code cuda}
   */
  TorchKernels(DataType type, String device) {
    this.type = type;
    this.cuda = !device.equals("cpu");
    ScalarType scalar = type == DataType.FLOAT ? ScalarType.Float : ScalarType.Double;
    try (Device place = new Device(device);
        DeviceOptional optional = new DeviceOptional(place);
        TensorOptions numbers = new TensorOptions(scalar);
        TensorOptions doubles = new TensorOptions(ScalarType.Double)) {
      options = numbers.device(optional);
      wide = doubles.device(optional);
      staging =
          cuda ? numbers.pinned_memory(new BoolOptional(true)) : new TensorOptions(numbers.dtype());
    }
    for (Pointer constant : new Pointer[] {options, wide, staging}) {
      constant.retainReference();
    }
    own = cuda ? null : torch.createCPUGenerator();
    generator = cuda ? null : new GeneratorOptional(own);
    if (own != null) {
      own.retainReference();
      generator.retainReference();
    }
    one = constant(1);
    none = constant(0);
  }

  private static Scalar constant(double value) {
    Scalar scalar = new Scalar(value);
    scalar.retainReference();
    return scalar;
  }

  private static Tensor t(Array array) {
    return TorchArray.of(array).tensor();
  }

  private static void put(Array array, Tensor result) {
    TorchArray.of(array).put(result);
  }

  private static boolean stays(Array array) {
    return TorchArray.of(array).stays();
  }

  private static Scalar s(double value) {
    return new Scalar(value);
  }

  @Override
  public DataType type() {
    return type;
  }

  @Override
  public int rowsPerPass() {
    return cuda ? 256 : 32;
  }

  @Override
  public Array zeros(long... shape) {
    return new TorchArray.Root(true, options, shape);
  }

  @Override
  public Array uninitialised(long... shape) {
    return new TorchArray.Root(false, options, shape);
  }

  // ---- numbers in and out

  @Override
  @SuppressWarnings("try")
  public void write(float[] values, Array to) {
    try (PointerScope scope = new PointerScope()) {
      if (type == DataType.DOUBLE) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
          wide[i] = values[i];
        }
        write(wide, to);
        return;
      }
      Tensor host = torch.empty(to.shape(), staging, null);
      host.data_ptr_float().put(values, 0, values.length);
      t(to).copy_(host, true);
    }
  }

  @Override
  @SuppressWarnings("try")
  public void write(double[] values, Array to) {
    try (PointerScope scope = new PointerScope()) {
      if (type == DataType.FLOAT) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
          narrow[i] = (float) values[i];
        }
        write(narrow, to);
        return;
      }
      Tensor host = torch.empty(to.shape(), staging, null);
      host.data_ptr_double().put(values, 0, values.length);
      t(to).copy_(host, true);
    }
  }

  @Override
  @SuppressWarnings("try")
  public float[] floats(Array from) {
    try (PointerScope scope = new PointerScope()) {
      float[] values = new float[Math.toIntExact(from.length())];
      new FloatPointer(t(from).cpu().to(ScalarType.Float).contiguous().data_ptr_float())
          .get(values, 0, values.length);
      return values;
    }
  }

  @Override
  @SuppressWarnings("try")
  public double[] doubles(Array from) {
    try (PointerScope scope = new PointerScope()) {
      double[] values = new double[Math.toIntExact(from.length())];
      new DoublePointer(t(from).cpu().to(ScalarType.Double).contiguous().data_ptr_double())
          .get(values, 0, values.length);
      return values;
    }
  }

  @Override
  public Array adopt(INDArray array) {
    INDArray dense = array.ordering() == 'c' && !array.isView() ? array : array.dup('c');
    ScalarType given = dense.dataType() == DataType.FLOAT ? ScalarType.Float : ScalarType.Double;
    Tensor here =
        torch.from_blob(dense.data().addressPointer(), dense.shape(), new TensorOptions(given));
    Tensor host = torch.empty(dense.shape(), staging, null);
    host.copy_(here);
    return new TorchArray.Passing(cuda ? host.to(options, true, false, null) : host, dense.shape());
  }

  @Override
  public void copy(Array from, Array to) {
    t(to).copy_(t(from));
  }

  @Override
  public void fill(Array x, double value) {
    t(x).fill_(s(value));
  }

  // ---- number by number

  @Override
  public void add(Array a, Array b, Array sum) {
    if (sum == a) {
      t(a).add_(t(b));
    } else {
      put(sum, torch.add(t(a), t(b)));
    }
  }

  @Override
  public void subtract(Array a, Array b, Array difference) {
    if (difference == a) {
      t(a).sub_(t(b));
    } else {
      put(difference, t(a).sub(t(b)));
    }
  }

  @Override
  public void multiply(Array a, Array b, Array product) {
    if (product == a) {
      t(a).mul_(t(b));
    } else {
      put(product, torch.mul(t(a), t(b)));
    }
  }

  @Override
  public void scale(Array x, double factor, Array y) {
    if (y == x) {
      t(x).mul_(s(factor));
    } else {
      put(y, torch.mul(t(x), s(factor)));
    }
  }

  @Override
  public void addRow(Array x, Array row) {
    t(x).add_(t(row).view(row.length()));
  }

  @Override
  public void scaleRows(Array x, Array column) {
    t(x).mul_(t(column).view(column.length(), 1));
  }

  @Override
  public void follow(Array mean, Array values, double keep) {
    t(mean).lerp_(t(values), s(1 - keep));
  }

  // ---- sums

  private static void sum(Tensor x, long axis, Array sum) {
    if (stays(sum)) {
      torch.sum_out(t(sum), x, axis);
    } else {
      put(sum, torch.sum(x, axis));
    }
  }

  @Override
  public void sumRows(Array x, Array sum) {
    sum(t(x), 0, sum);
  }

  @Override
  public void sumColumns(Array x, Array sum) {
    sum(t(x), 1, sum);
  }

  @Override
  public void meanTokens(Array x, Array mean) {
    put(mean, t(x).mean(1));
  }

  @Override
  public void spreadTokens(Array x, Array y) {
    t(y).copy_(t(x).unsqueeze(1).expand(y.shape()));
  }

  /** A sum on the device, in double precision. */
  private final class DeviceTotal implements Total {
    private final Array sum = new TorchArray.Root(true, wide, 1);

    @Override
    public double value() {
      return doubles(sum)[0];
    }
  }

  @Override
  public Total total() {
    return new DeviceTotal();
  }

  @Override
  public void addSquares(Array x, double factor, Total total) {
    add(torch.mul(t(x).square().sum(), s(factor)), total);
  }

  private static void add(Tensor sum, Total total) {
    t(((DeviceTotal) total).sum).add_(sum);
  }

  @Override
  public void clip(Array x, double maxNorm) {
    Tensor tensor = t(x);
    Tensor factor = tensor.norm().reciprocal().mul_(s(maxNorm)).clamp_max_(one);
    tensor.mul_(factor);
  }

  // ---- products

  @Override
  public void matmul(Array a, Array b, Array z, boolean transposeA, boolean transposeB) {
    product(
        transposeA ? t(a).transpose(-2, -1) : t(a), transposeB ? t(b).transpose(-2, -1) : t(b), z);
  }

  private static void product(Tensor a, Tensor b, Array z) {
    if (stays(z)) {
      torch.matmul_out(t(z), a, b);
    } else {
      put(z, torch.matmul(a, b));
    }
  }

  @Override
  public void affine(Array x, Array weights, Array bias, Array y) {
    put(y, torch.addmm(t(bias).view(bias.length()), t(x), t(weights)));
  }

  @Override
  public void conv2d(Array x, Array weights, Array bias, Array y, int stride) {
    put(
        y,
        torch.convolution(
            t(x),
            t(weights),
            bias == null ? new TensorOptional() : new TensorOptional(t(bias)),
            new long[] {stride, stride},
            padding(weights),
            UNIT,
            false,
            NO_PADDING,
            1));
  }

  private static BoolPointer wanted(boolean... which) {
    BoolPointer pointer = new BoolPointer(which.length);
    for (int i = 0; i < which.length; i++) {
      pointer.put(i, which[i]);
    }
    return pointer;
  }

  private static long[] padding(Array weights) {
    return new long[] {(weights.size(2) - 1) / 2, (weights.size(3) - 1) / 2};
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
    T_TensorTensorTensor_T slopes =
        torch.convolution_backward(
            t(dy),
            t(x),
            t(weights),
            new long[] {weights.size(0)},
            new long[] {stride, stride},
            padding(weights),
            UNIT,
            false,
            NO_PADDING,
            1,
            wanted(dx != null, true, bias != null));
    if (dx != null) {
      put(dx, slopes.get0());
    }
    put(dWeights, slopes.get1());
    if (bias != null) {
      put(dBias, slopes.get2());
    }
  }

  // ---- nonlinear

  @Override
  public void relu(Array x, Array y) {
    if (y == x) {
      torch.relu_(t(x));
    } else {
      put(y, torch.relu(t(x)));
    }
  }

  @Override
  public void reluBackward(Array y, Array dy, Array dx) {
    put(dx, torch.threshold_backward(t(dy), t(y), none));
  }

  @Override
  public void gelu(Array x, Array y, Array kept) {
    put(y, torch.gelu(t(x)));
  }

  @Override
  public void geluBackward(Array x, Array kept, Array dy, Array dx) {
    put(dx, torch.gelu_backward(t(dy), t(x)));
  }

  @Override
  public void elu(Array x, Array shift, Array y) {
    if (shift == null) {
      put(y, torch.elu(t(x)));
    } else {
      put(y, torch.elu_(torch.add(t(x), t(shift).view(shift.length(), 1))));
    }
  }

  @Override
  public void eluBackward(Array y, Array dy, Array dx, Array dShift) {
    Tensor slope = torch.elu_backward(t(dy), one, one, one, true, t(y));
    if (dShift != null) {
      put(dShift, slope.sum(1).view(dShift.shape()));
    }
    put(dx, slope);
  }

  @Override
  public void dropout(Array x, Array mask, double dropProbability) {
    double keep = 1 - dropProbability;
    Tensor drawn = torch.empty(mask.shape(), options, null).bernoulli_(keep, generator);
    put(mask, drawn.div_(s(keep)));
    t(x).mul_(t(mask));
  }

  @Override
  public void seed(long seed) {
    if (own == null) {
      // The device's own, which all threads of this JVM share: one task per executor on a GPU.
      torch.manual_seed(seed);
    } else {
      own.set_current_seed(seed);
    }
  }

  @Override
  public void joinChannels(Array a, Array b, Array z) {
    t(z.slice(1, 0, a.size(1))).copy_(t(a));
    t(z.slice(1, a.size(1), z.size(1))).copy_(t(b));
  }

  @Override
  public void doubleWidth(Array x, Array y) {
    long[] pairs = Arrays.copyOf(x.shape(), x.shape().length + 1);
    pairs[pairs.length - 1] = 2;
    t(y).view(pairs).copy_(t(x).unsqueeze(-1).expand(pairs));
  }

  @Override
  public Normalisation normalisation() {
    return new LayerNorm();
  }

  /** LibTorch's, with what its way back wants. */
  private static final class LayerNorm implements Normalisation {
    private Array x;
    private Tensor mean;
    private Tensor inverseDeviation;
    private Array bias;

    @Override
    public void forward(Array rows, Array gain, Array biases, Array y) {
      x = rows;
      bias = biases;
      T_TensorTensorTensor_T result =
          torch.native_layer_norm(
              t(rows),
              new long[] {rows.size(1)},
              new TensorOptional(t(gain)),
              new TensorOptional(t(biases)),
              EPSILON);
      put(y, result.get0());
      mean = result.get1();
      inverseDeviation = result.get2();
    }

    @Override
    public void backward(Array dy, Array gain, Array dx, Array dGain, Array dBias) {
      T_TensorTensorTensor_T slopes =
          torch.native_layer_norm_backward(
              t(dy),
              t(x),
              new long[] {x.size(1)},
              mean,
              inverseDeviation,
              new TensorOptional(t(gain)),
              new TensorOptional(t(bias)),
              wanted(true, true, true));
      put(dx, slopes.get0());
      put(dGain, slopes.get1().view(dGain.shape()));
      put(dBias, slopes.get2().view(dBias.shape()));
    }
  }

  @Override
  public Attention attention(int tokens, int dim, int heads) {
    return new Heads(tokens, dim, heads);
  }

  /** All heads of all examples as one stack of matrices. */
  private final class Heads implements Attention {
    private final int tokens;
    private final int dim;
    private final int heads;
    private final int headDim;
    private final Array split = uninitialised(1);
    private final Array weights = uninitialised(1);

    Heads(int tokens, int dim, int heads) {
      this.tokens = tokens;
      this.dim = dim;
      this.heads = heads;
      this.headDim = dim / heads;
    }

    private Tensor part(Tensor all, long which, long batch) {
      return all.select(0, which).view(batch * heads, tokens, headDim);
    }

    @Override
    public void forward(Array projected, Array joined) {
      long batch = projected.size(0) / tokens;
      Tensor all =
          t(projected).view(batch, tokens, 3, heads, headDim).permute(2, 0, 3, 1, 4).contiguous();
      put(split, all);
      Tensor scores = torch.bmm(part(all, 0, batch), part(all, 1, batch).transpose(1, 2));
      put(weights, torch.softmax(scores.mul_(s(1 / Math.sqrt(headDim))), 2));
      Tensor context = torch.bmm(t(weights), part(all, 2, batch));
      put(
          joined,
          context
              .view(batch, heads, tokens, headDim)
              .permute(0, 2, 1, 3)
              .contiguous()
              .view(joined.shape()));
    }

    @Override
    public void backward(Array dJoined, Array dProjected) {
      long batch = dJoined.size(0) / tokens;
      Tensor all = t(split);
      Tensor p = t(weights);
      Tensor dContext =
          t(dJoined)
              .view(batch, tokens, heads, headDim)
              .permute(0, 2, 1, 3)
              .contiguous()
              .view(batch * heads, tokens, headDim);
      Tensor dAll = torch.empty(new long[] {3, batch, heads, tokens, headDim}, options, null);
      torch.bmm_out(part(dAll, 2, batch), p.transpose(1, 2), dContext);
      // Softmax: dS = P (dP - sum(dP P)).
      Tensor dS = torch.bmm(dContext, part(all, 2, batch).transpose(1, 2)).mul_(p);
      Tensor sums = dS.sum(new long[] {2}, true, new ScalarTypeOptional());
      dS.sub_(torch.mul(p, sums)).mul_(s(1 / Math.sqrt(headDim)));
      torch.bmm_out(part(dAll, 0, batch), dS, part(all, 1, batch));
      torch.bmm_out(part(dAll, 1, batch), dS.transpose(1, 2), part(all, 0, batch));
      put(dProjected, dAll.permute(1, 3, 0, 2, 4).contiguous().view(batch * tokens, 3L * dim));
    }

    @Override
    @SuppressWarnings("try")
    public double[] weights() {
      try (PointerScope scope = new PointerScope()) {
        Tensor here = t(weights).cpu().to(ScalarType.Double).contiguous();
        double[] values = new double[Math.toIntExact(here.numel())];
        here.data_ptr_double().get(values);
        return values;
      }
    }
  }

  // ---- learning

  @Override
  public void adam(
      Array gradient, Array mean, Array variance, double rate, int iteration, Adam constants) {
    double root2 = Math.sqrt(1 - Math.pow(constants.beta2(), iteration + 1.0));
    double step = rate * root2 / (1 - Math.pow(constants.beta1(), iteration + 1.0));
    Tensor g = t(gradient);
    Tensor m = t(mean).view(gradient.shape());
    Tensor v = t(variance).view(gradient.shape());
    m.mul_(s(constants.beta1())).add_(g, s(1 - constants.beta1()));
    v.mul_(s(constants.beta2())).addcmul_(g, g, s(1 - constants.beta2()));
    Tensor root = v.sqrt().add_(s(constants.epsilon() * root2));
    torch.div_out(g, m, root);
    g.mul_(s(step));
  }

  @Override
  public void descend(Array weights, Array change, Array decay, double rate) {
    Tensor w = t(weights);
    if (decay != null) {
      w.addcmul_(t(decay), w, s(-rate));
    }
    w.sub_(t(change));
  }

  /** On the CPU in one pass, in the JVM's memory, instead of ten. */
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
    if (cuda || type != DataType.FLOAT) {
      Kernels.super.adamDescend(
          weights, gradient, mean, variance, decay, rate, iteration, constants);
      return;
    }
    hostAdam.step(
        new HostAdam.Memory(
            numbers(weights),
            numbers(gradient),
            numbers(mean),
            numbers(variance),
            decay == null ? null : numbers(decay)),
        weights.length(),
        rate,
        HostAdam.Step.of(rate, iteration, constants));
  }

  /** Those of a dense array on the CPU. */
  private static FloatPointer numbers(Array array) {
    return new FloatPointer(t(array).data_ptr_float());
  }

  @Override
  public void crossEntropy(Array logits, Array labels, double gamma, Array dLogits, Total loss) {
    Tensor y = t(labels);
    Scalar share = s(1.0 / logits.size(0));
    Tensor logP = torch.log_softmax(t(logits), 1);
    Tensor p = logP.exp();
    Tensor h = y.neg();
    if (gamma > 0) {
      p =
          p.clamp(
              new org.bytedeco.pytorch.ScalarOptional(s(CrossEntropy.TINY)),
              new org.bytedeco.pytorch.ScalarOptional(s(1 - CrossEntropy.TINY)));
      logP = p.log();
      Tensor rest = p.neg().add_(one);
      Tensor factor = rest.pow(s(gamma));
      Tensor steep = rest.pow(s(gamma - 1)).mul_(p).mul_(logP).mul_(s(gamma));
      h = torch.mul(y, steep.sub_(factor));
      logP = logP.mul_(factor);
    }
    Tensor all = h.sum(new long[] {1}, true, new ScalarTypeOptional());
    put(dLogits, h.sub_(torch.mul(p, all)).mul_(share));
    add(torch.mul(logP, y).sum().mul_(share).neg_(), loss);
  }

  @Override
  @SuppressWarnings("try")
  public void pass(Runnable work) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      work.run();
    }
  }
}
