package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.rtcn.common.random.RandomStreams;

class PatientBootstrapTest {
  private final PatientBootstrap bootstrap = new PatientBootstrap(11, 2000, 0.95);

  @Test
  void intervalOfAMeanIsThatOfTheNormalApproximation() {
    int n = 400;
    double[] x = new double[n];
    List<String> patients = new ArrayList<>();
    SplittableRandom random = RandomStreams.of(3, "x");
    for (int i = 0; i < n; i++) {
      x[i] = random.nextDouble();
      patients.add("p" + i);
    }
    Interval interval = bootstrap.interval(patients, meanOf(x));
    double mean = Arrays.stream(x).average().orElseThrow();
    double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / (n - 1);
    double half = 1.96 * Math.sqrt(variance / n);
    assertThat(interval.value()).isEqualTo(mean, within(1e-12));
    assertThat(interval.low()).isEqualTo(mean - half, within(0.1 * half));
    assertThat(interval.high()).isEqualTo(mean + half, within(0.1 * half));
    assertThat(interval.units()).isEqualTo(n);
  }

  @Test
  void beatsOfOnePatientComeAlongTogetherAndWidenTheInterval() {
    // 20 patients, each with 50 equal beats: as wide as 20 beats, not as 1,000.
    List<String> clustered = new ArrayList<>();
    List<String> one = new ArrayList<>();
    double[] x = new double[1000];
    double[] y = new double[20];
    for (int p = 0; p < 20; p++) {
      one.add("p" + (char) ('a' + p));
      y[p] = p % 2;
      for (int b = 0; b < 50; b++) {
        x[clustered.size()] = p % 2;
        clustered.add("p" + (char) ('a' + p));
      }
    }
    Interval wide = bootstrap.interval(clustered, meanOf(x));
    Interval same = bootstrap.interval(one, meanOf(y));
    assertThat(wide.low()).isEqualTo(same.low(), within(1e-12));
    assertThat(wide.high()).isEqualTo(same.high(), within(1e-12));
    assertThat(wide.high() - wide.low()).isGreaterThan(0.35);
  }

  @Test
  void severalTrainingsAreAveragedAndDrawnAsWell() {
    // Patients all alike, so that nothing but the trainings differs: 0.5, 0.6 and 0.9.
    List<String> patients = List.of("a", "b", "c", "d");
    double[] of = {0.5, 0.6, 0.9};
    double[][] figures =
        bootstrap.resampled(patients, 3, (training, at) -> new double[] {of[training]});
    Interval interval = bootstrap.interval(figures[0], 4);
    assertThat(interval.value()).isEqualTo(2 / 3.0, within(1e-12));
    // One draw in 27 is three times the same: the ends are the lowest and the highest training.
    assertThat(interval.low()).isEqualTo(0.5, within(1e-12));
    assertThat(interval.high()).isEqualTo(0.9, within(1e-12));
    double[] means = Arrays.stream(figures[0], 1, figures[0].length).sorted().toArray();
    double mean = Arrays.stream(means).average().orElseThrow();
    double variance =
        Arrays.stream(means).map(m -> (m - mean) * (m - mean)).average().orElseThrow();
    // Of the mean of three draws: the trainings' own variance, over 3.
    assertThat(variance).isEqualTo((0.25 + 0.36 + 0.81) / 9 - 4 / 27.0, within(1e-3));
    // With one training the patients' draws are what they were without.
    double[] x = {1, 2, 3, 4};
    double[][] alone =
        bootstrap.resampled(patients, 1, (training, at) -> new double[] {meanOf(x).of(at)});
    assertThat(bootstrap.interval(alone[0], 4)).isEqualTo(bootstrap.interval(patients, meanOf(x)));
  }

  @Test
  void orderOfRowsAndOtherFiguresDoNotMatter() {
    List<String> patients = new ArrayList<>(List.of("b", "a", "c", "a", "d", "e"));
    double[] x = {1, 2, 3, 4, 5, 6};
    Interval straight = bootstrap.interval(patients, meanOf(x));
    Collections.reverse(patients);
    double[] reversed = {6, 5, 4, 3, 2, 1};
    assertThat(bootstrap.interval(patients, meanOf(reversed))).isEqualTo(straight);
    assertThat(
            bootstrap
                .intervals(patients, p -> new double[] {p.length, meanOf(reversed).of(p)})
                .get(1))
        .isEqualTo(straight);
  }

  @Test
  void undefinedResamplesAreCountedAndLeftOut() {
    // Sensitivity of a class that one of three patients has: undefined when p0 is not drawn,
    // which is in (2/3)^3 = 30 % of the resamples.
    List<String> patients = List.of("p0", "p1", "p2");
    Interval interval =
        bootstrap.interval(
            patients,
            positions -> Arrays.stream(positions).anyMatch(i -> i == 0) ? 1.0 : Double.NaN);
    assertThat(interval.undefinedResamples() / 2000.0).isEqualTo(8 / 27.0, within(0.04));
    assertThat(interval.low()).isEqualTo(1);
    assertThat(interval.hasBounds()).isTrue();
    Interval never = bootstrap.interval(patients, positions -> Double.NaN);
    assertThat(never.isDefined()).isFalse();
    assertThat(never.hasBounds()).isFalse();
    assertThat(never.undefinedResamples()).isEqualTo(2000);
  }

  @Test
  void quantilesInterpolateBetweenOrderStatistics() {
    double[] sorted = {1, 2, 4, 8};
    assertThat(PatientBootstrap.quantile(sorted, 0)).isEqualTo(1);
    assertThat(PatientBootstrap.quantile(sorted, 0.5)).isEqualTo(3);
    assertThat(PatientBootstrap.quantile(sorted, 1)).isEqualTo(8);
  }

  @Test
  void refusesSettingsWithoutSense() {
    assertThatThrownBy(() -> new PatientBootstrap(1, 0, 0.95))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of bootstrap resamples 0: must be 1 or more");
    assertThatThrownBy(() -> new PatientBootstrap(1, 10, 95))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid confidence 95.0: must lie between 0 and 1, for example 0.95");
  }

  private static PatientBootstrap.Statistic meanOf(double[] x) {
    return positions -> Arrays.stream(positions).mapToDouble(i -> x[i]).average().orElseThrow();
  }
}
