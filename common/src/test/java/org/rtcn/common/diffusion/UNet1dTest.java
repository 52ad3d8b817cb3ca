package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rtcn.common.kernels.Nd4jKernels.unwrap;
import static org.rtcn.common.kernels.Nd4jKernels.wrap;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.nn.UNetLayout;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.common.storage.NamedArrays;

class UNet1dTest {
  private static final int BATCH = 3;

  private final DdpmConfig config = Tiny.config();
  private final SplittableRandom random = RandomStreams.of(5, "unet-test");

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void gradientsAgreeWithFiniteDifferences(Kernels kernels) {
    try (UNet1d network = new UNet1d(config, 2, kernels)) {
      double[] flat = kernels.doubles(network.weights());
      // The last convolution starts at zero, which would hide most gradients.
      for (int i = 0; i < flat.length; i++) {
        flat[i] += 0.05 * random.nextGaussian();
      }
      kernels.write(flat, network.weights());
      UNet1d.Told told = network.told(BATCH);
      fill(kernels, told.x());
      fill(kernels, told.step());
      fill(kernels, told.rr());
      kernels.write(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, told.oneHot());
      Array target = network.emptyOutput(BATCH);
      fill(kernels, target);

      network.lossAndGradients(told, target);
      double[] gradient = kernels.doubles(network.gradients());

      double h = 1e-5;
      int checked = 0;
      double norm = 0;
      for (int i = 0; i < flat.length; i += 13) {
        double at = flat[i];
        flat[i] = at + h;
        kernels.write(flat, network.weights());
        double up = network.loss(told, target);
        flat[i] = at - h;
        kernels.write(flat, network.weights());
        double down = network.loss(told, target);
        flat[i] = at;
        double numeric = (up - down) / (2 * h);
        double scale = Math.max(1e-3, Math.abs(numeric));
        assertThat(Math.abs(gradient[i] - numeric) / scale)
            .as("weight %d: %s against %s", i, gradient[i], numeric)
            .isLessThan(1e-5);
        norm += gradient[i] * gradient[i];
        checked++;
      }
      assertThat(checked).isGreaterThan(200);
      assertThat(norm).isGreaterThan(1e-4);
    }
  }

