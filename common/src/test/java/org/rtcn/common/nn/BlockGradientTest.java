package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.TestKernels;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Every block's gradients against central finite differences, in double precision. */
class BlockGradientTest {
  private static final double STEP = 1e-5;

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  static Stream<Arguments> blocks() {
    return Stream.of(
        Arguments.of(new BlockSpec.Stem(2, 5, 6, 3, 2), new long[] {2, 2, 5, 6}),
        Arguments.of(new BlockSpec.Residual(2, 5, 6, 2, 1, 0.5), new long[] {2, 2, 5, 6}),
        Arguments.of(new BlockSpec.Stem(2, 1, 9, 3, 2), new long[] {2, 2, 1, 9}),
        Arguments.of(
            new BlockSpec.Residual(2, 1, 9, 5, 2, 0.5, List.of(7)), new long[] {2, 2, 1, 9}),
        Arguments.of(new BlockSpec.Residual(2, 5, 6, 3, 2, 0.5), new long[] {2, 2, 5, 6}),
        Arguments.of(
            new BlockSpec.Residual(2, 5, 6, 5, 2, 0.5, List.of(3, 5)), new long[] {2, 2, 5, 6}),
        Arguments.of(new BlockSpec.Tokens(3, 2, 4, 6, Pooling.MEAN), new long[] {2, 3, 2, 4}),
        Arguments.of(
            new BlockSpec.Tokens(3, 2, 4, 6, Pooling.CLASS_TOKEN), new long[] {2, 3, 2, 4}),
        Arguments.of(encoder(BlockSpec.NormPlacement.BEFORE), new long[] {2, 5, 6}),
        Arguments.of(encoder(BlockSpec.NormPlacement.AFTER), new long[] {2, 5, 6}),
        Arguments.of(new BlockSpec.Affine(3, 4), new long[] {5, 3}),
        Arguments.of(new BlockSpec.Pool(5, 6, 0, Pooling.MEAN), new long[] {3, 5, 6}),
        Arguments.of(new BlockSpec.Pool(5, 6, 0, Pooling.CLASS_TOKEN), new long[] {3, 5, 6}));
  }

  private static BlockSpec encoder(BlockSpec.NormPlacement norm) {
    BlockSpec.FeedForwardActivation activation =
        norm == BlockSpec.NormPlacement.BEFORE
            ? BlockSpec.FeedForwardActivation.GELU
            : BlockSpec.FeedForwardActivation.RELU;
    return new BlockSpec.Encoder(5, 6, 2, 7, 0, norm, activation);
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void gradientsAreThoseOfFiniteDifferences(BlockSpec spec, long[] shape) {
    TestKernels.inDoublePrecision().forEach(kernels -> requireGradients(kernels, spec, shape));
  }

  private static void requireGradients(Kernels kernels, BlockSpec spec, long[] shape) {
    SplittableRandom random = new SplittableRandom(7);
    Block block = spec.create(kernels);
    Map<String, Array> parameters = new LinkedHashMap<>();
    Map<String, Array> gradients = new LinkedHashMap<>();
    for (Parameter parameter : block.parameters()) {
      double[] value = parameter.initial(random);
      for (int i = 0; i < value.length; i++) {
        value[i] += 0.1 * random.nextGaussian();
      }
      parameters.put(parameter.name(), array(kernels, value, parameter.shape()));
      gradients.put(parameter.name(), normal(kernels, random, parameter.shape()));
    }
    Array x = normal(kernels, random, shape);
    Array y = kernels.zeros(block.outputShape(shape[0]));
    Array dy = normal(kernels, random, y.shape());
    final double[] dyBefore = kernels.doubles(dy);
    Array dx = normal(kernels, random, shape);
    block.forward(x, y, parameters, Block.Mode.TRAINING);
    block.backward(x, y, dy, dx, parameters, gradients);
    assertThat(kernels.doubles(dy)).isEqualTo(dyBefore);

    Map<String, Array> subjects = new LinkedHashMap<>(parameters);
    subjects.put("x", x);
    gradients.put("x", dx);
    for (Map.Entry<String, Array> subject : subjects.entrySet()) {
      double[] analytic = kernels.doubles(gradients.get(subject.getKey()));
      double[] values = kernels.doubles(subject.getValue());
      for (int i = 0; i < analytic.length; i++) {
        double start = values[i];
        values[i] = start + STEP;
        kernels.write(values, subject.getValue());
        double up = loss(kernels, block, x, dyBefore, parameters);
        values[i] = start - STEP;
        kernels.write(values, subject.getValue());
        double down = loss(kernels, block, x, dyBefore, parameters);
        values[i] = start;
        kernels.write(values, subject.getValue());
        double numeric = (up - down) / (2 * STEP);
        assertThat(Math.abs(analytic[i] - numeric) / Math.max(1, Math.abs(numeric)))
            .as("%s of %s, %s: %s against %s", subject.getKey(), spec, i, analytic[i], numeric)
            .isLessThan(1e-7);
      }
    }
  }

  private static double loss(
      Kernels kernels, Block block, Array x, double[] dy, Map<String, Array> parameters) {
    Array y = kernels.zeros(block.outputShape(x.size(0)));
    block.forward(x, y, parameters, Block.Mode.TRAINING);
    double[] values = kernels.doubles(y);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] * dy[i];
    }
    return sum;
  }

  private static Array array(Kernels kernels, double[] values, long... shape) {
    Array array = kernels.zeros(shape);
    kernels.write(values, array);
    return array;
  }

  private static Array normal(Kernels kernels, SplittableRandom random, long... shape) {
    double[] values = new double[(int) kernels.zeros(shape).length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return array(kernels, values, shape);
  }
}
