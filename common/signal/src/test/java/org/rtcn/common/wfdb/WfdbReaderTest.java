package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbException.Reason;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

class WfdbReaderTest {

  /** Files in memory. */
  private static WfdbFiles files(Object... namesAndContents) {
    Map<String, byte[]> contents = new HashMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      Object content = namesAndContents[i + 1];
      contents.put(
          (String) namesAndContents[i],
          content instanceof byte[] bytes
              ? bytes
              : ((String) content).getBytes(StandardCharsets.UTF_8));
    }
    return name -> {
      if (!contents.containsKey(name)) {
        throw new FileNotFoundException(name);
      }
      return new ByteArrayInputStream(contents.get(name));
    };
  }

  private static void assertRefused(WfdbFiles files, Reason reason, String... named) {
    assertThatThrownBy(() -> WfdbReader.read("r.hea", files))
        .isInstanceOfSatisfying(WfdbException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageStartingWith("Cannot ")
        .hasMessageContainingAll(named);
  }

  @Test
  void aWrittenRecordReadsBackUnchanged() throws IOException {
    int[][] adu = {{1, -2, 32767, -32768}, {-300, 4, 5, -6}};
    WfdbWriter.Files written =
        WfdbWriter.format16("r", 500, 1000, List.of("II", "I"), adu, List.of("age: 63"));
    assertThat(new String(written.header(), StandardCharsets.UTF_8))
        .isEqualTo(
            "r 2 500 4\n"
                + "r.dat 16 1000(0)/mV 16 0 1 -2 0 II\n"
                + "r.dat 16 1000(0)/mV 16 0 -300 -297 0 I\n"
                + "# age: 63\n");

    WfdbRecord record =
        WfdbReader.read("r.hea", files("r.hea", written.header(), "r.dat", written.signal()));

    assertThat(record.digital(0)).containsExactly(adu[0]);
    assertThat(record.digital(1)).containsExactly(adu[1]);
    assertThat(record.invalidCount(0)).isEqualTo(1);
    assertThat(record.invalidCount(1)).isZero();
    assertThat(record.checksumMatches()).contains(true);
    assertThat(record.millivolts(0)).containsExactly(0.001, -0.002, 32.767, Double.NaN);
    EcgSignal leads = record.leads();
    assertThat(leads.leads()).as("table order").containsExactly(Lead.I, Lead.II);
    assertThat(leads.millivolts()[0]).containsExactly(-0.3f, 0.004f, 0.005f, -0.006f);
  }

  @Test
  void signalsMayLieInSeveralFilesAtAnOffset() throws IOException {
    WfdbFiles files =
        files(
            "r.hea",
            "r 3 500 2\na.mat 16+3 1/uV 16 0 1 4 0 V1\nb.dat 16 1 16 0 5 11 0 X\n"
                + "a.mat 16+3 2(-1)/V 16 0 2 6 0 V2\n",
            "a.mat",
            new byte[] {9, 9, 9, 1, 0, 2, 0, 3, 0, 4, 0},
            "b.dat",
            new byte[] {5, 0, 6, 0});
    WfdbRecord record = WfdbReader.read("r.hea", files);
    assertThat(record.physical(0)).containsExactly(1, 3);
    assertThat(record.millivolts(0)).containsExactly(0.001, 0.003);
    assertThat(record.physical(1)).containsExactly(5, 6);
    assertThat(record.millivolts(2)).containsExactly(1500, 2500);
  }

  @Test
  void severalSamplesPerFrameStayTogether() throws IOException {
    WfdbFiles files =
        files(
            "r.hea",
            "r 2 100 2\nr.dat 16x2 1\nr.dat 16 1\n",
            "r.dat",
            new byte[] {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0});
    WfdbRecord record = WfdbReader.read("r.hea", files);
    assertThat(record.digital(0)).containsExactly(1, 2, 4, 5);
    assertThat(record.digital(1)).containsExactly(3, 6);
    assertThat(record.frameCount()).isEqualTo(2);
    assertThat(record.checksumMatches()).isEmpty();
  }

  @Test
  void withoutASampleCountTheFileTells() throws IOException {
    byte[] zeros = new byte[2 * 100_000];
    zeros[0] = 7;
    WfdbRecord record = WfdbReader.read("r.hea", files("r.hea", "r 1\nr.dat 16\n", "r.dat", zeros));
    assertThat(record.frameCount()).isEqualTo(100_000);
    assertThat(record.digital(0)[0]).isEqualTo(7);
  }

  @Test
  void whatCannotBeReadIsRefusedByReason() {
    byte[] four = {1, 0, 2, 0};
    assertRefused(files(), Reason.HEADER_MISSING, "r.hea");
    assertRefused(
        files("r.hea", "r 1 500 2\nr.dat 16\n"), Reason.SIGNAL_FILE_MISSING, "r.dat", "next to");
    assertRefused(
        files("r.hea", "r 1 500 3\nr.dat 16\n", "r.dat", four),
        Reason.SIGNAL_TRUNCATED,
        "r.dat",
        "holds 2 samples",
        "needs 3");
    assertRefused(
        files("r.hea", "r 1 500 2147483639\nr.dat 16\n", "r.dat", four),
        Reason.SIGNAL_TRUNCATED,
        "2147483639");
    assertRefused(
        files("r.hea", "r 1 500 1\nr.dat 16+5\n", "r.dat", four),
        Reason.SIGNAL_TRUNCATED,
        "byte 5");
    assertRefused(
        files("r.hea", "r 2 500\nr.dat 16\nr.dat 16x2\n", "r.dat", four),
        Reason.SIGNAL_TRUNCATED,
        "frames of 3");
    assertRefused(
        files("r.hea", "r 2 500\nr.dat 16\ns.dat 16\n", "r.dat", four, "s.dat", new byte[2]),
        Reason.SIGNAL_TRUNCATED,
        "s.dat",
        "holds 1 samples",
        "needs 2");
    assertRefused(
        files("r.hea", "r 1 500 2\nr.dat 16 1 16 0 1 4 0 V1\n", "r.dat", four),
        Reason.CHECKSUM_MISMATCH,
        "signal 0 (V1)",
        "checksum 3",
        "states 4");
    assertRefused(
        files("r.hea", "r 1 500 2\nr.dat 99\n", "r.dat", four),
        Reason.FORMAT_UNSUPPORTED,
        "format 99",
        "16");
    assertRefused(
        files("r.hea", "r 2 500 1\nr.dat 16\nr.dat 212\n", "r.dat", four),
        Reason.HEADER_MALFORMED,
        "one file has one format");
    assertRefused(
        files("r.hea", "r 1 500\nr.dat 16\n", "r.dat", new byte[0]), Reason.EMPTY, "no samples");
    String wide = "r.dat 16x65536\n";
    assertRefused(
        files("r.hea", "r 2 500 1\n" + wide + wide, "r.dat", four),
        Reason.HEADER_MALFORMED,
        "frame of 131072");
  }

  @Test
  void aStorageFaultIsNoFaultOfTheRecord() {
    WfdbFiles broken =
        name -> {
          throw new IOException("connection reset");
        };
    assertThatThrownBy(() -> WfdbReader.read("r.hea", broken))
        .isExactlyInstanceOf(IOException.class)
        .hasMessage("connection reset");
  }

  @Test
  void aWrongChecksumCanBeReportedInstead() throws IOException {
    WfdbFiles files =
        files("r.hea", "r 1 500 1\nr.dat 16 1 16 0 1 4 0 V1\n", "r.dat", new byte[] {1, 0});
    WfdbRecord record =
        WfdbReader.read(WfdbReader.readHeader("r.hea", files), files, ChecksumPolicy.REPORT);
    assertThat(record.checksumMatches()).contains(false);
  }

  @Test
  void leadsNeedVoltsOneRateAndOneSignalEach() throws IOException {
    byte[] bytes = new byte[6];
    WfdbRecord noVolts =
        WfdbReader.read(
            "r.hea", files("r.hea", "r 1\nr.dat 16 1/NU 16 0 0 0 0 V1\n", "r.dat", bytes));
    assertThatThrownBy(noVolts::leads)
        .isInstanceOf(WfdbException.class)
        .hasMessageContainingAll("'V1'", "'NU'", "mV");
    WfdbRecord twoRates =
        WfdbReader.read(
            "r.hea",
            files(
                "r.hea",
                "r 2\nr.dat 16 1 16 0 0 0 0 V1\nr.dat 16x2 1 16 0 0 0 0 V2\n",
                "r.dat",
                bytes));
    assertThatThrownBy(twoRates::leads)
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("lead V2 has 500.0 Hz and others 250.0 Hz");
    WfdbRecord twice =
        WfdbReader.read(
            "r.hea",
            files(
                "r.hea",
                "r 2 500 1\nr.dat 16 1 16 0 0 0 0 V1\nr.dat 16 1 16 0 0 0 0 v1\n",
                "r.dat",
                bytes));
    assertThatThrownBy(twice::leads)
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("both lead V1");
  }

  @Test
  void theWriterRefusesWhatFormat16CannotHold() {
    assertThatThrownBy(
            () -> WfdbWriter.format16("r", 500, 1, List.of("I"), new int[][] {{40_000}}, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid sample 40000 of I: format 16 holds 16 bits");
    assertThatThrownBy(
            () -> WfdbWriter.format16("../r", 500, 1, List.of("I"), new int[][] {{1}}, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("record name '../r'");
    assertThatThrownBy(
            () ->
                WfdbWriter.format16(
                    "r", 500, 1, List.of("I"), new int[][] {{1}}, List.of("a\nr.dat 16")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one line");
  }

  @Test
  void theSampleThatFillsABlockExactlyIsNotLost() throws IOException {
    int n = 1 << 14;
    byte[] bytes = new byte[2 * n];
    Arrays.fill(bytes, (byte) 1);
    WfdbRecord record =
        WfdbReader.read("r.hea", files("r.hea", "r 1 500 " + n + "\nr.dat 16\n", "r.dat", bytes));
    assertThat(record.digital(0)).hasSize(n).containsOnly(257);
    assertThat(
            WfdbReader.read("r.hea", files("r.hea", "r 1 500\nr.dat 16\n", "r.dat", bytes))
                .digital(0))
        .hasSize(n);
  }
}
