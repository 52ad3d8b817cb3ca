package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.jobs.ingest.EcgSource.Listing;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/** Properties of the join of label files and recordings, over generated files. */
class LabelSourcesTest {
  private static final List<String> COLUMNS =
      List.of("record", "patient", "label", "age", "sex", "diagnosis", "fold");

  @TempDir Path input;
  private FileSystem fileSystem;
  private List<List<String>> rows;

  @BeforeEach
  void generate() throws IOException {
    fileSystem = FileSystem.getLocal(new Configuration());
    rows = new ArrayList<>();
    Random random = new Random(17);
    for (int i = 0; i < 8; i++) {
      Path home = Files.createDirectories(input.resolve("p" + i % 3));
      Files.writeString(home.resolve("r" + i + ".hea"), "r" + i + " 0\n");
      rows.add(
          List.of(
              "p" + i % 3 + "/r" + i,
              "patient " + i % 3,
              List.of("HC", "imi", "OTHER").get(i % 3),
              random.nextInt(10) == 0 ? "" : Integer.toString(20 + random.nextInt(70)),
              List.of("m", "f", "0", "W").get(random.nextInt(4)),
              List.of("", "a; \"quoted\", text", "f\u00fcr\nzwei", "tab\there").get(i % 4),
              Integer.toString(1 + i % 3)));
    }
  }

  private String csv(List<List<String>> lines, String separator, String end) {
    StringBuilder text = new StringBuilder(String.join(separator, COLUMNS)).append(end);
    for (List<String> line : lines) {
      text.append(
              String.join(
                  separator,
                  line.stream()
                      .map(
                          field ->
                              field.matches("(?s).*[\";,\t\n].*")
                                  ? "\"" + field.replace("\"", "\"\"") + "\""
                                  : field)
                      .toList()))
          .append(end);
    }
    return text.toString();
  }

  private Listing list(String text, String charset) throws IOException {
    Files.write(input.resolve("labels.csv"), text.getBytes(Charset.forName(charset)));
    return new org.rtcn.jobs.ingest.CsvSource()
        .list(fileSystem, new org.apache.hadoop.fs.Path(input.toUri()));
  }

  private static Map<String, RecordFacts> facts(Listing listing) {
    Map<String, RecordFacts> facts = new TreeMap<>();
    listing.records().forEach(record -> facts.put(record.name(), record.facts()));
    return facts;
  }

