package org.rtcn.jobs.train;

import java.io.Serializable;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.train.TrainOptions.Balance;

/**
 * How much each training beat counts in the loss, so that {@link Balance} holds; the mean over all
 * beats is 1.
 */
final class ExampleWeights implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Map<String, Double> byClass = new HashMap<>();
  private final Map<String, Double> byPatient = new HashMap<>();
  private final Map<String, Double> shares = new LinkedHashMap<>();

  /** Beats of one patient and class. */
  record PatientBeats(String patientId, String label, long beats) {}

  /**
   * Finds the weights.
   *
   * @param real every training patient's beats
   * @param synthetic generated beats by class
   * @throws UserException if a class has no real beat
   */
  ExampleWeights(
      Balance balance, List<String> classes, List<PatientBeats> real, Map<String, Long> synthetic) {
    Map<String, Double> realBeats = new HashMap<>();
    Map<String, Long> patients = new HashMap<>();
    for (PatientBeats beats : real) {
      realBeats.merge(beats.label(), (double) beats.beats(), Double::sum);
      patients.merge(beats.label(), 1L, Long::sum);
    }
    double total = 0;
    for (String label : classes) {
      if (!realBeats.containsKey(label)) {
        throw new UserException(
            "Cannot train: no training beat is labelled "
                + label
                + "; change rtcn.classes, or ingest more recordings. Training beats by class: "
                + realBeats);
      }
      total += realBeats.get(label) + synthetic.getOrDefault(label, 0L);
    }
    for (String label : classes) {
      double beats = realBeats.get(label) + synthetic.getOrDefault(label, 0L);
      byClass.put(label, balance == Balance.BEATS ? 1 : total / (classes.size() * beats));
      // Within a class the mean weight is that of the class.
      shares.put(label, byClass.get(label) * beats / total);
    }
    if (balance == Balance.PATIENTS) {
      for (PatientBeats beats : real) {
        double usual = realBeats.get(beats.label()) / patients.get(beats.label());
        byPatient.put(key(beats.patientId(), beats.label()), usual / beats.beats());
      }
    }
  }

  /** What share of all that is learned from each class has, in the order of the classes. */
  Map<String, Double> shares() {
    return shares;
  }

  float of(Images.Image image) {
    double within =
        image.patientId() == null
            ? 1
            : byPatient.getOrDefault(key(image.patientId(), image.label()), 1.0);
    return (float) (byClass.get(image.label()) * within);
  }

  private static String key(String patientId, String label) {
    return label + '\n' + patientId;
  }
}
