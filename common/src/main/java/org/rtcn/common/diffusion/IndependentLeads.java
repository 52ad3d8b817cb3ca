package org.rtcn.common.diffusion;

import org.rtcn.common.ecg.Lead;

/**
 * The eight leads that determine the twelve. Einthoven: III = II - I; Goldberger: aVR = -(I + II) /
 * 2, aVL = I - II / 2, aVF = II - I / 2. So completed leads obey the relations exactly (up to float
 * rounding), whatever the generator does.
 */
public final class IndependentLeads {
  private IndependentLeads() {}

  /** The rows I, II, V1 to V6 of {@code [12][sample]} in table order; not copied. */
  public static float[][] of(float[][] twelve) {
    requireRows(twelve, Lead.STANDARD_12.size());
    float[][] eight = new float[Lead.INDEPENDENT_8.size()][];
    for (int i = 0; i < eight.length; i++) {
      eight[i] = twelve[Lead.STANDARD_12.indexOf(Lead.INDEPENDENT_8.get(i))];
    }
    return eight;
  }

  /** All twelve rows, in table order, from {@code [8][sample]}. */
  public static float[][] complete(float[][] eight) {
    requireRows(eight, Lead.INDEPENDENT_8.size());
    float[] one = eight[Lead.INDEPENDENT_8.indexOf(Lead.I)];
    float[] two = eight[Lead.INDEPENDENT_8.indexOf(Lead.II)];
    float[][] twelve = new float[Lead.STANDARD_12.size()][];
    for (int row = 0; row < twelve.length; row++) {
      Lead lead = Lead.STANDARD_12.get(row);
      int given = Lead.INDEPENDENT_8.indexOf(lead);
      twelve[row] =
          switch (lead) {
            case III -> combine(one, -1, two, 1);
            case AVR -> combine(one, -0.5f, two, -0.5f);
            case AVL -> combine(one, 1, two, -0.5f);
            case AVF -> combine(one, -0.5f, two, 1);
            default -> eight[given].clone();
          };
    }
    return twelve;
  }

  private static float[] combine(float[] one, float a, float[] two, float b) {
    float[] sum = new float[one.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = a * one[i] + b * two[i];
    }
    return sum;
  }

  private static void requireRows(float[][] rows, int expected) {
    if (rows.length != expected) {
      throw new IllegalArgumentException(
          "Invalid beat of " + rows.length + " leads: must have " + expected);
    }
  }
}
