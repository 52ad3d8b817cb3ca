package org.rtcn.common.simulate;

import java.util.List;
import org.rtcn.common.ecg.Label;

/**
 * One simulated person: what stays the same in all of their records.
 *
 * @param number from 1
 * @param name of the folder and the patient, for example {@code patient001}
 * @param label class
 * @param ageYears drawn from one law for all classes, so that age does not tell the class
 * @param sex {@code male} or {@code female}
 * @param severity of the infarct in 0..1; 0 for healthy controls
 * @param stage of the infarct: 0 hyperacute, 0.5 subacute, 1 old; 0 for healthy controls
 * @param heartRatePerMinute mean at rest
 * @param waves terms of the dipole
 * @param chestGain how strongly each of V1..V6 sees the dipole, about 1
 */
record SimulatedPatient(
    int number,
    String name,
    Label label,
    int ageYears,
    String sex,
    double severity,
    double stage,
    double heartRatePerMinute,
    List<DipoleWave> waves,
    List<Double> chestGain) {

  SimulatedPatient {
    waves = List.copyOf(waves);
    chestGain = List.copyOf(chestGain);
  }
}
