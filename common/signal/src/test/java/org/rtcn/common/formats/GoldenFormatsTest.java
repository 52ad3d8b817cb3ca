package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.formats.all.EcgFormats;

/** Every file of the golden set has the values of independent readers, or is refused as it says. */
class GoldenFormatsTest {
  private static final double TOLERANCE_MV = 1e-9;

  @TestFactory
  Stream<DynamicTest> everyFileHasTheValuesOfIndependentReaders() throws IOException {
    return GoldenFiles.all().stream()
        .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private static void check(Path file) throws IOException {
    JsonNode expected = GoldenFiles.expected(file);
    if (expected.has("expect")) {
      assertThatThrownBy(() -> EcgFormats.read(GoldenFiles.open(file), ReadLimits.DEFAULT).close())
          .isInstanceOf(FormatException.class)
          .hasMessageContaining(file.getFileName().toString())
          .hasMessageContaining("whatever its name says");
      return;
    }
    try (EcgRecords records = EcgFormats.read(GoldenFiles.open(file), ReadLimits.DEFAULT)) {
      JsonNode exams = expected.get("exams");
      assertThat(records.count()).isEqualTo(exams == null ? 1 : exams.size());
      for (int i = 0; i < records.count(); i++) {
        compare(records.get(i), exams == null ? expected : exams.get(i));
      }
      if (exams != null) {
        assertThat(records.part(1)).isEqualTo(exams.get(1).get("exam_id").asText());
      }
    }
  }

  private static void compare(EcgRecord record, JsonNode expected) throws IOException {
    Map<String, JsonNode> leads = GoldenFiles.leads(expected);
    assertThat(record.channels().stream().map(EcgChannel::name))
        .containsExactlyInAnyOrderElementsOf(leads.keySet());
    int count = (int) record.sampleCount();
    double[][] rows = record.read(0, count);
    for (int c = 0; c < rows.length; c++) {
      EcgChannel channel = record.channels().get(c);
      JsonNode lead = leads.get(channel.name());
      assertThat(record.fsHz()).isCloseTo(lead.get("fs").asDouble(), within(1e-9));
      assertThat(count).isEqualTo(lead.get("n").asInt());
      List<Double> first = GoldenFiles.numbers(lead.get("first10"));
      List<Double> last = GoldenFiles.numbers(lead.get("last5"));
      for (int i = 0; i < first.size(); i++) {
        assertThat(rows[c][i]).as(channel.name()).isCloseTo(first.get(i), within(TOLERANCE_MV));
      }
      for (int i = 0; i < last.size(); i++) {
        assertThat(rows[c][count - last.size() + i])
            .as(channel.name())
            .isCloseTo(last.get(i), within(TOLERANCE_MV));
      }
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (double value : rows[c]) {
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum += value;
      }
      assertThat(min).isCloseTo(lead.get("min").asDouble(), within(TOLERANCE_MV));
      assertThat(max).isCloseTo(lead.get("max").asDouble(), within(TOLERANCE_MV));
      assertThat(sum / count).isCloseTo(lead.get("mean").asDouble(), within(TOLERANCE_MV));
    }
    // A window is a part of the whole.
    double[][] window = record.read(count / 3, 7);
    assertThat(window[0])
        .containsExactly(java.util.Arrays.copyOfRange(rows[0], count / 3, count / 3 + 7));
  }

  @Test
  void factsAreThoseOfTheFiles() throws IOException {
    EcgFacts muse = facts("ge-muse-xml/muse_example1_made_up_patient.xml");
    assertThat(muse.patientId()).contains("000000001");
    assertThat(muse.ageYears()).contains(67f);
    assertThat(muse.sex()).contains("female");
    assertThat(muse.recordedAt()).contains(LocalDateTime.of(2020, 2, 3, 13, 5, 9));
    assertThat(muse.statements())
        .containsExactly("Sinus bradycardia", "Inferior infarct, age undetermined", "Abnormal ECG");
    EcgFacts dicom = facts("dicom/mortara_el250_big_endian.dcm");
    assertThat(dicom.ageYears()).contains(42f);
    assertThat(dicom.sex()).contains("female");
    assertThat(dicom.statements()).containsExactly("RITMO SINUSALE", "ECG NORMALE");
    assertThat(facts("dicom/ge_mac55_explicit_le.dcm").statements()).hasSize(8);
    EcgFacts aecg = facts("hl7-aecg/fda_ectd_subject1_0.xml");
    assertThat(aecg.patientId()).contains("subject1");
    assertThat(aecg.ageYears()).contains(46f);
    assertThat(facts("hl7-aecg/mindray_beneheart_r12.xml").statements())
        .hasSize(4)
        .startsWith("Rythme sinusal avec ESA");
    EcgFacts scp = facts("scp-ecg/mdw14_8_leads.scp");
    assertThat(scp.patientId()).contains("ANON000004");
    assertThat(scp.sex()).isEmpty();
    assertThat(scp.ageYears()).contains(39f);
    assertThat(scp.statements()).hasSize(9).contains("sinusrytm").anyMatch(s -> s.startsWith("å"));
    EcgFacts sierra = facts("philips-sierra-xml/sierra_1_03_heartstart_mrx.xml");
    assertThat(sierra.ageYears()).contains(50f);
    assertThat(sierra.statements()).contains("Sinus bradycardia: rate< 50");
    // 1.04 keeps a birth date and a default age, of which only the age at recording is kept.
    assertThat(facts("philips-sierra-xml/sierra_1_04_01_pagewriter_tc.xml").ageYears())
        .contains(69f);
    EcgFacts cardiosoft = facts("ge-cardiosoft-xml/cardiosoft_6_73_rest.xml");
    assertThat(cardiosoft.statements())
        .containsExactly("Sinus bradycardia", "Otherwise normal ECG");
    assertThat(cardiosoft.recordedAt()).contains(LocalDateTime.of(2018, 7, 19, 14, 19, 39));
    EcgFacts edf = facts("edf-bdf/ptb_s0010_re_edfplus_c.edf");
    assertThat(edf.patientId()).contains("S0010");
    assertThat(edf.ageYears()).contains(40f);
    assertThat(edf.statements()).containsExactly("Recording starts", "Sinus rhythm");
    EcgFacts ishne = facts("ishne/ptb_s0010_re_12lead.ecg");
    assertThat(ishne.patientId()).contains("S0010");
    assertThat(ishne.sex()).contains("female");
    EcgFacts code = facts("hdf5/code15_exams_part0.hdf5");
    assertThat(code.patientId()).contains("900001");
    assertThat(code.ageYears()).contains(81f);
    EcgFacts ml4h = facts("hdf5/ml4h_ukb_rest.hd5");
    assertThat(ml4h.statements()).containsExactly("Sinus bradycardia Otherwise normal ECG");
    assertThat(ml4h.recordedAt()).contains(LocalDateTime.of(2018, 7, 19, 13, 19, 39));
  }

  @Test
  void namesAreNeverKept() throws IOException {
    for (String path :
        List.of(
            "scp-ecg/ecgtoolkit_eli250.scp",
            "hl7-aecg/hl7_example_eli250.xml",
            "dicom/ecgtoolkit_eli250_implicit_le.dcm",
            "ishne/ptb_s0010_re_12lead.ecg")) {
      assertThat(facts(path).toString()).doesNotContain("Test1", "Test ", "Subject", "1953");
    }
  }

  @Test
  void leadsComeInTableOrder() throws IOException {
    EcgRecord record = record("hl7-aecg/hl7_example_eli250.xml");
    EcgSignal signal = record.signal(100, 50);
    assertThat(signal.leads()).isEqualTo(Lead.STANDARD_12);
    List<String> stored = new ArrayList<>();
    record.channels().forEach(channel -> stored.add(channel.name()));
    double[][] rows = record.read(100, 50);
    assertThat(signal.millivolts()[signal.leads().indexOf(Lead.AVR)][3])
        .isCloseTo((float) rows[stored.indexOf("aVR")][3], within(1e-6f));
  }

  private static EcgFacts facts(String path) throws IOException {
    return record(path).facts();
  }

  private static EcgRecord record(String path) throws IOException {
    try (EcgRecords records =
        EcgFormats.read(GoldenFiles.open(GoldenFiles.file(path)), ReadLimits.DEFAULT)) {
      return records.get(0);
    }
  }
}