  /** What a model's file is checked against before a network is built is what is then built. */
  @Test
  void theLayoutIsThatOfTheNetwork() {
    for (DdpmConfig each : List.of(config, DdpmConfig.defaults())) {
      try (UNet1d network = new UNet1d(each, 2, new Nd4jKernels(DataType.FLOAT))) {
        List<NamedArrays.Spec> built =
            network.weightNames().stream()
                .map(
                    name ->
                        NamedArrays.Spec.of(name, network.part(network.weights(), name).shape()))
                .toList();
        assertThat(UNetLayout.weights(each.network(2))).isEqualTo(built);
      }
    }
    assertThatThrownBy(() -> UNetLayout.weights(config.network(1_000_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid network: weights ");
  }

  private void fill(Kernels kernels, Array array) {
    double[] values = new double[Math.toIntExact(array.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    kernels.write(values, array);
  }

  /** A batch with factors is the factors' mean of its beats one by one. */
  @Test
  void aBeatCountsAsMuchAsItsFactor() {
    double[] factors = {0.3, 2, 0};
    try (UNet1d network = new UNet1d(config, 2, new Nd4jKernels(DataType.DOUBLE))) {
      unwrap(network.weights()).addi(gaussian(network.parameterCount()).muli(0.05));
      INDArray x = gaussian(BATCH, config.leads() * 4L, 1, config.length() / 2);
      INDArray target = gaussian(BATCH, config.leads() * 2L, 1, config.length() / 2);
      INDArray step = gaussian(BATCH, network.embeddingSize());
      INDArray rr = gaussian(BATCH, network.embeddingSize());
      INDArray oneHot = Nd4j.create(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
      double expectedLoss = 0;
      INDArray expected = Nd4j.create(DataType.DOUBLE, network.parameterCount());
      for (int i = 0; i < BATCH; i++) {
        INDArrayIndex one = NDArrayIndex.interval(i, i + 1);
        UNet1d.Told told =
            told(x.get(one).dup(), step.get(one).dup(), oneHot.get(one).dup(), rr.get(one).dup());
        double loss = network.lossAndGradients(told, wrap(target.get(one).dup()));
        expectedLoss += factors[i] * loss / BATCH;
        expected.addi(unwrap(network.gradients()).mul(factors[i] / BATCH));
      }
      INDArray roots =
          Nd4j.create(Arrays.stream(factors).map(Math::sqrt).toArray(), new long[] {BATCH, 1});
      double loss = network.lossAndGradients(told(x, step, oneHot, rr), wrap(target), wrap(roots));
      assertThat(loss).isCloseTo(expectedLoss, Percentage.withPercentage(1e-9));
      assertThat(unwrap(network.gradients()).sub(expected).amaxNumber().doubleValue())
          .isLessThan(1e-12 * Math.max(1, expected.amaxNumber().doubleValue()));
    }
  }

  @Test
  void freshNetworkPredictsZeroAndClassAndRrIntervalMatter() {
    try (UNet1d network = new UNet1d(config, 2, new Nd4jKernels(DataType.FLOAT))) {
      INDArray x = gaussian(1, config.leads() * 4L, 1, config.length() / 2).castTo(DataType.FLOAT);
      INDArray step = gaussian(1, network.embeddingSize()).castTo(DataType.FLOAT);
      INDArray first = Nd4j.createFromArray(new float[][] {{1, 0, 0}});
      INDArray second = Nd4j.createFromArray(new float[][] {{0, 1, 0}});
      INDArray slow = rr(1.2f, network.embeddingSize());
      INDArray fast = rr(0.5f, network.embeddingSize());
      UNet1d.Told told = told(x, step, first, slow);
      assertThat(predict(network, told).norm2Number().doubleValue()).isZero();

      unwrap(network.weights()).addi(0.1);
      INDArray a = predict(network, told).dup();
      INDArray b = predict(network, told(x, step, second, slow)).dup();
      INDArray c = predict(network, told(x, step, first, fast)).dup();
      assertThat(a.shape()).containsExactly(1, config.leads() * 2L, 1, config.length() / 2);
      assertThat(a.sub(b).norm2Number().doubleValue()).isGreaterThan(1e-4);
      assertThat(a.sub(c).norm2Number().doubleValue()).isGreaterThan(1e-4);
    }
  }

  /** With its last projection at zero it passes its input on; with any other it changes it. */
  @Test
  void freshAttentionChangesNothing() {
    DdpmConfig without = Tiny.config(new DenoiserShape(2, 4, List.of(1, 2), 0, 1));
    try (UNet1d attending = new UNet1d(config, 2, new Nd4jKernels(DataType.FLOAT));
        UNet1d plain = new UNet1d(without, 2, new Nd4jKernels(DataType.FLOAT))) {
      // Every weight that both have is moved alike, so that something comes out.
      for (UNet1d network : List.of(attending, plain)) {
        for (String name : network.weightNames()) {
          unwrap(network.part(network.weights(), name)).addi(name.contains("attended") ? 0 : 0.1);
        }
      }
      UNet1d.Told told =
          told(
              gaussian(2, config.leads() * 4L, 1, config.length() / 2).castTo(DataType.FLOAT),
              gaussian(2, plain.embeddingSize()).castTo(DataType.FLOAT),
              Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 1, 0}}),
              gaussian(2, plain.embeddingSize()).castTo(DataType.FLOAT));
      INDArray expected = predict(plain, told).dup();
      assertThat(expected.norm2Number().doubleValue()).isGreaterThan(0.1);
      assertThat(predict(attending, told).equalsWithEps(expected, 1e-6)).isTrue();

      for (String name : attending.weightNames()) {
        unwrap(attending.part(attending.weights(), name))
            .addi(name.endsWith("attended.w") ? 0.1 : 0);
      }
      assertThat(predict(attending, told).equalsWithEps(expected, 1e-3)).isFalse();
      assertThat(attending.parameterCount()).isGreaterThan(plain.parameterCount());
    }
  }

  @Test
  void badShapesAreRefused() {
    assertThatThrownBy(() -> new DenoiserShape(2, 4, List.of(1, 2), 3, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid attention levels 3: must be 0 to the number of levels, 2");
    assertThatThrownBy(() -> new DenoiserShape(2, 4, List.of(1, 2), 1, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid attention heads 3: must be a divisor of the 8 channels of level 1");
  }

  @Test
  void weightsDependOnTheSeedAloneAndCanBeReplaced() {
    try (UNet1d one = new UNet1d(config, 2, new Nd4jKernels(DataType.FLOAT));
        UNet1d other = new UNet1d(Tiny.config(), 2, new Nd4jKernels(DataType.FLOAT))) {
      assertThat(unwrap(other.weights())).isEqualTo(unwrap(one.weights()));
      float[] weights = unwrap(one.weights()).toFloatVector();
      assertThat(weights).hasSize(one.parameterCount());
      weights[5] = 9;
      other.setWeights(weights);
      assertThat(unwrap(other.weights()).getFloat(5)).isEqualTo(9);
      assertThatThrownBy(() -> one.setWeights(new float[] {1, 2, 3}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid weights: 3 values for a network of " + one.parameterCount());
    }
  }

  /** Single precision takes other ways than the double precision that the check above holds. */
  @Test
  void singlePrecisionSaysTheSame() {
    for (DdpmConfig chosen :
        List.of(config, Tiny.config(new DenoiserShape(2, 4, List.of(1, 2, 1), 2, 2)))) {
      try (UNet1d wide = new UNet1d(chosen, 2, new Nd4jKernels(DataType.DOUBLE));
          UNet1d narrow = new UNet1d(chosen, 2, new Nd4jKernels(DataType.FLOAT))) {
        unwrap(wide.weights()).addi(gaussian(wide.parameterCount()).muli(0.05));
        narrow.setWeights(unwrap(wide.weights()).toFloatVector());
        // Twice, with batches of two sizes: nothing of an earlier batch may stay.
        for (int batch : new int[] {5, BATCH}) {
          UNet1d.Told told =
              told(
                  gaussian(batch, chosen.leads() * 4L, 1, chosen.length() / 2),
                  gaussian(batch, wide.embeddingSize()),
                  gaussian(batch, 3),
                  gaussian(batch, wide.embeddingSize()));
          UNet1d.Told same =
              told(
                  unwrap(told.x()).castTo(DataType.FLOAT),
                  unwrap(told.step()).castTo(DataType.FLOAT),
                  unwrap(told.oneHot()).castTo(DataType.FLOAT),
                  unwrap(told.rr()).castTo(DataType.FLOAT));
          INDArray target = gaussian(batch, chosen.leads() * 2L, 1, chosen.length() / 2);
          double loss = wide.lossAndGradients(told, wrap(target));
          assertThat(narrow.lossAndGradients(same, wrap(target.castTo(DataType.FLOAT))))
              .isCloseTo(loss, Percentage.withPercentage(0.001));
          INDArray difference =
              unwrap(narrow.gradients()).castTo(DataType.DOUBLE).subi(unwrap(wide.gradients()));
          assertThat(difference.amaxNumber().doubleValue())
              .isLessThan(1e-5 * unwrap(wide.gradients()).amaxNumber().doubleValue());
        }
      }
    }
  }

  private static UNet1d.Told told(INDArray x, INDArray step, INDArray oneHot, INDArray rr) {
    return new UNet1d.Told(wrap(x), wrap(step), wrap(oneHot), wrap(rr));
  }

  private static INDArray rr(float seconds, int size) {
    return Nd4j.createFromArray(new float[][] {RrEmbedding.of(new float[] {seconds}, size)});
  }

  private static INDArray predict(UNet1d network, UNet1d.Told told) {
    return unwrap(network.predict(told));
  }

  private INDArray gaussian(long... shape) {
    INDArray array = Nd4j.create(DataType.DOUBLE, shape);
    for (int i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }

  /** Settings small enough for finite differences. */
  static final class Tiny {
    private Tiny() {}

    static DdpmConfig config() {
      return config(new DenoiserShape(2, 4, List.of(1, 2), 1, 2));
    }

    static DdpmConfig config(DenoiserShape shape) {
      return DdpmConfig.defaults().toBuilder()
          .leads(2)
          .length(16)
          .shape(shape)
          .condition(BeatCondition.RR_INTERVAL)
          .diffusionSteps(20)
          .schedule(NoiseSchedule.Kind.COSINE)
          .parameterisation(Parameterisation.V)
          .lossWeighting(LossWeighting.UNIFORM)
          .centring(BeatNormalisation.Centring.MEAN_BEAT)
          .linearRank(8)
          .learningRate(2e-3)
          .batchSize(4)
          .trainingSteps(5)
          .workers(1)
          .averagingFrequency(50)
          .emaDecay(0.9)
          .classDropout(0.1)
          .guidance(1.0)
          .samplerSteps(5)
          .eta(0.5)
          .blockSize(3)
          .seed(7)
          .build();
    }
  }
}
