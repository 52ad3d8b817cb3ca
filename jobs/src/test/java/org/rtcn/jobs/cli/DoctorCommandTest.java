package org.rtcn.jobs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DoctorCommandTest {
  private static final String AVX512 =
      "flags\t\t: fpu sse2 avx2 avx512f avx512dq avx512cd avx512bw avx512vl\n";

  @Test
  void openBlasKnowsAvx512OnIntelOnly() {
    assertThat(DoctorCommand.takesForOlder("vendor_id\t: AuthenticAMD\n" + AVX512)).isTrue();
    assertThat(DoctorCommand.takesForOlder("vendor_id\t: GenuineIntel\n" + AVX512)).isFalse();
    assertThat(DoctorCommand.takesForOlder("vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2\n"))
        .isFalse();
    assertThat(DoctorCommand.takesForOlder("")).isFalse();
  }
}
