package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * From beats to records to patients, by the mean of the probabilities. A patient is the mean of
 * their records, so that a long recording does not outvote a short one.
 *
 * @param records one per record, ordered by id
 * @param patients one per patient, ordered by id; patients in {@code conflicting} are left out, and
 *     so are records whose patient nobody told
 * @param conflicting patients whose records carry different truths: there is no one answer that
 *     could be right for them
 */
public record Aggregation(
    List<Prediction> records, List<Prediction> patients, SortedSet<String> conflicting) {

  /**
   * @throws IllegalArgumentException if a row is not of beat level, has no record, or two beats of
   *     one record disagree about its patient or truth
   */
  public static Aggregation of(List<Prediction> beats) {
    Map<String, List<Prediction>> byRecord = new TreeMap<>();
    for (Prediction beat : beats) {
      if (beat.level() != Level.BEAT || beat.recordId().isEmpty()) {
        throw new IllegalArgumentException(
            "Invalid row " + beat.id() + ": aggregation starts from beats with a record id");
      }
      byRecord.computeIfAbsent(beat.recordId().get(), id -> new ArrayList<>()).add(beat);
    }
    List<Prediction> records = new ArrayList<>();
    byRecord.forEach(
        (id, rows) -> {
          requireOne(id, rows, Prediction::patientId, "patients");
          requireOne(id, rows, Prediction::truth, "truths");
          records.add(mean(Level.RECORD, id, Optional.of(id), rows));
        });

    Map<String, List<Prediction>> byPatient = new TreeMap<>();
    for (Prediction row : records) {
      row.patientId()
          .ifPresent(id -> byPatient.computeIfAbsent(id, p -> new ArrayList<>()).add(row));
    }
    List<Prediction> patients = new ArrayList<>();
    SortedSet<String> conflicting = new TreeSet<>();
    byPatient.forEach(
        (id, rows) -> {
          if (distinct(rows, Prediction::truth) > 1) {
            conflicting.add(id);
          } else {
            patients.add(mean(Level.PATIENT, id, Optional.empty(), rows));
          }
        });
    return new Aggregation(List.copyOf(records), List.copyOf(patients), conflicting);
  }

  private static Prediction mean(
      Level level, String id, Optional<String> recordId, List<Prediction> rows) {
    // The sum must not depend on the order in which rows arrive.
    List<Prediction> ordered = new ArrayList<>(rows);
    ordered.sort(Comparator.comparing(Prediction::id));
    Prediction first = ordered.get(0);
    double[] sum = new double[first.probabilities().size()];
    boolean simulated = false;
    // One threshold, but where beats of one case were answered by several models.
    double threshold = 0;
    for (Prediction row : ordered) {
      threshold += row.threshold();
      for (int c = 0; c < sum.length; c++) {
        sum[c] += row.probabilities().get(c);
      }
      simulated |= row.simulated();
    }
    List<Double> mean = new ArrayList<>(sum.length);
    for (double s : sum) {
      mean.add(s / ordered.size());
    }
    return new Prediction(
        level,
        id,
        first.dataset(),
        recordId,
        first.patientId(),
        first.fold(),
        first.truth(),
        mean,
        (float) (threshold / ordered.size()),
        simulated);
  }

  private static <T> void requireOne(
      String id, List<Prediction> rows, Function<Prediction, T> property, String what) {
    if (distinct(rows, property) > 1) {
      throw new IllegalArgumentException(
          "Invalid predictions: beats of record " + id + " name different " + what);
    }
  }

  private static <T> long distinct(List<Prediction> rows, Function<Prediction, T> property) {
    return rows.stream().map(property).distinct().count();
  }
}
