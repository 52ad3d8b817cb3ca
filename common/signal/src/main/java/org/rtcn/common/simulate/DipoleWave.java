package org.rtcn.common.simulate;

/**
 * One Gaussian term of the dipole.
 *
 * @param part which part of the beat it belongs to: how its timing follows the heart rate
 * @param offsetSeconds centre relative to R, at 60 beats per minute
 * @param widthSeconds standard deviation, at 60 beats per minute
 * @param moment its moment in mV
 */
record DipoleWave(Part part, double offsetSeconds, double widthSeconds, Vec3 moment) {

  /** Parts of the beat, by how they shorten as the heart speeds up. */
  enum Part {
    /** The atria: the PQ interval shortens a little. */
    P,
    /** The ventricles' depolarisation, which keeps its duration. */
    QRS,
    /** ST and T: shorten by the square root of the RR interval (Bazett 1920). */
    REPOLARISATION;

    double timeScale(double rrSeconds) {
      return switch (this) {
        case P -> 0.75 + 0.25 * Math.sqrt(rrSeconds);
        case QRS -> 1;
        case REPOLARISATION -> Math.sqrt(rrSeconds);
      };
    }
  }

  DipoleWave withMoment(Vec3 changed) {
    return new DipoleWave(part, offsetSeconds, widthSeconds, changed);
  }
}
