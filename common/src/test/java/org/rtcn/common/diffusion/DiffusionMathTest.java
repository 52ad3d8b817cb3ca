package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.common.ReferenceData;

class DiffusionMathTest {
  private static final Offset<Double> EXACT = within(1e-12);

  /** 1 - alphaBar is 9e-5 at t = 1: one rounding of alphaBar shows as 1.3e-12. */
  private static final Offset<Double> AFTER_CANCELLATION = within(1e-11);

  @ParameterizedTest
  @CsvSource({"LINEAR,200", "LINEAR,1000", "COSINE,200", "COSINE,1000"})
  void schedulesAgreeWithTheReference(NoiseSchedule.Kind kind, int steps) {
    double[][] rows =
        golden("schedule_" + kind.name().toLowerCase(java.util.Locale.ROOT) + "_T" + steps);
    NoiseSchedule schedule = NoiseSchedule.of(kind, steps);
    assertThat(schedule.steps()).isEqualTo(rows.length);
    for (int t = 0; t < steps; t++) {
      assertThat(schedule.beta(t)).isCloseTo(rows[t][0], EXACT);
      assertThat(schedule.alpha(t)).isCloseTo(rows[t][1], EXACT);
      assertThat(schedule.alphaBar(t)).isCloseTo(rows[t][2], EXACT);
      assertThat(schedule.posteriorVariance(t)).isCloseTo(rows[t][3], EXACT);
      assertThat(schedule.posteriorMeanCoefX0(t)).isCloseTo(rows[t][4], AFTER_CANCELLATION);
      assertThat(schedule.posteriorMeanCoefXt(t)).isCloseTo(rows[t][5], AFTER_CANCELLATION);
    }
  }

  /** What a weighting makes of an error does not depend on what the network predicts. */
  @ParameterizedTest
  @EnumSource(Parameterisation.class)
  void lossWeightsMeanTheSameForEveryPrediction(Parameterisation says) {
    NoiseSchedule schedule = NoiseSchedule.of(NoiseSchedule.Kind.COSINE, 200);
    double x0 = 0.7;
    double epsilon = -1.3;
    double guess = 0.4;
    for (int t = 0; t < 200; t++) {
      double alphaBar = schedule.alphaBar(t);
      double a = Math.sqrt(alphaBar);
      double s = Math.sqrt(1 - alphaBar);
      double xt = a * x0 + s * epsilon;
      double error = says.target(a, s, x0, epsilon) - says.prediction(a, s, xt, guess);
      double ofNoise = epsilon - (xt - a * guess) / s;
      double snr = alphaBar / (1 - alphaBar);
      assertThat(LossWeighting.UNIFORM.weight(alphaBar, says)).isEqualTo(1);
      assertThat(LossWeighting.NOISE.weight(alphaBar, says) * error * error)
          .isCloseTo(ofNoise * ofNoise, withinPercentage(1e-6));
      assertThat(LossWeighting.MIN_SNR.weight(alphaBar, says) * error * error)
          .isCloseTo(Math.min(snr, 5) * (x0 - guess) * (x0 - guess), withinPercentage(1e-6));
    }
  }

  /**
   * Hang et al. 2023, section 3.4: min(SNR, 5) / SNR for epsilon, min(SNR, 5) / (SNR + 1) for v.
   */
  @Test
  void minSnrAgreesWithThePaper() {
    double alphaBar = 0.9; // SNR 9
    assertThat(LossWeighting.MIN_SNR.weight(alphaBar, Parameterisation.EPSILON))
        .isCloseTo(5.0 / 9, EXACT);
    assertThat(LossWeighting.MIN_SNR.weight(alphaBar, Parameterisation.X0)).isCloseTo(5, EXACT);
    assertThat(LossWeighting.MIN_SNR.weight(alphaBar, Parameterisation.V)).isCloseTo(0.5, EXACT);
    assertThat(LossWeighting.MIN_SNR.weight(0, Parameterisation.V)).isZero();
    assertThat(LossWeighting.NOISE.weight(0, Parameterisation.V)).isZero();
  }

  @Test
  void linearScheduleTakesItsEnds() {
    double[][] rows = golden("schedule_SSSD_linear_T200");
    NoiseSchedule schedule = NoiseSchedule.linear(200, 1e-4, 0.02);
    for (int t = 0; t < 200; t++) {
      assertThat(schedule.beta(t)).isCloseTo(rows[t][0], EXACT);
      assertThat(schedule.alphaBar(t)).isCloseTo(rows[t][2], EXACT);
    }
  }

