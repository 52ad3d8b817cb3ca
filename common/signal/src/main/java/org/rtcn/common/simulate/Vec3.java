package org.rtcn.common.simulate;

/**
 * A dipole moment in Frank's axes, in mV.
 *
 * @param x towards the left
 * @param y towards the feet
 * @param z towards the back
 */
record Vec3(double x, double y, double z) {

  Vec3 plus(Vec3 other) {
    return new Vec3(x + other.x, y + other.y, z + other.z);
  }

  Vec3 times(double factor) {
    return new Vec3(factor * x, factor * y, factor * z);
  }

  double dot(Vec3 other) {
    return x * other.x + y * other.y + z * other.z;
  }

  Vec3 unit() {
    return times(1 / Math.sqrt(dot(this)));
  }

  /** Removes the given fraction of the component along a unit vector, if it points that way. */
  Vec3 without(Vec3 direction, double fraction) {
    double along = Math.max(0, dot(direction));
    return plus(direction.times(-fraction * along));
  }

  /**
   * Rotates about the axes one after the other: {@code frontal} in the frontal plane (about z, from
   * left towards the feet), {@code transverse} in the horizontal plane (about y, from left towards
   * the back), {@code sagittal} in the sagittal plane (about x, from the feet towards the back).
   *
   * @param frontal in radians, as the other two
   */
  Vec3 rotated(double frontal, double transverse, double sagittal) {
    double cf = StrictMath.cos(frontal);
    double sf = StrictMath.sin(frontal);
    double x1 = cf * x - sf * y;
    double y1 = sf * x + cf * y;
    double ct = StrictMath.cos(transverse);
    double st = StrictMath.sin(transverse);
    double x2 = ct * x1 - st * z;
    double z1 = st * x1 + ct * z;
    double cs = StrictMath.cos(sagittal);
    double ss = StrictMath.sin(sagittal);
    return new Vec3(x2, cs * y1 - ss * z1, ss * y1 + cs * z1);
  }
}
