package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.random.RandomStreams;

class DecisionTest {
  private static final List<String> CLASSES = List.of("AMI", "HC", "IMI", "ALMI");

  @Test
  void detectionComesFirstThenTheSite() {
    Decision decision = Decision.among(CLASSES);
    // The most probable class is HC, and yet an infarct is more probable than none.
    double[] spread = {0.25, 0.45, 0.2, 0.1};
    assertThat(decision.detects(spread, 0.5f)).isTrue();
    assertThat(CLASSES.get(decision.answer(spread, 0.5f))).isEqualTo("AMI");
    assertThat(CLASSES.get(decision.answer(spread, 0.6f))).isEqualTo("HC");
    // However small its share: from the threshold on there is an infarct.
    assertThat(CLASSES.get(decision.answer(new double[] {0.05, 0.7, 0.15, 0.1}, 0.25f)))
        .isEqualTo("IMI");
    assertThat(CLASSES.get(decision.answer(new double[] {0.2, 0.51, 0.2, 0.09}, 0.5f)))
        .isEqualTo("HC");
    assertThat(decision.infarctProbability(new double[] {0.2, 0.3, 0.4, 0.1})).isEqualTo(0.7f);
  }

  @Test
  void withoutBothKindsTheMostProbableIsTaken() {
    Decision sites = Decision.among(List.of("AMI", "IMI"));
    assertThat(sites.decidesDetection()).isFalse();
    assertThat(sites.answer(new double[] {0.4, 0.6}, 0.5f)).isEqualTo(1);
    assertThat(sites.answer(new double[] {0.5, 0.5}, 0.5f)).isZero();
    Decision none = Decision.among(List.of("HC", "OTHER"));
    assertThat(none.answer(new double[] {0.2, 0.8}, 0.5f)).isEqualTo(1);
  }

  @Test
  void noCaseHasTwoAnswers() {
    Decision decision = Decision.among(CLASSES);
    SplittableRandom random = RandomStreams.of(3, "decision");
    for (int i = 0; i < 20_000; i++) {
      double[] p = new double[CLASSES.size()];
      double sum = 0;
      for (int c = 0; c < p.length; c++) {
        // Sums that come to lie at one half, too.
        p[c] = i % 2 == 0 ? random.nextDouble() : random.nextInt(5);
        sum += p[c];
      }
      double[] written = new double[p.length];
      for (int c = 0; c < p.length; c++) {
        p[c] /= sum == 0 ? 1 : sum;
        written[c] = (float) p[c];
      }
      float threshold = i % 3 == 0 ? 0.5f : random.nextInt(1, 100) / 100f;
      int answer = decision.answer(p, threshold);
      assertThat(decision.isInfarct(answer))
          .isEqualTo(decision.infarctProbability(p) >= threshold)
          .isEqualTo(decision.detects(p, threshold));
      assertThat(decision.answer(written, threshold)).isEqualTo(answer);
      assertThat(decision.infarctProbability(written)).isEqualTo(decision.infarctProbability(p));
    }
  }
}
