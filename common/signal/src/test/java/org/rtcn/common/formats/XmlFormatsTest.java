package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.formats.all.EcgFormats;

/** Variants of the XML formats that the golden files do not have. */
class XmlFormatsTest {
  private static final String MUSE =
      """
      <RestingECG><PatientDemographics><PatientID>%s</PatientID></PatientDemographics>
      <Waveform><WaveformType>Rhythm</WaveformType><SampleBase>25</SampleBase>
      <SampleExponent>1</SampleExponent><LeadData><LeadID>I</LeadID>
      <LeadAmplitudeUnitsPerBit>4.88</LeadAmplitudeUnitsPerBit>
      <LeadAmplitudeUnits>MICROVOLTS</LeadAmplitudeUnits>
      <WaveFormData>%s</WaveFormData></LeadData></Waveform></RestingECG>
      """;

  /** Two samples: 1 and -1. */
  private static final String SAMPLES =
      Base64.getEncoder().encodeToString(new byte[] {1, 0, -1, -1});

  @Test
  void museRateHasAnExponent() throws IOException {
    EcgRecord record = read(MUSE.formatted("p", SAMPLES));
    assertThat(record.fsHz()).isEqualTo(250);
    assertThat(record.read(0, 2)[0][1]).isCloseTo(-0.00488, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ISO-8859-1", "UTF-8", "UTF-16", "UTF-16LE", "UTF-16BE"})
  void encodingsAreTold(String encoding) throws IOException {
    String declared = encoding.startsWith("UTF-16") ? "UTF-16" : encoding;
    String mark = encoding.length() > 6 && encoding.startsWith("UTF-16") ? "\ufeff" : "";
    String text =
        mark
            + "<?xml version=\"1.0\" encoding=\""
            + declared
            + "\"?>\n<!-- <a> -->\n<!DOCTYPE RestingECG SYSTEM \"restecg.dtd\">\n"
            + MUSE.formatted("\u00e9", SAMPLES);
    EcgRecord record = read(text.getBytes(Charset.forName(encoding)));
    assertThat(record.facts().patientId()).contains("\u00e9");
  }

  @Test
  void bytesThatBelieTheirDeclarationAreReadAsTheyAre() throws IOException {
    String western =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + MUSE.formatted("\u00e9", SAMPLES);
    assertThat(read(western.getBytes(StandardCharsets.ISO_8859_1)).facts().patientId())
        .contains("\u00e9");
    String narrow = western.replace("UTF-8", "UTF-16");
    assertThat(read(narrow).facts().patientId()).contains("\u00e9");
    String unknown = western.replace("UTF-8", "x-nobody");
    assertThat(read("\ufeff" + unknown).facts().patientId()).contains("\u00e9");
  }

  @Test
  void entitiesReadNoFileAndDoNotGrow(@TempDir Path folder) throws IOException {
    Path secret = Files.writeString(folder.resolve("secret.txt"), "hunter2");
    String document = MUSE.formatted("&x;", SAMPLES);
    for (String entity :
        new String[] {
          "<!ENTITY x SYSTEM \"" + secret.toUri() + "\">",
          "<!ENTITY % p SYSTEM \"" + secret.toUri() + "\"> %p;",
          "<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\"><!ENTITY x \"&b;&b;&b;&b;\">"
        }) {
      String text = "<!DOCTYPE RestingECG [" + entity + "]>" + document;
      try {
        assertThat(read(text).facts().toString()).doesNotContain("hunter2", "aaaa");
      } catch (FormatException e) {
        assertThat(e.getMessage()).startsWith("Cannot read").doesNotContain("hunter2");
      }
    }
  }

  @Test
  void deepNestingIsRefused() {
    String text = "<RestingECG>" + "<a>".repeat(100_000) + "</a>".repeat(100_000) + "</RestingECG>";
    assertThatThrownBy(() -> read(text)).isInstanceOf(FormatException.class);
  }

  @Test
  void museChecksumsAndCountsMustFit() {
    String crc = MUSE.replace("<LeadID>", "<LeadDataCRC32>5</LeadDataCRC32><LeadID>");
    assertReason(crc.formatted("p", SAMPLES), FormatException.Reason.CHECKSUM_MISMATCH);
    String count =
        MUSE.replace("<LeadID>", "<LeadSampleCountTotal>3</LeadSampleCountTotal><LeadID>");
    assertReason(count.formatted("p", SAMPLES), FormatException.Reason.SIGNAL_TRUNCATED);
    String unit = MUSE.replace("MICROVOLTS", "OHM");
    assertReason(unit.formatted("p", SAMPLES), FormatException.Reason.UNITS_UNSUPPORTED);
  }

  private static final String AECG =
      """
      <x:AnnotatedECG xmlns:x="urn:hl7-org:v3"><x:component><x:series><x:code code="RHYTHM"/>
      %s</x:series></x:component></x:AnnotatedECG>
      """;

  private static String set(String head, String increment, String lead, String value) {
    return """
    <x:component><x:sequenceSet>
    <x:component><x:sequence><x:code code="TIME_RELATIVE"/><x:value>%s%s</x:value>
    </x:sequence></x:component>
    <x:component><x:sequence><x:code code="MDC_ECG_LEAD_%s"/><x:value>%s</x:value>
    </x:sequence></x:component></x:sequenceSet></x:component>\
    """
        .formatted(head, increment, lead, value);
  }

  private static final String TWO_MS = "<x:increment value=\"2\" unit=\"ms\"/>";
  private static final String DIGITS =
      "<x:origin value=\"1\" unit=\"mV\"/><x:scale value=\"2\" unit=\"%s\"/><x:digits> 1\n"
          + " -2\t3 </x:digits>";

  @ParameterizedTest
  @CsvSource({"ms,2,500", "us,4000,250", "s,0.001,1000", "ns,1000000,1000"})
  void aecgIncrementsHaveUnits(String unit, String value, double fsHz) throws IOException {
    String increment = "<x:increment value=\"" + value + "\" unit=\"" + unit + "\"/>";
    EcgRecord record = read(AECG.formatted(set("", increment, "V1", DIGITS.formatted("uV"))));
    assertThat(record.fsHz()).isCloseTo(fsHz, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"uV,0.002", "\u00b5V,0.002", "mV,2", "V,2000", "nV,0.000002"})
  void aecgScaleAndOriginHaveUnitsOfTheirOwn(String unit, double step) throws IOException {
    EcgRecord record = read(AECG.formatted(set("", TWO_MS, "V1", DIGITS.formatted(unit))));
    assertThat(record.read(0, 3)[0])
        .containsExactly(new double[] {1 + step, 1 - 2 * step, 1 + 3 * step}, within(1e-9));
  }

  @Test
  void aecgSetsThatFollowOneAnotherHaveGaps() throws IOException {
    String head = "<x:head value=\"%s\" unit=\"s\"/>";
    EcgRecord record =
        read(
            AECG.formatted(
                set(head.formatted("0"), TWO_MS, "I", DIGITS.formatted("uV"))
                    + set(head.formatted("0.01"), TWO_MS, "V1", DIGITS.formatted("uV"))));
    assertThat(record.sampleCount()).isEqualTo(8);
    double[][] rows = record.read(0, 8);
    assertThat(rows[0][2]).isCloseTo(1.006, within(1e-12));
    assertThat(rows[0][3]).isNaN();
    assertThat(rows[1][4]).isNaN();
    assertThat(rows[1][5]).isCloseTo(1.002, within(1e-12));
  }

  @Test
  void aecgSetsMayStandInAnyOrder() throws IOException {
    String head = "<x:head value=\"%s\" unit=\"s\"/>";
    EcgRecord record =
        read(
            AECG.formatted(
                set(head.formatted("1.01"), TWO_MS, "I", DIGITS.formatted("uV"))
                    + set(head.formatted("1"), TWO_MS, "V1", DIGITS.formatted("uV"))));
    double[][] rows = record.read(0, 8);
    assertThat(rows[0][4]).isNaN();
    assertThat(rows[0][5]).isCloseTo(1.002, within(1e-12));
    assertThat(rows[1][0]).isCloseTo(1.002, within(1e-12));
  }

  @Test
  void aecgOfOtherWritersIsRead() throws IOException {
    // As biosig writes it: leads by their plain names; an origin without a unit has the scale's.
    String value = DIGITS.formatted("uV").replace("1\" unit=\"mV\"", "1000\"").replace("\n", ",");
    String text = AECG.formatted(set("", TWO_MS, "V1", value)).replace("MDC_ECG_LEAD_V1", "ECG V1");
    EcgRecord record = read(text.replace("\"RHYTHM\"", "\"MDC_ECG_RHYTHM\""));
    assertThat(record.channels().get(0).name()).isEqualTo("V1");
    assertThat(record.read(0, 3)[0])
        .containsExactly(new double[] {1.002, 1 - .004, 1.006}, within(1e-12));
    assertReason(
        text.replace("\"RHYTHM\"", "\"REPRESENTATIVE_BEAT\""), FormatException.Reason.EMPTY);
  }

  @Test
  void aecgOfSeveralSeriesHoldsAsManyRecordings() throws IOException {
    String first = AECG.formatted(set("", TWO_MS, "V1", DIGITS.formatted("uV")));
    String second =
        """
<x:component><x:series><x:code code="RHYTHM"/><x:effectiveTime><x:low value="20240506070809"/>
</x:effectiveTime><x:annotation><x:code code="MDC_ECG_INTERPRETATION_STATEMENT"/>
<x:value>sinus rhythm</x:value></x:annotation>%s</x:series></x:component></x:AnnotatedECG>\
"""
            .formatted(set("", TWO_MS, "V2", DIGITS.formatted("mV")));
    String third = second.replace("V2", "V3").replace("\"mV\"", "\"OHM\"");
    String text = first.replace("</x:AnnotatedECG>", second).replace("</x:AnnotatedECG>", third);
    EcgFile file = GoldenFiles.inMemory("x.bin", text.getBytes(StandardCharsets.UTF_8));
    try (EcgRecords records = EcgFormats.read(file, ReadLimits.DEFAULT)) {
      assertThat(records.count()).isEqualTo(3);
      assertThat(records.get(0).channels().get(0).name()).isEqualTo("V1");
      assertThat(records.get(0).facts().statements()).isEmpty();
      EcgRecord other = records.get(1);
      assertThat(other.part()).isEqualTo("1");
      assertThat(other.read(0, 1)[0]).containsExactly(new double[] {3}, within(1e-9));
      assertThat(other.facts().statements()).containsExactly("sinus rhythm");
      assertThat(other.facts().recordedAt()).isPresent();
      // What is wrong with one costs the others nothing.
      assertThatThrownBy(() -> records.get(2))
          .isInstanceOf(FormatException.class)
          .hasMessageContaining("x.bin/2");
    }
  }

  @Test
  void aecgLeadTwiceIsRefused() {
    String one = set("", TWO_MS, "I", DIGITS.formatted("uV"));
    assertReason(AECG.formatted(one + one), FormatException.Reason.FILE_MALFORMED);
  }

  @Test
  void sierraPlainWaveformsAreRead() throws IOException {
    String text =
        """
        <restingecgdata><documentinfo><documentversion>1.03</documentversion></documentinfo>
        <dataacquisition><signalcharacteristics><samplingrate>500</samplingrate>
        <signalresolution>5</signalresolution></signalcharacteristics></dataacquisition>
        <waveforms><parsedwaveforms compressflag="False" dataencoding="Base64"
         leadlabels="I II">%s</parsedwaveforms></waveforms></restingecgdata>
        """
            .formatted(Base64.getEncoder().encodeToString(new byte[] {1, 0, 2, 0, -3, -1, 4, 0}));
    EcgRecord record = read(text);
    assertThat(record.read(0, 2)[1]).containsExactly(new double[] {-3 * .005, .02}, within(1e-12));
    assertReason(
        text.replace("compressflag=\"False\"", "compressflag=\"True\" compressmethod=\"Huffman\""),
        FormatException.Reason.FORMAT_UNSUPPORTED);
  }

  @Test
  void sierraResidualsAreThoseOfLimbLeadsAlone() throws IOException {
    String text =
        """
        <restingecgdata><documentinfo><documentversion>1.04</documentversion></documentinfo>
        <dataacquisition><signalcharacteristics><samplingrate>500</samplingrate>
        <resolution>5</resolution></signalcharacteristics></dataacquisition>
        <waveforms><parsedwaveforms compression="XLI" leadlabels="%s">%s</parsedwaveforms>
        </waveforms></restingecgdata>
        """;
    ByteArrayOutputStream blocks = new ByteArrayOutputStream();
    for (int lead = 1; lead <= 6; lead++) {
      blocks.writeBytes(xli(10 * lead, 20 * lead));
    }
    String data = Base64.getEncoder().encodeToString(blocks.toByteArray());
    double[][] chest = read(text.formatted("V1 V2 V3 V4 V5 V6", data)).read(0, 2);
    assertThat(chest[2]).containsExactly(new double[] {.15, .3}, within(1e-12));
    double[][] limbs = read(text.formatted("I II III aVR aVL aVF", data)).read(0, 2);
    assertThat(limbs[1]).containsExactly(new double[] {.1, .2}, within(1e-12));
    // III = II - I - stored.
    assertThat(limbs[2]).containsExactly(new double[] {-.1, -.2}, within(1e-12));
  }

  /** A block of two samples: a head of 8 bytes, then codes of 10 bits. */
  private static byte[] xli(int... samples) {
    StringBuilder bits = new StringBuilder();
    for (int part : new int[] {8, 0}) {
      for (int sample : samples) {
        bits.append(Integer.toBinaryString(1024 | (sample >> part & 0xff)).substring(1));
      }
    }
    bits.append("1111111111");
    bits.append("0".repeat((8 - bits.length() % 8) % 8));
    byte[] block = new byte[8 + bits.length() / 8];
    block[0] = (byte) (bits.length() / 8);
    for (int i = 0; i < bits.length() / 8; i++) {
      block[8 + i] = (byte) Integer.parseInt(bits.substring(8 * i, 8 * i + 8), 2);
    }
    return block;
  }

  private static void assertReason(String text, FormatException.Reason reason) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOfSatisfying(
            FormatException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static EcgRecord read(String text) throws IOException {
    return read(text.getBytes(StandardCharsets.UTF_8));
  }

  private static EcgRecord read(byte[] bytes) throws IOException {
    return EcgFormats.read(GoldenFiles.inMemory("x.bin", bytes), ReadLimits.DEFAULT).only();
  }
}
