package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.common.wfdb.WfdbFiles;

/** Variants of the binary formats that the golden files do not have. */
class BinaryFormatsTest {

  /** Writes DICOM elements in one of the transfer syntaxes. */
  @SuppressWarnings("ByteBufferBackingArray") // All come from allocate.
  private static final class Dicom {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final boolean implicit;
    private final boolean big;
    private final boolean undefined;

    Dicom(boolean implicit, boolean big, boolean undefined) {
      this.implicit = implicit;
      this.big = big;
      this.undefined = undefined;
    }

    private ByteBuffer buffer(int size) {
      return ByteBuffer.allocate(size).order(big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    Dicom element(int tag, String vr, byte[] value) {
      byte[] even = Arrays.copyOf(value, value.length + value.length % 2);
      head(tag, vr, even.length);
      out.writeBytes(even);
      return this;
    }

    private void head(int tag, String vr, int length) {
      ByteBuffer head = buffer(12).putShort((short) (tag >>> 16)).putShort((short) tag);
      if (implicit) {
        head.putInt(length);
      } else {
        head.put(vr.getBytes(StandardCharsets.US_ASCII));
        if ("OB OW SQ UN".contains(vr)) {
          head.putShort((short) 0).putInt(length);
        } else {
          head.putShort((short) length);
        }
      }
      out.write(head.array(), 0, head.position());
    }

    Dicom text(int tag, String vr, String value) {
      return element(tag, vr, value.getBytes(StandardCharsets.ISO_8859_1));
    }

    Dicom number(int tag, int value) {
      return element(tag, "US", buffer(2).putShort((short) value).array());
    }

    Dicom sequence(int tag, Dicom... items) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (Dicom item : items) {
        byte[] bytes = item.out.toByteArray();
        ByteBuffer head = buffer(8).putShort((short) 0xfffe).putShort((short) 0xe000);
        all.writeBytes(head.putInt(undefined ? -1 : bytes.length).array());
        all.writeBytes(bytes);
        if (undefined) {
          all.writeBytes(
              buffer(8).putShort((short) 0xfffe).putShort((short) 0xe00d).putInt(0).array());
        }
      }
      if (undefined) {
        all.writeBytes(
            buffer(8).putShort((short) 0xfffe).putShort((short) 0xe0dd).putInt(0).array());
      }
      head(tag, "SQ", undefined ? -1 : all.size());
      out.writeBytes(all.toByteArray());
      return this;
    }

    Dicom fresh() {
      return new Dicom(implicit, big, undefined);
    }

    /** A file of one group with the leads I and V1. */
    static byte[] file(Dicom d, String syntax, int bits, String kind, byte[] data, byte[] padding) {
      return file(d, syntax, group(d, bits, kind, data, padding, "ORIGINAL", "500"));
    }

    static Dicom group(
        Dicom d, int bits, String kind, byte[] data, byte[] padding, String origin, String rate) {
      Dicom one = d.fresh();
      Dicom two = d.fresh();
      for (Dicom channel : new Dicom[] {one, two}) {
        channel.sequence(
            0x003a0208,
            d.fresh()
                .text(0x00080100, "SH", channel == one ? "2:1" : "5.6.3-9-3")
                .text(0x00080102, "SH", "MDC"));
        channel.text(0x003a0210, "DS", "2 ");
        channel.sequence(0x003a0211, d.fresh().text(0x00080100, "SH", "uV"));
        channel.text(0x003a0212, "DS", "0.5").text(0x003a0213, "DS", "10");
      }
      Dicom group =
          d.fresh()
              .text(0x003a0004, "CS", origin)
              .number(0x003a0005, 2)
              .element(0x003a0010, "UL", d.buffer(4).putInt(data.length * 8 / bits / 2).array())
              .text(0x003a001a, "DS", rate)
              .sequence(0x003a0200, one, two)
              .number(0x54001004, bits)
              .text(0x54001006, "CS", kind);
      if (padding != null) {
        group.element(0x5400100a, "OW", padding);
      }
      return group.element(0x54001010, "OW", data);
    }

    static byte[] file(Dicom d, String syntax, Dicom... groups) {
      byte[] set = d.text(0x00100020, "LO", "7").sequence(0x54000100, groups).out.toByteArray();
      Dicom meta = new Dicom(false, false, false).text(0x00020010, "UI", syntax);
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      file.writeBytes(new byte[128]);
      file.writeBytes("DICM".getBytes(StandardCharsets.US_ASCII));
      file.writeBytes(meta.out.toByteArray());
      file.writeBytes(syntax.endsWith(".99") ? deflated(set) : set);
      return file.toByteArray();
    }

    private static byte[] deflated(byte[] bytes) {
      Deflater deflater = new Deflater(9, true);
      deflater.setInput(bytes);
      deflater.finish();
      byte[] out = new byte[bytes.length + 64];
      int length = deflater.deflate(out);
      deflater.end();
      return Arrays.copyOf(out, length);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.840.10008.1.2, true, false", "1.2.840.10008.1.2.1, false, false",
    "1.2.840.10008.1.2.1.99, false, false", "1.2.840.10008.1.2.2, false, true"
  })
  void everyTransferSyntaxGivesTheSame(String syntax, boolean implicit, boolean big)
      throws IOException {
    ByteOrder order = big ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer data = ByteBuffer.allocate(12).order(order);
    for (int value : new int[] {100, -100, 200, -32768, 300, 5}) {
      data.putShort((short) value);
    }
    byte[] padding = ByteBuffer.allocate(2).order(order).putShort(Short.MIN_VALUE).array();
    for (boolean undefined : new boolean[] {false, true}) {
      Dicom writer = new Dicom(implicit, big, undefined);
      EcgRecord record = read(Dicom.file(writer, syntax, 16, "SS", data.array(), padding));
      assertThat(record.channels().stream().map(EcgChannel::name)).containsExactly("I", "V1");
      double[][] rows = record.read(0, 3);
      assertThat(rows[0]).containsExactly(new double[] {.11, .21, .31}, within(1e-12));
      assertThat(rows[1]).containsExactly(new double[] {-.09, Double.NaN, .015}, within(1e-12));
      assertThat(record.facts().patientId()).contains("7");
    }
  }

