package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.ReferenceData;
import org.rtcn.jobs.StageTest;
import org.rtcn.jobs.run.Manifest;
import org.rtcn.jobs.run.StageContext;
import org.rtcn.jobs.tables.Table;

/** Inputs of the real world that went wrong once, through the stage: the right value of each. */
class CasesSparkTest {
  @TempDir Path folder;
  private StageTest test;

  @BeforeEach
  void open() {
    test = new StageTest(folder.resolve("run"));
  }

  /** All trees of headers at once: none loses anything else. */
  @Test
  void headers() {
    Path cases = ReferenceData.require("cases");
    Manifest manifest = ingest("", "ingest.source=unlabelled");
    countsAddUp(manifest);
    Map<String, Row> records = byId(Table.RECORDS);
    Map<String, Row> signals = byId(Table.SIGNALS);
    Map<String, String> rejects = rejects(cases);

    assertThat(records).containsKey("wfdb/header-extra-signal-lines/r1/r1");
    assertThat(signals.get("wfdb/header-extra-signal-lines/r1/r1").getList(9))
        .isEqualTo(signals.get("wfdb/header-negative-block-size/r1/r1").getList(9))
        .isEqualTo(signals.get("wfdb/header-length-zero-checksum-placeholder/r1/r1").getList(9))
        .isEqualTo(signals.get("wfdb/header-length-zero-checksum-placeholder/r2/r2").getList(9))
        .hasSize(300);
    Row unstated = records.get("wfdb/header-length-zero-checksum-placeholder/r1/r1");
    assertThat(unstated.<Boolean>getAs("checksum_ok")).isNull();
    assertThat(rejects.get("header-allinvalid/p35/allinvalid.hea")).startsWith("EMPTY ");
    assertThat(rejects.get("header-folder-in-names/00001_medians/00001_medians.hea"))
        .startsWith("PATH_ESCAPES ")
        .contains("the record name 'median_beats/00001_medians'", "holds a folder");
    assertThat(rejects.get("header-fstiny/p10/fstiny.hea")).startsWith("RATE_IMPLAUSIBLE ");
    assertThat(rejects.get("header-gain-tiny/p5/gain_tiny.hea")).startsWith("GAIN_IMPLAUSIBLE ");
    assertThat(records)
        .containsKeys("wfdb/header-uppercase-ext/p69/UP", "wfdb/header-uppercase-ext/p0/good");
    assertThat(rejects.keySet().stream().filter(path -> path.contains("fgap")))
        .containsExactlyInAnyOrder("fgap/fg1.hea", "fgap/fg2.hea");

    assertThat(
            records.values().stream()
                .filter(row -> row.getString(0).contains("mimic-iv-ecg-tree"))
                .map(row -> row.<String>getAs("patient_id")))
        .containsExactly(
            "wfdb/mimic-iv-ecg-tree/files/p1000/p10000001",
            "wfdb/mimic-iv-ecg-tree/files/p1000/p10000001",
            "wfdb/mimic-iv-ecg-tree/files/p1000/p10000002");

    // wfdb-python 4.3.1 raises at the gap, and gives -16.3 mV for the marker.
    List<Float> gap = signals.get("wfdb/fgap/fgap").getList(9);
    assertThat(nans(gap)).hasSize(500).contains(2000, 2499);
    Row spf = signals.get("wfdb/spf/spf");
    assertThat(spf.<Double>getAs("fs_hz")).isEqualTo(500);
    assertThat(spf.<Integer>getAs("n_samples")).isEqualTo(5000);
    assertThat(spf.<Integer>getList(spf.fieldIndex("n_invalid"))).contains(1);
    for (int lead = 9; lead < 21; lead++) {
      assertThat(nans(spf.getList(lead))).isSubsetOf(1001);
    }
  }

  @Test
  void aBadRowOfLabelsCostsItself() {
    // The trees hold the header of a alone, whose signals are missing: b and c are rows without.
    labels(
        "csv-badquote", "a.hea:LABELS_MALFORMED:line 2", ":3:HEADER_MISSING", ":4:HEADER_MISSING");
    labels("csv-short", "a.hea:LABELS_MALFORMED:line 2", ":3:HEADER_MISSING", ":4:HEADER_MISSING");
    labels(
        "csv-unclosed", "a.hea:LABELS_MALFORMED:line 2", ":3:HEADER_MISSING", ":4:HEADER_MISSING");
    labels("px-short", "_hr.hea:LABELS_MALFORMED:line 2", ":3:HEADER_MISSING", ":4:HEADER_MISSING");
    labels(
        "px-unclosed", "_hr.hea:LABELS_MALFORMED:line 2", ":3:HEADER_MISSING", ":4:HEADER_MISSING");
    labels(
        "px-emptyname",
        "_hr.hea:LABELS_MALFORMED:line 2",
        ":3:HEADER_MISSING",
        ":4:HEADER_MISSING");
  }

