package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;

class RtcnInferenceTest {
  private static final int IMAGES = 43;

  private static float[][] images(int length) {
    SplittableRandom random = new SplittableRandom(5);
    float[][] images = new float[IMAGES][length];
    for (float[] image : images) {
      for (int i = 0; i < length; i++) {
        image[i] = (float) random.nextGaussian();
      }
    }
    return images;
  }

  /**
   * Whatever stands next to it, and at whatever place of a batch: to the last bit with ND4J's
   * kernels, within rounding with others.
   */
  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inSinglePrecision")
  void anAnswerDependsOnItsImageAlone(Kernels kernels) {
    for (RtcnConfig config :
        List.of(
            NetworkSize.TINY.config(24, 24, 32, 3, 1),
            NetworkSize.SMALL.config(24, 24, 32, 6, 1),
            NetworkSize.TINY.config(2, 7, 9, 9, 1),
            NetworkSize.SMALL.config(2, 7, 9, 12, 1))) {
      float[][] images = images(config.channels() * config.voices() * config.columns());
      float[][] reversed = new float[IMAGES][];
      for (int i = 0; i < IMAGES; i++) {
        reversed[i] = images[IMAGES - 1 - i];
      }
      float[] weights = Rtcn.weights(Rtcn.build(config));
      try (RtcnInference inference = new RtcnInference(config, weights, kernels)) {
        float[][] answers = inference.probabilities(images);
        float[][] others = inference.probabilities(reversed);
        float[][] features = inference.features(images);
        float[][] otherFeatures = inference.features(reversed);
        for (int i = 0; i < IMAGES; i++) {
          requireSame(kernels, others[IMAGES - 1 - i], answers[i]);
          requireSame(kernels, otherFeatures[IMAGES - 1 - i], features[i]);
        }
        assertThat(answers[0]).isNotEqualTo(answers[1]);
      }
    }
  }

  private static void requireSame(Kernels kernels, float[] found, float[] expected) {
    float tolerance = kernels instanceof Nd4jKernels ? 0 : 1e-5f;
    assertThat(found).containsExactly(expected, offset(tolerance));
  }

  @Test
  void probabilitiesAreThoseOfTheLogits() {
    float no = Float.NEGATIVE_INFINITY;
    float[] logits = {0, 0, (float) Math.log(2), 1000, 0, 0, Float.NaN, 0, 0, 0, no, 0};
    RtcnNetwork.softmax(logits, 3);
    assertThat(logits[0]).isEqualTo(0.25f);
    assertThat(logits[2]).isEqualTo(0.5f);
    assertThat(logits[3]).isEqualTo(1);
    assertThat(logits[6]).isNaN();
    assertThat(logits[7]).isNaN();
    assertThat(logits[9]).isNaN();
  }
}
