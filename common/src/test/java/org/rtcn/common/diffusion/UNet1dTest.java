package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.rtcn.common.nn.UNetLayout;
import org.rtcn.common.random.RandomStreams;
import org.rtcn.common.storage.NamedArrays;

class UNet1dTest {
  private static final int BATCH = 3;

  private final DdpmConfig config = Tiny.config();
  private final SplittableRandom random = RandomStreams.of(5, "unet-test");

  @Test
  void gradientsAgreeWithFiniteDifferences() {
    try (UNet1d network = new UNet1d(config, 2, DataType.DOUBLE)) {
      INDArray flat = network.weights();
      // The last convolution starts at zero, which would hide most gradients.
      for (int i = 0; i < flat.length(); i++) {
        flat.putScalar(i, flat.getDouble(i) + 0.05 * random.nextGaussian());
      }
      INDArray x = gaussian(BATCH, config.leads() * 4L, 1, config.length() / 2);
      INDArray target = gaussian(BATCH, config.leads() * 2L, 1, config.length() / 2);
      INDArray step = gaussian(BATCH, network.embeddingSize());
      INDArray oneHot = Nd4j.create(new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
      INDArray rr = gaussian(BATCH, network.embeddingSize());
      UNet1d.Told told = new UNet1d.Told(x, step, oneHot, rr);

      network.lossAndGradients(told, target);
      INDArray gradient = network.gradients().dup();

      double h = 1e-5;
      int checked = 0;
      for (int i = 0; i < flat.length(); i += 13) {
        double at = flat.getDouble(i);
        flat.putScalar(i, at + h);
        double up = network.loss(told, target);
        flat.putScalar(i, at - h);
        double down = network.loss(told, target);
        flat.putScalar(i, at);
        double numeric = (up - down) / (2 * h);
        double scale = Math.max(1e-3, Math.abs(numeric));
        assertThat(Math.abs(gradient.getDouble(i) - numeric) / scale)
            .as("weight %d: %s against %s", i, gradient.getDouble(i), numeric)
            .isLessThan(1e-5);
        checked++;
      }
      assertThat(checked).isGreaterThan(200);
      assertThat(gradient.norm2Number().doubleValue()).isGreaterThan(1e-2);
    }
  }

  /** What a model's file is checked against before a network is built is what is then built. */
  @Test
  void theLayoutIsThatOfTheNetwork() {
    for (DdpmConfig each : List.of(config, DdpmConfig.defaults())) {
      try (UNet1d network = new UNet1d(each, 2, DataType.FLOAT)) {
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

  /** A batch with factors is the factors' mean of its beats one by one. */
  @Test
  void aBeatCountsAsMuchAsItsFactor() {
    double[] factors = {0.3, 2, 0};
    try (UNet1d network = new UNet1d(config, 2, DataType.DOUBLE)) {
      network.weights().addi(gaussian(network.parameterCount()).muli(0.05));
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
            new UNet1d.Told(
                x.get(one).dup(), step.get(one).dup(), oneHot.get(one).dup(), rr.get(one).dup());
        double loss = network.lossAndGradients(told, target.get(one).dup());
        expectedLoss += factors[i] * loss / BATCH;
        expected.addi(network.gradients().mul(factors[i] / BATCH));
      }
      INDArray roots =
          Nd4j.create(Arrays.stream(factors).map(Math::sqrt).toArray(), new long[] {BATCH, 1});
      double loss = network.lossAndGradients(new UNet1d.Told(x, step, oneHot, rr), target, roots);
      assertThat(loss).isCloseTo(expectedLoss, Percentage.withPercentage(1e-9));
      assertThat(network.gradients().sub(expected).amaxNumber().doubleValue())
          .isLessThan(1e-12 * Math.max(1, expected.amaxNumber().doubleValue()));
    }
  }

  @Test
  void freshNetworkPredictsZeroAndClassAndRrIntervalMatter() {
    try (UNet1d network = new UNet1d(config, 2, DataType.FLOAT)) {
      INDArray x = gaussian(1, config.leads() * 4L, 1, config.length() / 2).castTo(DataType.FLOAT);
      INDArray step = gaussian(1, network.embeddingSize()).castTo(DataType.FLOAT);
      INDArray first = Nd4j.createFromArray(new float[][] {{1, 0, 0}});
      INDArray second = Nd4j.createFromArray(new float[][] {{0, 1, 0}});
      INDArray slow = Nd4j.create(DataType.FLOAT, 1, network.embeddingSize());
      INDArray fast = slow.dup();
      RrEmbedding.fill(slow, new float[] {1.2f});
      RrEmbedding.fill(fast, new float[] {0.5f});
      UNet1d.Told told = new UNet1d.Told(x, step, first, slow);
      assertThat(network.predict(told).norm2Number().doubleValue()).isZero();

      network.weights().addi(0.1);
      INDArray a = network.predict(told).dup();
      INDArray b = network.predict(new UNet1d.Told(x, step, second, slow)).dup();
      INDArray c = network.predict(new UNet1d.Told(x, step, first, fast)).dup();
      assertThat(a.shape()).containsExactly(1, config.leads() * 2L, 1, config.length() / 2);
      assertThat(a.sub(b).norm2Number().doubleValue()).isGreaterThan(1e-4);
      assertThat(a.sub(c).norm2Number().doubleValue()).isGreaterThan(1e-4);
    }
  }

  /** With its last projection at zero it passes its input on; with any other it changes it. */
  @Test
  void freshAttentionChangesNothing() {
    DdpmConfig without = Tiny.config(new DenoiserShape(2, 4, List.of(1, 2), 0, 1));
    try (UNet1d attending = new UNet1d(config, 2, DataType.FLOAT);
        UNet1d plain = new UNet1d(without, 2, DataType.FLOAT)) {
      // Every weight that both have is moved alike, so that something comes out.
      for (UNet1d network : List.of(attending, plain)) {
        for (String name : network.weightNames()) {
          network.part(network.weights(), name).addi(name.contains("attended") ? 0 : 0.1);
        }
      }
      UNet1d.Told told =
          new UNet1d.Told(
              gaussian(2, config.leads() * 4L, 1, config.length() / 2).castTo(DataType.FLOAT),
              gaussian(2, plain.embeddingSize()).castTo(DataType.FLOAT),
              Nd4j.createFromArray(new float[][] {{1, 0, 0}, {0, 1, 0}}),
              gaussian(2, plain.embeddingSize()).castTo(DataType.FLOAT));
      INDArray expected = plain.predict(told).dup();
      assertThat(expected.norm2Number().doubleValue()).isGreaterThan(0.1);
      assertThat(attending.predict(told).equalsWithEps(expected, 1e-6)).isTrue();

      for (String name : attending.weightNames()) {
        attending.part(attending.weights(), name).addi(name.endsWith("attended.w") ? 0.1 : 0);
      }
      assertThat(attending.predict(told).equalsWithEps(expected, 1e-3)).isFalse();
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
    try (UNet1d one = new UNet1d(config, 2, DataType.FLOAT);
        UNet1d other = new UNet1d(Tiny.config(), 2, DataType.FLOAT)) {
      assertThat(other.weights()).isEqualTo(one.weights());
      float[] weights = one.weights().toFloatVector();
      assertThat(weights).hasSize(one.parameterCount());
      weights[5] = 9;
      other.setWeights(weights);
      assertThat(other.weights().getFloat(5)).isEqualTo(9);
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
      try (UNet1d wide = new UNet1d(chosen, 2, DataType.DOUBLE);
          UNet1d narrow = new UNet1d(chosen, 2, DataType.FLOAT)) {
        wide.weights().addi(gaussian(wide.parameterCount()).muli(0.05));
        narrow.setWeights(wide.weights().toFloatVector());
        // Twice, with batches of two sizes: nothing of an earlier batch may stay.
        for (int batch : new int[] {5, BATCH}) {
          UNet1d.Told told =
              new UNet1d.Told(
                  gaussian(batch, chosen.leads() * 4L, 1, chosen.length() / 2),
                  gaussian(batch, wide.embeddingSize()),
                  gaussian(batch, 3),
                  gaussian(batch, wide.embeddingSize()));
          UNet1d.Told same =
              new UNet1d.Told(
                  told.x().castTo(DataType.FLOAT),
                  told.step().castTo(DataType.FLOAT),
                  told.oneHot().castTo(DataType.FLOAT),
                  told.rr().castTo(DataType.FLOAT));
          INDArray target = gaussian(batch, chosen.leads() * 2L, 1, chosen.length() / 2);
          double loss = wide.lossAndGradients(told, target);
          assertThat(narrow.lossAndGradients(same, target.castTo(DataType.FLOAT)))
              .isCloseTo(loss, Percentage.withPercentage(0.001));
          INDArray difference = narrow.gradients().castTo(DataType.DOUBLE).subi(wide.gradients());
          assertThat(difference.amaxNumber().doubleValue())
              .isLessThan(1e-5 * wide.gradients().amaxNumber().doubleValue());
        }
      }
    }
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
      return new DdpmConfig(
          2,
          16,
          shape,
          BeatCondition.RR_INTERVAL,
          20,
          NoiseSchedule.Kind.COSINE,
          Parameterisation.V,
          LossWeighting.UNIFORM,
          BeatNormalisation.Centring.MEAN_BEAT,
          8,
          2e-3,
          4,
          5,
          1,
          50,
          0.9,
          0.1,
          1.0,
          5,
          0.5,
          3,
          7);
    }
  }
}
