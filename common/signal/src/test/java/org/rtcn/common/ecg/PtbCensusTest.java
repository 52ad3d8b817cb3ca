package org.rtcn.common.ecg;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;

/**
 * What the 549 headers of the PTB Diagnostic ECG Database say of 290 patients: each label and each
 * spelling with its patients and records, against a count made without this code.
 */
class PtbCensusTest {
  private static final String ACUTE = "Acute infarction (localization)";
  private static final String FORMER = "Former infarction (localization)";
  private static final String REASON = "Reason for admission";

  /** Words of the two fields that name no site, and must stay the only ones. */
  private static final Set<String> NO_SITE = Set.of("no", "n/a", "unknown");

  private static final String EXPECTED =
      """
      label, former infarctions left aside
        ALMI: 16, 43
        AMI: 17, 47
        ASLMI: 1, 2
        ASMI: 27, 77
        HC: 52, 80
        ILMI: 23, 56
        IMI: 30, 89
        IPLMI: 8, 19
        IPMI: 1, 1
        LMI: 1, 3
        MI_UNLOCALISED: 21, 22
        OTHER: 68, 74
        PLMI: 2, 5
        PMI: 1, 4
        UNKNOWN: 22, 27
      label, former infarctions used
        ALMI: 18, 45
        AMI: 23, 54
        ASLMI: 1, 2
        ASMI: 28, 78
        HC: 52, 80
        ILMI: 24, 57
        IMI: 35, 94
        IPLMI: 9, 20
        IPMI: 3, 3
        LMI: 1, 3
        MI_MULTIPLE: 3, 3
        OTHER: 68, 74
        PLMI: 2, 5
        PMI: 1, 4
        UNKNOWN: 22, 27
      acute
        anterior = AMI: 17, 47
        antero-lateral = ALMI: 16, 43
        antero-septal = ASMI: 27, 77
        antero-septo-lateral = ASLMI: 1, 2
        inferior = IMI: 30, 89
        infero-latera = ILMI: 1, 3
        infero-lateral = ILMI: 22, 53
        infero-poster-lateral = IPLMI: 1, 3
        infero-posterior = IPMI: 1, 1
        infero-postero-lateral = IPLMI: 7, 16
        lateral = LMI: 1, 3
        n/a = none: 22, 27
        no = none: 140, 175
        posterior = PMI: 1, 4
        postero-lateral = PLMI: 2, 5
        unknown = none: 1, 1
      former
        anterior (1), anterior (2) = AMI: 1, 1
        anterior (1), inferior (2) = AMI+IMI: 2, 2
        anterior = AMI: 14, 27
        anterior ? = AMI: 1, 1
        antero-lateral = ALMI: 3, 6
        antero-septal = ASMI: 1, 4
        antero-septal ? = ASMI: 1, 1
        inferior (1+2) = IMI: 1, 2
        inferior = IMI: 13, 23
        inferior ? = IMI: 1, 3
        infero-lateral = ILMI: 2, 4
        infero-posterior (1), inferior (2) = IMI+IPMI: 1, 1
        infero-posterior = IPMI: 3, 5
        infero-postero-lateral = IPLMI: 1, 1
        n/a = none: 22, 27
        no = none: 209, 423
        postero-lateral = PLMI: 1, 4
        unknown = none: 13, 14
      reason
        Bundle branch block: 15, 17
        Cardiomyopathy: 15, 17
        Dysrhythmia: 14, 16
        Healthy control: 52, 80
        Heart failure (NYHA 2): 1, 1
        Heart failure (NYHA 3): 1, 1
        Heart failure (NYHA 4): 1, 1
        Hypertrophy: 7, 7
        Myocardial infarction: 148, 368
        Myocarditis: 4, 4
        Palpitation: 1, 1
        Stable angina: 2, 2
        Unstable angina: 1, 1
        Valvular heart disease: 6, 6
        n/a: 22, 27
      """;

  @Test
  void everySpellingOfTheHeadersIsAccountedFor() throws IOException {
    Path metadata = ReferenceData.require("data/ptbdb/metadata");
    Map<String, Map<String, String>> patients = new TreeMap<>();
    for (Map<String, String> row : rows(metadata.resolve("Record_info.csv"))) {
      assertThat(patients.put(row.get("idP"), row)).as("stands once").isNull();
    }
    Map<String, Integer> records = new HashMap<>();
    for (Map<String, String> row : rows(metadata.resolve("Signal_info.csv"))) {
      records.merge(row.get("idP"), 1, Integer::sum);
    }
    assertThat(records.keySet()).isEqualTo(patients.keySet());
    assertThat(patients).hasSize(290);
    assertThat(records.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(549);

    Census census = new Census(patients.values(), records);
    String found =
        census.of(
                "label, former infarctions left aside", row -> label(row, FormerInfarction.IGNORE))
            + census.of("label, former infarctions used", row -> label(row, FormerInfarction.USE))
            + census.of("acute", row -> spelling(row.get(ACUTE)))
            + census.of("former", row -> spelling(row.get(FORMER)))
            + census.of("reason", row -> row.get(REASON));
    System.out.println("PTB, patients and records:\n" + found);
    assertThat(found).isEqualTo(EXPECTED);
  }

  private record Census(Collection<Map<String, String>> patients, Map<String, Integer> records) {

    String of(String title, Function<Map<String, String>, String> key) {
      Map<String, int[]> counts = new TreeMap<>();
      for (Map<String, String> patient : patients) {
        int[] count = counts.computeIfAbsent(key.apply(patient), unused -> new int[2]);
        count[0]++;
        count[1] += records.get(patient.get("idP"));
      }
      StringBuilder text = new StringBuilder(title).append('\n');
      counts.forEach(
          (name, count) -> text.append("  %s: %d, %d\n".formatted(name, count[0], count[1])));
      return text.toString();
    }
  }

  private static String label(Map<String, String> header, FormerInfarction former) {
    return PtbLabels.facts("p", key -> Optional.ofNullable(header.get(key)), former).label().name();
  }

  /** A spelling and what it was understood as; each of its parts must be a site or a known word. */
  private static String spelling(String text) {
    for (String part : text.split(",", -1)) {
      assertThat(NO_SITE.contains(part) || PtbLabels.sites(part).size() == 1)
          .as("'%s' of '%s' is understood", part, text)
          .isTrue();
    }
    return text
        + " = "
        + Optional.ofNullable(RecordFacts.joined(PtbLabels.sites(text))).orElse("none");
  }

  private static List<Map<String, String>> rows(Path csv) throws IOException {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    try (Reader reader = Files.newBufferedReader(csv);
        var parser = format.parse(reader)) {
      return parser.getRecords().stream().map(CSVRecord::toMap).toList();
    }
  }
}
