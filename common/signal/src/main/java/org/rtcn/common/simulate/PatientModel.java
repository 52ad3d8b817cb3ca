package org.rtcn.common.simulate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.simulate.DipoleWave.Part;

/** Draws a person: a typical healthy beat, varied as hearts and chests vary, then the infarct. */
final class PatientModel {
  private static final double DEGREE = StrictMath.PI / 180;

  private PatientModel() {}

  static SimulatedPatient draw(SimulationOptions options, int number) {
    Label label = options.labelOf(number);
    GaussianStream random = GaussianStream.of(options.seed(), "patient", number);
    int age = (int) Math.round(random.normalWithin(58, 13, 20, 90));
    boolean male = random.uniform(0, 1) < 0.6;
    double heartRate = random.normalWithin(male ? 67 : 71, 9, 46, 110);
    List<DipoleWave> waves = healthyWaves(random, male);
    List<Double> chestGain = new ArrayList<>();
    for (int lead = 0; lead < 6; lead++) {
      chestGain.add(random.factor(0.12));
    }
    double severity = 0;
    double stage = 0;
    if (label != Label.HC) {
      severity = random.uniform(options.minSeverity(), options.maxSeverity());
      stage = random.uniform(0, 1);
      waves = InfarctModel.of(label).applyTo(waves, severity, stage, random);
    }
    return new SimulatedPatient(
        number,
        String.format(Locale.ROOT, "patient%03d", number),
        label,
        age,
        male ? "male" : "female",
        severity,
        stage,
        heartRate,
        waves,
        chestGain);
  }

  private static List<DipoleWave> healthyWaves(GaussianStream random, boolean male) {
    // The heart's position in the chest turns all waves together; an oblique heart lies at 0.
    double frontal = random.normalWithin(0, 18, -50, 40) * DEGREE;
    double transverse = random.normalWithin(0, 10, -30, 30) * DEGREE;
    double sagittal = random.normalWithin(0, 8, -25, 25) * DEGREE;
    double size = random.factor(0.18) * (male ? 1.05 : 0.95);
    double duration = random.factor(0.07);

    double septal = size * random.factor(0.35);
    double apex = size * random.factor(0.12);
    double lateral = size * random.factor(0.2);
    double basal = size * random.factor(0.35);
    List<DipoleWave> waves = new ArrayList<>();
    waves.add(wave(Part.QRS, -0.024 * duration, 0.007 * duration, -0.12, -0.07, -0.22, septal));
    waves.add(wave(Part.QRS, 0, 0.011 * duration, 1.15, 0.72, -0.04, apex));
    waves.add(wave(Part.QRS, 0.016 * duration, 0.010 * duration, 0.15, 0.02, 0.75, lateral));
    waves.add(wave(Part.QRS, 0.033 * duration, 0.008 * duration, -0.16, -0.12, 0.22, basal));

    double tFrontal = random.normal(0, 12) * DEGREE;
    double tTransverse = random.normal(0, 14) * DEGREE;
    double tSize = Math.sqrt(size) * random.factor(0.25) * (male ? 1.08 : 0.88);
    double qt = random.factor(0.05);
    // The T wave rises slowly and falls fast: a broad term and a narrow later one.
    List<DipoleWave> repolarisation = new ArrayList<>();
    repolarisation.add(
        wave(Part.REPOLARISATION, 0.235 * qt, 0.050 * qt, 0.205, 0.10, -0.15, tSize));
    repolarisation.add(
        wave(Part.REPOLARISATION, 0.285 * qt, 0.027 * qt, 0.185, 0.09, -0.12, tSize));
    // Healthy ST segments are not quite level either.
    repolarisation.add(
        new DipoleWave(
            Part.REPOLARISATION,
            0.120 * qt,
            0.045 * qt,
            new Vec3(
                random.normal(0.015, 0.02),
                random.normal(0.01, 0.02),
                random.normal(-0.03, 0.025))));
    for (DipoleWave wave : repolarisation) {
      waves.add(wave.withMoment(wave.moment().rotated(tFrontal, tTransverse, 0)));
    }

    double pq = random.normal(0, 0.012);
    double atria = random.factor(0.22);
    waves.add(wave(Part.P, -0.166 + pq, 0.017, 0.040, 0.075, -0.035, atria));
    waves.add(wave(Part.P, -0.138 + pq, 0.018, 0.070, 0.050, 0.040, atria * random.factor(0.2)));

    List<DipoleWave> turned = new ArrayList<>();
    for (DipoleWave wave : waves) {
      turned.add(wave.withMoment(wave.moment().rotated(frontal, transverse, sagittal)));
    }
    return turned;
  }

  private static DipoleWave wave(
      Part part, double offset, double width, double x, double y, double z, double size) {
    return new DipoleWave(part, offset, width, new Vec3(x, y, z).times(size));
  }
}
