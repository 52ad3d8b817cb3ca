package org.rtcn.common.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

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
  /** What {@link #of} does, in words, for manifests and reports. */
  public static final String RULE =
      "a patient's probabilities are the mean of their recordings', a recording's those of its"
          + " beats";

  /**
   * @throws IllegalArgumentException if a row is not of beat level, has no record, or two beats of
   *     one record disagree about its patient or truth
   */
  public static Aggregation of(List<Prediction> beats) {
    Map<String, Mean> byRecord = new TreeMap<>();
    // Sums must not depend on the order in which rows arrive.
    for (Prediction beat : PredictionList.byId(beats)) {
      if (beat.level() != Level.BEAT || beat.recordId().isEmpty()) {
        throw new IllegalArgumentException(
            "Invalid row " + beat.id() + ": aggregation starts from beats with a record id");
      }
      byRecord.computeIfAbsent(beat.recordId().get(), id -> new Mean(beat)).add(beat);
    }
    PredictionList.Builder records = PredictionList.builder(Level.RECORD);
    Map<String, Mean> byPatient = new TreeMap<>();
    byRecord.forEach(
        (id, mean) -> {
          mean.requireOne(id);
          Prediction row = mean.row(Level.RECORD, id, Optional.of(id));
          records.add(row);
          row.patientId()
              .ifPresent(
                  patient -> byPatient.computeIfAbsent(patient, p -> new Mean(row)).add(row));
        });
    PredictionList.Builder patients = PredictionList.builder(Level.PATIENT);
    SortedSet<String> conflicting = new TreeSet<>();
    byPatient.forEach(
        (id, mean) -> {
          if (mean.truthsDiffer) {
            conflicting.add(id);
          } else {
            patients.add(mean.row(Level.PATIENT, id, Optional.empty()));
          }
        });
    return new Aggregation(records.build(), patients.build(), conflicting);
  }

  /** Of some rows, which are added in the order of their ids. */
  private static final class Mean {
    private final Prediction first;
    private final double[] sum;
    private long rows;
    // One threshold, but where beats of one case were answered by several models.
    private double thresholds;
    private boolean simulated;
    private boolean truthsDiffer;
    private boolean patientsDiffer;

    Mean(Prediction first) {
      this.first = first;
      this.sum = new double[first.probabilities().size()];
    }

    void add(Prediction row) {
      for (int c = 0; c < sum.length; c++) {
        sum[c] += row.probabilities().get(c);
      }
      rows++;
      thresholds += row.threshold();
      simulated |= row.simulated();
      truthsDiffer |= !row.truth().equals(first.truth());
      patientsDiffer |= !row.patientId().equals(first.patientId());
    }

    void requireOne(String recordId) {
      if (truthsDiffer || patientsDiffer) {
        throw new IllegalArgumentException(
            "Invalid predictions: beats of record "
                + recordId
                + " name different "
                + (patientsDiffer ? "patients" : "truths"));
      }
    }

    Prediction row(Level level, String id, Optional<String> recordId) {
      List<Double> mean = new ArrayList<>(sum.length);
      for (double s : sum) {
        mean.add(s / rows);
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
          (float) (thresholds / rows),
          simulated);
    }
  }
}
