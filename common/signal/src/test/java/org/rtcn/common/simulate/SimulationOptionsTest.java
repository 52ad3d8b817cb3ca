package org.rtcn.common.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.Label;

class SimulationOptionsTest {

  @Test
  void patientsAreNumberedClassAfterClass() {
    SimulationOptions options =
        SimulationOptions.of(1, Map.of(Label.IMI, 2, Label.HC, 3, Label.AMI, 0));
    assertThat(options.patientCount()).isEqualTo(5);
    assertThat(options.labelOf(1)).isEqualTo(Label.HC);
    assertThat(options.labelOf(3)).isEqualTo(Label.HC);
    assertThat(options.labelOf(4)).isEqualTo(Label.IMI);
    assertThat(options.labelOf(5)).isEqualTo(Label.IMI);
    assertThatThrownBy(() -> options.labelOf(6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid patient 6: must lie in 1..5");
    assertThatThrownBy(() -> options.labelOf(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("patient 0");
  }

  @Test
  void valuesOutOfRangeAreRefusedByName() {
    refused("class PMI", () -> SimulationOptions.of(1, Map.of(Label.PMI, 1)));
    refused("-1 patients of HC", () -> SimulationOptions.of(1, Map.of(Label.HC, -1)));
    refused("0 patients", () -> SimulationOptions.of(1, Map.of()));
    refused("2000000 patients", () -> SimulationOptions.of(1, Map.of(Label.HC, 2_000_000)));
    refused("2..1 records per patient", () -> options(2, 1, 500, 10, 1, 0, 1));
    refused("1..10 records per patient", () -> options(1, 10, 500, 10, 1, 0, 1));
    refused("sampling rate 50.0 Hz", () -> options(1, 1, 50, 10, 1, 0, 1));
    refused("sampling rate NaN Hz", () -> options(1, 1, Double.NaN, 10, 1, 0, 1));
    refused("duration 1.0 s", () -> options(1, 1, 500, 1, 1, 0, 1));
    refused("noise level -1.0", () -> options(1, 1, 500, 10, -1, 0, 1));
    refused("severity 0.9..0.1", () -> options(1, 1, 500, 10, 1, 0.9, 0.1));
    refused("severity 0.0..1.5", () -> options(1, 1, 500, 10, 1, 0, 1.5));
  }

  private static void options(
      int minRecords,
      int maxRecords,
      double fsHz,
      double seconds,
      double noise,
      double minSeverity,
      double maxSeverity) {
    assertThat(
            new SimulationOptions(
                1,
                Map.of(Label.HC, 1),
                minRecords,
                maxRecords,
                fsHz,
                seconds,
                noise,
                minSeverity,
                maxSeverity))
        .isNotNull();
  }

  private static void refused(String value, Runnable attempt) {
    assertThatThrownBy(attempt::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid " + value + ": ");
  }
}
