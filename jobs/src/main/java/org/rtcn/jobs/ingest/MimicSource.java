package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.labels.LabelException;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * MIMIC-IV-ECG: WFDB records that {@code record_list.csv} names by subject and study. The machine's
 * statements in {@code machine_measurements.csv} are the diagnosis, in its words; none of them is a
 * label.
 */
record MimicSource() implements EcgSource {
  static final String RECORDS = "record_list.csv";
  private static final String STATEMENTS = "machine_measurements.csv";
  private static final List<String> REPORTS =
      IntStream.range(0, 18).mapToObj(i -> "report_" + i).toList();

  @Override
  public String dataset() {
    return "mimic-iv-ecg";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    HeaderFiles found = HeaderFiles.below(fileSystem, root);
    Map<String, String> read = new TreeMap<>();
    List<Refusal> refused = new ArrayList<>();
    Map<String, String> statements = statements(fileSystem, root, refused, read);
    Path path = new Path(root, RECORDS);
    LabelJoin join = new LabelJoin(path.toString(), RECORDS, found.records());
    try (LabelFile file =
        LabelFile.open(
            RECORDS,
            fileSystem.open(path),
            Set.of("subject_id", "study_id", "path"),
            Set.of("ecg_time"))) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        LabelRow given = row;
        join.take(row, () -> join.plain(given, "path"), () -> facts(given, statements));
      }
      read.put(RECORDS, file.description());
    }
    Listing listing = Listing.of(found).labelled(join.end());
    return listing.with(listing.records(), refused).read(read);
  }

  private static RecordFacts facts(LabelRow row, Map<String, String> statements) {
    return new RecordFacts(
        row.stated("subject_id"),
        null,
        null,
        statements.get(row.stated("study_id")),
        null,
        Label.UNKNOWN,
        false,
        null);
  }

  /** Statements by study; none where the file is not there. A bad row costs that study's alone. */
  private static Map<String, String> statements(
      FileSystem fileSystem, Path root, List<Refusal> refused, Map<String, String> read)
      throws IOException {
    Map<String, String> byStudy = new HashMap<>();
    Map<String, Integer> lines = new HashMap<>();
    Path path = new Path(root, STATEMENTS);
    if (!fileSystem.exists(path)) {
      return byStudy;
    }
    try (LabelFile file =
        LabelFile.open(
            STATEMENTS,
            fileSystem.open(path),
            Set.of("study_id", "report_0"),
            Set.copyOf(REPORTS))) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        LabelRow given = row;
        String fault = row.fault().orElseGet(() -> take(given, byStudy, lines));
        if (fault != null) {
          refused.add(new Refusal(path + ":" + row.line(), "LABELS_MALFORMED", fault));
        }
      }
      read.put(STATEMENTS, file.description());
    }
    return byStudy;
  }

  /** Takes a row; why it cannot be taken, null if it was. */
  private static String take(
      LabelRow row, Map<String, String> byStudy, Map<String, Integer> lines) {
    String study;
    try {
      study = row.stated("study_id");
    } catch (LabelException e) {
      return e.getMessage();
    }
    Integer earlier = lines.putIfAbsent(study, row.line());
    if (earlier != null) {
      return "Cannot use line %d of %s: study %s is on line %d as well; remove one of them"
          .formatted(row.line(), STATEMENTS, study, earlier);
    }
    String words =
        REPORTS.stream()
            .map(row::text)
            .filter(text -> !text.isEmpty())
            .collect(Collectors.joining("; "));
    if (!words.isEmpty()) {
      byStudy.put(study, words);
    }
    return null;
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return record.facts();
  }
}
