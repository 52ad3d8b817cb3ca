package org.rtcn.common.ecg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.Demographics.SexCode;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.error.UserException;
import org.rtcn.common.labels.LabelException;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;

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
        PtbXlLabels.facts(row("scp_codes", codes, "age", "300.0"), ScpStatements.INFARCTS);
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
    try (LabelFile file =
        LabelFile.open("d.csv", Files.newInputStream(database), Set.of("scp_codes"), Set.of())) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        RecordFacts facts = PtbXlLabels.facts(row, ScpStatements.INFARCTS);
        assertThat(facts.unread()).isEmpty();
        census.merge(facts.label(), 1, Integer::sum);
      }
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
    List<String> faults = new ArrayList<>();
    ScpStatements archive =
        ScpStatements.read(Files.newInputStream(file), (row, why) -> faults.add(why));
    assertThat(faults).isEmpty();
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

  /** A definition file is read row by row as well: a bad row is told and costs its code. */
  @Test
  void anArchiveMayDefineOtherInfarcts() throws IOException {
    List<String> faults = new ArrayList<>();
    ScpStatements own =
        ScpStatements.read(
            bytes(
                "\ufeff;description;diagnostic_class\r\nRVMI;right;MI\r\nX;\"open;MI\r\n"
                    + "IMI;inferior;MI\r\nIMI;again;NORM\r\n;nameless;MI\r\n"),
            (row, why) -> faults.add(why));
    assertThat(own.classByCode()).containsOnlyKeys("RVMI", "IMI");
    assertThat(own.isInfarct("IMI")).isTrue();
    assertThat(faults)
        .containsExactly(
            "Invalid line 3 of scp_statements.csv: column description opens a quote ('open;MI')"
                + " that is not closed; close it",
            "Invalid line 5 of scp_statements.csv: code IMI stands on an earlier line; remove one",
            "Invalid line 6 of scp_statements.csv: it names no code in its first column; name it");
    LabelRow row = row("scp_codes", "{'RVMI': 100.0}");
    assertThat(PtbXlLabels.facts(row, own).label()).isEqualTo(Label.MI_UNLOCALISED);
    assertThat(PtbXlLabels.facts(row, ScpStatements.INFARCTS).label()).isEqualTo(Label.OTHER);
    assertThatThrownBy(() -> ScpStatements.read(bytes("a,b\n1,2\n"), (r, why) -> {}))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("column diagnostic_class is missing");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "patient_id | NaN | it says nothing",
        "patient_id | 12.5 | whole number",
        "strat_fold | 0 | whole number in 1..10",
        "strat_fold | 11 | whole number in 1..10",
        "strat_fold | 3f | whole number in 1..10",
        "scp_codes | _ | it says nothing",
        "scp_codes | {'NORM': } | ''NORM':' is not a code with a likelihood",
        "scp_codes | {'NORM': 101.0} | likelihood in 0 to 100",
        "scp_codes | NORM | it must be a list such as",
      })
  void aValueThatDecidesAndCannotBeIsNamedWithColumnAndRemedy(
      String column, String value, String why) {
    assertThatThrownBy(() -> PtbXlLabels.facts(row(column, value), ScpStatements.INFARCTS))
        .isInstanceOf(LabelException.class)
        .hasMessageStartingWith("Invalid line 7 of ptbxl_database.csv: column " + column)
        .hasMessageContaining("holds '" + value + "'")
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @CsvSource({
    "63, 63, ''",
    "'63,5', 63.5, ''",
    "0, 0, ''",
    "300, 90, ''",
    "300.0, 90, ''",
    "-1, , age=-1",
    "NaN, , age=NaN",
    "Infinity, , age=Infinity",
    "1e3, , age=1e3",
    "89+, , age=89+",
    "5d, , age=5d",
    "131, , age=131",
    "'', , ''",
  })
  void anAgeIsUnderstoodOrNamed(String text, Float age, String unread) {
    Demographics person = Demographics.of(text, "", SexCode.ZERO_IS_MALE);
    assertThat(person.ageYears()).isEqualTo(age);
    assertThat(String.join(";", person.unread())).isEqualTo(unread);
  }

  @ParameterizedTest
  @CsvSource({
    "m, male",
    "Male, male",
    "M\u00c4NNLICH, male",
    "ma\u0308nnlich, male",
    "0, male",
    "0.0, male",
    "'0,0', male",
    "1., female",
    "F, female",
    "W, female",
    "weiblich, female",
    "1, female",
    "Unknown, ",
    "x, ",
    "2, ",
  })
  void aSexIsUnderstoodOrNamed(String text, String sex) {
    Demographics person = Demographics.of("", text, SexCode.ZERO_IS_MALE);
    assertThat(person.sex()).isEqualTo(sex);
    assertThat(person.unread()).isEqualTo(sex == null ? List.of("sex=" + text) : List.of());
  }

  /** Where 2 occurs the code is not PTB-XL's: 1 then is male, or may be either. */
  @Test
  void numbersForSexesAreReadByTheCodeOfTheirColumn() {
    assertThat(SexCode.of(Set.of("0", "1", "", "f"))).isEqualTo(SexCode.ZERO_IS_MALE);
    assertThat(SexCode.of(Set.of("1", "2", "9"))).isEqualTo(SexCode.ISO_5218);
    assertThat(SexCode.of(Set.of("0", "1", "2.0"))).isEqualTo(SexCode.AMBIGUOUS);
    assertThat(Demographics.of("", "1", SexCode.ISO_5218).sex()).isEqualTo("male");
    assertThat(Demographics.of("", "2", SexCode.ISO_5218).sex()).isEqualTo("female");
    assertThat(Demographics.of("", "1", SexCode.AMBIGUOUS).unread()).containsExactly("sex=1");
    assertThat(Demographics.of("", "f", SexCode.AMBIGUOUS).sex()).isEqualTo("female");
  }

  private static ByteArrayInputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A sound row of PTB-XL, with other values in some columns. */
  private static LabelRow row(String... columnsAndValues) {
    Map<String, String> values =
        new TreeMap<>(
            Map.of(
                "scp_codes", "{'NORM': 100.0}",
                "patient_id", "15709.0",
                "age", "50",
                "sex", "1",
                "strat_fold", "3"));
    for (int i = 0; i < columnsAndValues.length; i += 2) {
      values.put(columnsAndValues[i], columnsAndValues[i + 1]);
    }
    return LabelRow.of("ptbxl_database.csv", 7, values);
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
