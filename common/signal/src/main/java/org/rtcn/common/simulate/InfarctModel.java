package org.rtcn.common.simulate;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.simulate.DipoleWave.Part;

/**
 * An infarct as changes of the dipole's terms. Everything follows from the direction of the
 * infarcted wall: leads that look at it show Q, ST elevation and T inversion, leads that look from
 * the other side the reciprocal.
 */
@SuppressWarnings("ImmutableEnumChecker") // Vec3 is a record of doubles.
enum InfarctModel {
  /** Anterior: V2 to V4 or V5. */
  AMI(new Vec3(0.50, 0.02, -0.86), 0.6),
  /** Antero-septal: V1 to V3; the septum's own early forces are lost. */
  ASMI(new Vec3(-0.45, 0.00, -0.89), 1.0),
  /** Antero-lateral: I, aVL, V4 to V6; reciprocal in III and aVF. */
  ALMI(new Vec3(0.90, -0.42, -0.12), 0.0),
  /** Inferior: II, III, aVF; reciprocal in aVL. */
  IMI(new Vec3(-0.08, 1.00, 0.02), 0.0),
  /** Infero-lateral: II, III, aVF, V5 and V6; reciprocal in V1. */
  ILMI(new Vec3(0.72, 0.68, 0.14), 0.0);

  private static final double DEGREE = StrictMath.PI / 180;

  private final Vec3 wall;
  private final double septalLoss;

  InfarctModel(Vec3 wall, double septalLoss) {
    this.wall = wall;
    this.septalLoss = septalLoss;
  }

  static InfarctModel of(Label label) {
    return valueOf(label.name());
  }

  /**
   * Changes a healthy heart's waves.
   *
   * @param severity 0..1
   * @param stage 0 hyperacute, 0.5 subacute, 1 old
   */
  List<DipoleWave> applyTo(
      List<DipoleWave> healthy, double severity, double stage, GaussianStream random) {
    Vec3 direction =
        wall.unit()
            .rotated(
                random.normal(0, 9) * DEGREE,
                random.normal(0, 9) * DEGREE,
                random.normal(0, 9) * DEGREE);
    double necrosis = severity * random.factor(0.2) * (0.45 + 0.55 * Math.min(1, 2.5 * stage));
    double injury = severity * random.factor(0.25) * (0.12 + 0.88 * Math.max(0, 1 - 1.4 * stage));
    double inversion = severity * random.factor(0.2) * inversion(stage);

    List<DipoleWave> waves = new ArrayList<>();
    double tMoment = 0;
    for (DipoleWave wave : healthy) {
      Vec3 moment = wave.moment();
      if (wave.part() == Part.QRS) {
        // The dead wall pulls less; the septum goes with an antero-septal infarct.
        moment = moment.without(direction, Math.min(0.75, 0.40 * necrosis));
        if (wave.offsetSeconds() < 0) {
          moment = moment.times(1 - Math.min(1, 1.2 * necrosis * septalLoss));
        }
      } else if (wave.part() == Part.REPOLARISATION) {
        tMoment += Math.sqrt(moment.dot(moment));
      }
      waves.add(wave.withMoment(moment));
    }
    // The first 40 ms turn away from the dead wall.
    waves.add(new DipoleWave(Part.QRS, -0.020, 0.0095, direction.times(-0.55 * necrosis)));
    waves.add(new DipoleWave(Part.QRS, -0.006, 0.0090, direction.times(-0.22 * necrosis)));
    // The injury current holds from the J point into the T wave.
    waves.add(new DipoleWave(Part.REPOLARISATION, 0.065, 0.020, direction.times(0.15 * injury)));
    waves.add(new DipoleWave(Part.REPOLARISATION, 0.110, 0.032, direction.times(0.19 * injury)));
    waves.add(new DipoleWave(Part.REPOLARISATION, 0.180, 0.045, direction.times(0.22 * injury)));
    // Repolarisation turns away, in proportion to this heart's own T wave.
    double t = -0.85 * tMoment * inversion;
    waves.add(new DipoleWave(Part.REPOLARISATION, 0.250, 0.040, direction.times(0.7 * t)));
    waves.add(new DipoleWave(Part.REPOLARISATION, 0.290, 0.028, direction.times(0.45 * t)));
    return waves;
  }

  /** Tall T in the first hours, deep inversion in the first weeks, then half of it remains. */
  private static double inversion(double stage) {
    if (stage < 0.2) {
      return -0.35 * (1 - stage / 0.2);
    }
    return Math.min(1, (stage - 0.2) / 0.3) * (1 - 0.5 * Math.max(0, (stage - 0.6) / 0.4));
  }
}
