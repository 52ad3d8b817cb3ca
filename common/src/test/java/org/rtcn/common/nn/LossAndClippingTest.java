package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.optimise.ClippedUpdater;

class LossAndClippingTest {
  private final IActivation softmax = new ActivationSoftmax();

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  private static INDArray labels() {
    // Smoothed and weighted: rows of any sum.
    return Nd4j.createFromArray(new double[][] {{0.9, 0.05, 0.05}, {0.1, 2.8, 0.1}});
  }

  private static INDArray before() {
    return Nd4j.createFromArray(new double[][] {{1.2, -0.3, 0.4}, {-2, 0.5, 3}});
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 1, 2, 5})
  void focalGradientIsTheSlopeOfTheLoss(double gamma) {
    FocalCrossEntropy loss = new FocalCrossEntropy(gamma);
    INDArray gradient = loss.computeGradient(labels(), before(), softmax, null);
    double step = 1e-6;
    for (int i = 0; i < 6; i++) {
      INDArray up = before();
      up.putScalar(i, up.getDouble(i) + step);
      INDArray down = before();
      down.putScalar(i, down.getDouble(i) - step);
      double slope =
          (loss.computeScore(labels(), up, softmax, null, false)
                  - loss.computeScore(labels(), down, softmax, null, false))
              / (2 * step);
      assertThat(gradient.getDouble(i)).isCloseTo(slope, within(1e-7));
    }
  }

  @Test
  void withoutFocusItIsTheWeightedCrossEntropy() {
    FocalCrossEntropy focal = new FocalCrossEntropy(0);
    WeightedCrossEntropy plain = new WeightedCrossEntropy();
    assertThat(focal.computeScore(labels(), before(), softmax, null, true))
        .isCloseTo(plain.computeScore(labels(), before(), softmax, null, true), within(1e-10));
    assertThat(
            focal
                .computeGradient(labels(), before(), softmax, null)
                .distance2(plain.computeGradient(labels(), before(), softmax, null)))
        .isLessThan(1e-10);
    assertThatThrownBy(() -> new FocalCrossEntropy(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid focal-gamma -1.0: must lie between 0 and 20, 2 is usual");
  }

  @Test
  void theGradientOfTheWholeNetworkIsClipped() {
    RtcnConfig config =
        RtcnConfig.builder()
            .channels(2)
            .voices(6)
            .columns(8)
            .classes(3)
            .stemChannels(4)
            .stemStride(1)
            .stageChannels(List.of(4, 8))
            .blocksPerStage(1)
            .encoderLayers(1)
            .modelDim(8)
            .heads(2)
            .feedForward(16)
            .dropout(0)
            .learningRate(1e-2)
            .weightDecay(0)
            .labelSmoothing(0)
            .seed(11)
            .build();
    INDArray images = Nd4j.rand(DataType.FLOAT, 4, 2, 6, 8);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 4, 3);
    labels.putColumn(1, Nd4j.ones(DataType.FLOAT, 4));
    double free = moved(config, images, labels, 1e9);
    assertThat(free).isGreaterThan(0.5);
    assertThat(moved(config, images, labels, 0.01)).isCloseTo(0.01, within(1e-5));
    assertThatThrownBy(() -> new ClippedUpdater(new Sgd(1), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid gradient-clip 0.0: must be positive, for example 1");
  }

  private static double moved(RtcnConfig config, INDArray images, INDArray labels, double clip) {
    ComputationGraph graph =
        Rtcn.build(config, new ClippedUpdater(new Sgd(1), clip), DataType.FLOAT);
    INDArray start = graph.params().dup();
    graph.fit(new INDArray[] {images}, new INDArray[] {labels});
    return graph.params().distance2(start);
  }
}
