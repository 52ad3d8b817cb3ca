package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.random.RandomStreams;

class CleaningTest {

  @Test
  void runningMediansAsSciPy() {
    Path folder = ReferenceData.require("golden/denoise");
    double[] level = new MedianBaseline(1000, MedianBaseline.Ends.ZERO).remove(input(folder));
    assertThat(level)
        .containsExactly(
            GoldenArrays.column(folder.resolve("median_200_600_baseline_removed.csv")),
            within(1e-9));
  }

  @Test
  void waveletsAsPyWavelets() {
    Path folder = ReferenceData.require("golden/denoise");
    double[] denoised = new WaveletDenoiser(8).denoise(input(folder));
    assertThat(denoised)
        .containsExactly(
            GoldenArrays.column(folder.resolve("wavelet_db4_L8_universal_soft_A8zeroed.csv")),
            within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"13,8", "14,8", "15,8", "100,3", "101,5", "1023,9"})
  void waveletsKeepTheLengthWhateverItIs(int n, int levels) {
    double[] signal = new double[n];
    for (int i = 0; i < n; i++) {
      signal[i] = Math.sin(0.7 * i) + (i % 7);
    }
    assertThat(new WaveletDenoiser(levels).denoise(signal)).hasSize(n);
    assertThat(WaveletDenoiser.above(0.5, 1000).levelsFor(1 << 20)).isEqualTo(10);
    assertThat(WaveletDenoiser.above(0.5, 100).levelsFor(1 << 20)).isEqualTo(7);
  }

  @ParameterizedTest
  @EnumSource(CleaningOptions.Baseline.class)
  void wanderGoesAndTheBeatStays(CleaningOptions.Baseline baseline) {
    for (CleaningOptions.Denoise denoise : CleaningOptions.Denoise.values()) {
      if (baseline == CleaningOptions.Baseline.NONE && denoise == CleaningOptions.Denoise.NONE) {
        continue;
      }
      for (double fsHz : new double[] {250, 500, 1000}) {
        double[] pure = beats(fsHz);
        double[] wandering = pure.clone();
        for (int i = 0; i < pure.length; i++) {
          wandering[i] += 0.5 + 0.8 * Math.sin(2 * Math.PI * 0.15 * i / fsHz);
        }
        CleaningOptions options = new CleaningOptions(baseline, PowerLine.NONE, denoise, 0.5, 40);
        double[] cleaned = new SignalCleaner(options, fsHz).clean(new double[][] {wandering})[0];
        assertThat(cleaned).hasSameSizeAs(pure);
        double left = 0;
        double tallest = 0;
        int peak = 0;
        for (int i = (int) fsHz; i < pure.length - fsHz; i++) {
          double phase = i / fsHz - Math.floor(i / fsHz);
          if (phase > 0.8) {
            left = Math.max(left, Math.abs(cleaned[i]));
          }
          if (phase > 0.1 && phase < 0.5 && i < 2 * fsHz && cleaned[i] > tallest) {
            tallest = cleaned[i];
            peak = i;
          }
        }
        // Between the beats little is left of 0.8 mV; the peak stands where it stood.
        assertThat(left).as("%s %s at %s Hz", baseline, denoise, fsHz).isLessThan(0.25);
        assertThat(Math.abs(peak / fsHz - 1.3)).isLessThan(0.008);
        assertThat(tallest).isBetween(0.75, 1.15);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"HZ_50,50,1000", "HZ_60,60,500", "AUTO,50,360", "AUTO,60,360", "AUTO,60,1000"})
  void mainsHumGoes(PowerLine line, double humHz, double fsHz) {
    double[] pure = beats(fsHz);
    double[] humming = pure.clone();
    for (int i = 0; i < pure.length; i++) {
      humming[i] += 0.2 * Math.sin(2 * Math.PI * humHz * i / fsHz + 1);
    }
    CleaningOptions options =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE, line, CleaningOptions.Denoise.NONE, 0.5, 40);
    SignalCleaner cleaner = new SignalCleaner(options, fsHz);
    double[] cleaned = cleaner.clean(new double[][] {humming})[0];
    double worst = 0;
    for (int i = (int) fsHz / 2; i < pure.length - fsHz / 2; i++) {
      worst = Math.max(worst, Math.abs(cleaned[i] - pure[i]));
    }
    assertThat(worst).isLessThan(0.02);
    assertThat(cleaner.powerLine(new double[][] {humming}).frequencyHz()).isEqualTo(humHz);
  }

