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
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
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
    SplittableRandom random = new SplittableRandom(7);
    Block block = spec.create(DataType.DOUBLE);
    Map<String, INDArray> parameters = new LinkedHashMap<>();
    Map<String, INDArray> gradients = new LinkedHashMap<>();
    for (Parameter parameter : block.parameters()) {
      INDArray value = Nd4j.create(DataType.DOUBLE, parameter.shape());
      parameter.initialise(value, random);
      value.addi(normal(random, parameter.shape()).muli(0.1));
      parameters.put(parameter.name(), value);
      gradients.put(parameter.name(), normal(random, parameter.shape()));
    }
    INDArray x = normal(random, shape);
    INDArray y = Nd4j.create(DataType.DOUBLE, block.outputShape(shape[0]));
    INDArray dy = normal(random, y.shape());
    INDArray dyBefore = dy.dup();
    INDArray dx = normal(random, shape);
    block.forward(x, y, parameters, Block.Mode.TRAINING);
    block.backward(x, y, dy, dx, parameters, gradients);
    assertThat(dy).isEqualTo(dyBefore);

    Map<String, INDArray> subjects = new LinkedHashMap<>(parameters);
    subjects.put("x", x);
    gradients.put("x", dx);
    for (Map.Entry<String, INDArray> subject : subjects.entrySet()) {
      INDArray value = subject.getValue();
      double[] analytic = gradients.get(subject.getKey()).dup('c').data().asDouble();
      for (int i = 0; i < analytic.length; i++) {
        double start = value.getDouble(i);
        double up = loss(block, x, dy, parameters, value, i, start + STEP);
        double down = loss(block, x, dy, parameters, value, i, start - STEP);
        value.putScalar(i, start);
        double numeric = (up - down) / (2 * STEP);
        assertThat(Math.abs(analytic[i] - numeric) / Math.max(1, Math.abs(numeric)))
            .as("%s of %s, %s: %s against %s", subject.getKey(), spec, i, analytic[i], numeric)
            .isLessThan(1e-7);
      }
    }
  }

  private static double loss(
      Block block,
      INDArray x,
      INDArray dy,
      Map<String, INDArray> parameters,
      INDArray value,
      int index,
      double to) {
    value.putScalar(index, to);
    INDArray y = Nd4j.create(DataType.DOUBLE, block.outputShape(x.size(0)));
    block.forward(x, y, parameters, Block.Mode.TRAINING);
    return y.mul(dy).sumNumber().doubleValue();
  }

  private static INDArray normal(SplittableRandom random, long... shape) {
    INDArray array = Nd4j.create(DataType.DOUBLE, shape);
    for (int i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }
}
