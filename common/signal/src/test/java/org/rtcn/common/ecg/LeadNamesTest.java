package org.rtcn.common.ecg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeadNamesTest {

  @ParameterizedTest
  @CsvSource({
    "ECG V1-Ref, V1",
    "EKG_II, II",
    "Lead I (Einthoven), I",
    "MDC_ECG_LEAD_aVL, AVL",
    "D\u00e9rivation V2, V2",
    "De\u0301rivation V2, V2",
    "DERIVACI\u00d3N aVF, AVF",
    "Deriva\u00e7\u00e3o DII, II",
    "Afleiding III, III",
    "\u5bfc\u8054 V6, V6",
    "\u2161, II",
    "\uff56\uff13, V3",
    "C4, V4",
    "V5 [uV], V5"
  })
  void namesOfManyWritersAreRead(String name, Lead lead) {
    assertThat(LeadNames.parse(name)).contains(lead);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"V7", "V3R", "ECG", "Resp", "SpO2", "EEG C3-Ref", "lead 77", "", "Ref", "C3-REF"})
  void otherNamesAreNoLead(String name) {
    assertThat(LeadNames.parse(name)).isEmpty();
  }
}
