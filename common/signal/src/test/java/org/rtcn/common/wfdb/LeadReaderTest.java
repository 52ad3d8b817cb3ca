package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.LeadReader.Leads;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * What other readers get wrong, and headers that break or stretch the specification: held to the
 * right values, with who gets them wrong in words.
 */
class LeadReaderTest {
  private final Map<String, byte[]> files = new TreeMap<>();

  /** Format 16: frames of one lead after the other, each with so many samples. */
  private void dat(String name, int frames, int[] perFrame, IntUnaryOperator... values) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int frame = 0; frame < frames; frame++) {
      for (int s = 0; s < perFrame.length; s++) {
        for (int k = 0; k < perFrame[s]; k++) {
          int value = values[s].applyAsInt(frame * perFrame[s] + k);
          out.write(value);
          out.write(value >> 8);
        }
      }
    }
    files.put(name, out.toByteArray());
  }

  private void header(String name, String text) {
    files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private Leads read(String header) throws IOException {
    return read(header, FrameRange.ALL);
  }

  private Leads read(String header, FrameRange range) throws IOException {
    WfdbFiles folder = folder();
    return new LeadReader(LeadReader.ArrayPolicy.FRESH)
        .read(WfdbReader.readHeader(header, folder), folder, range);
  }

  private WfdbFiles folder() {
    return new WfdbFiles() {
      @Override
      public InputStream open(String fileName) throws IOException {
        if (!files.containsKey(fileName)) {
          throw new FileNotFoundException(fileName);
        }
        return new ByteArrayInputStream(files.get(fileName));
      }

      @Override
      public long size(String fileName) {
        return files.containsKey(fileName) ? files.get(fileName).length : -1;
      }
    };
  }

  /**
   * An invalid sample of a signal with two samples per frame is one NaN. wfdb-python 4.3.1 averages
   * the marker -32768 with its neighbour (-81.9 mV at gain 200); the C library marks the frame.
   */
  @Test
  void anInvalidSampleInAFrameOfSeveralIsOneNaN() throws IOException {
    dat("r.dat", 10, new int[] {2}, i -> i == 7 ? Short.MIN_VALUE : 200 * i);
    header("r.hea", "r 1 250\nr.dat 16x2 200/mV 16 0 0 0 0 I\n");
    Leads leads = read("r.hea");
    assertThat(leads.signal().fsHz()).isEqualTo(500);
    assertThat(leads.invalidCount()).containsExactly(1);
    float[] lead = leads.signal().millivolts()[0];
    for (int i = 0; i < 20; i++) {
      assertThat(Float.compare(lead[i], i == 7 ? Float.NaN : i)).as("sample %d", i).isZero();
    }
  }

  /**
   * A gap in a fixed segment layout is NaN, where wfdb-python 4.3.1 raises; segments of another
   * gain keep their millivolts, where the C library at de6b1d3 scales them by the first one's. Both
   * gains are told.
   */
  @Test
  void segmentsKeepTheirMillivoltsAndGapsAreNaN() throws IOException {
    dat("s1.dat", 5, new int[] {1}, i -> 1000 + 100 * i);
    dat("s2.dat", 5, new int[] {1}, i -> 500 + 50 * i);
    header("s1.hea", "s1 1 100 5\ns1.dat 16 1000/mV 16 0 1000 6000 0 I\n");
    header("s2.hea", "s2 1 100 5\ns2.dat 16 500/mV 16 0 500 3000 0 I\n");
    header("m.hea", "m/3 1 100 13\ns1 5\n~ 3\ns2 5\n");
    Leads leads = read("m.hea");
    assertThat(leads.signal().millivolts()[0])
        .containsExactly(
            1f, 1.1f, 1.2f, 1.3f, 1.4f, Float.NaN, Float.NaN, Float.NaN, 1f, 1.1f, 1.2f, 1.3f,
            1.4f);
    assertThat(leads.gains().toString())
        .isEqualTo(
            "[GainStretch[fromSample=0, aduPerMillivolt=[1000.0]], GainStretch[fromSample=8,"
                + " aduPerMillivolt=[500.0]]]");
    assertThat(leads.checksumMatches()).isTrue();
    assertThat(read("m.hea", new FrameRange(6, 4)).gains().toString())
        .isEqualTo("[GainStretch[fromSample=2, aduPerMillivolt=[500.0]]]");
  }

  @Test
  void segmentsOfOneGainAreOneStretch() throws IOException {
    dat("s1.dat", 5, new int[] {1}, i -> i);
    header("s1.hea", "s1 1 100 5\ns1.dat 16 1000/mV 16 0 0 10 0 I\n");
    header("m.hea", "m/3 1 100 12\ns1 5\n~ 2\ns1 5\n");
    assertThat(read("m.hea").gains()).hasSize(1);
  }

  /**
   * Leads of 250 and 100 Hz beside one of 500: all come at 500. What both rates can hold is the
   * same; an invalid sample of the slow one makes its surroundings NaN, not more.
   */
  @Test
  void leadsOfLowerRatesAreResampledToTheHighest() throws IOException {
    int frames = 400;
    dat(
        "r.dat",
        frames,
        new int[] {10, 5, 2},
        i -> sine(i / 500.0),
        i -> sine(i / 250.0),
        i -> i == 300 ? Short.MIN_VALUE : sine(i / 100.0));
    header(
        "r.hea",
        "r 3 50\nr.dat 16x10 1000/mV 16 0 0 0 0 I\nr.dat 16x5 1000/mV 16 0 0 0 0 II\n"
            + "r.dat 16x2 1000/mV 16 0 0 0 0 V1\n");
    Leads leads = read("r.hea");
    assertThat(leads.signal().fsHz()).isEqualTo(500);
    assertThat(leads.sourceFsHz()).containsExactly(500.0, 250.0, 100.0);
    float[][] lead = leads.signal().millivolts();
    assertThat(leads.signal().sampleCount()).isEqualTo(4000);
    assertThat(leads.invalidCount()).containsExactly(0, 0, 9);
    for (int i = 200; i < 3800; i++) {
      assertThat(lead[1][i]).isCloseTo(lead[0][i], within(0.002f));
      if (i <= 1495 || i >= 1505) {
        assertThat(Float.isNaN(lead[2][i])).as("sample %d", i).isFalse();
      }
      // Near the bridged sample the line that bridges it shows.
      if (Math.abs(i - 1500) > 200) {
        assertThat(lead[2][i]).isCloseTo(lead[0][i], within(0.002f));
      }
    }
    // A window is cut out of the whole, with nothing of its own at its ends.
    Leads window = read("r.hea", new FrameRange(100, 50));
    assertThat(window.signal().sampleCount()).isEqualTo(500);
    for (int row = 0; row < 3; row++) {
      for (int i = 0; i < 500; i++) {
        assertThat(Float.compare(window.signal().millivolts()[row][i], lead[row][1000 + i]))
            .as("row %d, sample %d", row, i)
            .isZero();
      }
    }
  }

  private static int sine(double seconds) {
    return (int) Math.round(1000 * Math.sin(2 * Math.PI * 7 * seconds));
  }

  /** header(5): without a length checksums are placeholders; with one they count. */
  /** As converters from EDF and from monitors write them; the lead's own name comes first. */
  @Test
  void leadsMayHaveOtherNames() throws IOException {
    header(
        "r.hea",
        "r 5 500 2\n"
            + "r.dat 16 1000/mV 16 0 1 3 0 ECG lead II\n"
            + "r.dat 16 1000/mV 16 0 3 7 0 MDC_ECG_LEAD_V1\n"
            + "r.dat 16 1000/mV 16 0 5 11 0 I\n"
            + "r.dat 16 1000/mV 16 0 7 15 0 EKG I\n"
            + "r.dat 16 1000/g 16 0 9 19 0 x\n");
    dat(
        "r.dat",
        2,
        new int[] {1, 1, 1, 1, 1},
        i -> 1 + i,
        i -> 3 + i,
        i -> 5 + i,
        i -> 7 + i,
        i -> 9 + i);
    Leads leads = read("r.hea");
    assertThat(leads.signal().leads()).containsExactly(Lead.I, Lead.II, Lead.V1);
    assertThat(leads.signal().millivolts()[0]).containsExactly(0.005f, 0.006f);
    assertThat(leads.signal().millivolts()[1]).containsExactly(0.001f, 0.002f);
    assertThat(leads.signal().millivolts()[2]).containsExactly(0.003f, 0.004f);
    header(
        "r.hea",
        new String(files.get("r.hea"), StandardCharsets.UTF_8).replace(" 0 I\n", " 0 LEAD I\n"));
    assertThatThrownBy(() -> read("r.hea"))
        .hasMessageContaining("signals 2 and 3 are both lead I; rename one");
  }

  @Test
  void withoutALengthChecksumsAreNotCompared() throws IOException {
    dat("r.dat", 10, new int[] {1}, i -> i);
    String line = "r.dat 16 1000/mV 16 0 0 7 0 I\n";
    for (String length : new String[] {"", " 0"}) {
      header("r.hea", "r 1 500" + length + "\n" + line);
      assertThat(read("r.hea").checksumMatches()).isNull();
    }
    header("r.hea", "r 1 500 10\n" + line);
    refused(Reason.CHECKSUM_MISMATCH, "has checksum 45 and the header states 7");
    header("r.hea", "r 1 500 10\n" + line.replace(" 7 ", " 65581 "));
    assertThat(read("r.hea").checksumMatches()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "1e-9, 1000, RATE_IMPLAUSIBLE, lead I has 1.0E-9 Hz",
    "9.9, 1000, RATE_IMPLAUSIBLE, lead I has 9.9 Hz",
    "1e6, 1000, RATE_IMPLAUSIBLE, lead I has 1000000.0 Hz",
    "500, 1e-300, GAIN_IMPLAUSIBLE, signal 'I' has 1.0E-300 units per mV",
    "500, -0.01, GAIN_IMPLAUSIBLE, signal 'I' has -0.01 units per mV",
    "500, 1e300, GAIN_IMPLAUSIBLE, signal 'I' has 1.0E300 units per mV",
    "500, 0.01/V, GAIN_IMPLAUSIBLE, signal 'I' has 1.0E-5 units per mV",
  })
  void ratesAndGainsThatNoEcgHasAreRefused(String rate, String gain, Reason reason, String why) {
    dat("r.dat", 10, new int[] {1}, i -> i);
    header("r.hea", "r 1 %s\nr.dat 16 %s 16 0 0 0 0 I\n".formatted(rate, gain));
    refused(reason, why);
    // Long recordings are checked before their first window is read.
    assertThatThrownBy(
            () ->
                new LeadReader(LeadReader.ArrayPolicy.FRESH)
                    .verify(WfdbReader.readHeader("r.hea", folder()), folder()))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining(why);
  }

  private void refused(Reason reason, String why) {
    assertThatThrownBy(() -> read("r.hea"))
        .isInstanceOfSatisfying(WfdbException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageStartingWith("Cannot ")
        .hasMessageContaining(why);
  }
}
