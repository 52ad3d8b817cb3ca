package org.rtcn.common.simulate;

import java.util.List;
import org.rtcn.common.ecg.Lead;

/**
 * Frank's orthogonal leads to the eight independent leads: Dower, Machado, Osborne, "On deriving
 * the electrocardiogram from vectorcardiographic leads", Clin. Cardiol. 3:87-95, 1980.
 */
final class DowerMatrix {
  /** Rows in the order of {@link Lead#INDEPENDENT_8}; columns x (left), y (feet), z (back). */
  private static final double[][] ROWS = {
    {0.632, -0.235, 0.059}, // I
    {0.235, 1.066, -0.132}, // II
    {-0.515, 0.157, -0.917}, // V1
    {0.044, 0.164, -1.387}, // V2
    {0.882, 0.098, -1.277}, // V3
    {1.213, 0.127, -0.601}, // V4
    {1.125, 0.127, -0.086}, // V5
    {0.831, 0.076, 0.230}, // V6
  };

  static final List<Lead> LEADS = Lead.INDEPENDENT_8;

  private DowerMatrix() {}

  /** What lead number {@code lead} of {@link #LEADS} sees of a dipole, in mV. */
  static double project(int lead, double x, double y, double z) {
    double[] row = ROWS[lead];
    return row[0] * x + row[1] * y + row[2] * z;
  }
}
