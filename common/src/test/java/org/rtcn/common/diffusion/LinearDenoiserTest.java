package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.random.RandomStreams;

class LinearDenoiserTest {
  private static final int LENGTH = 12;

  @Test
  void findsTheAxesAndTheirVariances() {
    LinearDenoiser denoiser = LinearDenoiser.fit(List.of(List.of(beats(4000))), LENGTH, 2, 1);
    float[] basis = denoiser.basis();
    // Variances 9 along (1, 1, 0, ...) / sqrt 2, 4 along the last value, 0.01 elsewhere.
    assertThat(Math.abs(basis[0])).isCloseTo((float) Math.sqrt(0.5), within(0.02f));
    assertThat(basis[0]).isCloseTo(basis[1], within(0.02f));
    assertThat(Math.abs(basis[LENGTH + LENGTH - 1])).isCloseTo(1, within(0.02f));
    assertThat(denoiser.variance()[0]).isCloseTo(9, within(0.5f));
    assertThat(denoiser.variance()[1]).isCloseTo(4, within(0.3f));
    assertThat(denoiser.residualVariance()[0]).isCloseTo(0.01f, within(0.002f));
  }

  @Test
  void guessesAsAWienerFilterDoes() {
    LinearDenoiser denoiser = LinearDenoiser.fit(List.of(List.of(beats(4000))), LENGTH, 2, 1);
    double alphaBar = 0.3;
    float[] xt = new float[2 * LENGTH];
    xt[LENGTH - 1] = 2;
    xt[LENGTH + 5] = 2;
    float[] guess = denoiser.x0(xt, new double[] {alphaBar, alphaBar}, new int[] {0, 1});
    assertThat((double) guess[LENGTH - 1])
        .isCloseTo(2 * Math.sqrt(0.3) * 4 / (0.3 * 4 + 0.7), within(0.08));
    assertThat((double) guess[LENGTH + 5])
        .isCloseTo(2 * Math.sqrt(0.3) * 0.01 / (0.3 * 0.01 + 0.7), within(0.03));
  }

  @Test
  void errsLessThanAnyGuessThatKnowsTheVarianceAlone() {
    List<float[]> beats = beats(3000);
    LinearDenoiser known = LinearDenoiser.fit(List.of(List.of(beats)), LENGTH, 2, 1);
    LinearDenoiser isotropic = LinearDenoiser.fit(List.of(List.of(beats)), LENGTH, 0, 1);
    for (double alphaBar : new double[] {0.02, 0.5, 0.98}) {
      assertThat(error(known, alphaBar)).isLessThan(0.95 * error(isotropic, alphaBar));
    }
  }

  @Test
  void patientsWeighTheSameHoweverManyBeatsTheyHave() {
    // One patient of variance 9 with 900 beats, one of variance 1 with 100: the mean is 5.
    List<float[]> many = scaled(900, 3);
    List<float[]> few = scaled(100, 1);
    LinearDenoiser denoiser = LinearDenoiser.fit(List.of(List.of(many, few)), 1, 1, 1);
    assertThat(denoiser.variance()[0]).isCloseTo(5, within(0.8f));
  }

  @Test
  void everyClassHasItsOwnVariance() {
    List<List<float[]>> lively = patients(200, 3);
    List<List<float[]>> calm = patients(200, 1);
    LinearDenoiser denoiser = LinearDenoiser.fit(List.of(lively, calm), 1, 1, 1);
    float[] xt = {1, 1, 1};
    double[] alphaBar = {0.5, 0.5, 0.5};
    float[] guess = denoiser.x0(xt, alphaBar, new int[] {0, 1, 2});
    double root = Math.sqrt(0.5);
    assertThat((double) guess[0]).isCloseTo(root * 9 / (0.5 * 9 + 0.5), within(0.03));
    assertThat((double) guess[1]).isCloseTo(root * 1 / (0.5 * 1 + 0.5), within(0.06));
    assertThat((double) guess[2]).isCloseTo(root * 5 / (0.5 * 5 + 0.5), within(0.03));
  }

  private static List<List<float[]>> patients(int count, double deviation) {
    return scaled(count, deviation).stream().map(List::of).toList();
  }

  @Test
  void itsArraysHoldEverything() {
    LinearDenoiser denoiser = LinearDenoiser.fit(List.of(List.of(beats(50))), LENGTH, 3, 1);
    LinearDenoiser read =
        LinearDenoiser.of(
            LENGTH, denoiser.basis(), denoiser.variance(), denoiser.residualVariance());
    float[] xt = beats(1).get(0);
    assertThat(read.basis()).isEqualTo(denoiser.basis());
    assertThat(read.variance()).isEqualTo(denoiser.variance());
    assertThat(read.x0(xt, new double[] {0.4}, new int[] {0}))
        .isEqualTo(denoiser.x0(xt, new double[] {0.4}, new int[] {0}));
  }

  private static double error(LinearDenoiser denoiser, double alphaBar) {
    SplittableRandom random = RandomStreams.of(3, "error");
    double sum = 0;
    for (float[] x0 : beats(500)) {
      float[] xt = new float[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        xt[i] =
            (float) (Math.sqrt(alphaBar) * x0[i] + Math.sqrt(1 - alphaBar) * random.nextGaussian());
      }
      float[] guess = denoiser.x0(xt, new double[] {alphaBar}, new int[] {0});
      for (int i = 0; i < LENGTH; i++) {
        sum += (guess[i] - x0[i]) * (guess[i] - x0[i]);
      }
    }
    return sum;
  }

  private static List<float[]> beats(int count) {
    SplittableRandom random = RandomStreams.of(7, "linear");
    List<float[]> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      float[] beat = new float[LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        beat[i] = (float) (0.1 * random.nextGaussian());
      }
      double shared = 3 * random.nextGaussian() / Math.sqrt(2);
      beat[0] += (float) shared;
      beat[1] += (float) shared;
      beat[LENGTH - 1] += (float) (2 * random.nextGaussian());
      beats.add(beat);
    }
    return beats;
  }

  private static List<float[]> scaled(int count, double deviation) {
    SplittableRandom random = RandomStreams.of(7, "scaled", deviation);
    List<float[]> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      beats.add(new float[] {(float) (deviation * random.nextGaussian())});
    }
    return beats;
  }
}