  @ParameterizedTest
  @CsvSource({"SB,-1,127", "UB,255,127", "MB,0,0", "AB,848,-848"})
  void eightBitSamplesAreRead(String kind, double first, double second) throws IOException {
    // Of G.711: mu-law FF is +0 and 7F is -0; A-law D5 and 55 are the steps around 0.
    byte[] data = {-1, 127, -1, 127};
    EcgRecord record =
        read(
            Dicom.file(new Dicom(false, false, false), "1.2.840.10008.1.2.1", 8, kind, data, null));
    double[][] rows = record.read(0, 2);
    assertThat(rows[0][0]).isCloseTo((first + 10) / 1000, within(1e-12));
    assertThat(rows[1][0]).isCloseTo((second + 10) / 1000, within(1e-12));
  }

  @Test
  void paddingThatTheSignalPassesThroughMarksNoGap() throws IOException {
    byte[] data = {0, 0, 1, 0, -1, -1, 0, 0};
    EcgRecord record =
        read(
            Dicom.file(
                new Dicom(false, false, false),
                "1.2.840.10008.1.2.1",
                16,
                "SS",
                data,
                new byte[2]));
    assertThat(record.read(0, 2)[0]).doesNotContain(Double.NaN);
  }

  private static final String EXPLICIT = "1.2.840.10008.1.2.1";

  private static Dicom group(Dicom d, String origin, String rate, String label, int... samples) {
    ByteBuffer data = ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int sample : samples) {
      data.putShort((short) sample);
    }
    return Dicom.group(d, 16, "SS", data.array(), null, origin, rate).text(0x003a0020, "SH", label);
  }

