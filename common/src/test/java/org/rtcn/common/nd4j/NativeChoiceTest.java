package org.rtcn.common.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;

class NativeChoiceTest {
  private static final Set<String> OLD = Set.of("sse4_2", "avx");
  private static final Set<String> AVX2 = Set.of("sse4_2", "avx", "avx2", "fma");
  private static final Set<String> AVX512 =
      Set.of("avx2", "fma", "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");
  private static final Set<String> ALL =
      Set.of("linux-x86_64-onednn-avx512", "linux-x86_64-onednn-avx2", "linux-x86_64-onednn");

  private static String chosen(Set<String> features, Set<String> present) {
    return NativeChoice.choose(features, present::contains).orElseThrow().classifier();
  }

  @Test
  void theBestThatTheProcessorCanRun() {
    assertThat(chosen(AVX512, ALL)).isEqualTo("linux-x86_64-onednn-avx512");
    assertThat(chosen(AVX2, ALL)).isEqualTo("linux-x86_64-onednn-avx2");
    assertThat(chosen(OLD, ALL)).isEqualTo("linux-x86_64-onednn");
    assertThat(chosen(AVX512, Set.of("linux-x86_64", "linux-x86_64-onednn-avx2")))
        .isEqualTo("linux-x86_64-onednn-avx2");
    // Knights Landing has AVX-512 in part.
    assertThat(chosen(Set.of("avx2", "fma", "avx512f", "avx512cd"), ALL))
        .isEqualTo("linux-x86_64-onednn-avx2");
    NativeChoice choice = NativeChoice.choose(AVX2, ALL::contains).orElseThrow();
    assertThat(choice.extension()).isEqualTo("-onednn-avx2");
    assertThat(choice.why())
        .isEqualTo(
            "natives linux-x86_64-onednn-avx2: the best of [linux-x86_64-onednn-avx512,"
                + " linux-x86_64-onednn-avx2, linux-x86_64-onednn] that a processor with AVX2 can"
                + " run");
  }

  @Test
  void noneIsRefusedBeforeTheJvmFalls() {
    assertThatThrownBy(() -> chosen(OLD, Set.of("linux-x86_64-onednn-avx2")))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "Cannot run ND4J on this processor: the natives in this jar, linux-x86_64-onednn-avx2,"
                + " need [avx2, fma]; build with -Dnd4j.classifier=linux-x86_64-onednn, or with"
                + " -Pall-natives");
    assertThat(NativeChoice.choose(OLD, name -> false)).isEmpty();
  }

  @Test
  void featuresAreReadFromCpuinfo(@TempDir Path folder) throws IOException {
    Path cpuinfo = folder.resolve("cpuinfo");
    Files.writeString(
        cpuinfo, "processor\t: 0\nmodel name\t: any\nflags\t\t: fpu avx2 fma avx2\n\n");
    assertThat(NativeChoice.features(cpuinfo)).containsExactlyInAnyOrder("fpu", "avx2", "fma");
    assertThat(NativeChoice.features(folder.resolve("none"))).isEmpty();
  }
}
