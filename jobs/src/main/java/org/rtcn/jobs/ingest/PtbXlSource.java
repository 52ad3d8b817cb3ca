package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbXlLabels;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.ecg.ScpStatements;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * PTB-XL: labels and folds in {@code ptbxl_database.csv}, records at 100 Hz (records100) and 500 Hz
 * (records500), of which one rate is read.
 */
record PtbXlSource(int rateHz) implements EcgSource {
  static final String DATABASE = "ptbxl_database.csv";

  private static final Set<String> REQUIRED =
      Set.of("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold");
  private static final Set<String> USED =
      Set.of(
          "report",
          "validated_by_human",
          "infarction_stadium1",
          "infarction_stadium2",
          "filename_lr",
          "filename_hr");

  PtbXlSource {
    if (rateHz != 100 && rateHz != 500) {
      throw new IllegalArgumentException(
          "ptbxl-rate-hz " + rateHz + ": PTB-XL has records at 100 and at 500 Hz");
    }
  }

  @Override
  public String dataset() {
    return "ptbxl";
  }

  /** The folder of the records at a rate. */
  static String folder(int rateHz) {
    return "records" + rateHz;
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    HeaderFiles tree = HeaderFiles.below(fileSystem, new Path(root, folder(rateHz)));
    Map<String, ListedRecord> found = new TreeMap<>();
    tree.records()
        .forEach(
            (stem, record) -> {
              String name = folder(rateHz) + "/" + stem;
              found.put(name, record.named(name));
            });
    Map<String, String> read = new TreeMap<>();
    List<Refusal> refused = new ArrayList<>(tree.refused());
    ScpStatements archive = statements(fileSystem, root, refused, read);
    ScpStatements known = archive == null ? ScpStatements.INFARCTS : archive;
    Path path = new Path(root, DATABASE);
    LabelJoin join = new LabelJoin(path.toString(), DATABASE, found);
    Set<String> required = new java.util.TreeSet<>(REQUIRED);
    required.add(column());
    Map<String, Long> unknown = new TreeMap<>();
    try (LabelFile file = LabelFile.open(DATABASE, fileSystem.open(path), required, USED)) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        LabelRow given = row;
        join.take(
            row,
            () -> name(join, given),
            () -> {
              given.stated(column());
              RecordFacts facts = PtbXlLabels.facts(given, known);
              if (archive != null) {
                archive
                    .unknown(given.text("scp_codes"))
                    .forEach(code -> unknown.merge(code, 1L, Long::sum));
              }
              return facts;
            });
      }
      read.put(DATABASE, file.description());
    }
    return new Listing(List.of(), refused, tree.orphans(), unknown, Map.of())
        .labelled(join.end())
        .read(read);
  }

  private String column() {
    return rateHz == 100 ? "filename_lr" : "filename_hr";
  }

  /**
   * The recording that a row names. A row without a file name is known by its number, from which
   * PTB-XL makes the names: its recording is refused with it.
   */
  private String name(LabelJoin join, LabelRow row) {
    String id = row.text("ecg_id").replaceFirst("\\.0$", "");
    if (row.text(column()).isEmpty() && id.matches("\\d{1,8}")) {
      return expected(Integer.parseInt(id));
    }
    return join.plain(row, column());
  }

  private String expected(int id) {
    return String.format(
        Locale.ROOT,
        "%s/%05d/%05d_%s",
        folder(rateHz),
        id / 1000 * 1000,
        id,
        rateHz == 100 ? "lr" : "hr");
  }

  private static ScpStatements statements(
      FileSystem fileSystem, Path root, List<Refusal> refused, Map<String, String> read)
      throws IOException {
    Path file = new Path(root, ScpStatements.FILE);
    if (!fileSystem.exists(file)) {
      return null;
    }
    Map<Integer, String> faults = new HashMap<>();
    ScpStatements statements =
        ScpStatements.read(fileSystem.open(file), (row, why) -> faults.put(row.line(), why));
    faults.forEach(
        (line, why) -> refused.add(new Refusal(file + ":" + line, "LABELS_MALFORMED", why)));
    read.put(ScpStatements.FILE, statements.classByCode().size() + " codes");
    return statements;
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return record.facts();
  }
}
