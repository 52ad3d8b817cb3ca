package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ExplanationChecksTest {
  @Test
  void similarityIsARankCorrelation() {
    float[][] map = {{0, 0.1f, 0.4f}, {0.2f, 0.9f, 1}};
    float[][] squared = {{0, 0.01f, 0.16f}, {0.04f, 0.81f, 1}};
    float[][] reversed = {{1, 0.9f, 0.6f}, {0.8f, 0.1f, 0}};
    assertThat(ExplanationChecks.similarity(map, squared)).isEqualTo(1, within(1e-12));
    assertThat(ExplanationChecks.similarity(map, reversed)).isEqualTo(-1, within(1e-12));
    assertThat(ExplanationChecks.similarity(map, new float[2][3])).isNaN();
  }

  @Test
  void randomisationReachesDownToItsDepth() {
    RtcnModel model = RtcnModelTest.model();
    for (ExplanationChecks.Depth depth : ExplanationChecks.Depth.values()) {
      RtcnModel other = ExplanationChecks.randomised(model, depth, 4);
      boolean head = same(model, other, Rtcn.HEAD);
      boolean encoder = same(model, other, "encoder1");
      boolean stem = same(model, other, "stem");
      assertThat(head).as("%s", depth).isFalse();
      assertThat(encoder).as("%s", depth).isEqualTo(depth == ExplanationChecks.Depth.HEAD);
      assertThat(stem).as("%s", depth).isEqualTo(depth != ExplanationChecks.Depth.ALL);
    }
  }

  private static boolean same(RtcnModel a, RtcnModel b, String layer) {
    return a.graph().getLayer(layer).params().equals(b.graph().getLayer(layer).params());
  }

  @Test
  void deletionStartsAtTheModelsAnswerAndEndsAtThatOfAMeanImage() {
    RtcnModel model = RtcnModelTest.model();
    float[] image = RtcnModelTest.images(1)[0];
    float[] before = image.clone();
    ExplanationChecks.Finding finding =
        new ExplanationChecks(model, 7).check("a", image, 1, map(model, image));
    int last = ExplanationChecks.SHARES.size() - 1;
    assertThat(finding.deletion()).hasSize(last + 1);
    assertThat(finding.deletion()[0])
        .isEqualTo(model.predict(new float[][] {image})[0][1], within(1e-6f));
    float empty = model.predictStandardised(new float[1][image.length])[0][1];
    assertThat(finding.deletion()[last]).isEqualTo(empty, within(1e-6f));
    assertThat(finding.deletionAtRandom()[last]).isEqualTo(empty, within(1e-6f));
    assertThat(finding.similarity()).hasSize(3);
    assertThat(image).isEqualTo(before);
    // The same id and seed give the same order.
    assertThat(
            new ExplanationChecks(model, 7)
                .check("a", image, 1, map(model, image))
                .deletionAtRandom())
        .isEqualTo(finding.deletionAtRandom());
  }

  private static float[][] map(RtcnModel model, float[] image) {
    return new GradCam(model)
        .explain(image, new GradCam.Target(Rtcn.lastConvolution(model.config()), 1))
        .map();
  }
}