  @Test
  void twoRowsOfOneRecordingKeepItOnce() {
    Manifest manifest = ingest("px-dup");
    countsAddUp(manifest);
    assertThat(manifest.count("kept")).isEqualTo(3);
    assertThat(manifest.count("refused.DUPLICATE")).isEqualTo(1);
    Row kept = test.rows(Table.RECORDS).get(0);
    assertThat(kept.<String>getAs("patient_id")).isEqualTo("ptbxl/11");
    assertThat(kept.<String>getAs("label")).isEqualTo("HC");
    assertThat(test.rows(Table.REJECTS).get(0).getString(0)).endsWith("ptbxl_database.csv:3");
  }

  @Test
  void byteOrderMarksAgesAndSexes() {
    countsAddUp(ingest("csv-bom"));
    assertThat(test.rows(Table.RECORDS))
        .singleElement()
        .satisfies(row -> assertThat(row.<String>getAs("patient_id")).isEqualTo("wfdb/p1"));

    Manifest manifest = ingest("csv-sex-age");
    countsAddUp(manifest);
    List<String> people =
        test.rows(Table.RECORDS).stream()
            .map(row -> row.getAs("age_years") + " " + row.getAs("sex") + " " + row.getAs("unread"))
            .toList();
    assertThat(people)
        .containsExactly(
            "63.0 male null",
            "63.0 female null",
            "90.0 female null",
            "null male age=-1",
            "null female age=89+",
            "63.5 female null",
            "null male age=NaN",
            "null null sex=Unknown",
            "0.0 female null");
    assertThat(manifest.count("unread.age")).isEqualTo(3);
    assertThat(manifest.count("unread.sex")).isEqualTo(1);
    assertThat(manifest.facts().get("unread").toString()).contains("age=89+=1", "sex=Unknown=1");
  }

  /** Each expectation is a suffix of the path, a reason, and perhaps a part of the detail. */
  private void labels(String name, String... expected) {
    Manifest manifest = ingest(name);
    countsAddUp(manifest);
    List<String> told =
        test.rows(Table.REJECTS).stream()
            .map(row -> row.getString(0) + " " + row.getString(3) + " " + row.getString(4))
            .toList();
    assertThat(told).as(name).hasSize(expected.length);
    for (String one : expected) {
      assertThat(told).as(name).anySatisfy(text -> assertThat(text).contains(one.split(":", -1)));
    }
  }

  private Manifest ingest(String name, String... assignments) {
    Path input = ReferenceData.require("cases").resolve(name);
    StageContext context = test.context(assignments);
    return IngestStage.run(context, IngestOptions.read(context.settings(), input.toString()));
  }

  static void countsAddUp(Manifest manifest) {
    long refused =
        manifest.counts().entrySet().stream()
            .filter(count -> count.getKey().startsWith("refused."))
            .mapToLong(Map.Entry::getValue)
            .sum();
    assertThat(manifest.count("kept") + refused).isEqualTo(manifest.count("read")).isPositive();
  }

  private Map<String, Row> byId(Table table) {
    Map<String, Row> rows = new TreeMap<>();
    test.rows(table).forEach(row -> rows.put(row.getString(0), row));
    return rows;
  }

  /** Path below the root to reason and detail. */
  private Map<String, String> rejects(Path root) {
    Map<String, String> rejects = new TreeMap<>();
    for (Row row : test.rows(Table.REJECTS)) {
      String path =
          Path.of(java.net.URI.create(row.getString(0).replace("file:/", "file:///"))).toString();
      rejects.put(
          root.toAbsolutePath().normalize().relativize(Path.of(path).normalize()).toString(),
          row.getString(3) + " " + row.getString(4));
    }
    return rejects;
  }

  private static List<Integer> nans(List<Float> values) {
    List<Integer> nans = new java.util.ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i).isNaN()) {
        nans.add(i);
      }
    }
    return nans;
  }
}
