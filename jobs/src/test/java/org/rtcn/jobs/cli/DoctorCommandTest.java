package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorCommandTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Tesla T4, 7.5, 15360 MiB | true",
        "NVIDIA A10G, 8.6, 23028 MiB | true",
        "NVIDIA H100 80GB HBM3, 9.0, 81559 MiB | false",
        "NVIDIA B200, 10.0, 183359 MiB | false",
        "No devices were found | false"
      })
  void devicesAreHeldAgainstTheLibrarysMachineCode(String device, boolean supported) {
    assertThat(DoctorCommand.supported(device)).isEqualTo(supported);
  }
}
