package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.PtbXlLabels;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.ecg.ScpStatements;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbHeader;

/**
 * PTB-XL: labels and folds in {@code ptbxl_database.csv}, records at 100 Hz (records100) and 500 Hz
 * (records500), of which one rate is read.
 */
record PtbXlSource(int rateHz) implements EcgSource {
  static final String DATABASE = "ptbxl_database.csv";

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

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    String folder = "records" + rateHz;
    Path records = new Path(root, folder);
    HeaderFiles tree = HeaderFiles.below(fileSystem, records);
    Map<String, ListedRecord> found = tree.records();
    List<ListedRecord> listed = new ArrayList<>();
    List<Refusal> refused = new ArrayList<>(tree.refused());
    TreeSet<String> unclaimed = new TreeSet<>(found.keySet());
    Optional<ScpStatements> statements = statements(fileSystem, root);
    Map<String, Long> unknown = new TreeMap<>();
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).build();
    try (Reader reader =
            new InputStreamReader(
                fileSystem.open(new Path(root, DATABASE)), StandardCharsets.UTF_8);
        var rows = format.parse(reader)) {
      for (CSVRecord row : rows) {
        String name = row.get(rateHz == 100 ? "filename_lr" : "filename_hr");
        String stem = name.startsWith(folder + "/") ? name.substring(folder.length() + 1) : name;
        ListedRecord record = found.get(stem);
        unclaimed.remove(stem);
        if (record == null) {
          refused.add(
              new Refusal(
                  new Path(root, name).toString(),
                  "HEADER_MISSING",
                  "Cannot find the header of ecg_id " + row.get("ecg_id") + " in " + DATABASE));
          continue;
        }
        try {
          listed.add(
              record
                  .named(name)
                  .with(PtbXlLabels.facts(row.toMap(), statements.orElse(ScpStatements.INFARCTS))));
          statements.ifPresent(
              known ->
                  known
                      .unknown(row.get("scp_codes"))
                      .forEach(code -> unknown.merge(code, 1L, Long::sum)));
        } catch (IllegalArgumentException e) {
          refused.add(new Refusal(record.header(), "LABELS_MALFORMED", e.getMessage()));
        }
      }
    }
    for (String stem : unclaimed) {
      refused.add(
          new Refusal(
              found.get(stem).header(),
              "LABELS_MISSING",
              "Cannot find the record in " + DATABASE + ": add its row, or remove the file"));
    }
    return new Listing(listed, refused, tree.orphans(), unknown);
  }

  private static Optional<ScpStatements> statements(FileSystem fileSystem, Path root)
      throws IOException {
    Path file = new Path(root, ScpStatements.FILE);
    if (!fileSystem.exists(file)) {
      return Optional.empty();
    }
    try (Reader reader = new InputStreamReader(fileSystem.open(file), StandardCharsets.UTF_8)) {
      return Optional.of(ScpStatements.parse(reader));
    } catch (IllegalArgumentException e) {
      throw new UserException(e.getMessage(), e);
    }
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return record.facts();
  }
}
