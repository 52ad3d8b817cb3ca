package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.random.RandomStreams;

class SampleQualityTest {
  private static final Offset<Double> EXACT = within(1e-9);

  @Test
  void distancesAgreeWithTheReference() throws IOException {
    double[][] x = golden("featX_80x10");
    double[][] y = golden("featY_70x10");
    JsonNode expected =
        new ObjectMapper()
            .readTree(Files.readString(ReferenceData.require("golden/metrics/expected.json")));
    double median = SampleQuality.medianSquaredDistance(x, y);
    assertThat(median).isCloseTo(expected.get("median_sqdist").asDouble(), EXACT);
    assertThat(SampleQuality.mmdSquared(x, y, median, SampleQuality.Bias.BIASED))
        .isCloseTo(
            expected.get("mmd2_biased_rbf_gamma_1_over_median_sq").asDouble(), within(1e-12));
    assertThat(SampleQuality.mmdSquared(x, y, median, SampleQuality.Bias.UNBIASED))
        .isCloseTo(expected.get("mmd2_unbiased").asDouble(), within(1e-12));
    assertThat(SampleQuality.frechetDistance(x, y))
        .isCloseTo(expected.get("frechet_distance").asDouble(), EXACT);
    assertThat(SampleQuality.dynamicTimeWarping(x[0], y[0]))
        .isCloseTo(expected.get("dtw_abs_featX0_featY0").asDouble(), EXACT);
    assertThat(SampleQuality.median(SampleQuality.nearestDistances(y, x)))
        .isCloseTo(expected.get("nn_dist_synth_to_train_median").asDouble(), EXACT);
    assertThat(SampleQuality.median(SampleQuality.nearestDistancesWithin(x)))
        .isCloseTo(expected.get("nn_dist_train_to_train_median").asDouble(), EXACT);
    assertThat(SampleQuality.memorisedFraction(y, x, 1.0 / 3)).isZero();
    assertThat(SampleQuality.memorisedFraction(copy(x), x, 1.0 / 3)).isOne();
    assertThatThrownBy(() -> SampleQuality.frechetDistance(x, new double[1][10]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid set of 1 examples: must have at least two");
  }

  @Test
  void spectralDistanceSeesAMissingBandAndAChangeOfScale() {
    List<float[][]> real =
        beats("HC", 60, 1, 0.1, "real").stream().map(TrainingBeat::millivolts).toList();
    List<float[][]> same =
        beats("HC", 60, 1, 0.1, "same").stream().map(TrainingBeat::millivolts).toList();
    List<float[][]> smooth =
        beats("HC", 60, 1, 0, "smooth").stream().map(TrainingBeat::millivolts).toList();
    List<float[][]> twice = real.stream().map(SampleQualityTest::doubled).toList();
    assertThat(SampleQuality.spectralDistanceDb(real, twice, 20)).isCloseTo(6.0206, within(1e-3));
    assertThat(SampleQuality.spectralDistanceDb(real, same, 20)).isLessThan(2);
    assertThat(SampleQuality.spectralDistanceDb(real, smooth, 20)).isGreaterThan(10);
  }

  @Test
  void goodBeatsPassAndBadOnesShow() {
    List<TrainingBeat> real = new ArrayList<>(beats("HC", 120, 1, 0.05, "real"));
    real.addAll(beats("IMI", 120, -1, 0.05, "real"));
    BeatQuality quality = new BeatQuality(real);
    Map<String, Map<String, Double>> good = quality.of(generated(-1, 0.05, 1));
    Map<String, Double> imi = good.get("IMI");
    assertThat(imi.get("recognised_real")).isGreaterThan(0.95);
    assertThat(imi.get("recognised_generated")).isGreaterThan(0.95);
    assertThat(imi.get("sd_generated_mv") / imi.get("sd_real_mv")).isBetween(0.8, 1.25);
    assertThat(imi.get("mmd2")).isLessThan(0.03);
    assertThat(imi.get("nn_accuracy")).isBetween(0.35, 0.65);
    assertThat(good.get("all").get("train_generated_test_real")).isGreaterThan(0.95);
    assertThat(good).containsOnlyKeys("IMI", "all");

    // Of the wrong class; too much alike; with noise that real beats do not have.
    assertThat(quality.of(generated(1, 0.05, 1)).get("IMI").get("recognised_generated"))
        .isLessThan(0.05);
    Map<String, Double> alike = quality.of(generated(-1, 0.05, 0)).get("IMI");
    assertThat(alike.get("sd_generated_mv")).isLessThan(0.8 * alike.get("sd_real_mv"));
    assertThat(alike.get("mmd2")).isGreaterThan(0.05);
    Map<String, Double> noisy = quality.of(generated(-1, 0.3, 1)).get("IMI");
    assertThat(noisy.get("psd_db")).isGreaterThan(3 * noisy.get("psd_db_real_halves"));
  }

  private static Map<String, List<float[][]>> generated(int sign, double noise, double spread) {
    List<float[][]> beats = new ArrayList<>();
    for (int n = 0; n < 120; n++) {
      beats.add(beat(RandomStreams.of(2, "generated", n), sign, noise, spread));
    }
    return Map.of("IMI", beats);
  }

  private static List<TrainingBeat> beats(
      String label, int count, int sign, double noise, String name) {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      String id = String.format("%s/%s/%03d", name, label, n);
      beats.add(
          new TrainingBeat(
              id, id, label, beat(RandomStreams.of(1, name, label, n), sign, noise, 1)));
    }
    return beats;
  }

  private static float[][] beat(SplittableRandom random, int sign, double noise, double spread) {
    double amplitude = 1 + 0.2 * spread * random.nextGaussian();
    double late = sign * (0.4 + 0.1 * spread * random.nextGaussian());
    float[][] rows = new float[2][64];
    for (int i = 0; i < 64; i++) {
      double first = amplitude * Math.exp(-0.5 * Math.pow((i - 20) / 2.5, 2));
      double second = late * Math.exp(-0.5 * Math.pow((i - 45) / 5.0, 2));
      rows[0][i] = (float) (first + second + noise * random.nextGaussian());
      rows[1][i] = (float) (-0.5 * first + second + noise * random.nextGaussian());
    }
    return rows;
  }

  private static double[][] copy(double[][] set) {
    return Arrays.stream(set).map(double[]::clone).toArray(double[][]::new);
  }

  private static float[][] doubled(float[][] beat) {
    float[][] twice = new float[beat.length][beat[0].length];
    for (int lead = 0; lead < beat.length; lead++) {
      for (int i = 0; i < beat[lead].length; i++) {
        twice[lead][i] = 2 * beat[lead][i];
      }
    }
    return twice;
  }

  private static double[][] golden(String name) {
    try {
      return Files.readAllLines(ReferenceData.require("golden/metrics/" + name + ".csv")).stream()
          .map(line -> Arrays.stream(line.split(",")).mapToDouble(Double::parseDouble).toArray())
          .toArray(double[][]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
