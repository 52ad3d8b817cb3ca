package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.TwelveLeadFiles;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/** The same labels in other files give the same tables, with what is wrong in them. */
class LabelTablesSparkTest {
  /** How a file is written. */
  private record Style(String separator, String end, String charset, String mark, boolean isMixed) {
    Charset encoding() {
      return Charset.forName(charset);
    }
  }

  private static final Style PLAIN = new Style(",", "\n", "UTF-8", "", false);
  private static final List<Style> OTHERS =
      List.of(
          new Style(",", "\n", "UTF-8", "", true),
          new Style(";", "\r\n", "UTF-8", "\ufeff", false),
          new Style("\t", "\r", "UTF-16", "", false),
          new Style(";", "\r\n", "UTF-16LE", "", true));

  /** All that a run's tables say. */
  private record Tables(
      List<Row> records, List<Row> signals, List<Row> splits, List<String> rejects) {}

  @TempDir Path folder;
  private Path input;
  private StageTest test;

  @BeforeEach
  void open() throws IOException {
    input = Files.createDirectories(folder.resolve("input"));
    test = new StageTest(folder.resolve("run"));
  }

  @Test
  void labelsOfAnyStyle() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("record", "patient", "label", "age", "sex", "diagnosis", "fold"));
    for (int i = 0; i < 6; i++) {
      record("p" + i % 3 + "/r" + i);
      rows.add(
          List.of(
              "p" + i % 3 + "/r" + i,
              "Zo\u00eb " + i % 3,
              List.of("HC", "imi", "OTHER").get(i % 3),
              List.of("61", "300", "89+", "", "0", "63,5").get(i),
              List.of("m", "W", "0", "1", "?", "female").get(i),
              List.of("", "a, b; c", "\"f\u00fcr\"\nzwei", "tab\there", "", "x").get(i),
              Integer.toString(1 + i % 3)));
    }
    rows.add(List.of("p0/r0", "twice", "HC", "", "", "", ""));
    rows.add(List.of("p9/none", "nobody", "HC", "", "", "", ""));
    record("p1/bad");
    rows.add(List.of("p1/bad", "1", "IMIX", "", "", "", ""));
    record("p1/unnamed");
    sameTables("labels.csv", rows, OTHERS, 6, 4);
  }

  /** A label file says nothing about it, so the header decides; one of two recordings states it. */
  @Test
  void whatIsSimulatedStaysSoUnderLabelsOfAFile() throws IOException {
    record("p0/r0");
    record("p1/r1");
    Files.writeString(input.resolve("p0/r0.hea"), "# Simulated: yes\n", StandardOpenOption.APPEND);
    List<List<String>> rows =
        List.of(
            List.of("record", "patient", "label"),
            List.of("p0/r0", "a", "HC"),
            List.of("p1/r1", "b", "IMI"));
    assertThat(tables("labels.csv", rows, PLAIN).records())
        .extracting(row -> row.getAs("label"), row -> row.getAs("simulated"))
        .containsExactlyInAnyOrder(tuple("HC", true), tuple("IMI", false));
  }

  @Test
  void databasesOfAnyStyle() throws IOException {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "ecg_id",
            "patient_id",
            "age",
            "sex",
            "report",
            "scp_codes",
            "strat_fold",
            "filename_lr",
            "filename_hr"));
    for (int i = 1; i <= 5; i++) {
      String name = "records500/00000/0000" + i + "_hr";
      record(name);
      rows.add(
          List.of(
              Integer.toString(i),
              i + ".0",
              List.of("56", "300", "x", "", "2").get(i - 1),
              Integer.toString(i % 2),
              List.of("sinus, normal", "f\u00fcr; das", "", "\"q\"", "zwei\nzeilen").get(i - 1),
              i == 4 ? "{'NORM': 1000}" : "{'" + (i % 2 == 0 ? "IMI" : "NORM") + "': 100.0}",
              Integer.toString(i),
              "",
              name));
    }
    Files.writeString(
        input.resolve("scp_statements.csv"),
        ",description,diagnostic_class\nNORM,normal,NORM\nIMI,inferior,MI\n");
    sameTables("ptbxl_database.csv", rows, OTHERS.subList(3, 4), 4, 1);
  }

  private void sameTables(
      String file, List<List<String>> rows, List<Style> styles, int kept, int refused)
      throws IOException {
    Tables plain = tables(file, rows, PLAIN);
    assertThat(plain.records()).hasSize(kept);
    assertThat(plain.rejects()).hasSize(refused);
    for (Style style : styles) {
      Tables other = tables(file, rows, style);
      assertThat(other.records()).as("records, %s", style).isEqualTo(plain.records());
      assertThat(other.signals()).as("signals, %s", style).isEqualTo(plain.signals());
      assertThat(other.splits()).as("splits, %s", style).isEqualTo(plain.splits());
      assertThat(other.rejects())
          .as("rejects, %s", style)
          .containsExactlyInAnyOrderElementsOf(plain.rejects());
    }
  }

  private Tables tables(String file, List<List<String>> rows, Style style) throws IOException {
    List<List<String>> written = new ArrayList<>(rows);
    if (style.isMixed()) {
      // The second row of one recording must stay behind the first: that one counts.
      Collections.shuffle(written.subList(2, written.size()), new Random(17));
      List<Integer> columns = new ArrayList<>();
      for (int i = 0; i < rows.get(0).size(); i++) {
        columns.add(rows.get(0).size() - 1 - i);
      }
      written.replaceAll(row -> columns.stream().map(row::get).toList());
    }
    String text =
        written.stream()
            .map(
                row ->
                    row.stream()
                        .map(LabelTablesSparkTest::quoted)
                        .collect(Collectors.joining(style.separator(), "", style.end())))
            .collect(Collectors.joining("", style.mark(), ""));
    Files.write(input.resolve(file), text.getBytes(style.encoding()));
    StageContext context = test.context();
    Manifest manifest =
        IngestStage.run(context, IngestOptions.read(context.settings(), input.toString()));
    CasesSparkTest.countsAddUp(manifest);
    return new Tables(
        test.rows(Table.RECORDS),
        test.rows(Table.SIGNALS),
        test.rows(Table.SPLITS),
        test.rows(Table.REJECTS).stream()
            .map(
                row ->
                    (row.getString(0) + " " + row.getString(3) + " " + row.getString(4))
                        .replaceAll("\\.csv:\\d+", ".csv:LINE")
                        .replaceAll("line \\d+", "line N"))
            .toList());
  }

  private static String quoted(String field) {
    return field.matches("(?s).*[\";,\t\n].*") ? "\"" + field.replace("\"", "\"\"") + "\"" : field;
  }

  private void record(String name) throws IOException {
    TwelveLeadFiles.write(
        input.resolve(name), 60, (lead, i) -> 100 * lead + i + name.hashCode() % 50);
  }
}
