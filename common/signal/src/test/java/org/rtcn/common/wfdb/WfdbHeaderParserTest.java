package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.wfdb.WfdbException.Reason;

class WfdbHeaderParserTest {

  private static WfdbHeader parse(String text) throws IOException {
    return WfdbHeaderParser.parse(
        "r.hea", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static SignalSpec signal(String line) throws IOException {
    return parse("r 1 500 10\n" + line + "\n").signals().get(0);
  }

  @Test
  void everyFieldIsRead() throws IOException {
    WfdbHeader header =
        parse(
            "# before\r\n\r\n"
                + "A2 1 62.4725/999.56(12) 14400 12:33:59 12-May-2020\r\n"
                + "a.dat 212x4:3+24 16(800)/mmHg 12 2048 -7 49347 512 sig 0, fmt 8\r\n"
                + "# Age: 49\r\n");

    assertThat(header.recordName()).isEqualTo("A2");
    assertThat(header.fsHz()).isEqualTo(62.4725);
    assertThat(header.frameCount()).hasValue(14400);
    assertThat(header.baseTime()).contains("12:33:59");
    assertThat(header.baseDate()).contains("12-May-2020");
    assertThat(header.comments()).containsExactly("before", "Age: 49");
    assertThat(header.comment("age")).contains("49");
    assertThat(header.comment("sex")).isEmpty();
    SignalSpec spec = header.signals().get(0);
    assertThat(spec.fileName()).isEqualTo("a.dat");
    assertThat(spec.format()).isEqualTo(212);
    assertThat(spec.samplesPerFrame()).isEqualTo(4);
    assertThat(spec.skew()).isEqualTo(3);
    assertThat(spec.byteOffset()).isEqualTo(24);
    assertThat(spec.gainAduPerUnit()).isEqualTo(16);
    assertThat(spec.baseline()).isEqualTo(800);
    assertThat(spec.units()).isEqualTo("mmHg");
    assertThat(spec.adcResolution()).isEqualTo(12);
    assertThat(spec.adcZero()).isEqualTo(2048);
    assertThat(spec.initialValue()).hasValue(-7);
    assertThat(spec.checksum()).hasValue(49347);
    assertThat(spec.blockSize()).isEqualTo(512);
    assertThat(spec.description()).isEqualTo("sig 0, fmt 8");
  }

  @Test
  void whatIsNotStatedTakesItsDefault() throws IOException {
    WfdbHeader header = parse("r 1\nr.dat 16\n");
    assertThat(header.fsHz()).isEqualTo(250);
    assertThat(header.frameCount()).isEmpty();
    SignalSpec spec = header.signals().get(0);
    assertThat(spec.gainAduPerUnit()).isEqualTo(200);
    assertThat(spec.units()).isEqualTo("mV");
    assertThat(spec.samplesPerFrame()).isEqualTo(1);
    assertThat(spec.checksum()).isEmpty();
    assertThat(spec.description()).isEmpty();

    assertThat(parse("r 1 500 0\nr.dat 16\n").frameCount()).as("0 is not stated").isEmpty();
    assertThat(signal("r.dat 16 0").gainAduPerUnit()).as("not calibrated").isEqualTo(200);
    assertThat(signal("r.dat 16 200 11 1024").baseline()).as("ADC zero").isEqualTo(1024);
    assertThat(signal("r.dat 16 1000.0(0)/mV 16 1024").baseline()).isZero();
    assertThat(signal("r.dat 16 1.052e+04/NU").gainAduPerUnit()).isEqualTo(10520);
  }

  @Test
  void checksumsAreReadSignedAndUnsigned() throws IOException {
    assertThat(signal("r.dat 16 200 16 0 1 -1992").checksum()).hasValue(63544);
    assertThat(signal("r.dat 16 200 16 0 1 63544").checksum()).hasValue(63544);
  }

  @Test
  void theLow16BitsOfAChecksumCount() throws IOException {
    assertThat(signal("r.dat 16 200 16 0 1 70000").checksum()).hasValue(70000 - 65536);
    assertThat(signal("r.dat 16 200 16 0 1 -99999999999999999999").checksum())
        .hasValue(new java.math.BigInteger("-99999999999999999999").intValue() & 0xffff);
  }

  /** header(5): "at least as many"; what stands behind is not looked at. */
  @Test
  void furtherSignalAndSegmentLinesAreDisregarded() throws IOException {
    WfdbHeader header = parse("r 1 500 10\nr.dat 16 200 16 0 1 2 0 I\nr.dat 16\n17 x y\n");
    assertThat(header.signals()).hasSize(1);
    assertThat(header.signals().get(0).description()).isEqualTo("I");
    assertThat(parse("f/1 2 125 30\na 30\nb 30\n../c x\n").segments())
        .containsExactly(new WfdbHeader.Segment("a", 30));
  }

  /** header(5): negative where the file lacks support for some operations. */
  @Test
  void theBlockSizeMayBeNegative() throws IOException {
    assertThat(signal("r.dat 16 200 16 0 1 2 -512 I").blockSize()).isEqualTo(-512);
  }

  @Test
  void aHeaderThatIsRefusedStillNamesItsFiles() throws IOException {
    assertThat(
            WfdbHeaderParser.mentioned(
                "r.hea",
                new ByteArrayInputStream(
                    "# c\nr 3 x\na.dat 16\n../b.dat 16\na.dat\nc.mat 16\n"
                        .getBytes(StandardCharsets.UTF_8))))
        .containsExactly("a.dat", "a.dat", "c.mat");
    assertThat(
            WfdbHeaderParser.mentioned(
                "r.hea",
                new ByteArrayInputStream(
                    "r/3 2 500\ns1\n~ 5\ns2 9 9\n".getBytes(StandardCharsets.UTF_8))))
        .containsExactly("s1.hea", "s2.hea");
  }

  @Test
  void unitsThatAreVoltagesConvert() throws IOException {
    assertThat(signal("r.dat 16 1/uV").millivoltsPerUnit()).hasValue(1e-3);
    assertThat(signal("r.dat 16 1/\u00b5V").millivoltsPerUnit()).hasValue(1e-3);
    assertThat(signal("r.dat 16 1/V").millivoltsPerUnit()).hasValue(1e3);
    assertThat(signal("r.dat 16 1/mmHg").millivoltsPerUnit()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r 1 500 10;../r.dat 16 | PATH_ESCAPES | ../r.dat",
        "r 1 500 10;/etc/passwd 16 | PATH_ESCAPES | /etc/passwd",
        "r 1 500 10;.. 16 | PATH_ESCAPES | '..'",
        "r 1 500 10;a\\b.dat 16 | PATH_ESCAPES | a\\b.dat",
        "r 1 500 10;http:x 16 | PATH_ESCAPES | http:x",
        "r 1 500 10;- 16 | PATH_ESCAPES | '-'",
        "r/3 2 500 10;a 5;b 5 | HEADER_MALFORMED | 2 segment lines",
        "r/0 2 500 10 | HEADER_MALFORMED | segment count 0",
        "r/x 2 500 10 | PATH_ESCAPES | the record name 'r/x' on its first line holds a folder",
        "a/r/2 2 500 10 | PATH_ESCAPES | 'a/r/2'",
        "medians/00001 1 500 10;medians/00001.dat 16 200 | PATH_ESCAPES | 'medians/00001'",
        "r/2 2 500 10;a 5;../b 5 | PATH_ESCAPES | ../b",
        "r/2 2 500 10;a 5;b 0 | HEADER_MALFORMED | segment length 0 of b",
        "r/2 2 500 10;a 5;b | HEADER_MALFORMED | segment line 'b'",
        "r/2 2 500;a 2147483600;b 2147483600 | RECORD_TOO_LONG | 4294967200 frames",
        "r 0 500 10 | EMPTY | 0 signals",
        "# only a comment | HEADER_MALFORMED | no record line",
        "r | HEADER_MALFORMED | signal count",
        "r 1.5;r.dat 16 | HEADER_MALFORMED | signal count '1.5'",
        "r -1;r.dat 16 | HEADER_MALFORMED | signal count -1",
        "r 2000000000;r.dat 16 | HEADER_MALFORMED | signal count 2000000000",
        "r 2 500 10;r.dat 16 | HEADER_MALFORMED | 1 signal lines",
        "r 1 0 10;r.dat 16 | HEADER_MALFORMED | sampling rate '0'",
        "r 1 -360 10;r.dat 16 | HEADER_MALFORMED | sampling rate '-360'",
        "r 1 1e999 10;r.dat 16 | HEADER_MALFORMED | sampling rate '1e999'",
        "r 1 NaN 10;r.dat 16 | HEADER_MALFORMED | sampling rate 'NaN'",
        "r 1 500 -10;r.dat 16 | HEADER_MALFORMED | sample count -10",
        "r 1 500 9999999999;r.dat 16 | RECORD_TOO_LONG | 9999999999",
        "r 1 500 99999999999999999999;r.dat 16 | HEADER_MALFORMED | 99999999999999999999",
        "r 1 500 10;r.dat | HEADER_MALFORMED | r.dat",
        "r 1 500 10;r.dat 16x0 | HEADER_MALFORMED | samples per frame 0",
        "r 1 500 10;r.dat 16x99999 | HEADER_MALFORMED | samples per frame 99999",
        "r 1 500 10;r.dat 16+ | HEADER_MALFORMED | 16+",
        "r 1 500 10;r.dat 16 mV | HEADER_MALFORMED | gain 'mV'",
        "r 1 500 10;r.dat 16 1e999 | HEADER_MALFORMED | gain '1e999'",
        "r 1 500 10;r.dat 16 200(x)/mV | HEADER_MALFORMED | gain '200(x)/mV'",
        "r 1 500 10;r.dat 16 200 16 0 1 V1 | HEADER_MALFORMED | checksum 'V1'",
      })
  void whatCannotBeIsRefusedByReason(String lines, Reason reason, String named) {
    assertThatThrownBy(() -> parse(lines.strip().replace(';', '\n')))
        .isInstanceOfSatisfying(WfdbException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageStartingWith("Cannot ")
        .hasMessageContaining("r.hea")
        .hasMessageContaining(named.strip());
  }

  @Test
  void aHugeFileIsNoHeader() {
    String text = "#" + "x".repeat(WfdbHeaderParser.MAX_HEADER_BYTES);
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("more than 1048576 bytes");
  }

  @Test
  void segmentsAreRead() throws IOException {
    WfdbHeader header = parse("v/3 2 125 30\nlay 0\n~ 10\na 20\n");
    assertThat(header.isVariableLayout()).isTrue();
    assertThat(header.recordName()).isEqualTo("v");
    assertThat(header.segments())
        .containsExactly(
            new WfdbHeader.Segment("lay", 0),
            new WfdbHeader.Segment("~", 10),
            new WfdbHeader.Segment("a", 20));
    assertThat(parse("f/1 2 125 30\na 30\n").isVariableLayout()).isFalse();
  }

  @Test
  void utf8Latin1AndByteOrderMarksAreReadOthersRefused() throws IOException {
    byte[] latin1 =
        "r 1\nr.dat 16\n# Diagnose: Vorhofflimmern f\u00fcr".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(WfdbHeaderParser.parse("r.hea", new ByteArrayInputStream(latin1)).comments())
        .containsExactly("Diagnose: Vorhofflimmern f\u00fcr");
    assertThat(parse("\ufeffr 1\nr.dat 16\n# f\u00fcr").comments()).containsExactly("f\u00fcr");
    byte[] utf16 = "r 1\nr.dat 16\n".getBytes(StandardCharsets.UTF_16);
    assertThatThrownBy(() -> WfdbHeaderParser.parse("r.hea", new ByteArrayInputStream(utf16)))
        .isInstanceOfSatisfying(
            WfdbException.class, e -> assertThat(e.reason()).isEqualTo(Reason.HEADER_ENCODING))
        .hasMessageContainingAll("r.hea", "UTF-8");
  }
}
