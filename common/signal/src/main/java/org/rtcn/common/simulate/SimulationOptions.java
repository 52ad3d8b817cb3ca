package org.rtcn.common.simulate;

import java.io.Serializable;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.rtcn.common.ecg.Label;

/**
 * What to simulate. Patients are numbered from 1, class after class in the order of {@link Label}.
 *
 * @param seed root of all random numbers
 * @param patientsPerClass how many patients of each class; HC, AMI, ASMI, ALMI, IMI and ILMI can be
 *     simulated
 * @param minRecordsPerPatient fewest records of a patient, 1..9
 * @param maxRecordsPerPatient most records of a patient, 1..9
 * @param fsHz sampling rate, 100..2000 Hz
 * @param durationSeconds of each record, 2..600 s
 * @param noiseLevel wander, mains hum and muscle noise: 0 none, 1 a good resting ECG, at most 10
 * @param minSeverity of infarcts, 0 (no sign at all) to 1 (textbook)
 * @param maxSeverity of infarcts, 0 to 1
 */
public record SimulationOptions(
    long seed,
    Map<Label, Integer> patientsPerClass,
    int minRecordsPerPatient,
    int maxRecordsPerPatient,
    double fsHz,
    double durationSeconds,
    double noiseLevel,
    double minSeverity,
    double maxSeverity)
    implements Serializable {

  /** The classes that can be simulated. */
  public static final Set<Label> CLASSES =
      Collections.unmodifiableSet(
          EnumSet.of(Label.HC, Label.AMI, Label.ASMI, Label.ALMI, Label.IMI, Label.ILMI));

  private static final int MAX_PATIENTS = 1_000_000;

  /**
   * Copies the classes and checks every value.
   *
   * @throws IllegalArgumentException if a value is out of its range
   */
  public SimulationOptions {
    Map<Label, Integer> classes = new EnumMap<>(Label.class);
    classes.putAll(patientsPerClass);
    long total = 0;
    for (Map.Entry<Label, Integer> entry : classes.entrySet()) {
      check(
          CLASSES.contains(entry.getKey()),
          "class " + entry.getKey(),
          "these can be simulated: " + CLASSES);
      check(
          entry.getValue() >= 0,
          entry.getValue() + " patients of " + entry.getKey(),
          "must be 0 or more");
      total += entry.getValue();
    }
    check(
        total >= 1 && total <= MAX_PATIENTS, total + " patients", "must lie in 1.." + MAX_PATIENTS);
    patientsPerClass = Collections.unmodifiableMap(classes);
    check(
        1 <= minRecordsPerPatient
            && minRecordsPerPatient <= maxRecordsPerPatient
            && maxRecordsPerPatient <= 9,
        minRecordsPerPatient + ".." + maxRecordsPerPatient + " records per patient",
        "must be a range within 1..9");
    check(fsHz >= 100 && fsHz <= 2000, "sampling rate " + fsHz + " Hz", "must lie in 100..2000");
    check(
        durationSeconds >= 2 && durationSeconds <= 600,
        "duration " + durationSeconds + " s",
        "must lie in 2..600");
    check(noiseLevel >= 0 && noiseLevel <= 10, "noise level " + noiseLevel, "must lie in 0..10");
    check(
        0 <= minSeverity && minSeverity <= maxSeverity && maxSeverity <= 1,
        "severity " + minSeverity + ".." + maxSeverity,
        "must be a range within 0..1");
  }

  /** 1 to 2 records of 10 s at 500 Hz per patient, severities from subtle (0.2) to textbook (1). */
  public static SimulationOptions of(long seed, Map<Label, Integer> patientsPerClass) {
    return new SimulationOptions(seed, patientsPerClass, 1, 2, 500, 10, 1, 0.2, 1);
  }

  /** All patients, of whatever class. */
  public int patientCount() {
    return patientsPerClass.values().stream().mapToInt(Integer::intValue).sum();
  }

  /**
   * The class of a patient.
   *
   * @param patient 1..{@link #patientCount}
   */
  public Label labelOf(int patient) {
    int last = 0;
    for (Map.Entry<Label, Integer> entry : patientsPerClass.entrySet()) {
      last += entry.getValue();
      if (patient >= 1 && patient <= last) {
        return entry.getKey();
      }
    }
    throw new IllegalArgumentException(
        "Invalid patient " + patient + ": must lie in 1.." + patientCount());
  }

  private static void check(boolean valid, String what, String remedy) {
    if (!valid) {
      throw new IllegalArgumentException("Invalid " + what + ": " + remedy);
    }
  }
}