  @Test
  void permutedReencodedAndReseparatedFilesSayTheSame() throws IOException {
    Listing plain = list(csv(rows, ",", "\n"), "UTF-8");
    assertThat(facts(plain)).hasSize(8);
    assertThat(plain.refused()).isEmpty();
    Random random = new Random(18);
    for (String separator : List.of(",", ";", "\t")) {
      for (String end : List.of("\n", "\r\n", "\r")) {
        for (String charset : List.of("UTF-8", "UTF-16", "UTF-16LE", "windows-1252")) {
          List<List<String>> permuted = new ArrayList<>(rows);
          Collections.shuffle(permuted, random);
          String mark = charset.equals("UTF-8") && random.nextBoolean() ? "\ufeff" : "";
          Listing other = list(mark + csv(permuted, separator, end), charset);
          assertThat(facts(other)).as(separator + charset).isEqualTo(facts(plain));
          assertThat(other.refused()).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "label ~ IMIX ~ column label holds 'IMIX': use one of [HC, AMI,",
        "label ~ '' ~ column label holds '': use one of",
        "patient ~ NaN ~ column patient holds 'NaN': it says nothing; state it",
        "patient ~ _ ~ column patient holds '_': it says nothing; state it",
        "fold ~ 0 ~ column fold holds '0': it must be a whole number in 1..1000",
        "fold ~ 1.5 ~ column fold holds '1.5'",
        "fold ~ x ~ column fold holds 'x'",
        "fold ~ 99999999999999999999 ~ column fold holds '99999999999999999999'",
        "diagnosis ~ x, y, z ~ it has 9 fields and the header 7",
        "sex ~ \"f\"x ~ column sex continues after its closing quote",
        "diagnosis ~ \"open ~ column diagnosis opens a quote ('open,2') that is not closed",
      })
  void oneBadRowChangesOneRow(String column, String value, String why) throws IOException {
    Map<String, RecordFacts> sound = facts(list(csv(rows, ",", "\n"), "UTF-8"));
    for (int bad : new int[] {1, 4, 7}) {
      List<List<String>> changed = new ArrayList<>(rows);
      List<String> row = new ArrayList<>(rows.get(bad));
      row.set(COLUMNS.indexOf("fold"), "2");
      changed.set(bad, row);
      row.set(COLUMNS.indexOf(column), "VALUE");
      Listing listing = list(csv(changed, ",", "\n").replace("VALUE", value), "UTF-8");
      Map<String, RecordFacts> expected = new TreeMap<>(sound);
      expected.remove(rows.get(bad).get(0));
      assertThat(facts(listing)).isEqualTo(expected);
      assertThat(listing.refused())
          .singleElement()
          .satisfies(
              refusal -> {
                assertThat(refusal.path()).endsWith(rows.get(bad).get(0) + ".hea");
                assertThat(refusal.reason()).isEqualTo("LABELS_MALFORMED");
                assertThat(refusal.detail())
                    .matches("(?s)Invalid line \\d+ of labels.csv: .*")
                    .contains(why);
              });
    }
  }

  /** What a name may look like; what leads out, or nowhere, refuses the row, and the recording. */
  @ParameterizedTest
  @CsvSource({
    "p0/r0, kept",
    "p0/r0.hea, kept",
    "p0/r0.dat, kept",
    "p0/r0.mat.gz, kept",
    "p0/r9.dat, HEADER_MISSING",
    "./p0//r0, kept",
    "p0\\r0, kept",
    "p0:r0, HEADER_MISSING",
    "'', LABELS_MALFORMED",
    "NaN, HEADER_MISSING",
    "/p0/r0, LABELS_MALFORMED",
    "../p0/r0, LABELS_MALFORMED",
    "p0/../p0/r0, LABELS_MALFORMED",
    "C:\\p0\\r0, LABELS_MALFORMED",
    "file:///p0/r0, LABELS_MALFORMED",
    "p1/r1, DUPLICATE",
  })
  void namesAreUnderstoodOrRefused(String name, String outcome) throws IOException {
    List<List<String>> changed = new ArrayList<>(rows);
    List<String> row = new ArrayList<>(rows.get(0));
    row.set(0, name);
    changed.remove(0);
    changed.add(row);
    Listing listing = list(csv(changed, ",", "\n"), "UTF-8");
    if (outcome.equals("kept")) {
      assertThat(facts(listing)).hasSize(8);
      assertThat(listing.refused()).isEmpty();
      return;
    }
    assertThat(facts(listing)).hasSize(7);
    assertThat(listing.refused().stream().map(Refusal::reason))
        .containsExactly(outcome, "LABELS_MISSING");
    assertThat(listing.refused().get(0).path()).matches(".*/labels\\.csv:\\d+");
  }

  /** macOS writes accents as letters of their own, spreadsheets elsewhere do not. */
  @Test
  void accentsMayBeWrittenInOnePieceOrInTwo() throws IOException {
    Files.writeString(input.resolve("p0/ha\u0308ndel.hea"), "x 0\n");
    Files.writeString(input.resolve("p0/b\u00e4r.hea"), "x 0\n");
    List<List<String>> more = new ArrayList<>(rows);
    more.add(List.of("p0/h\u00e4ndel", "patient 0", "HC", "", "", "", ""));
    more.add(List.of("p0/ba\u0308r", "patient 0", "HC", "", "", "", ""));
    Listing listing = list(csv(more, ",", "\n"), "UTF-8");
    assertThat(facts(listing)).containsKeys("p0/ha\u0308ndel", "p0/b\u00e4r").hasSize(10);
    assertThat(listing.refused()).isEmpty();
  }

  @Test
  void aColonInANameIsANameWhereTheFileHasIt() throws IOException {
    Files.writeString(input.resolve("p0/12:30.hea"), "12:30 0\n");
    List<List<String>> more = new ArrayList<>(rows);
    more.add(List.of("p0/12:30", "patient 0", "HC", "", "", "", ""));
    Listing listing = list(csv(more, ",", "\n"), "UTF-8");
    assertThat(facts(listing)).containsKey("p0/12:30").hasSize(9);
  }

  /** One person, who must not stand in two folds. */
  @Test
  void aPatientsNameMayBeWrittenInOnePieceOrInTwo() throws IOException {
    String text =
        "record,patient,label,fold\n"
            + "p0/r0,Zo\u00eb,HC,1\n"
            + "p1/r1,Zoe\u0308,HC,1\n"
            + "p1/r4,Zo\u00eb,HC,2\n";
    Listing listing = list(text, "UTF-8");
    assertThat(facts(listing).values())
        .extracting(RecordFacts::patientName)
        .containsExactly("Zo\u00eb", "Zo\u00eb");
    assertThat(listing.refused().get(0).detail()).contains("patient Zo\u00eb stands in fold 2");
  }

  /** The fold of most rows is the patient's; whatever the order, those with another are refused. */
  @Test
  void aPatientHasOneFold() throws IOException {
    for (int turn = 0; turn < 3; turn++) {
      List<List<String>> changed = new ArrayList<>(rows);
      List<String> wrong = new ArrayList<>(rows.get(3));
      wrong.set(6, "9");
      changed.set(3, wrong);
      List<String> silent = new ArrayList<>(rows.get(4));
      silent.set(6, "");
      changed.set(4, silent);
      Collections.shuffle(changed, new Random(turn));
      Listing listing = list(csv(changed, ",", "\n"), "UTF-8");
      assertThat(facts(listing)).hasSize(7).doesNotContainKey("p0/r3");
      assertThat(facts(listing).get("p1/r4").stratFold()).isNull();
      assertThat(listing.refused().get(0).detail())
          .contains("patient patient 0 stands in fold 9 and by other lines in fold 1");
    }
  }

  /** A first row that is bad does not take the recording from a second one that is good. */
  @Test
  void theFirstUsableRowOfARecordingCounts() throws IOException {
    List<String> bad = new ArrayList<>(rows.get(2));
    bad.set(2, "nonsense");
    List<List<String>> more = new ArrayList<>(rows);
    more.add(0, bad);
    more.add(rows.get(2));
    Listing listing = list(csv(more, ",", "\n"), "UTF-8");
    assertThat(facts(listing)).hasSize(8);
    assertThat(listing.refused().stream().map(Refusal::reason))
        .containsExactly("LABELS_MALFORMED", "DUPLICATE");
    assertThat(listing.refused().stream().map(Refusal::path))
        .allMatch(path -> path.matches(".*/labels\\.csv:\\d+"));
    assertThat(listing.labelFiles().get("labels.csv"))
        .isEqualTo("UTF-8, separated by ',', 10 rows");
  }

  /** Numbers for sexes mean what the column as a whole shows that they mean. */
  @Test
  void isoCodesAreTold() throws IOException {
    String text = "record,patient,label,sex\np0/r0,a,HC,1\np1/r1,b,HC,2\n";
    Map<String, RecordFacts> facts = facts(list(text, "UTF-8"));
    assertThat(facts.get("p0/r0").sex()).isEqualTo("male");
    assertThat(facts.get("p1/r1").sex()).isEqualTo("female");
  }

  @Test
  void patientsAreSubjectsNotStudies() {
    Map<String, String> patients =
        Map.of(
            "files/p1000/p10000032/s40689238/40689238", "files/p1000/p10000032",
            "p10000032/s40689238/40689238", "p10000032",
            "set/sub-01/ses-02/ecg/run1", "set/sub-01",
            "patient001/s0010_re", "patient001",
            "p1/s1", "p1",
            "alone", "alone");
    patients.forEach(
        (record, patient) -> assertThat(PtbSource.patientName(record)).isEqualTo(patient));
  }

  @Test
  void predictionTakesOneRateOfPtbXlAndItsPatients() throws IOException {
    for (String name : List.of("records100/00000/00001_lr", "records500/00000/00001_hr")) {
      Files.createDirectories(input.resolve(name).getParent());
      Files.writeString(input.resolve(name + ".hea"), "x 0\n");
      Files.writeString(input.resolve(name + ".dat"), "");
    }
    org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(input.toUri());
    Listing without = new UnlabelledSource(500).list(fileSystem, root);
    assertThat(without.records().stream().map(ListedRecord::name))
        .contains("records500/00000/00001_hr")
        .doesNotContain("records100/00000/00001_lr")
        .hasSize(9);
    Files.write(
        input.resolve("ptbxl_database.csv"),
        ("ecg_id,patient_id,age,sex,scp_codes,strat_fold,filename_lr,filename_hr\n"
                + "1,7.0,300,1,\"{'IMI': 100.0}\",3,records100/00000/00001_lr,"
                + "records500/00000/00001_hr\n")
            .getBytes(StandardCharsets.UTF_8));
    for (int rate : new int[] {100, 500}) {
      Listing listing = new UnlabelledSource(rate).list(fileSystem, root);
      assertThat(listing.records()).hasSize(9);
      RecordFacts facts =
          listing.records().stream()
              .filter(record -> record.name().startsWith("records" + rate))
              .findFirst()
              .orElseThrow()
              .facts();
      assertThat(facts.patientName()).isEqualTo("7");
      assertThat(facts.ageYears()).isEqualTo(90f);
      assertThat(facts.label()).isEqualTo(org.rtcn.common.ecg.Label.UNKNOWN);
      assertThat(facts.diagnosis()).isNull();
      assertThat(facts.stratFold()).isNull();
    }
  }

  /**
   * Names on disk are bytes: Latin-1 ones, and under {@code LANG=C} all beyond ASCII, are no text
   * for the JVM, and Hadoop's listing passes them over in silence.
   */
  @Test
  void namesThatAreNoTextAreCounted() throws Exception {
    String script =
        "cd \"$1\"; printf 'x 0\\n"
            + "' > $'h\\xe4ndel.hea'; : > $'h\\xe4ndel.dat'; : > $'orphan\\xe4.dat';mkdir"
            + " $'fr\\xfch'; : > $'fr\\xfch/b.edf'; : > $'fr\\xfch/notes.txt'; printf 'x 0\\n"
            + "' > $'fr\\xfch/a.hea'; : > $'fr\\xfch/a.dat'";
    Process process =
        new ProcessBuilder("bash", "-c", script, "names", input.toString()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
    HeaderFiles found = HeaderFiles.below(fileSystem, new org.apache.hadoop.fs.Path(input.toUri()));
    assertThat(found.records()).hasSize(8);
    assertThat(found.orphans()).isEmpty();
    assertThat(found.refused().stream().map(Refusal::reason)).containsOnly("NAME_ENCODING");
    assertThat(
            found.refused().stream()
                .map(
                    refusal ->
                        refusal
                            .path()
                            .replaceFirst(".*/(fr)", "$1")
                            .replaceFirst(".*/(h|orphan)", "$1")))
        .containsExactlyInAnyOrder("fr%FCh/a.hea", "fr%FCh/b.edf", "h%E4ndel.hea", "orphan%E4.dat");
    assertThat(found.refused().get(0).detail()).contains("rename it, or set LC_ALL=C.UTF-8");
  }
}
