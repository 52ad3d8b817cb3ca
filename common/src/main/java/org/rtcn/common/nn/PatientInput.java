package org.rtcn.common.nn;

/** What a network knows of the patient besides the ECG. */
public enum PatientInput {
  /** Nothing. */
  NONE(0),
  /**
   * Age and sex, as three numbers after the image: the age in years (NaN where unknown), the sex
   * (-1 male, +1 female, 0 unknown), and 0. The {@link ImageStandardizer} makes of them the age in
   * standard deviations from the training patients' mean (0 where unknown), the sex as it is, and 1
   * where the age is unknown.
   */
  AGE_SEX(3);

  /** Ages beyond are codes or errors, and count as unknown. */
  private static final float OLDEST_YEARS = 120;

  private final int numbers;

  PatientInput(int numbers) {
    this.numbers = numbers;
  }

  /** How many numbers stand after an image. */
  public int numbers() {
    return numbers;
  }

  /**
   * Writes what is known of a patient, before standardising.
   *
   * @param values receives {@link #numbers} numbers from {@code at} on
   * @param ageYears NaN where unknown
   * @param sex {@code male}, {@code female}, or anything else, null included, for unknown
   */
  public void write(float[] values, int at, float ageYears, String sex) {
    if (this == NONE) {
      return;
    }
    values[at] = ageYears >= 0 && ageYears <= OLDEST_YEARS ? ageYears : Float.NaN;
    values[at + 1] = "female".equals(sex) ? 1 : "male".equals(sex) ? -1 : 0;
    values[at + 2] = 0;
  }
}
