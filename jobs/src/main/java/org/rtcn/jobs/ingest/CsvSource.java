package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.error.UserException;
import org.rtcn.common.wfdb.WfdbHeader;

/**
 * Any tree of WFDB records with {@code labels.csv} at its root: columns {@code record} (path of the
 * header below the root, without {@code .hea}), {@code patient} and {@code label} (a {@link
 * Label}); {@code age}, {@code sex}, {@code diagnosis} and {@code fold} if known.
 */
record CsvSource() implements EcgSource {
  static final String LABELS = "labels.csv";

  @Override
  public String dataset() {
    return "wfdb";
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    HeaderFiles found = HeaderFiles.below(fileSystem, root);
    List<ListedRecord> listed = new ArrayList<>();
    List<Refusal> refused = new ArrayList<>(found.refused());
    TreeSet<String> unclaimed = new TreeSet<>(found.records().keySet());
    CSVFormat format =
        CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).setTrim(true).build();
    Path labels = new Path(root, LABELS);
    try (Reader reader = new InputStreamReader(fileSystem.open(labels), StandardCharsets.UTF_8);
        var rows = format.parse(reader)) {
      for (String needed : List.of("record", "patient", "label")) {
        if (!rows.getHeaderMap().containsKey(needed)) {
          throw new UserException(
              "Invalid " + labels + ": column " + needed + " is missing; add it");
        }
      }
      for (CSVRecord row : rows) {
        String name = row.get("record");
        ListedRecord record = found.records().get(name);
        if (record == null || !unclaimed.remove(name)) {
          refused.add(
              new Refusal(
                  new Path(root, name.isEmpty() ? "?" : name) + " (" + LABELS + ")",
                  record == null ? "HEADER_MISSING" : "LABELS_MALFORMED",
                  "Cannot use line %d of %s: record '%s' %s"
                      .formatted(
                          row.getRecordNumber() + 1,
                          LABELS,
                          name,
                          record == null ? "has no header" : "stands there twice")));
          continue;
        }
        try {
          listed.add(record.with(facts(row.toMap())));
        } catch (IllegalArgumentException e) {
          refused.add(new Refusal(record.header(), "LABELS_MALFORMED", e.getMessage()));
        }
      }
    }
    for (String name : unclaimed) {
      refused.add(
          new Refusal(
              found.records().get(name).header(),
              "LABELS_MISSING",
              "Cannot find the record in " + LABELS + ": add its line, or remove the file"));
    }
    return new Listing(listed, refused, found.orphans());
  }

  private static RecordFacts facts(Map<String, String> row) {
    String text = row.get("label");
    Label label;
    try {
      label = Label.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Invalid label '" + text + "': use one of " + List.of(Label.values()), e);
    }
    if (row.get("patient").isEmpty()) {
      throw new IllegalArgumentException("Invalid line: the patient is missing; name one");
    }
    String age = row.getOrDefault("age", "");
    String fold = row.getOrDefault("fold", "");
    String sex = row.getOrDefault("sex", "").toLowerCase(Locale.ROOT);
    String diagnosis = row.getOrDefault("diagnosis", "");
    boolean single = label.isInfarction() && !label.name().startsWith("MI_");
    return new RecordFacts(
        row.get("patient"),
        age.isEmpty() ? null : Float.valueOf(age),
        sex.startsWith("m") ? "male" : sex.startsWith("f") ? "female" : null,
        diagnosis.isEmpty() ? null : diagnosis,
        single ? label.name() : null,
        label,
        false,
        fold.isEmpty() ? null : Integer.valueOf(fold));
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return record.facts();
  }
}
