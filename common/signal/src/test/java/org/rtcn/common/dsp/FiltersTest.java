package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;

class FiltersTest {

  @Test
  void designsTheSectionsOfSciPy() {
    Path folder = ReferenceData.require("golden/denoise");
    double[][] expected = GoldenArrays.csv(folder.resolve("butter3_0p5_40_sos.csv"));
    double[][] sections = Filters.butterworthBandPass(3, 0.5, 40, 1000).sections();
    for (int s = 0; s < 3; s++) {
      double[] row = {
        expected[s][0], expected[s][1], expected[s][2], expected[s][4], expected[s][5]
      };
      assertThat(sections[s]).containsExactly(row, within(1e-12));
    }
  }

  @Test
  void filtersForwardAsSciPy() {
    Path folder = ReferenceData.require("golden/denoise");
    double[] filtered = Filters.butterworthBandPass(3, 0.5, 40, 1000).forward(input(folder));
    assertThat(filtered)
        .containsExactly(
            GoldenArrays.column(folder.resolve("butter3_0p5_40_sosfilt_zi0.csv")), within(1e-9));
  }

  @Test
  void filtersWithoutDelayAsSciPy() {
    Path folder = ReferenceData.require("golden/denoise");
    double[] filtered = Filters.butterworthBandPass(3, 0.5, 40, 1000).zeroPhase(input(folder));
    assertThat(filtered)
        .containsExactly(
            GoldenArrays.column(folder.resolve("butter3_0p5_40_sosfiltfilt.csv")), within(1e-9));
  }

  @Test
  void notchesAsSciPy() {
    Path folder = ReferenceData.require("golden/denoise");
    double[][] ba = GoldenArrays.csv(folder.resolve("notch50_Q30_ba.csv"));
    SosFilter notch = Filters.notch(50, 30, 1000);
    assertThat(notch.sections()[0])
        .containsExactly(
            new double[] {ba[0][0], ba[0][1], ba[0][2], ba[1][1], ba[1][2]}, within(1e-12));
    assertThat(notch.zeroPhase(input(folder)))
        .containsExactly(GoldenArrays.column(folder.resolve("notch50_filtfilt.csv")), within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {100, 250, 360, 500, 1000, 1000.5})
  void edgesStayWhereTheyAreAtAnyRate(double fsHz) {
    SosFilter band = Filters.butterworthBandPass(3, 0.5, 40, fsHz);
    assertThat(band.amplitude(0.5, fsHz)).isCloseTo(Math.sqrt(0.5), within(1e-9));
    assertThat(band.amplitude(40, fsHz)).isCloseTo(Math.sqrt(0.5), within(1e-9));
    assertThat(band.amplitude(6, fsHz)).isCloseTo(1, within(1e-3));
    assertThat(band.amplitude(0, fsHz)).isCloseTo(0, within(1e-9));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5})
  void everyOrderIsButterworth(int order) {
    SosFilter band = Filters.butterworthBandPass(order, 5, 18, 500);
    double low = Math.tan(Math.PI * 5 / 500);
    double high = Math.tan(Math.PI * 18 / 500);
    for (double hz : new double[] {2, 5, 9, 18, 30, 60}) {
      double s = Math.tan(Math.PI * hz / 500);
      double prototype = (s * s - low * high) / (s * (high - low));
      double expected = 1 / Math.sqrt(1 + Math.pow(prototype, 2 * order));
      assertThat(band.amplitude(hz, 500)).isCloseTo(expected, within(1e-9));
    }
  }

  @Test
  void refusesWhatIsNoFilter() {
    assertThatThrownBy(() -> Filters.butterworthBandPass(3, 0.5, 50, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid band 0.5 to 50.0 Hz at 100.0 Hz: needs 0 < low < high < half the sampling"
                + " rate");
    assertThatThrownBy(() -> Filters.notch(50, 30, 100))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid notch frequency 50.0 Hz at 100.0 Hz: must lie below half the sampling rate");
    assertThatThrownBy(
            () -> Filters.butterworthBandPass(3, 0.5, 40, 1000).zeroPhase(new double[21]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid signal of 21 samples: zero-phase filtering needs more than 21");
  }

  private static double[] input(Path folder) {
    return GoldenArrays.column(folder.resolve("in_s0010_leadII_4000_mV.csv"));
  }
}