  @Test
  void forwardProcessAgreesWithTheReference() {
    double[][] x0 = golden("cosineT1000_x0");
    double[][] epsilon = golden("cosineT1000_eps");
    double[][] xt = golden("cosineT1000_xt_t10_t700");
    ForwardProcess forward = new ForwardProcess(NoiseSchedule.cosine(1000));
    assertThat(forward.qSample(x0[0], 10, epsilon[0])).containsExactly(xt[0], EXACT);
    assertThat(forward.qSample(x0[1], 700, epsilon[1])).containsExactly(xt[1], EXACT);
    assertThatThrownBy(() -> forward.qSample(x0[0], 3, new double[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid noise of 2 values for a signal of " + x0[0].length);
  }

  @Test
  void ddimStepAgreesWithTheReference() {
    double[][] xt = golden("cosineT1000_xt_t10_t700");
    double[][] epsilon = golden("cosineT1000_eps");
    double[][] expected = golden("cosineT1000_ddim_eta0_to_s0_s690");
    ReverseProcess reverse = new ReverseProcess(NoiseSchedule.cosine(1000));
    int[] from = {10, 700};
    int[] to = {0, 690};
    for (int row = 0; row < 2; row++) {
      for (int i = 0; i < xt[row].length; i++) {
        double x0 =
            reverse.predictX0(xt[row][i], from[row], epsilon[row][i], Parameterisation.EPSILON);
        assertThat(reverse.ddimStep(xt[row][i], from[row], to[row], x0, 0, 99))
            .isCloseTo(expected[row][i], EXACT);
      }
    }
  }

  @Test
  void ddimOfEtaOneAndNeighbouringStepsIsDdpm() {
    ReverseProcess reverse = new ReverseProcess(NoiseSchedule.cosine(200));
    for (int t : new int[] {0, 1, 50, 198}) {
      assertThat(reverse.ddimStep(0.7, t, t - 1, -0.3, 1, 1.4))
          .isCloseTo(reverse.ddpmStep(0.7, t, -0.3, 1.4), within(1e-9));
    }
  }

  /** For Gaussian data the best guess is known, and so is what a perfect sampler returns. */
  @Test
  void secondOrderKeepsTheVarianceThatFirstOrderLoses() {
    for (double deviation : new double[] {0.05, 0.3, 1, 3, 10}) {
      assertThat(sampledDeviation(deviation, 25, true) / deviation).isBetween(0.985, 1.015);
      assertThat(sampledDeviation(deviation, 25, false) / deviation).isLessThan(0.92);
    }
  }

  private static double sampledDeviation(double deviation, int steps, boolean secondOrder) {
    NoiseSchedule schedule = NoiseSchedule.cosine(1000);
    ReverseProcess reverse = new ReverseProcess(schedule);
    int[] path = schedule.logSnrPath(steps);
    // The deterministic sampler is linear here: what becomes of 1 is the deviation.
    double x = 1;
    double before = 0;
    for (int i = 0; i < path.length; i++) {
      double alphaBar = schedule.alphaBar(path[i]);
      double variance = deviation * deviation;
      double now = Math.sqrt(alphaBar) * variance / (alphaBar * variance + 1 - alphaBar) * x;
      int s = i + 1 < path.length ? path[i + 1] : -1;
      boolean carry = secondOrder && i > 0 && s >= 0;
      double used = carry ? reverse.extrapolateX0(now, before, path[i - 1], path[i], s) : now;
      before = now;
      x = reverse.ddimStep(x, path[i], s, used, 0, 0);
    }
    return x;
  }

  @Test
  void ancestralStepHasThePosteriorsMeanAndSpread() {
    double[][] rows = golden("schedule_linear_T200");
    ReverseProcess reverse = new ReverseProcess(NoiseSchedule.of(NoiseSchedule.Kind.LINEAR, 200));
    double mean = rows[80][4] * 0.5 + rows[80][5] * 1.25;
    assertThat(reverse.ddpmStep(1.25, 80, 0.5, 0)).isCloseTo(mean, EXACT);
    assertThat(reverse.ddpmStep(1.25, 80, 0.5, 2))
        .isCloseTo(mean + 2 * Math.sqrt(rows[80][3]), EXACT);
    assertThat(reverse.ddpmStep(1.25, 0, 0.5, 2)).isCloseTo(0.5, EXACT);
  }

  @ParameterizedTest
  @EnumSource(Parameterisation.class)
  void everyTargetLeadsBackToX0(Parameterisation parameterisation) {
    double a = 0.6;
    double s = 0.8;
    double xt = a * 1.5 + s * -0.7;
    double target = parameterisation.target(a, s, 1.5, -0.7);
    assertThat(parameterisation.x0(a, s, xt, target)).isCloseTo(1.5, EXACT);
  }

  @Test
  void timeEmbeddingAgreesWithTheReference() {
    double[][] rows = golden("sinusoidal_emb32_t0_1_10_999");
    int[] steps = {0, 1, 10, 999};
    for (int i = 0; i < steps.length; i++) {
      assertThat(TimeEmbedding.of(steps[i], 32)).containsExactly(rows[i], EXACT);
    }
    assertThatThrownBy(() -> TimeEmbedding.of(1, 7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid time embedding size 7: must be even and at least 4");
  }

  @Test
  void pathGoesFromTheLastStepToTheFirst() {
    NoiseSchedule schedule = NoiseSchedule.cosine(1000);
    assertThat(schedule.path(4)).containsExactly(999, 666, 333, 0);
    assertThat(schedule.path(1000)).hasSize(1000).doesNotHaveDuplicates();
    assertThatThrownBy(() -> schedule.path(1001))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid sampler steps 1001: need 2 to T = 1000");
  }

  @Test
  void logSnrPathIsEvenInTheLogOfTheSignalToNoiseRatio() {
    NoiseSchedule schedule = NoiseSchedule.cosine(1000);
    int[] path = schedule.logSnrPath(20);
    assertThat(path).hasSize(20).startsWith(999).endsWith(0);
    double first = schedule.logSnr(path[2]) - schedule.logSnr(path[1]);
    for (int i = 3; i < 15; i++) {
      assertThat(schedule.logSnr(path[i]) - schedule.logSnr(path[i - 1]))
          .isCloseTo(first, within(0.1));
    }
    assertThat(schedule.logSnrPath(2)).containsExactly(999, 0);
    assertThat(schedule.logSnrPath(1000)).doesNotHaveDuplicates().startsWith(999).endsWith(0);
  }

  @ParameterizedTest
  @EnumSource(NoiseSchedule.Kind.class)
  void signalAndNoiseAddUpToOneAndTheBeatIsGoneAtTheEnd(NoiseSchedule.Kind kind) {
    NoiseSchedule schedule = NoiseSchedule.of(kind, 1000);
    ForwardProcess forward = new ForwardProcess(schedule);
    for (int t = 0; t < 1000; t++) {
      double signal = forward.qSample(new double[] {1}, t, new double[] {0})[0];
      double noise = forward.qSample(new double[] {0}, t, new double[] {1})[0];
      assertThat(signal * signal + noise * noise).isCloseTo(1, EXACT);
      assertThat(schedule.alphaBar(t)).isLessThan(schedule.alphaBar(t - 1));
      assertThat(schedule.posteriorVariance(t)).isBetween(0.0, schedule.beta(t));
    }
    // Ho's linear betas leave 0.6 % of the amplitude.
    assertThat(Math.sqrt(schedule.alphaBar(999))).isLessThan(0.007);
  }

  @Test
  void zeroTerminalSnrKeepsTheStartAndEndsAtNothing() {
    for (NoiseSchedule.Kind kind :
        List.of(NoiseSchedule.Kind.LINEAR_ZERO_SNR, NoiseSchedule.Kind.COSINE_ZERO_SNR)) {
      NoiseSchedule schedule = NoiseSchedule.of(kind, 200);
      assertThat(schedule.alphaBar(199)).isZero();
      assertThat(schedule.alphaBar(198)).isPositive();
      // The deterministic path from pure noise stays finite whatever the network says.
      ReverseProcess reverse = new ReverseProcess(schedule);
      int[] path = schedule.logSnrPath(10);
      double x0 = reverse.predictX0(1.3, 199, -0.4, Parameterisation.V);
      assertThat(x0).isCloseTo(0.4, EXACT);
      assertThat(reverse.ddimStep(1.3, 199, path[1], x0, 0, 0)).isFinite();
      assertThat(reverse.ddpmStep(1.3, 199, x0, 0.2)).isFinite();
      assertThat(reverse.extrapolateX0(0.3, 0.4, 199, path[1], path[2])).isFinite();
    }
    double kept = NoiseSchedule.of(NoiseSchedule.Kind.LINEAR, 200).alphaBar(0);
    assertThat(NoiseSchedule.of(NoiseSchedule.Kind.LINEAR_ZERO_SNR, 200).alphaBar(0))
        .isCloseTo(kept, EXACT);
    assertThatThrownBy(
            () ->
                DdpmTest.config(NoiseSchedule.Kind.COSINE_ZERO_SNR, Parameterisation.EPSILON, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid prediction EPSILON: must be v or x0 with a schedule that ends at noise");
  }

  @Test
  void impossibleSchedulesAreRefused() {
    assertThatThrownBy(() -> NoiseSchedule.cosine(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid T 1: need at least 2 steps");
    assertThatThrownBy(() -> NoiseSchedule.of(NoiseSchedule.Kind.LINEAR, 10))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid betas from 0.01 to 2.0: need 0 < first <= last < 1");
  }

  private static double[][] golden(String name) {
    try {
      return Files.readAllLines(ReferenceData.require("golden/ddpm/" + name + ".csv")).stream()
          .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
          .toArray(double[][]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
