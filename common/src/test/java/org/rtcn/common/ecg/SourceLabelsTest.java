package org.rtcn.common.ecg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;

class SourceLabelsTest {

  @ParameterizedTest
  @CsvSource({
    "infero-latera, ILMI",
    "Infero-Lateral, ILMI",
    "infero-poster-lateral, IPLMI",
    "antero-septal ?, ASMI",
    "'anterior (1), inferior (2)', AMI+IMI",
    "no, ",
    "n/a, ",
    "unknown, "
  })
  void foldsPtbSpellings(String localization, String sites) {
    assertThat(RecordFacts.joined(PtbLabels.sites(localization))).isEqualTo(sites);
  }

  @Test
  void formerInfarctionGivesASiteOnlyWhenConfigured() {
    Map<String, String> header =
        Map.of(
            "Reason for admission", "Myocardial infarction",
            "Acute infarction (localization)", "no",
            "Former infarction (localization)", "inferior",
            "age", "n/a",
            "sex", "male");
    RecordFacts ignored = facts(header, FormerInfarction.IGNORE);
    assertThat(ignored.label()).isEqualTo(Label.MI_UNLOCALISED);
    assertThat(ignored.ageYears()).isNull();
    assertThat(ignored.sex()).isEqualTo("male");
    assertThat(facts(header, FormerInfarction.USE).label()).isEqualTo(Label.IMI);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'NORM': 100.0, 'SR': 0.0}|HC",
        "{'NORM': 50.0}|OTHER",
        "{'IMI': 15.0, 'SR': 0.0}|IMI",
        "{'IMI': 35.0, 'NORM': 80.0}|IMI",
        "{'IMI': 100.0, 'ASMI': 0.0}|MI_MULTIPLE",
        "{'ASMI': 100.0, 'INJAS': 50.0}|MI_MULTIPLE",
        "{'INJAS': 100.0}|MI_UNLOCALISED",
        "{'AFIB': 0.0}|OTHER"
      })
  void labelsPtbXlStatements(String codes, Label label) {
    RecordFacts facts =
        PtbXlLabels.facts(
            Map.of(
                "scp_codes",
                codes,
                "patient_id",
                "15709.0",
                "age",
                "300.0",
                "sex",
                "1",
                "strat_fold",
                "3"));
    assertThat(facts.label()).isEqualTo(label);
    assertThat(facts.patientName()).isEqualTo("15709");
    assertThat(facts.ageYears()).isEqualTo(90f);
    assertThat(facts.sex()).isEqualTo("female");
    assertThat(facts.stratFold()).isEqualTo(3);
  }

  /** Patients per class of the whole PTB database, against an independent count. */
  @Test
  void censusOfPtb() throws IOException {
    Path info = ReferenceData.require("data/ptbdb/metadata/Record_info.csv");
    Map<Label, Integer> census = new TreeMap<>();
    for (Map<String, String> row : rows(info)) {
      census.merge(facts(row, FormerInfarction.IGNORE).label(), 1, Integer::sum);
    }
    System.out.println("PTB, patients per label: " + census);
    assertThat(census)
        .containsEntry(Label.HC, 52)
        .containsEntry(Label.IMI, 30)
        .containsEntry(Label.ASMI, 27)
        .containsEntry(Label.ILMI, 23)
        .containsEntry(Label.AMI, 17)
        .containsEntry(Label.ALMI, 16)
        .containsEntry(Label.MI_UNLOCALISED, 21)
        .containsEntry(Label.UNKNOWN, 22);
    assertThat(census.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(290);
  }

  /** Records per class of the PTB-XL excerpt, against the counts that its README states. */
  @Test
  void censusOfPtbXl() throws IOException {
    Path database = ReferenceData.require("data/ptbxl/ptbxl_database.csv");
    Map<Label, Integer> census = new TreeMap<>();
    for (Map<String, String> row : rows(database)) {
      census.merge(PtbXlLabels.facts(row).label(), 1, Integer::sum);
    }
    System.out.println("PTB-XL excerpt, records per label: " + census);
    assertThat(census)
        .containsEntry(Label.HC, 257)
        .containsEntry(Label.ASMI, 16)
        .containsEntry(Label.IMI, 24);
    assertThat(census.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(434);
  }

  /**
   * The archive's own definitions: the same infarct codes as ours, and a code that none defines.
   */
  @Test
  void statementsAreThoseOfTheArchive() throws IOException {
    Path file = ReferenceData.require("data/ptbxl/scp_statements.csv");
    try (Reader reader = Files.newBufferedReader(file)) {
      ScpStatements archive = ScpStatements.parse(reader);
      assertThat(archive.classByCode()).hasSize(71);
      List<String> infarcts =
          archive.classByCode().keySet().stream().filter(archive::isInfarct).toList();
      // Of our sites PTB-XL has neither ASLMI nor PLMI.
      assertThat(infarcts)
          .hasSize(14)
          .isSubsetOf(ScpStatements.INFARCTS.classByCode().keySet())
          .doesNotContain("ASLMI", "PLMI");
      assertThat(archive.unknown("{'IMI': 15.0, 'XYZ': 0.0, 'SR': 0.0}")).containsExactly("XYZ");
    }
  }

  @Test
  void anArchiveMayDefineOtherInfarcts() throws IOException {
    ScpStatements own =
        ScpStatements.parse(
            new StringReader(",description,diagnostic_class\nRVMI,right,MI\nIMI,inferior,MI\n"));
    Map<String, String> row =
        Map.of(
            "scp_codes", "{'RVMI': 100.0}",
            "patient_id", "1",
            "age", "50",
            "sex", "0",
            "strat_fold", "1");
    assertThat(PtbXlLabels.facts(row, own).label()).isEqualTo(Label.MI_UNLOCALISED);
    assertThat(PtbXlLabels.facts(row).label()).isEqualTo(Label.OTHER);
    assertThatThrownBy(() -> ScpStatements.parse(new StringReader("a,b\n1,2\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("column diagnostic_class is missing");
  }

  private static RecordFacts facts(Map<String, String> header, FormerInfarction former) {
    return PtbLabels.facts("p", key -> Optional.ofNullable(header.get(key)), former);
  }

  private static Iterable<Map<String, String>> rows(Path csv) throws IOException {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    try (Reader reader = Files.newBufferedReader(csv);
        var parser = format.parse(reader)) {
      return parser.getRecords().stream().map(CSVRecord::toMap).toList();
    }
  }
}
