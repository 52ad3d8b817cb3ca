package org.rtcn.jobs.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.rtcn.common.metrics.Decision;
import org.rtcn.common.metrics.Prediction;
import org.rtcn.common.report.MisreadSection;

/** Held-out patients whose answer is not their label. */
final class MisreadPatients {
  /** Kinds in the order in which they are listed. */
  private static final List<String> KINDS =
      List.of("missed infarct", "false alarm", "other site", "other finding");

  private MisreadPatients() {}

  /**
   * The misread, missed infarcts first, within a kind the most confident first.
   *
   * @param patients predictions of patient level with a truth
   */
  static List<MisreadSection.Patient> of(List<String> classes, List<Prediction> patients) {
    Decision decision = Decision.among(classes);
    List<MisreadSection.Patient> misread = new ArrayList<>();
    for (Prediction patient : patients) {
      int truth = classes.indexOf(patient.truth().orElseThrow());
      int answer = patient.answer(decision);
      if (answer != truth) {
        misread.add(
            new MisreadSection.Patient(
                patient.id(),
                kind(decision, truth, answer),
                classes.get(truth),
                classes.get(answer),
                decision.infarctProbability(patient.probabilityArray()),
                patient.probabilities(),
                Optional.empty(),
                Optional.empty()));
      }
    }
    misread.sort(
        Comparator.comparingInt((MisreadSection.Patient patient) -> KINDS.indexOf(patient.kind()))
            .thenComparingDouble(patient -> doubt(decision, classes, patient))
            .thenComparing(MisreadSection.Patient::patientId));
    return misread;
  }

  private static String kind(Decision decision, int truth, int answer) {
    if (decision.isInfarct(truth) != decision.isInfarct(answer)) {
      return KINDS.get(decision.isInfarct(truth) ? 0 : 1);
    }
    return KINDS.get(decision.isInfarct(truth) ? 2 : 3);
  }

  /** 0 where the wrong answer was certain. */
  private static double doubt(
      Decision decision, List<String> classes, MisreadSection.Patient patient) {
    boolean detected = decision.isInfarct(classes.indexOf(patient.answer()));
    boolean ill = decision.isInfarct(classes.indexOf(patient.truth()));
    if (detected != ill) {
      return detected ? 1 - patient.probabilityMi() : patient.probabilityMi();
    }
    return 1 - patient.probabilities().get(classes.indexOf(patient.answer()));
  }
}
