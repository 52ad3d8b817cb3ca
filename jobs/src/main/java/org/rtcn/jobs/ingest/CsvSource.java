package org.rtcn.jobs.ingest;

import java.io.IOException;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.rtcn.common.ecg.Demographics;
import org.rtcn.common.ecg.Demographics.SexCode;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;
import org.rtcn.common.wfdb.WfdbHeader;
import org.rtcn.jobs.inputs.HeaderFiles;
import org.rtcn.jobs.inputs.ListedRecord;

/**
 * Any tree of WFDB records with {@code labels.csv} at its root: columns {@code record} (path of the
 * header below the root, without {@code .hea}), {@code patient} and {@code label} (a {@link
 * Label}); {@code age}, {@code sex}, {@code diagnosis} and {@code fold} if known. What each value
 * may be: docs/labels.md.
 *
 * @param further recordings of other formats by name, see {@link Candidates}; the driver's alone
 */
record CsvSource(Map<String, ListedRecord> further) implements EcgSource {

  static final String LABELS = "labels.csv";

  /** What tasks need. */
  CsvSource() {
    this(Map.of());
  }

  private static final Set<String> REQUIRED = Set.of("record", "patient", "label");
  private static final Set<String> USED = Set.of("age", "sex", "diagnosis", "fold");

  /** More folds are a column of something else. */
  private static final int MAX_FOLD = 1000;

  /** Enough to tell a code from words. */
  private static final int SEXES = 100;

  @Override
  public String dataset() {
    return "wfdb";
  }

  @Override
  public String datasetOfFiles() {
    // A patient of the label file is one person, whatever the format.
    return dataset();
  }

  @Override
  public Listing list(FileSystem fileSystem, Path root) throws IOException {
    HeaderFiles found = HeaderFiles.below(fileSystem, root);
    Path path = new Path(root, LABELS);
    SexCode code;
    try (LabelFile file = open(fileSystem, path)) {
      code = SexCode.of(file.distinct(Set.of("sex"), SEXES).get("sex"));
    }
    Map<String, ListedRecord> all = new TreeMap<>(found.records());
    all.putAll(further);
    Map<String, String> bare = bareNames(all.keySet());
    LabelJoin join = new LabelJoin(path.toString(), LABELS, all);
    try (LabelFile file = open(fileSystem, path)) {
      for (LabelRow row = file.next(); row != null; row = file.next()) {
        LabelRow given = row;
        join.take(
            row, () -> named(join.plain(given, "record"), all, bare), () -> facts(given, code));
      }
      return Listing.of(found).labelled(join.end()).read(Map.of(LABELS, file.description()));
    }
  }

  private static LabelFile open(FileSystem fileSystem, Path path) throws IOException {
    return LabelFile.open(LABELS, fileSystem.open(path), REQUIRED, USED);
  }

  /** Files of other formats by their names without suffix, where that names one. */
  private static Map<String, String> bareNames(Set<String> names) {
    Map<String, String> bare = new HashMap<>();
    Set<String> twice = new HashSet<>();
    for (String name : names) {
      int dot = name.lastIndexOf('.');
      if (dot > name.lastIndexOf('/') + 1
          && bare.putIfAbsent(name.substring(0, dot), name) != null) {
        twice.add(name.substring(0, dot));
      }
    }
    bare.keySet().removeAll(twice);
    return bare;
  }

  private static String named(
      String stated, Map<String, ListedRecord> all, Map<String, String> bare) {
    return all.containsKey(stated) ? stated : bare.getOrDefault(stated, stated);
  }

  /** What a row says. */
  static RecordFacts facts(LabelRow row, SexCode code) {
    // Accents in one piece or in two: one person all the same, who must stand in one fold.
    String patient = Normalizer.normalize(row.stated("patient"), Normalizer.Form.NFC);
    Label label = label(row);
    boolean single = label.isInfarction() && !label.name().startsWith("MI_");
    Integer fold = row.text("fold").isEmpty() ? null : (int) row.whole("fold", 1, MAX_FOLD);
    Demographics person = Demographics.of(row.text("age"), row.text("sex"), code);
    String diagnosis = row.text("diagnosis");
    return new RecordFacts(
        patient,
        person.ageYears(),
        person.sex(),
        diagnosis.isEmpty() ? null : diagnosis,
        single ? label.name() : null,
        label,
        false,
        fold,
        null,
        null,
        null,
        person.unread());
  }

  private static Label label(LabelRow row) {
    String text = row.text("label").toUpperCase(Locale.ROOT);
    return Arrays.stream(Label.values())
        .filter(label -> label.name().equals(text))
        .findFirst()
        .orElseThrow(() -> row.invalid("label", "use one of " + List.of(Label.values())));
  }

  @Override
  public RecordFacts facts(ListedRecord record, WfdbHeader header) {
    return record.facts();
  }
}
