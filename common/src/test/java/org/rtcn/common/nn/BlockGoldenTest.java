package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Our blocks against PyTorch, in double precision. */
class BlockGoldenTest {
  private static final double TOLERANCE = 1e-10;

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void layerNormalisationIsThatOfTheReference(Kernels kernels) {
    Array x = Golden.array(kernels, "mha_in_2x6x8", 12, 8);
    Array y = kernels.zeros(12, 8);
    Array gain = kernels.zeros(8);
    kernels.fill(gain, 1);
    kernels.normalisation().forward(x, gain, kernels.zeros(8), y);
    assertClose(kernels, y, Golden.values("layernorm_noaffine_2x6x8"));
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void convolutionIsThatOfTheReference(Kernels kernels) {
    Array y = kernels.zeros(2, 4, 1, 10);
    kernels.conv2d(
        Golden.array(kernels, "x_2x3x20", 2, 3, 1, 20),
        Golden.array(kernels, "conv1d_w_4x3x5", 4, 3, 1, 5),
        Golden.array(kernels, "conv1d_b", 4),
        y,
        2);
    assertClose(kernels, y, Golden.values("conv1d_k5s2p2_out_2x4x10"));
  }

  /** Classes 2 and 0, the second of which counts twice; weights have the mean 1. */
  @Test
  void weightedCrossEntropyIsThatOfTheReference() {
    INDArray labels = Nd4j.createFromArray(new double[][] {{0, 0, 2.0 / 3, 0}, {4.0 / 3, 0, 0, 0}});
    double loss =
        new WeightedCrossEntropy()
            .computeScore(
                labels,
                Nd4j.create(Golden.values("gradcam_logits_2x4"), new long[] {2, 4}, 'c'),
                new ActivationSoftmax(),
                null,
                true);
    assertThat(loss).isCloseTo(Golden.values("weighted_ce_labels2_0")[0], within(TOLERANCE));
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void geluIsTheExactOne(Kernels kernels) {
    Array x = Golden.array(kernels, "mha_in_2x6x8", 12, 8);
    Array y = kernels.zeros(x.shape());
    kernels.gelu(x, y, kernels.zeros(x.shape()));
    assertClose(kernels, y, Golden.values("gelu_erf"));
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void selfAttentionIsThatOfTheReference(Kernels kernels) {
    SelfAttention attention = new SelfAttention(kernels, 6, 8, 2);
    Array y = kernels.zeros(12, 8);
    attention.forward(
        Golden.array(kernels, "mha_in_2x6x8", 12, 8),
        Golden.transposed(kernels, "mha_inproj_w_24x8", 24, 8),
        Golden.array(kernels, "mha_inproj_b", 24),
        Golden.transposed(kernels, "mha_out_w", 8, 8),
        Golden.array(kernels, "mha_out_b", 8),
        y);
    assertClose(kernels, y, Golden.values("mha_out_2x6x8"));
    double[] weights = attention.weights();
    double[] means = new double[2 * 36];
    for (int i = 0; i < means.length; i++) {
      int first = i / 36 * 72 + i % 36;
      means[i] = (weights[first] + weights[first + 36]) / 2;
    }
    assertClose(means, Golden.values("mha_attn_mean_2x6x6"));
  }

  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void encoderLayerIsThatOfTheReference(Kernels kernels) {
    int hidden = Golden.values("enc_linear1_bias").length;
    EncoderBlock encoder =
        new EncoderBlock(
            new BlockSpec.Encoder(
                6,
                8,
                2,
                hidden,
                0,
                BlockSpec.NormPlacement.AFTER,
                BlockSpec.FeedForwardActivation.RELU),
            kernels);
    Map<String, Array> parameters = new HashMap<>();
    parameters.put("Wqkv", Golden.transposed(kernels, "enc_self_attn_in_proj_weight", 24, 8));
    parameters.put("bqkv", Golden.array(kernels, "enc_self_attn_in_proj_bias", 24));
    parameters.put("Wo", Golden.transposed(kernels, "enc_self_attn_out_proj_weight", 8, 8));
    parameters.put("bo", Golden.array(kernels, "enc_self_attn_out_proj_bias", 8));
    parameters.put("g1", Golden.array(kernels, "enc_norm1_weight", 8));
    parameters.put("n1", Golden.array(kernels, "enc_norm1_bias", 8));
    parameters.put("W1", Golden.transposed(kernels, "enc_linear1_weight", hidden, 8));
    parameters.put("b1", Golden.array(kernels, "enc_linear1_bias", hidden));
    parameters.put("W2", Golden.transposed(kernels, "enc_linear2_weight", 8, hidden));
    parameters.put("b2", Golden.array(kernels, "enc_linear2_bias", 8));
    parameters.put("g2", Golden.array(kernels, "enc_norm2_weight", 8));
    parameters.put("n2", Golden.array(kernels, "enc_norm2_bias", 8));
    Array y = kernels.zeros(2, 6, 8);
    encoder.forward(
        Golden.array(kernels, "mha_in_2x6x8", 2, 6, 8), y, parameters, Block.Mode.INFERENCE);
    assertClose(kernels, y, Golden.values("enc_postnorm_relu_out_2x6x8"));
  }

  /** The slope of x² + 2 y² + 3 z² from (1, -2, 3) on. */
  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void adamIsThatOfTheReference(Kernels kernels) {
    double[] expected = Golden.values("adam_lr1e-2_5steps_quadratic");
    Array mean = kernels.zeros(3);
    Array variance = kernels.zeros(3);
    Array gradient = kernels.zeros(3);
    double[] at = {1, -2, 3};
    for (int step = 0; step < 5; step++) {
      kernels.write(new double[] {2 * at[0], 4 * at[1], 6 * at[2]}, gradient);
      kernels.adam(gradient, mean, variance, 1e-2, step, new Kernels.Adam(0.9, 0.999, 1e-8));
      double[] change = kernels.doubles(gradient);
      for (int i = 0; i < 3; i++) {
        at[i] -= change[i];
      }
      assertClose(at, Arrays.copyOfRange(expected, 3 * step, 3 * step + 3));
    }
  }

  private static void assertClose(Kernels kernels, Array found, double[] expected) {
    assertClose(kernels.doubles(found), expected);
  }

  private static void assertClose(double[] values, double[] expected) {
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