  @Test
  void dicomMediansThatCallThemselvesOriginalAreNotRead() throws IOException {
    Dicom d = new Dicom(false, false, false);
    Dicom median = group(d, "ORIGINAL", "500", "MEDIAN BEAT", 1, 2, 3, 4);
    Dicom rhythm = group(d, "ORIGINAL", "500", "RHYTHM", 100, 200, -100, 300);
    assertThat(read(Dicom.file(d, EXPLICIT, median, rhythm)).read(0, 2)[0])
        .containsExactly(new double[] {.11, -.09}, within(1e-12));
    // Without a label, the longer of two is the rhythm.
    Dicom other = new Dicom(false, false, false);
    Dicom brief = group(other, "ORIGINAL", "500", "", 1, 2, 3, 4);
    Dicom longer = group(other, "ORIGINAL", "500", "", 100, 200, -100, 300, 5, 6);
    assertThat(read(Dicom.file(other, EXPLICIT, brief, longer)).read(0, 2)[0])
        .containsExactly(new double[] {.11, -.09}, within(1e-12));
  }

  @Test
  void dicomStripsThatFollowOneAnotherAreOneRecording() throws IOException {
    Dicom d = new Dicom(false, false, false);
    Dicom first = group(d, "ORIGINAL", "500", "RHYTHM", 100, 200, -100, 300);
    Dicom second = group(d, "ORIGINAL", "500", "RHYTHM", 0, 10, 20, 30).text(0x00181068, "DS", "6");
    EcgRecord record = read(Dicom.file(d, EXPLICIT, first, second));
    assertThat(record.read(0, 5)[0])
        .containsExactly(new double[] {.11, -.09, Double.NaN, .01, .03}, within(1e-12));
  }

  @Test
  void dicomLeadsOfAnotherRateAreRefusedNotLost() throws IOException {
    Dicom d = new Dicom(false, false, false);
    Dicom fast = group(d, "ORIGINAL", "500", "RHYTHM", 100, 200, -100, 300);
    Dicom again = group(d, "ORIGINAL", "250", "RHYTHM", 1, 2, 3, 4);
    assertThat(read(Dicom.file(d, EXPLICIT, fast, again)).fsHz()).isEqualTo(500);
    Dicom e = new Dicom(false, false, false);
    Dicom three = e.fresh();
    ByteBuffer data = ByteBuffer.allocate(8);
    three
        .text(0x003a0004, "CS", "ORIGINAL")
        .number(0x003a0005, 1)
        .element(0x003a0010, "UL", e.buffer(4).putInt(4).array())
        .text(0x003a001a, "DS", "250")
        .sequence(
            0x003a0200,
            e.fresh()
                .sequence(0x003a0208, e.fresh().text(0x00080100, "SH", "2:8"))
                .text(0x003a0210, "DS", "1")
                .sequence(0x003a0211, e.fresh().text(0x00080100, "SH", "uV")))
        .number(0x54001004, 16)
        .text(0x54001006, "CS", "SS")
        .element(0x54001010, "OW", data.array());
    Dicom leading = group(e, "ORIGINAL", "500", "RHYTHM", 100, 200, -100, 300);
    assertReason(
        Dicom.file(e, EXPLICIT, leading, three), FormatException.Reason.RATES_DIFFER, "lead V6");
  }

  /** A file of SCP sections. */
  private static byte[] scp(Map<Integer, byte[]> sections) {
    int count = sections.size();
    ByteBuffer out = ByteBuffer.allocate(1 << 19).order(ByteOrder.LITTLE_ENDIAN);
    int zero = 16 + 10 * (count + 1);
    out.position(6 + zero);
    ByteBuffer table = ByteBuffer.allocate(zero - 16).order(ByteOrder.LITTLE_ENDIAN);
    table.putShort((short) 0).putInt(zero).putInt(7);
    sections.forEach(
        (id, content) -> {
          table.putShort(id.shortValue()).putInt(content.length + 16).putInt(out.position() + 1);
          out.putShort((short) 0).putShort(id.shortValue()).putInt(content.length + 16);
          out.putShort((short) 0).put(new byte[6]).put(content);
        });
    int length = out.position();
    out.putShort(8, (short) 0).putInt(10, zero);
    for (int i = 0; i < table.capacity(); i++) {
      out.put(22 + i, table.get(i));
    }
    out.putInt(2, length);
    byte[] file = Arrays.copyOf(out.array(), length);
    int crc = Crc.ccitt(file, 2, length);
    file[0] = (byte) crc;
    file[1] = (byte) (crc >> 8);
    return file;
  }

