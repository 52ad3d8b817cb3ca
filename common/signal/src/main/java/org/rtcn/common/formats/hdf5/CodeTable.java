package org.rtcn.common.formats.hdf5;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rtcn.common.ecg.Demographics;
import org.rtcn.common.error.UserException;
import org.rtcn.common.formats.EcgFacts;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.Facts;
import org.rtcn.common.formats.FormatException;
import org.rtcn.common.formats.FormatException.Reason;
import org.rtcn.common.labels.LabelException;
import org.rtcn.common.labels.LabelFile;
import org.rtcn.common.labels.LabelRow;

/**
 * What is known of the exams of a file in CODE's layout: {@code exams.csv} next to it, by {@code
 * exam_id}, or line by line of it or of {@code attributes.csv} where the file has no ids (as in
 * CODE-test, whose table is in the order of the tracings).
 *
 * <p>A row that cannot be read costs its exam alone, and so does one that is missing: whose
 * recording it is would not be known.
 */
final class CodeTable {
  private static final List<String> BY_ID = List.of("exams.csv", "code15_exams.csv");
  private static final List<String> NAMES =
      List.of("exams.csv", "code15_exams.csv", "attributes.csv");

  private static final String EXAM = "exam_id";
  private static final String PATIENT = "patient_id";

  /** Columns of findings, in lower case, and what they mean. */
  private static final Map<String, String> FINDINGS =
      Map.of(
          "1davb", "1st degree AV block",
          "rbbb", "right bundle branch block",
          "lbbb", "left bundle branch block",
          "sb", "sinus bradycardia",
          "st", "sinus tachycardia",
          "af", "atrial fibrillation",
          "normal_ecg", "normal ECG");

  private static final Set<String> USED = used();

  private final String file;

  /** By exam id, or by index where there are no ids. */
  private final Map<String, Facts> facts = new HashMap<>();

  /** Why an exam's row cannot be used. */
  private final Map<String, String> faults = new HashMap<>();

  private CodeTable(String file) {
    this.file = file;
  }

  private static Set<String> used() {
    Set<String> used = new HashSet<>(FINDINGS.keySet());
    used.addAll(Set.of(EXAM, PATIENT, "age", "is_male", "sex"));
    return used;
  }

  /**
   * Reads the first table that is there, of this file's exams alone.
   *
   * @param ids the exams' ids, null where the file has none
   * @throws FormatException if the table is not one of these exams, or has no usable header
   */
  static CodeTable of(EcgFile file, long[] ids, int exams) throws IOException {
    CodeTable table = new CodeTable(file.name());
    for (String name : ids == null ? NAMES : BY_ID) {
      Optional<EcgFile> there = file.beside(name);
      if (there.isEmpty()) {
        continue;
      }
      Set<String> required = ids == null ? Set.of() : Set.of(EXAM);
      try (LabelFile rows = LabelFile.open(name, there.get().open(), required, USED)) {
        if (ids == null) {
          table.takeInOrder(name, rows, exams);
        } else {
          table.takeById(name, rows, ids);
        }
      } catch (UserException e) {
        throw new FormatException(
            Reason.SIDECAR_MALFORMED,
            "Cannot read %s: %s".formatted(file.name(), e.getMessage()),
            e);
      }
      break;
    }
    return table;
  }

  /**
   * What is known of an exam.
   *
   * @throws FormatException if its row cannot be read
   */
  EcgFacts facts(String exam) throws FormatException {
    Facts known = facts.get(exam);
    String fault = faults.get(exam);
    if (known == null && fault != null) {
      throw new FormatException(
          Reason.SIDECAR_MALFORMED, "Cannot read %s/%s: %s".formatted(file, exam, fault));
    }
    if (known == null) {
      return EcgFacts.NONE;
    }
    return fault == null ? known.build() : known.unread(EXAM, fault).build();
  }

  private void takeInOrder(String name, LabelFile rows, int exams) throws IOException {
    int index = 0;
    for (LabelRow row = rows.next(); row != null; row = rows.next()) {
      if (index < exams) {
        take(Integer.toString(index), row);
      }
      index++;
    }
    if (index != exams) {
      throw new FormatException(
          Reason.SIDECAR_MALFORMED,
          "Cannot read %s: it names no exam, and %s next to it has %d lines for %d exams; remove it, or give the table of this file"
              .formatted(file, name, index, exams));
    }
  }

  private void takeById(String name, LabelFile rows, long[] ids) throws IOException {
    Set<String> wanted = new HashSet<>();
    for (long id : ids) {
      wanted.add(Long.toString(id));
    }
    int nobodys = 0;
    String first = null;
    for (LabelRow row = rows.next(); row != null; row = rows.next()) {
      String exam;
      try {
        exam = Long.toString(row.whole(EXAM, 0, Long.MAX_VALUE));
      } catch (LabelException e) {
        nobodys++;
        first = first == null ? row.fault().orElse(e.getMessage()) : first;
        continue;
      }
      if (wanted.contains(exam)) {
        take(exam, row);
      }
    }
    wanted.removeAll(facts.keySet());
    wanted.removeAll(faults.keySet());
    String missing =
        "no line of %s names this exam; add its line, or remove the file".formatted(name)
            + (nobodys == 0
                ? ""
                : " (%d of its lines name no exam, the first: %s)".formatted(nobodys, first));
    wanted.forEach(exam -> faults.put(exam, missing));
  }

  /** The first usable row of an exam counts; a further one is named as unread. */
  private void take(String exam, LabelRow row) {
    if (row.fault().isPresent()) {
      faults.putIfAbsent(exam, row.fault().get());
    } else if (facts.containsKey(exam)) {
      facts.get(exam).unread(EXAM, "a second row on line " + row.line());
    } else {
      facts.put(exam, read(row));
    }
  }

  private static Facts read(LabelRow row) {
    Facts facts = new Facts();
    String patient = row.text(PATIENT);
    if (!LabelRow.saysNothing(patient)) {
      // Programs that know missing values write whole numbers as 1.0.
      facts.patientId(patient.replaceFirst("^(\\d+)[.,]0*$", "$1"));
    }
    facts.age(row.text("age"), "years");
    String male = row.text("is_male");
    Boolean isMale = truth(male);
    String one = isMale == null ? male : isMale ? "male" : "female";
    String other = row.text("sex");
    if (!one.isEmpty() && !other.isEmpty() && !one.equals(Demographics.sex(other))) {
      facts.unread("sex", "is_male " + male + ", sex " + other);
    } else {
      facts.sex(one).sex(other);
    }
    for (Map.Entry<String, Integer> column :
        row.columns().entrySet().stream().sorted(Map.Entry.comparingByValue()).toList()) {
      String finding = FINDINGS.get(column.getKey());
      String text = row.text(column.getKey());
      if (finding == null || text.isEmpty()) {
        continue;
      }
      Boolean found = truth(text);
      if (found == null) {
        facts.unread(column.getKey(), text);
      } else if (found) {
        facts.statement(finding);
      }
    }
    return facts;
  }

  /** Null for what is neither. */
  private static Boolean truth(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "t", "yes", "y", "1", "1.0" -> true;
      case "false", "f", "no", "n", "0", "0.0" -> false;
      default -> null;
    };
  }
}
