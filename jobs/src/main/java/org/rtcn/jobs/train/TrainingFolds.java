package org.rtcn.jobs.train;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.rtcn.common.error.UserException;

/** Which folds train and which are held out, and who is in them. */
final class TrainingFolds {
  private final Map<String, Integer> foldOfPatient;
  private final Set<Integer> heldOut;
  private final SortedSet<Integer> training;

  private TrainingFolds(Map<String, Integer> foldOfPatient, Set<Integer> heldOut) {
    this.foldOfPatient = foldOfPatient;
    this.heldOut = heldOut;
    this.training = new TreeSet<>(foldOfPatient.values());
    this.training.removeAll(heldOut);
  }

  static TrainingFolds of(Dataset<Row> splits, List<Integer> testFolds) {
    Map<String, Integer> folds = new TreeMap<>();
    splits
        .select("patient_id", "fold")
        .collectAsList()
        .forEach(row -> folds.put(row.getString(0), row.getInt(1)));
    return new TrainingFolds(folds, Set.copyOf(testFolds));
  }

  /** Everybody in a fold that is held out, of whatever label. */
  SortedSet<String> heldOutPatients() {
    SortedSet<String> patients = new TreeSet<>();
    foldOfPatient.forEach(
        (patient, fold) -> {
          if (heldOut.contains(fold)) {
            patients.add(patient);
          }
        });
    return patients;
  }

  SortedSet<Integer> training() {
    return training;
  }

  void requireTraining(String patientId, int fold) {
    Integer stated = foldOfPatient.get(patientId);
    if (stated == null || heldOut.contains(stated) || stated != fold) {
      throw new UserException(
          "Cannot train on patient "
              + patientId
              + ": splits has it in "
              + (stated == null
                  ? "no fold"
                  : "fold " + stated + (heldOut.contains(stated) ? " (held out)" : ""))
              + ", its images in fold "
              + fold
              + "; run transform again");
    }
  }

  void requireSameScheme(String scheme) {
    SortedSet<Integer> seen = new TreeSet<>();
    try {
      Arrays.stream(scheme.split(",")).map(String::trim).forEach(s -> seen.add(Integer.valueOf(s)));
    } catch (NumberFormatException e) {
      throw new UserException("Invalid fold_scheme \"" + scheme + "\" in the synthetic beats", e);
    }
    if (!seen.equals(training)) {
      throw new UserException(
          "Cannot train with these synthetic beats: their model saw the folds "
              + seen
              + ", training has "
              + training
              + "; run augment again, or set rtcn.train.synthetic=ignore");
    }
  }
}
