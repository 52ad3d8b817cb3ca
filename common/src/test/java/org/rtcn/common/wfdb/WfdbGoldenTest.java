package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/** Against samples read by the WFDB C library and wfdb-python. */
class WfdbGoldenTest {

  @ParameterizedTest
  @ValueSource(strings = {"s0010_re", "test01_00s", "test01_00s_skew", "a103l"})
  void format16EqualsTheReferenceReader(String name) throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbRecord record = WfdbReader.read(name + ".hea", WfdbFiles.in(golden));

    List<String[]> digital = rows(golden.resolve(name + "_digital_head.csv"));
    List<String[]> physical = rows(golden.resolve(name + "_physical_head.csv"));
    assertThat(digital).hasSizeGreaterThanOrEqualTo(1000);
    int signals = record.header().signals().size();
    for (int s = 0; s < signals; s++) {
      double[] values = record.physical(s);
      for (int i = 0; i < digital.size(); i++) {
        assertThat(record.digital(s)[i])
            .as("signal %s sample %s", s, i)
            .isEqualTo((int) Double.parseDouble(digital.get(i)[s]));
      }
      for (int i = 0; i < physical.size(); i++) {
        double expected = Double.parseDouble(physical.get(i)[s]);
        assertThat(values[i]).as("signal %s row %s", s, i).isCloseTo(expected, within(1e-12));
      }
    }
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

  @Test
  void everyChecksumOfTheRealRecordsPasses() throws IOException {
    assertThat(checked("data/ptbxl/records100")).isEqualTo(434);
    assertThat(checked("data/ptbxl/records500")).isEqualTo(434);
    assertThat(checked("data/ptbdb")).isEqualTo(83);
    assertThat(checked("data/cinc2021")).isEqualTo(40);
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
      assertThat(record.leads().leads()).as(path.toString()).contains(Lead.I);
      count++;
    }
    return count;
  }

  private static List<String[]> rows(Path csv) throws IOException {
    return Files.readAllLines(csv).stream().skip(1).map(line -> line.split(",", -1)).toList();
  }
}
