package org.rtcn.jobs.ingest;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.random.RandomStreams;

/**
 * Patient-disjoint folds, stratified by label: within each label patients are put in an order that
 * (seed, patient_id) decides, and assigned to the folds in turn. Labels start at different folds,
 * so that small classes do not all land in the first ones.
 */
final class FoldAssignment {
  private FoldAssignment() {}

  /**
   * One patient.
   *
   * @param patientId key
   * @param dataset see records
   * @param label of the patient's first record by id
   * @param stratFold the source's own fold, null if it has none
   */
  record Patient(String patientId, String dataset, String label, Integer stratFold) {}

  /** Fold of each patient, 1-based, by patient_id. */
  static Map<String, Integer> assign(List<Patient> patients, int folds, long seed) {
    Map<String, Integer> assigned = new TreeMap<>();
    Map<String, List<Patient>> byLabel = new TreeMap<>();
    for (Patient patient : patients) {
      if (patient.stratFold() != null) {
        assigned.put(patient.patientId(), patient.stratFold());
      } else {
        byLabel.computeIfAbsent(patient.label(), label -> new ArrayList<>()).add(patient);
      }
    }
    byLabel.forEach(
        (label, members) -> {
          members.sort(
              Comparator.<Patient>comparingLong(
                      patient -> RandomStreams.seedOf(seed, "fold", patient.patientId()))
                  .thenComparing(Patient::patientId));
          int offset = Math.floorMod(RandomStreams.seedOf(seed, "fold-offset", label), folds);
          for (int i = 0; i < members.size(); i++) {
            assigned.put(members.get(i).patientId(), 1 + (i + offset) % folds);
          }
        });
    return assigned;
  }
}