  @Test
  void withoutHumNothingIsSuppressed() {
    SplittableRandom random = RandomStreams.of(4, "noise");
    double[] noisy = beats(500);
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] += 0.02 * random.nextGaussian();
    }
    assertThat(PowerLine.find(new double[][] {noisy}, 500)).isEqualTo(PowerLine.NONE);
    assertThat(PowerLine.find(new double[][] {noisy}, 100)).isEqualTo(PowerLine.NONE);
    CleaningOptions nothing =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE, PowerLine.AUTO, CleaningOptions.Denoise.NONE, 0.5, 40);
    double[] same = new SignalCleaner(nothing, 500).clean(new double[][] {noisy})[0];
    assertThat(same).isEqualTo(noisy).isNotSameAs(noisy);
  }

  @Test
  void anEdgeIsFeltOnlyNearIt() {
    // The same seconds, cut out of the middle of a longer recording or filtered with it.
    double fsHz = 500;
    double[] whole = beats(fsHz);
    double[] part = java.util.Arrays.copyOfRange(whole, 2150, 7150);
    for (CleaningOptions.Denoise denoise : CleaningOptions.Denoise.values()) {
      for (CleaningOptions.Baseline baseline : CleaningOptions.Baseline.values()) {
        CleaningOptions options = new CleaningOptions(baseline, PowerLine.HZ_50, denoise, 0.5, 40);
        SignalCleaner cleaner = new SignalCleaner(options, fsHz);
        double[] inWhole = cleaner.clean(new double[][] {whole})[0];
        double[] inPart = cleaner.clean(new double[][] {part})[0];
        double worst = 0;
        int margin = denoise == CleaningOptions.Denoise.WAVELET ? 1000 : 100;
        for (int i = margin; i < part.length - margin; i++) {
          worst = Math.max(worst, Math.abs(inPart[i] - inWhole[2150 + i]));
        }
        assertThat(worst).as("%s %s", baseline, denoise).isLessThan(0.12);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,0.5,500", "2,0.5,1000", "3,5,250", "4,1,360"})
  void highPassesAreButterworth(int order, double edgeHz, double fsHz) {
    SosFilter filter = Filters.butterworthHighPass(order, edgeHz, fsHz);
    double edge = Math.tan(Math.PI * edgeHz / fsHz);
    for (double hz : new double[] {0.2, 1, 5, 17, 60}) {
      double ratio = edge / Math.tan(Math.PI * hz / fsHz);
      assertThat(filter.amplitude(hz, fsHz))
          .isCloseTo(1 / Math.sqrt(1 + Math.pow(ratio, 2 * order)), within(1e-9));
    }
  }

  @Test
  void aCascadeOfManySectionsEqualsItsPartsInTurn() {
    SosFilter first = Filters.butterworthBandPass(3, 0.5, 40, 500);
    SosFilter second = Filters.notch(50, 30, 500);
    double[] signal = beats(500);
    double[] inTurn = second.forward(first.forward(signal));
    assertThat(first.then(second).forward(signal)).containsExactly(inTurn, within(1e-12));
    double[] five = second.forward(first.then(second).forward(signal));
    assertThat(first.then(second).then(second).forward(signal))
        .containsExactly(five, within(1e-12));
  }

  @Test
  void refusesWhatIsNoCleaning() {
    assertThatThrownBy(
            () ->
                new CleaningOptions(
                    CleaningOptions.Baseline.NONE,
                    PowerLine.NONE,
                    CleaningOptions.Denoise.NONE,
                    40,
                    0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid band 40.0 to 0.5 Hz: needs 0 < low < high");
    assertThatThrownBy(() -> new WaveletDenoiser(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid number of wavelet levels 0: must be 1 or more");
    assertThatThrownBy(() -> Filters.butterworthHighPass(2, 60, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid high-pass edge 60.0 Hz at 100.0 Hz: must lie below half the sampling rate");
  }

  private static double[] input(Path folder) {
    return GoldenArrays.column(folder.resolve("in_s0010_leadII_4000_mV.csv"));
  }

  /** Twenty seconds: R at 0.3 s of each second, T at 0.55 s. */
  private static double[] beats(double fsHz) {
    double[] beats = new double[(int) (20 * fsHz)];
    for (int i = 0; i < beats.length; i++) {
      double phase = i / fsHz - Math.floor(i / fsHz);
      beats[i] =
          Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.015, 2))
              + 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.04, 2));
    }
    return beats;
  }
}