  private static byte[] bytes(Object... values) {
    ByteBuffer out = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN);
    for (Object value : values) {
      if (value instanceof Byte b) {
        out.put(b);
      } else if (value instanceof Short s) {
        out.putShort(s);
      } else if (value instanceof byte[] some) {
        out.put(some);
      } else {
        out.putInt((Integer) value);
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  private static byte[] leadList(int samples, int flags) {
    return bytes((byte) 1, (byte) flags, 1, samples, (byte) 2);
  }

  private static final short STEP = 1000;
  private static final short INTERVAL = 2000;

  @Test
  void scpWithoutHuffmanHoldsPlainIntegers() throws IOException {
    byte[] rhythm =
        bytes(STEP, INTERVAL, (byte) 1, (byte) 0, (short) 6, (short) 5, (short) -2, (short) 7);
    EcgRecord record = read(scp(Map.of(3, leadList(3, 0), 6, rhythm)));
    assertThat(record.fsHz()).isEqualTo(500);
    assertThat(record.channels().get(0).name()).isEqualTo("II");
    assertThat(record.read(0, 3)[0])
        .containsExactly(new double[] {.005, .003, .010}, within(1e-12));
  }

  @Test
  void scpTablesOfTheFileAreUsed() throws IOException {
    // Two tables: in the first, 0 is +1, 10 is -1, 11 changes; in the second, 0 is a byte and
    // 1 changes back.
    byte[] tables =
        bytes(
            (short) 2,
            (short) 3,
            new byte[] {1, 1, 1, 1, 0, 0, 0, 0, 0},
            new byte[] {2, 2, 1, -1, -1, 1, 0, 0, 0},
            new byte[] {2, 2, 0, 2, 0, 3, 0, 0, 0},
            (short) 2,
            new byte[] {1, 9, 1, 0, 0, 0, 0, 0, 0},
            new byte[] {1, 1, 0, 1, 0, 1, 0, 0, 0});
    // 0 10 11 | 0 10000000 | 1 | 0 1 0 -> +1, -1, -128, +1, -1
    byte[] data = {0b01011010, 0b00000010, (byte) 0b10000000};
    byte[] rhythm = bytes(STEP, INTERVAL, (byte) 0, (byte) 0, (short) data.length, data);
    EcgRecord record = read(scp(Map.of(2, tables, 3, leadList(5, 0), 6, rhythm)));
    assertThat(record.read(0, 5)[0])
        .containsExactly(new double[] {.001, -.001, -.128, .001, -.001}, within(1e-12));
  }

  @Test
  void scpBimodalResidualIsExpandedAndTheBeatAdded() throws IOException {
    byte[] beat =
        bytes((short) 500, (short) 1000, (byte) 0, (byte) 0, (short) 4, (short) 10, (short) 20);
    // Fiducial 2 of the beat lies on sample 4; samples 3 and 4 are kept at the full rate.
    byte[] complexes = bytes((short) 2, (short) 2, (short) 1, (short) 0, 3, 4, 4, 3, 4);
    byte[] rhythm =
        bytes(
            STEP, INTERVAL, (byte) 0, (byte) 1, (short) 8, (short) 1, (short) 2, (short) 3,
            (short) 4);
    EcgRecord record = read(scp(Map.of(3, leadList(6, 1), 4, complexes, 5, beat, 6, rhythm)));
    assertThat(record.fsHz()).isEqualTo(1000);
    assertThat(record.read(0, 6)[0])
        .containsExactly(
            new double[] {.001, .001, .002 + .005, .003 + .010, .004, .004}, within(1e-12));
  }

  @Test
  void scpSectionsOfMakersOwnMayBeBroken() throws IOException {
    byte[] rhythm =
        bytes(STEP, INTERVAL, (byte) 0, (byte) 0, (short) 4, (short) 5, (short) -2, new byte[9]);
    byte[] file = scp(new java.util.TreeMap<>(Map.of(3, leadList(2, 0), 6, rhythm, 200, rhythm)));
    // Pointers: of section 0, 3, 6, then 200.
    int pointer = 22 + 3 * 10 + 6;
    for (int broken : new int[] {pointer, pointer - 10}) {
      byte[] copy = file.clone();
      copy[broken + 2] = 1;
      int crc = Crc.ccitt(copy, 2, copy.length);
      copy[0] = (byte) crc;
      copy[1] = (byte) (crc >> 8);
      if (broken == pointer) {
        assertThat(read(copy).sampleCount()).isEqualTo(2);
      } else {
        assertReason(copy, FormatException.Reason.FILE_MALFORMED, "section 6");
      }
    }
  }

  @Test
  void scpLengthsThatOverflowAreRefused() {
    byte[] rhythm = bytes(STEP, INTERVAL, (byte) 0, (byte) 0, (short) 100, new byte[65_536 + 100]);
    assertReason(
        scp(Map.of(3, leadList(32_818, 0), 6, rhythm)),
        FormatException.Reason.FILE_MALFORMED,
        "overflowed their 16 bits");
  }

  @Test
  void scpDamageIsToldByItsChecksum() {
    byte[] file =
        scp(
            Map.of(
                3,
                leadList(1, 0),
                6,
                bytes(STEP, INTERVAL, (byte) 0, (byte) 0, (short) 2, (short) 1)));
    file[file.length - 1] ^= 1;
    assertReason(file, FormatException.Reason.CHECKSUM_MISMATCH, "checksum");
    assertReason(
        Arrays.copyOf(file, file.length - 1), FormatException.Reason.SIGNAL_TRUNCATED, "bytes");
  }

  /**
   * An EDF file of two leads of two samples per record and, with times, a signal of annotations.
   */
  private static byte[] edf(boolean bdf, String reserved, int[] samples, String... times) {
    boolean annotated = times.length > 0;
    int signals = annotated ? 3 : 2;
    StringBuilder head = new StringBuilder();
    head.append(bdf ? "\u00ffBIOSEMI" : field("0", 8));
    head.append(field("MCH-0234567 F 02-MAY-1951 Haagse_Harry", 80));
    head.append(field("Startdate 02-MAR-2002 X X X", 80));
    head.append("02.03.02").append("08.09.10");
    int records = samples.length / 4;
    head.append(field("" + 256 * (signals + 1), 8)).append(field(reserved, 44));
    head.append(field("" + records, 8)).append(field("0.5", 8)).append(field("" + signals, 4));
    fields(head, 16, "ECG V2", "EKG I", bdf ? "BDF Annotations" : "EDF Annotations", annotated);
    fields(head, 80, "", "", "", annotated);
    fields(head, 8, "uV", "mV", "", annotated);
    fields(head, 8, "-1000", "0", "-1", annotated);
    fields(head, 8, "1000", "10", "1", annotated);
    fields(head, 8, "-100", "-100", "-32768", annotated);
    fields(head, 8, "100", "100", "32767", annotated);
    fields(head, 80, "", "", "", annotated);
    fields(head, 8, "2", "2", "12", annotated);
    fields(head, 32, "", "", "", annotated);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    int width = bdf ? 3 : 2;
    for (int r = 0; r < records; r++) {
      for (int i = 0; i < 4; i++) {
        for (int b = 0; b < width; b++) {
          out.write(samples[4 * r + i] >> (8 * b));
        }
      }
      if (annotated) {
        out.writeBytes(Arrays.copyOf(times[r].getBytes(StandardCharsets.UTF_8), 12 * width));
      }
    }
    return out.toByteArray();
  }

  private static void fields(
      StringBuilder head, int width, String one, String two, String three, boolean annotated) {
    head.append(field(one, width)).append(field(two, width));
    head.append(annotated ? field(three, width) : "");
  }

  private static String field(String text, int width) {
    return text + " ".repeat(width - text.length());
  }

  private static final int[] SAMPLES = {-100, 100, 0, 50, 1, 2, 3, 4};

  @Test
  void bdfHas24Bits() throws IOException {
    int[] large = {-5_000_000, 100, 0, 50, 1, 2, 3, 4};
    EcgRecord record = read(edf(true, "24BIT", large));
    assertThat(record.fsHz()).isEqualTo(4);
    assertThat(record.channels().stream().map(EcgChannel::name)).containsExactly("V2", "I");
    assertThat(record.read(0, 4)[0])
        .containsExactly(new double[] {-50_000, 1, .01, .02}, within(1e-9));
    assertThat(record.read(0, 4)[1])
        .containsExactly(new double[] {5, 7.5, 5.15, 5.2}, within(1e-9));
    assertThat(record.facts().patientId()).isEmpty();
  }

  @Test
  void gapsOfDiscontinuousEdfAreMissing() throws IOException {
    EcgRecord record =
        read(
            edf(
                false,
                "EDF+D",
                SAMPLES,
                "+0\u0014\u0014\0",
                "+1.5\u0014\u0014\0+1.6\u0014Q\u0014"));
    assertThat(record.sampleCount()).isEqualTo(8);
    double[] row = record.read(1, 7)[0];
    assertThat(row)
        .containsExactly(
            new double[] {1, Double.NaN, Double.NaN, Double.NaN, Double.NaN, .01, .02},
            within(1e-9));
    assertThat(record.read(3, 2)[0]).containsOnly(Double.NaN);
    assertThat(record.facts().patientId()).contains("MCH-0234567");
    assertThat(record.facts().sex()).contains("female");
    assertThat(record.facts().ageYears()).contains(50f);
    assertThat(record.facts().statements()).containsExactly("Q");
    assertThat(record.facts().toString()).doesNotContain("Haagse").doesNotContain("1951");
  }

  @Test
  void edfOfAnotherLengthThanStatedIsRefused() {
    byte[] file = edf(false, "", SAMPLES);
    assertReason(
        Arrays.copyOf(file, file.length - 1), FormatException.Reason.SIGNAL_TRUNCATED, "records");
    assertReason(
        Arrays.copyOf(file, file.length + 8), FormatException.Reason.SIGNAL_OVERSIZED, "records");
  }

  @ParameterizedTest
  @CsvSource({
    "<i2,1,2", ">i2,1,2", "<i4,1,4", ">i4,2,4", "<f4,3,4", ">f8,1,8", "<f2,1,2", "|i1,1,1",
    "<u2,1,2", "<i8,1,8"
  })
  void npyElementsOfEveryKindAreRead(String descr, int version, int width) throws IOException {
    for (boolean fortran : new boolean[] {false, true}) {
      double[][] values = {{1, 2, 3}, {4, 5, 6}};
      ByteBuffer data = ByteBuffer.allocate(6 * width);
      data.order(descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
      for (int k = 0; k < 6; k++) {
        put(data, descr, fortran ? values[k % 2][k / 2] : values[k / 3][k % 3]);
      }
      String header =
          "{'descr': '%s', 'fortran_order': %s, 'shape': (2, 3), }\n"
              .formatted(descr, fortran ? "True" : "False");
      ByteBuffer file = ByteBuffer.allocate(12 + header.length() + data.capacity());
      file.order(ByteOrder.LITTLE_ENDIAN)
          .put((byte) 0x93)
          .put("NUMPY".getBytes(StandardCharsets.US_ASCII));
      file.put((byte) version).put((byte) 0);
      if (version == 1) {
        file.putShort((short) header.length());
      } else {
        file.putInt(header.length());
      }
      file.put(header.getBytes(StandardCharsets.US_ASCII)).put(data.array());
      byte[] npy = Arrays.copyOf(file.array(), file.position());
      EcgRecord record =
          withSidecar(
              "x.npy",
              npy,
              "{\"fs_hz\": 100, \"unit\": \"mV\", \"leads\": [\"I\", \"V1\"], \"missing\": 5}");
      assertThat(record.read(0, 3)[0]).containsExactly(1, 2, 3);
      assertThat(record.read(0, 3)[1]).containsExactly(4, Double.NaN, 6);
    }
  }

  private static void put(ByteBuffer data, String descr, double value) {
    switch (descr.substring(1)) {
      case "i1" -> data.put((byte) value);
      case "i2", "u2" -> data.putShort((short) value);
      case "i4" -> data.putInt((int) value);
      case "i8" -> data.putLong((long) value);
      case "f4" -> data.putFloat((float) value);
      case "f8" -> data.putDouble(value);
      default -> {
        // Half: 1 to 6 have exponents 15 to 17.
        int exponent = Math.getExponent(value);
        data.putShort(
            (short) ((exponent + 15) << 10 | (int) ((value / Math.scalb(1, exponent) - 1) * 1024)));
      }
    }
  }

  @Test
  void matricesWithoutASidecarAreRefusedWithTheRemedy() {
    String header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 1), }\n";
    byte[] npy =
        ("\u0093NUMPY\u0001\0" + (char) header.length() + "\0" + header + "\0\0")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertReason(npy, FormatException.Reason.SIDECAR_MISSING, "x.bin.json");
    assertReason(
        "1,2\n3,4\n".getBytes(StandardCharsets.UTF_8),
        FormatException.Reason.SIDECAR_MISSING,
        "x.bin.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "time_s,I (uV),V1 (uV)\\n0,1,2\\n0.002,-3.5,\\n",
        "I [uV];V1 [uV];t ms\\n1;2;0\\n-3,5;;2\\n",
        "# made by hand\\n\"I_uV\"\\t\"V1_uV\"\\ttime\\n1\\t2\\t0\\n-3.5\\tnan\\t0.002\\n",
        "'Elapsed time','i','v1'\\n'seconds','uV','uV'\\n  0.000,1,2\\n  0.002,-3.5,\\n",
        "'Elapsed time','i','v1'\\n"
            + "'hh:mm:ss.mmm','uV','mV'\\n"
            + "'0:00.000',1,0.002\\n"
            + "'0:00.002',-3.5,-\\n",
        "'Elapsed time','i','v1'\\n"
            + "'h:mm:ss.mmm','uV','mV'\\n"
            + "'0:00:00.000',1,0.002\\n"
            + "'0:00:00.002',-3.5,-\\n",
        "Elapsed time,I,V1\\nmm:ss.mmm,uV,uV\\n0:00.000,1,2\\n0:00.002,-3.5,\\n",
        "Elapsed time,I,V1\\n[s],[uV],[mV]\\n0,1,0.002\\n0.002,-3.5,\\n",
        "Time,I,V1\\n(us),uV,uV\\n0,1,2\\n2000,-3.5,\\n",
        "Time,I,V1\\nmilliseconds,microvolts,millivolts\\n0,1,0.002\\n2,-3.5,\\n",
        "\u2160 (\u03bcV);\uff36\uff11 (\u03bcV);time\\n1;2;0\\n-3,5;;0,002\\n"
      })
  void csvOfEverySeparatorIsRead(String text) throws IOException {
    String content = text.replace("\\n", "\n").replace("\\t", "\t");
    byte[] bigEndian = content.getBytes(StandardCharsets.UTF_16BE);
    byte[] marked = new byte[bigEndian.length + 2];
    marked[0] = (byte) 0xfe;
    marked[1] = (byte) 0xff;
    System.arraycopy(bigEndian, 0, marked, 2, bigEndian.length);
    byte[] swapped = marked.clone();
    for (int i = 0; i < swapped.length; i += 2) {
      swapped[i] = marked[i + 1];
      swapped[i + 1] = marked[i];
    }
    for (byte[] encoded : List.of(content.getBytes(StandardCharsets.UTF_8), marked, swapped)) {
      EcgRecord record = read(encoded);
      assertThat(record.fsHz()).isEqualTo(500);
      assertThat(record.channels().stream().map(EcgChannel::name)).containsExactly("I", "V1");
      assertThat(record.read(0, 2)[0]).containsExactly(new double[] {.001, -.0035}, within(1e-12));
      assertThat(record.read(0, 2)[1]).containsExactly(.002, Double.NaN);
    }
  }

  /** Two accounts that contradict each other are refused; a time without a unit is none. */
  @Test
  void aCsvAndItsSidecarMustAgree() throws IOException {
    byte[] file = "Time (ms),I,V1\n0,1,2\n2,3,4\n4,5,6\n".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> withSidecar("x.csv", file, "{\"fs_hz\": 250, \"unit\": \"mV\"}"))
        .hasMessageContaining("its sidecar states 250.0 Hz, its column of time has 500.0");
    assertThatThrownBy(
            () ->
                withSidecar(
                    "x.csv",
                    file,
                    "{\"fs_hz\": 500, \"unit\": \"mV\", \"leads\": [\"V1\", \"I\"]}"))
        .hasMessageContaining("its first line calls column 1 I, its sidecar V1");
    byte[] bare = "time,I,V1\n0,1,2\n2,3,4\n4,5,6\n".getBytes(StandardCharsets.UTF_8);
    for (byte[] agreeing : List.of(file, bare)) {
      assertThat(withSidecar("x.csv", agreeing, "{\"fs_hz\": 500, \"unit\": \"mV\"}").fsHz())
          .isEqualTo(500);
    }
  }

