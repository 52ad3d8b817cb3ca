package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.rtcn.common.nd4j.Nd4jRuntime;

/** Our blocks against PyTorch, in double precision. */
class BlockGoldenTest {
  private static final double TOLERANCE = 1e-10;

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  @Test
  void layerNormalisationIsThatOfTheReference() {
    INDArray x = Golden.array("mha_in_2x6x8", 12, 8);
    INDArray y = Nd4j.create(DataType.DOUBLE, 12, 8);
    new LayerNormalisation(new Scratch(DataType.DOUBLE), "norm")
        .forward(x, Nd4j.ones(DataType.DOUBLE, 8), Nd4j.zeros(DataType.DOUBLE, 8), y);
    assertClose(y, Golden.values("layernorm_noaffine_2x6x8"));
  }

  @Test
  void convolutionIsThatOfTheReference() {
    INDArray y = Nd4j.create(DataType.DOUBLE, 2, 4, 1, 10);
    Ops.conv2d(
        Golden.array("x_2x3x20", 2, 3, 1, 20),
        Golden.array("conv1d_w_4x3x5", 4, 3, 1, 5),
        Golden.array("conv1d_b", 4),
        y,
        2);
    assertClose(y, Golden.values("conv1d_k5s2p2_out_2x4x10"));
  }

  /** Classes 2 and 0, the second of which counts twice; weights have the mean 1. */
  @Test
  void weightedCrossEntropyIsThatOfTheReference() {
    INDArray labels = Nd4j.createFromArray(new double[][] {{0, 0, 2.0 / 3, 0}, {4.0 / 3, 0, 0, 0}});
    double loss =
        new WeightedCrossEntropy()
            .computeScore(
                labels,
                Golden.array("gradcam_logits_2x4", 2, 4),
                new ActivationSoftmax(),
                null,
                true);
    assertThat(loss).isCloseTo(Golden.values("weighted_ce_labels2_0")[0], within(TOLERANCE));
  }

  @Test
  void geluIsTheExactOne() {
    INDArray x = Golden.array("mha_in_2x6x8", 12, 8);
    INDArray y = x.ulike();
    Ops.gelu(x, y, x.ulike());
    assertClose(y, Golden.values("gelu_erf"));
  }

  @Test
  void softmaxRunsOverTheLastAxis() {
    INDArray x = Golden.array("mha_in_2x6x8", 2, 6, 8);
    INDArray y = x.ulike();
    Ops.softmax(x, y);
    assertClose(y, Golden.values("softmax_lastdim"));
  }

  @Test
  void selfAttentionIsThatOfTheReference() {
    SelfAttention attention = new SelfAttention(new Scratch(DataType.DOUBLE), 6, 8, 2);
    INDArray y = Nd4j.create(DataType.DOUBLE, 12, 8);
    attention.forward(
        Golden.array("mha_in_2x6x8", 12, 8),
        Golden.transposed("mha_inproj_w_24x8", 24, 8),
        Golden.array("mha_inproj_b", 24),
        Golden.transposed("mha_out_w", 8, 8),
        Golden.array("mha_out_b", 8),
        y);
    assertClose(y, Golden.values("mha_out_2x6x8"));
    assertClose(
        attention.weights().reshape('c', 2, 2, 6, 6).mean(1), Golden.values("mha_attn_mean_2x6x6"));
  }

  @Test
  void encoderLayerIsThatOfTheReference() {
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
            DataType.DOUBLE);
    Map<String, INDArray> parameters = new HashMap<>();
    parameters.put("Wqkv", Golden.transposed("enc_self_attn_in_proj_weight", 24, 8));
    parameters.put("bqkv", Golden.array("enc_self_attn_in_proj_bias", 24));
    parameters.put("Wo", Golden.transposed("enc_self_attn_out_proj_weight", 8, 8));
    parameters.put("bo", Golden.array("enc_self_attn_out_proj_bias", 8));
    parameters.put("g1", Golden.array("enc_norm1_weight", 8));
    parameters.put("n1", Golden.array("enc_norm1_bias", 8));
    parameters.put("W1", Golden.transposed("enc_linear1_weight", hidden, 8));
    parameters.put("b1", Golden.array("enc_linear1_bias", hidden));
    parameters.put("W2", Golden.transposed("enc_linear2_weight", 8, hidden));
    parameters.put("b2", Golden.array("enc_linear2_bias", 8));
    parameters.put("g2", Golden.array("enc_norm2_weight", 8));
    parameters.put("n2", Golden.array("enc_norm2_bias", 8));
    INDArray y = Nd4j.create(DataType.DOUBLE, 2, 6, 8);
    encoder.forward(Golden.array("mha_in_2x6x8", 2, 6, 8), y, parameters, Block.Mode.INFERENCE);
    assertClose(y, Golden.values("enc_postnorm_relu_out_2x6x8"));
  }

  /** The slope of x² + 2 y² + 3 z² from (1, -2, 3) on. */
  @Test
  void adamIsThatOfTheReference() {
    LearningRateSchedule rate = LearningRateSchedule.constant(1e-2);
    GradientUpdater<?> adam =
        new OnePassAdam(rate).instantiate(Nd4j.zeros(DataType.DOUBLE, 1, 6), true);
    double[] expected = Golden.values("adam_lr1e-2_5steps_quadratic");
    INDArray at = Nd4j.createFromArray(1.0, -2.0, 3.0);
    INDArray twice = Nd4j.createFromArray(2.0, 4.0, 6.0);
    for (int step = 0; step < 5; step++) {
      INDArray gradient = at.mul(twice).reshape(1, 3);
      adam.applyUpdater(gradient, step, 0);
      at.subi(gradient.reshape(3));
      assertClose(at, Arrays.copyOfRange(expected, 3 * step, 3 * step + 3));
    }
  }

  private static void assertClose(INDArray found, double[] expected) {
    double[] values = found.dup('c').data().asDouble();
    assertThat(values).hasSameSizeAs(expected);
    for (int i = 0; i < values.length; i++) {
      assertThat(values[i]).as("value %d", i).isCloseTo(expected[i], within(TOLERANCE));
    }
  }
}
