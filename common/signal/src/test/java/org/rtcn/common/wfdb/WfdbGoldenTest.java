package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/** Against samples read by the WFDB C library and wfdb-python. */
class WfdbGoldenTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s0010_re",
        "test01_00s",
        "test01_00s_skew",
        "a103l",
        "100",
        "100_3chan",
        "3000003_0003",
        "binformats",
        "flacformats"
      })
  void everyFormatEqualsTheReferenceReader(String name) throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbRecord record = WfdbReader.read(name + ".hea", WfdbFiles.in(golden));

    List<String[]> digital = rows(golden.resolve(name + "_digital_head.csv"));
    List<String[]> physical = rows(golden.resolve(name + "_physical_head.csv"));
    assertThat(digital).hasSizeGreaterThanOrEqualTo(499);
    int signals = record.header().signals().size();
    int wrong = 0;
    for (int s = 0; s < signals; s++) {
      double[] values = record.physical(s);
      for (int i = 0; i < digital.size(); i++) {
        wrong += record.digital(s)[i] == (int) Double.parseDouble(digital.get(i)[s]) ? 0 : 1;
      }
      for (int i = 0; i < physical.size(); i++) {
        double expected = Double.parseDouble(physical.get(i)[s]);
        // 1e-12 of the value where it is large: formats 24 and 32 here reach 1e7 mV.
        wrong += Math.abs(values[i] - expected) <= 1e-12 * Math.max(1, Math.abs(expected)) ? 0 : 1;
      }
    }
    assertThat(wrong).as("samples that differ").isZero();
    JsonNode manifest = new ObjectMapper().readTree(golden.resolve("manifest.json").toFile());
    JsonNode expected = manifest.get(name);
    assertThat(record.frameCount()).isEqualTo(expected.get("sig_len").asInt());
    assertThat(record.header().fsHz()).isEqualTo(expected.get("fs").asDouble());
    int invalid = 0;
    for (int s = 0; s < signals; s++) {
      invalid += record.invalidCount(s);
      assertThat((short) WfdbReader.checksum(record.digital(s)))
          .as("whole-record checksum of signal %s", s)
          .isEqualTo((short) expected.get("checksum16").get(s).asInt());
    }
    assertThat(invalid).isEqualTo(expected.get("nan_physical").asInt());
    // The reference counts lines, ours joins none: the same.
    assertThat(record.header().comments()).hasSize(expected.get("comments").asInt());
  }

  /** Several samples per frame, FLAC, several files: means of frames within 1 LSB. */
  @Test
  void framesOfSeveralSamplesAreAveraged() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbRecord record = WfdbReader.read("mixedsignals.hea", WfdbFiles.in(golden));
    assertThat(record.checksumMatches()).contains(true);
    assertThat(record.frameCount()).isEqualTo(14400);
    assertThat(record.digital(0)).hasSize(4 * 14400);
    List<String[]> digital = rows(golden.resolve("mixedsignals_digital_head.csv"));
    int wrong = 0;
    for (int s = 0; s < 6; s++) {
      int[] means = record.frameMeans(s);
      for (int i = 0; i < digital.size(); i++) {
        wrong += Math.abs(means[i] - Double.parseDouble(digital.get(i)[s])) > 1 ? 1 : 0;
      }
    }
    assertThat(wrong).as("means that differ by more than 1 LSB").isZero();
    int invalid = 0;
    for (int s = 0; s < 6; s++) {
      int perFrame = record.header().signals().get(s).samplesPerFrame();
      var valid = record.validity(s);
      for (int frame = 0; frame < 14400; frame++) {
        invalid += valid.nextClearBit(frame * perFrame) < (frame + 1) * perFrame ? 1 : 0;
      }
    }
    assertThat(invalid).as("frames with an invalid sample").isEqualTo(864);
  }

  /** The reference's header is not at hand; its checksums and its output settle the same one. */
  @Test
  void skewAndSeveralSamplesPerFrame() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    String header =
        "test01_00s_skewframe 3 500 4000\n"
            + "test01_00s.dat 16:3 100/mV 16 0 10 114 0 ECG_1\n"
            + "test01_00s.dat 16x2 100/mV 16 0 -8 822 0 ECG_2\n"
            + "test01_00s.dat 16 100/mV 16 0 -66 65135 0 ECG_3\n";
    WfdbFiles local = WfdbFiles.in(golden);
    WfdbFiles files =
        name ->
            name.endsWith(".hea")
                ? new java.io.ByteArrayInputStream(
                    header.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                : local.open(name);
    WfdbRecord record = WfdbReader.read("test01_00s_skewframe.hea", files);
    List<String[]> expected = table(golden.resolve("target-output/record-4a"));
    assertThat(expected).hasSize(3997);
    int wrong = 0;
    for (int s = 0; s < 3; s++) {
      int[] means = record.frameMeans(s);
      for (int i = 0; i < expected.size(); i++) {
        wrong += Math.abs(means[i] - Double.parseDouble(expected.get(i)[s])) > 1 ? 1 : 0;
      }
    }
    List<String[]> expanded = table(golden.resolve("target-output/record-4d"));
    double[] fast = record.physical(1);
    for (int i = 0; i < expanded.size(); i++) {
      wrong += Math.abs(fast[i] - Double.parseDouble(expanded.get(i)[1])) > 1e-8 ? 1 : 0;
    }
    assertThat(wrong).as("samples that differ").isZero();
  }

  /** Every format, every sample, in windows that start and end at every phase of its packing. */
  @Test
  void windowsOfEveryFormat() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbFiles files = WfdbFiles.in(golden);
    for (String name : List.of("binformats", "flacformats")) {
      List<String[]> target =
          table(
              golden.resolve(
                  "target-output/record-" + (name.equals("binformats") ? "1f.gz" : "flac.gz")));
      assertThat(target).hasSize(499);
      WfdbHeader header = WfdbReader.readHeader(name + ".hea", files);
      for (int from = 0; from < 4; from++) {
        for (int to = 496; to < 500; to++) {
          WfdbRecord record =
              WfdbReader.read(
                  header, files, ChecksumPolicy.REFUSE, new FrameRange(from, to - from));
          assertThat(record.frameCount()).isEqualTo(to - from);
          for (int s = 0; s < header.signals().size(); s++) {
            int signal = s;
            int[] expected =
                target.subList(from, to).stream()
                    .mapToInt(row -> Integer.parseInt(row[signal]))
                    .toArray();
            assertThat(java.util.Arrays.equals(record.digital(s), expected))
                .as("%s signal %s of %s..%s", name, s, from, to)
                .isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a103l, record-1b, 12500, 27500, 2;0, true",
    "a103l, record-1c, 20000, 62500, 0;1, false",
    "3000003_0003, record-1d, 125, 875, 1, true",
    "100, record-2b, 1, 10799, 1, false",
    "100_3chan, record-2c, 0, 999, 0;1;2, true",
    "s0010_re, record-3b, 5000, 33000, 13;0;4;8;3, true",
    "multi-segment/fixed1/v102s, record-multi-fixed-c, 70000, 10000, 1;0;3, true",
    "multi-segment/s00001/s00001-2896-10-10-00-31, record-multi-variable-a, 14428365, 10, 0;1;2;3,"
        + " true",
    "multi-segment/p000878/p000878-2137-10-26-16-57, record-multi-variable-d, 3550, 3950, 0;1,"
        + " false"
  })
  void windowsEqualRdsamp(
      String name, String target, int from, int count, String signals, boolean physical)
      throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    Path path = golden.resolve(name + ".hea");
    WfdbFiles files = WfdbFiles.in(path.getParent());
    WfdbHeader header = WfdbReader.readHeader(path.getFileName().toString(), files);
    WfdbRecord record =
        WfdbReader.read(header, files, ChecksumPolicy.REFUSE, new FrameRange(from, count));
    List<String[]> expected = table(golden.resolve("target-output/" + target));
    assertThat(expected).hasSize(record.frameCount());
    String[] chosen = signals.split(";", -1);
    for (int c = 0; c < chosen.length; c++) {
      int signal = Integer.parseInt(chosen[c]);
      double[] values = record.physical(signal);
      int wrong = 0;
      for (int i = 0; i < expected.size(); i++) {
        String text = expected.get(i)[c];
        boolean right =
            !physical
                ? record.digital(signal)[i] == Integer.parseInt(text)
                : text.equals("-")
                    ? Double.isNaN(values[i])
                    : Math.abs(values[i] - Double.parseDouble(text)) < 6e-9;
        wrong += right ? 0 : 1;
      }
      assertThat(wrong).as("samples of signal %s that differ", signal).isZero();
    }
  }

  @Test
  void segmentsOfSeveralSamplesPerFrame() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbRecord record =
        WfdbReader.read("041s.hea", WfdbFiles.in(golden.resolve("multi-segment/041s")));
    assertThat(record.checksumMatches()).contains(true);
    List<String[]> expected = table(golden.resolve("target-output/record-multi-fixed-d.gz"));
    assertThat(expected).hasSize(8000);
    int wrong = 0;
    for (int i = 0; i < 8000; i++) {
      wrong += record.digital(3)[i / 4] == Integer.parseInt(expected.get(i)[0]) ? 0 : 1;
      wrong += record.digital(2)[i] == Integer.parseInt(expected.get(i)[1]) ? 0 : 1;
      wrong += record.digital(1)[i] == Integer.parseInt(expected.get(i)[2]) ? 0 : 1;
    }
    assertThat(wrong).isZero();
  }

  @Test
  void variableLayoutHasItsGapsAndScales() throws IOException {
    Path folder = ReferenceData.require("golden/wfdb/multi-segment/s25047");
    WfdbRecord record = WfdbReader.read("s25047-2704-05-04-10-44.hea", WfdbFiles.in(folder));
    assertThat(record.checksumMatches()).contains(true);
    assertThat(record.frameCount()).isEqualTo(543240);
    assertThat(record.validity(0).nextSetBit(0)).isEqualTo(25740);
    assertThat(record.validity(2).nextSetBit(0)).isGreaterThanOrEqualTo(445740);
    int at = 25740;
    for (int segment = 1; segment <= 18; segment++) {
      WfdbRecord part =
          WfdbReader.read("3234460_%04d.hea".formatted(segment), WfdbFiles.in(folder));
      for (int s = 0; s < part.header().signals().size(); s++) {
        double[] expected = part.physical(s);
        double[] all = record.physical(s);
        assertThat(
                java.util.Arrays.equals(
                    all, at, at + expected.length, expected, 0, expected.length))
            .isTrue();
      }
      at += part.frameCount();
    }
  }

  @Test
  void aMissingSegmentIsNamed() {
    WfdbFiles files = WfdbFiles.in(ReferenceData.require("golden/wfdb/multi-segment/p000878"));
    assertThatThrownBy(
            () ->
                WfdbReader.read(
                    WfdbReader.readHeader("p000878-2137-10-26-16-57.hea", files),
                    files,
                    ChecksumPolicy.REFUSE,
                    new FrameRange(0, 20_000)))
        .isInstanceOfSatisfying(
            WfdbException.class,
            e -> assertThat(e.reason()).isEqualTo(WfdbException.Reason.SEGMENT_MISSING))
        .hasMessageContaining("3269321_0003");
  }

  /** The float path gives what the exact path gives, rounded once. */
  @Test
  void theLeadReaderEqualsTheExactReader() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    LeadReader reader = new LeadReader(LeadReader.ArrayPolicy.REUSED);
    for (String name :
        List.of(
            "s0010_re",
            "100",
            "100_3chan",
            "3000003_0003",
            "mixedsignals",
            "multi-segment/s25047/s25047-2704-05-04-10-44",
            "s0010_re")) {
      Path path = golden.resolve(name + ".hea");
      WfdbFiles files = WfdbFiles.in(path.getParent());
      WfdbHeader header = WfdbReader.readHeader(path.getFileName().toString(), files);
      for (FrameRange range :
          List.of(FrameRange.ALL, new FrameRange(700, 55), new FrameRange(3, 90_000))) {
        WfdbRecord exact = WfdbReader.read(header, files, ChecksumPolicy.REFUSE, range);
        LeadReader.Leads fast = reader.read(header, files, range);
        EcgSignal leads = exact.leads();
        assertThat(fast.signal().leads()).as(name).isEqualTo(leads.leads());
        assertThat(fast.signal().fsHz()).isEqualTo(leads.fsHz());
        for (int row = 0; row < fast.signal().leads().size(); row++) {
          assertThat(
                  java.util.Arrays.equals(fast.signal().millivolts()[row], leads.millivolts()[row]))
              .as(name)
              .isTrue();
          assertThat(fast.invalidCount().get(row))
              .isEqualTo(exact.invalidCount(exact.indexOf(fast.signal().leads().get(row))));
        }
        assertThat(fast.checksumMatches()).isEqualTo(exact.checksumMatches().orElse(null));
      }
    }
  }

  @Test
  void everyChecksumOfTheRealRecordsPasses() throws IOException {
    assertThat(checked("data/ptbxl/records100")).isEqualTo(434);
    assertThat(checked("data/ptbxl/records500")).isEqualTo(434);
    assertThat(checked("data/ptbdb")).isEqualTo(83);
    assertThat(checked("data/cinc2021")).isEqualTo(40);
    assertThat(checked("data/mitdb")).isEqualTo(6);
  }

  private static int checked(String folder) throws IOException {
    int count = 0;
    List<Path> headers;
    try (Stream<Path> tree = Files.walk(ReferenceData.require(folder))) {
      headers = tree.filter(path -> path.toString().endsWith(".hea")).sorted().toList();
    }
    for (Path path : headers) {
      String name = path.getFileName().toString();
      WfdbFiles files = WfdbFiles.in(path.getParent());
      WfdbHeader header = WfdbReader.readHeader(name, files);
      WfdbRecord record = WfdbReader.read(header, files, ChecksumPolicy.REPORT);
      assertThat(record.checksumMatches()).as(path.toString()).contains(true);
      if (!path.toString().contains("mitdb")) {
        assertThat(record.leads().leads()).as(path.toString()).contains(Lead.I);
      }
      assertThat(new LeadReader(LeadReader.ArrayPolicy.FRESH).verify(header, files)).contains(true);
      count++;
    }
    return count;
  }

  private static List<String[]> rows(Path csv) throws IOException {
    return Files.readAllLines(csv).stream().skip(1).map(line -> line.split(",", -1)).toList();
  }

  /** Columns of blanks and tabs, as rdsamp writes them. */
  private static List<String[]> table(Path file) throws IOException {
    try (java.io.InputStream raw = Files.newInputStream(file);
        java.io.InputStream in =
            file.toString().endsWith(".gz") ? new java.util.zip.GZIPInputStream(raw) : raw) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.strip().split("\\s+", -1))
          .toList();
    }
  }
}