  @Test
  void csvOfOneLineForEachLeadIsRead() throws IOException {
    EcgRecord record =
        withSidecar(
            "x.csv",
            "1 2 3\n4 5 6\n".getBytes(StandardCharsets.UTF_8),
            "{\"fs_hz\": 100, \"unit\": \"mV\", \"leads\": [\"I\", \"V1\"], \"lead_axis\": 0,"
                + " \"patient\": \"p\", \"age\": 5, \"statements\": [\"a\"]}");
    assertThat(record.read(0, 3)[1]).containsExactly(4, 5, 6);
    assertThat(record.facts().patientId()).contains("p");
    assertThat(record.facts().diagnosis()).isEqualTo("a");
  }

  @Test
  void otherTablesAreNoEcg() throws IOException {
    for (String text :
        new String[] {
          "record,patient,label\na,b,HC\n",
          "exam_id,age\n1,2\n3,4\n",
          "12:00:01,80,97\n12:00:02,81,97\n",
          "a text\nof words\n",
          "",
          "1\n2\n3\n"
        }) {
      assertThat(
              EcgFormats.of(GoldenFiles.inMemory("x.csv", text.getBytes(StandardCharsets.UTF_8))))
          .as(text)
          .isEmpty();
    }
  }

  private static void assertReason(byte[] file, FormatException.Reason reason, String words) {
    assertThatThrownBy(() -> read(file))
        .isInstanceOfSatisfying(
            FormatException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(words);
  }

  private static EcgRecord read(byte[] bytes) throws IOException {
    return EcgFormats.read(GoldenFiles.inMemory("x.bin", bytes), ReadLimits.DEFAULT).only();
  }

  private static EcgRecord withSidecar(String name, byte[] file, String json) throws IOException {
    WfdbFiles folder =
        GoldenFiles.withFile(
            GoldenFiles.inMemory(name, file).folder(),
            name + ".json",
            json.getBytes(StandardCharsets.UTF_8));
    return EcgFormats.read(new EcgFile(name, folder), ReadLimits.DEFAULT).only();
  }
}
