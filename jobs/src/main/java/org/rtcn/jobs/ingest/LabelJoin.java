package org.rtcn.jobs.ingest;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.labels.LabelException;
import org.rtcn.common.labels.LabelRow;
import org.rtcn.jobs.inputs.ListedRecord;
import org.rtcn.jobs.inputs.Refusal;

/**
 * Brings the rows of a label file to their recordings. Every row and every recording ends in one
 * place: together in {@code records}, or refused. A row that cannot be used refuses its recording
 * where it names one that no other row claims, else itself, as {@code FILE:LINE}.
 */
final class LabelJoin {
  private final String path;
  private final String file;
  private final Map<String, ListedRecord> found;

  /** Names beyond ASCII in composed form, to the form that the file system holds. */
  private final Map<String, String> composed = new HashMap<>();

  private final Map<String, Claim> claims = new LinkedHashMap<>();
  private final List<Fault> faults = new ArrayList<>();

  /** A row that a recording was taken with. */
  private record Claim(ListedRecord record, int line) {}

  /**
   * A row that was not.
   *
   * @param header of the recording that it names, null if it names none that is there
   */
  private record Fault(int line, String header, String reason, String detail) {}

  /**
   * @param path full path of the label file
   * @param file its name, for messages
   * @param found recordings by the name that rows give them
   */
  LabelJoin(String path, String file, Map<String, ListedRecord> found) {
    this.path = path;
    this.file = file;
    this.found = found;
    for (String name : found.keySet()) {
      if (!isAscii(name)) {
        composed.putIfAbsent(Normalizer.normalize(name, Normalizer.Form.NFC), name);
      }
    }
  }

  private static boolean isAscii(String name) {
    return name.chars().allMatch(c -> c < 0x80);
  }

  /**
   * Takes a row.
   *
   * @param name the recording as the row names it, see {@link #plain}
   * @param facts throws a {@link LabelException} where the row's values cannot be used
   */
  void take(LabelRow row, Supplier<String> name, Supplier<RecordFacts> facts) {
    ListedRecord record = null;
    try {
      if (row.fault().isPresent()) {
        record = named(name);
        fault(row, record, "LABELS_MALFORMED", row.fault().get());
        return;
      }
      String wanted = name.get();
      record = found.get(wanted);
      if (record == null) {
        fault(
            row,
            null,
            "HEADER_MISSING",
            "Cannot use line %d of %s: record '%s' has no header; fetch it, or remove the line"
                .formatted(row.line(), file, wanted));
        return;
      }
      Claim earlier = claims.get(record.header());
      if (earlier != null) {
        fault(
            row,
            null,
            "DUPLICATE",
            "Cannot use line %d of %s: record '%s' stands on line %d as well; remove one of them"
                .formatted(row.line(), file, wanted, earlier.line()));
        return;
      }
      claims.put(record.header(), new Claim(record.with(facts.get()), row.line()));
    } catch (LabelException e) {
      fault(row, record, "LABELS_MALFORMED", e.getMessage());
    }
  }

  /** The recording that a broken row names before it breaks, if it does. */
  private ListedRecord named(Supplier<String> name) {
    try {
      return found.get(name.get());
    } catch (LabelException e) {
      return null;
    }
  }

  private void fault(LabelRow row, ListedRecord record, String reason, String detail) {
    faults.add(new Fault(row.line(), record == null ? null : record.header(), reason, detail));
  }

  /**
   * What came together, and what did not.
   *
   * @param records in the order of the rows
   * @param refused rows and recordings
   */
  record Joined(List<ListedRecord> records, List<Refusal> refused) {}

  /** Ends the join: recordings that no row named are refused. */
  Joined end() {
    settleFolds();
    List<Refusal> refused = new ArrayList<>();
    Set<String> told = new HashSet<>();
    for (Fault fault : faults) {
      boolean ofRecording =
          fault.header() != null && !claims.containsKey(fault.header()) && told.add(fault.header());
      refused.add(
          new Refusal(
              ofRecording ? fault.header() : path + ":" + fault.line(),
              fault.reason(),
              fault.detail()));
    }
    for (ListedRecord record : found.values()) {
      if (!claims.containsKey(record.header()) && !told.contains(record.header())) {
        refused.add(
            new Refusal(
                record.header(),
                "LABELS_MISSING",
                "Cannot find the record in " + file + ": add its row, or remove the file"));
      }
    }
    return new Joined(claims.values().stream().map(Claim::record).toList(), refused);
  }

  /**
   * A patient stands in one fold: the one that most of the patient's rows state, of equals the
   * lowest. Rows that state another are refused; those that state none follow.
   */
  private void settleFolds() {
    Map<String, TreeMap<Integer, Integer>> votes = new HashMap<>();
    for (Claim claim : claims.values()) {
      RecordFacts facts = claim.record().facts();
      if (facts.stratFold() != null) {
        votes
            .computeIfAbsent(facts.patientName(), patient -> new TreeMap<>())
            .merge(facts.stratFold(), 1, Integer::sum);
      }
    }
    for (Claim claim : List.copyOf(claims.values())) {
      RecordFacts facts = claim.record().facts();
      Map<Integer, Integer> folds = votes.get(facts.patientName());
      if (facts.stratFold() == null || folds.size() == 1) {
        continue;
      }
      int chosen = mostOf(folds);
      if (facts.stratFold() != chosen) {
        claims.remove(claim.record().header());
        faults.add(
            new Fault(
                claim.line(),
                claim.record().header(),
                "LABELS_MALFORMED",
                "Invalid line %d of %s: patient %s stands in fold %d and by other lines in fold %d; a patient has one fold, correct the wrong lines"
                    .formatted(
                        claim.line(), file, facts.patientName(), facts.stratFold(), chosen)));
      }
    }
  }

  private static int mostOf(Map<Integer, Integer> folds) {
    int most = 0;
    int chosen = 0;
    for (Map.Entry<Integer, Integer> fold : folds.entrySet()) {
      if (fold.getValue() > most) {
        most = fold.getValue();
        chosen = fold.getKey();
      }
    }
    return chosen;
  }

  /**
   * A recording's name below the root as a row states it: also with {@code .hea} or the suffix of
   * its signal file, {@code ./}, the separators of other systems, or letters with accents in one
   * piece or in two (macOS writes names in two).
   *
   * @throws LabelException if there is none, or if it leads out of the input
   */
  String plain(LabelRow row, String column) {
    String stated = row.text(column);
    if (found.containsKey(stated)) {
      return stated;
    }
    if (stated.isEmpty()) {
      throw row.invalid(column, "it names no record; write its path below the input's folder");
    }
    String name = stated.replace('\\', '/').replaceAll("/+", "/").replaceFirst("^(\\./)+", "");
    if (name.startsWith("/")
        || stated.matches("[A-Za-z]:[\\\\/].*|[a-z][a-z0-9+.-]*://.*")
        || List.of(name.split("/", -1)).contains("..")) {
      throw row.invalid(
          column, "it leads out of the input; write the record's path below the input's folder");
    }
    name = name.replaceFirst("(?i)\\.hea(\\.gz)?$", "");
    String stem = name.replaceFirst("(?i)\\.(dat|mat)(\\.gz)?$", "");
    name = found.containsKey(name) || !found.containsKey(stem) ? name : stem;
    return isAscii(name)
        ? name
        : composed.getOrDefault(Normalizer.normalize(name, Normalizer.Form.NFC), name);
  }
}
