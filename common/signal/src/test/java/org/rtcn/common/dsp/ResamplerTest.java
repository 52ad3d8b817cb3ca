package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.ReferenceData;

class ResamplerTest {

  @ParameterizedTest
  @CsvSource({"100,40", "128,45", "250,90", "257,95", "360,120", "500,200", "1000,190"})
  void sinesArriveWithoutDelayOrLoss(double fromHz, double highestHz) {
    int n = (int) (4 * fromHz);
    for (double hz : new double[] {0.7, 9.3, highestHz}) {
      float[] input = sine(hz, fromHz, n);
      float[] output = Resampler.between(fromHz, 500).resample(input);
      float[] expected = sine(hz, 500, output.length);
      assertThat(output.length).isEqualTo((int) Math.floor((n - 1) * 500 / fromHz) + 1);
      // Away from the ends, where the signal isn't known beyond.
      int margin = (int) (0.4 * 500);
      for (int k = margin; k < output.length - margin; k++) {
        assertThat(Math.abs(output[k] - expected[k])).as("%s Hz at %d", hz, k).isLessThan(2e-4f);
      }
    }
  }

  @Test
  void whatWouldAliasIsSuppressed() {
    float[] output = Resampler.between(1000, 500).resample(sine(310, 1000, 4000));
    for (int k = 200; k < output.length - 200; k++) {
      assertThat(Math.abs(output[k])).isLessThan(2e-4f);
    }
  }

  @Test
  void constantsAndEqualRatesStay() {
    float[] constant = new float[300];
    Arrays.fill(constant, 0.3f);
    float[] output = Resampler.between(360, 500).resample(constant);
    for (float value : output) {
      assertThat(Math.abs(value - 0.3f)).isLessThan(1e-6f);
    }
    float[] noise = sine(240, 500, 100);
    assertThat(Resampler.between(500, 500).resample(noise)).isEqualTo(noise).isNotSameAs(noise);
  }

  @ParameterizedTest
  @ValueSource(strings = {"golden/rpeaks/semisynth_clean.hea", "golden/wfdb/s0010_re.hea"})
  void beatsSurviveTheGeneratorsRate(String record) {
    BeatExtraction extraction =
        new BeatExtractor(BeatOptions.DEFAULT)
            .extract(Format16Records.read(ReferenceData.require(record)));
    BeatRate rate = new BeatRate(4);
    for (Beat beat : extraction.beats()) {
      float[][] lowered = rate.lower(beat.window());
      float[][] back = rate.raise(lowered);
      assertThat(lowered[0]).hasSize(160);
      for (int lead = 0; lead < back.length; lead++) {
        // The last 32 ms apart: the interpolator cannot know what comes after the window.
        assertThat(relativeError(back[lead], beat.window()[lead], 640 - 16)).isLessThan(0.01);
        assertThat(relativeError(back[lead], beat.window()[lead], 640)).isLessThan(0.2);
        for (int i = 0; i < 640; i += 4) {
          assertThat(Math.abs(back[lead][i] - beat.window()[lead][i])).isLessThan(1e-6f);
        }
      }
    }
  }

  /**
   * Sums of sines up to 0.8 of the lower rate's half, at the exact instants, after 40 s as well.
   */
  @ParameterizedTest
  @CsvSource({
    "249.89,500",
    "333.337,500",
    "51.23,500",
    "62.4725,500",
    "88.88,500",
    "127.973,500",
    "999.37,500",
    "1237.719,500",
    "5000.123,500",
    "500,249.89",
    "360,359.713"
  })
  void oddRatesAreAsExactAsWholeOnes(double fromHz, double toHz) {
    double highest = 0.8 * Math.min(fromHz, toHz) / 2;
    double[] hz = {0.31 * highest, 0.77 * highest, 0.99 * highest};
    float[] input = new float[(int) (40 * fromHz)];
    for (int i = 0; i < input.length; i++) {
      input[i] = (float) sum(hz, i / fromHz);
    }
    Resampler resampler = Resampler.between(fromHz, toHz);
    float[] output = resampler.resample(input);
    assertThat(output.length).isEqualTo((int) Math.floor((input.length - 1) * toHz / fromHz) + 1);
    int margin = (int) Math.ceil(0.8 * toHz);
    double worst = 0;
    for (int k = margin; k < output.length - margin; k++) {
      worst = Math.max(worst, Math.abs(output[k] - sum(hz, k / toHz)));
    }
    System.out.printf("%s to %s Hz: at most %.1e off%n", fromHz, toHz, worst);
    assertThat(worst).isLessThan(2e-4);
  }

  private static double sum(double[] hz, double seconds) {
    double sum = 0;
    for (double frequency : hz) {
      sum += Math.sin(2 * Math.PI * frequency * seconds + frequency) / hz.length;
    }
    return sum;
  }

  @Test
  void refusesWindowsThatCannotBeLowered() {
    assertThatThrownBy(() -> new BeatRate(4).lower(new float[][] {new float[10]}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window of 10 samples: must be a multiple of 4");
  }

  private static double relativeError(float[] actual, float[] expected, int samples) {
    double error = 0;
    double power = 0;
    for (int i = 0; i < samples; i++) {
      double difference = actual[i] - expected[i];
      error += difference * difference;
      power += (double) expected[i] * expected[i];
    }
    return Math.sqrt(error / power);
  }

  private static float[] sine(double hz, double fsHz, int n) {
    float[] sine = new float[n];
    for (int i = 0; i < n; i++) {
      sine[i] = (float) Math.sin(2 * Math.PI * hz * i / fsHz + 0.3);
    }
    return sine;
  }
}
