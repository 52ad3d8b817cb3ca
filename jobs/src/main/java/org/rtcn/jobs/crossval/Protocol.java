package org.rtcn.jobs.crossval;

/** What may stand on both sides of a split. */
public enum Protocol {
  /** Nobody: all beats of a patient are in one fold. */
  INTER_PATIENT("inter-patient"),
  /**
   * Patients may: beats are assigned to the folds one by one, so that the model is tested on other
   * beats of the patients it has learned by heart. Its figures are no estimate for new patients; it
   * is here to show how large that error is.
   */
  INTRA_PATIENT_LEAKING("intra-patient-leaking");

  private final String word;

  Protocol(String word) {
    this.word = word;
  }

  /** As settings write it. */
  public String word() {
    return word;
  }
}
