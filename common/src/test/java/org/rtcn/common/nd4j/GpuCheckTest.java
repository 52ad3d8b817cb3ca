package org.rtcn.common.nd4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4jBackend;
import org.rtcn.common.error.UserException;

/** Answers of nvidia-smi, in the form that it gives them. */
class GpuCheckTest {
  @AfterEach
  void forget() {
    System.clearProperty(GpuPolicy.PROPERTY);
  }

  private static GpuCheck check(String text) {
    return GpuCheck.of(new GpuCheck.Answer(0, text), null, GpuCheck.Library.ND4J);
  }

  @ParameterizedTest
  @CsvSource({
    "Tesla K80, 3.7, true",
    "Tesla K40c, 3.5, false",
    "Tesla V100-SXM2-16GB, 7.0, true",
    "Tesla T4, 7.5, true",
    "NVIDIA A100-SXM4-40GB, 8.0, true",
    "NVIDIA A10G, 8.6, true",
    "NVIDIA L4, 8.9, true",
    "NVIDIA H100 80GB HBM3, 9.0, false",
    "NVIDIA B200, 10.0, false",
    "NVIDIA GeForce RTX 5090, 12.0, false"
  })
  void machineCodeRunsWithinItsMajorCapability(String name, String capability, boolean usable) {
    assertThat(check("0, " + name + ", " + capability + "\n").usable()).isEqualTo(usable);
  }

  @Test
  void aHopperCardGetsOneSentence() {
    assertThat(check("0, NVIDIA H100 80GB HBM3, 9.0\n").sentence())
        .isEqualTo(
            "GPU 0, NVIDIA H100 80GB HBM3, has compute capability 9.0, and ND4J 1.0.0-M2.1 holds"
                + " machine code for 3.7, 5.0, 5.2, 6.0, 6.1, 7.0, 7.5, 8.0, 8.6 only.");
  }

  @Test
  void everyVisibleGpuCounts() {
    String two = "0, Tesla T4, 7.5\n1, NVIDIA H200, 9.0\n";
    assertThat(check(two).usable()).isFalse();
    GpuCheck first = GpuCheck.of(new GpuCheck.Answer(0, two), "0", GpuCheck.Library.ND4J);
    assertThat(first)
        .isEqualTo(new GpuCheck(true, "1 GPU, the first Tesla T4 with compute capability 7.5."));
    assertThat(GpuCheck.of(new GpuCheck.Answer(0, two), "1", GpuCheck.Library.ND4J).usable())
        .isFalse();
    assertThat(GpuCheck.of(new GpuCheck.Answer(0, two), "", GpuCheck.Library.ND4J).sentence())
        .isEqualTo("CUDA_VISIBLE_DEVICES= hides every GPU.");
    assertThat(GpuCheck.of(new GpuCheck.Answer(0, two), "GPU-8f6d", GpuCheck.Library.ND4J).usable())
        .isFalse();
  }

  @Test
  void whatGoesWrongIsSaidPlainly() {
    assertThat(GpuCheck.of(new GpuCheck.Answer(-1, ""), null, GpuCheck.Library.ND4J).sentence())
        .isEqualTo("nvidia-smi is not installed here, so there is no NVIDIA driver.");
    assertThat(
            GpuCheck.of(
                    new GpuCheck.Answer(
                        9,
                        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA"
                            + " driver. Make sure that the latest NVIDIA driver is installed and"
                            + " running.\n\n"),
                    null,
                    GpuCheck.Library.ND4J)
                .sentence())
        .startsWith("nvidia-smi says \"NVIDIA-SMI has failed because");
    assertThat(
            GpuCheck.of(
                    new GpuCheck.Answer(0, "No devices were found\n"), null, GpuCheck.Library.ND4J)
                .sentence())
        .isEqualTo("nvidia-smi lists no GPU (\"No devices were found\").");
    assertThat(
            GpuCheck.of(
                    new GpuCheck.Answer(
                        2, "Field \"compute_cap\" is not a valid field to query.\n\n"),
                    null,
                    GpuCheck.Library.ND4J)
                .sentence())
        .isEqualTo(
            "this NVIDIA driver does not tell the GPU's compute capability; CUDA 11.6 wants driver"
                + " 510 or newer.");
  }

  @Test
  void onlyTheCpuBackendIsLeft() {
    List<Nd4jBackend> found = new ArrayList<>();
    ServiceLoader.load(Nd4jBackend.class, new CpuBackendOnly(getClass().getClassLoader()))
        .forEach(found::add);
    assertThat(found).hasSize(1);
    assertThat(found.get(0).getClass().getSimpleName()).isEqualTo("CpuBackend");
  }

  @Test
  void otherResourcesAreNotHidden() throws Exception {
    CpuBackendOnly loader = new CpuBackendOnly(getClass().getClassLoader());
    assertThat(Collections.list(loader.getResources("reference.conf"))).isNotEmpty();
  }

  @Test
  void thePolicyIsOneOfThreeWords() {
    assertThat(GpuPolicy.current()).isEqualTo(GpuPolicy.AUTO);
    GpuPolicy.REQUIRE.use();
    assertThat(GpuPolicy.current()).isEqualTo(GpuPolicy.REQUIRE);
    System.setProperty(GpuPolicy.PROPERTY, "maybe");
    assertThatThrownBy(GpuPolicy::current)
        .isInstanceOf(UserException.class)
        .hasMessage("Invalid gpu \"maybe\": write one of [auto, require, off]");
  }
}
