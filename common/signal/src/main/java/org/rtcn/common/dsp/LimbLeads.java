package org.rtcn.common.dsp;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/**
 * The six limb leads are two measurements, I and II: Einthoven's law III = II - I, and Goldberger's
 * aVR = -(I + II) / 2, aVL = I - II / 2, aVF = II - I / 2. So any two give the others, and more
 * than two can be checked.
 */
public final class LimbLeads {

  /** Shares of I and II. */
  private static final Map<Lead, double[]> SHARES =
      new EnumMap<>(
          Map.of(
              Lead.I, new double[] {1, 0},
              Lead.II, new double[] {0, 1},
              Lead.III, new double[] {-1, 1},
              Lead.AVR, new double[] {-0.5, -0.5},
              Lead.AVL, new double[] {1, -0.5},
              Lead.AVF, new double[] {-0.5, 1}));

  private LimbLeads() {}

  /**
   * The signal with those limb leads derived that it lacks, in the order of {@link
   * Lead#STANDARD_12}, followed by its other leads. A sample is NaN where one of the two it derives
   * from is. With fewer than two limb leads, or nothing missing, it is the signal itself.
   */
  public static EcgSignal complete(EcgSignal signal) {
    List<Lead> given = signal.leads().stream().filter(SHARES::containsKey).toList();
    if (given.size() < 2 || given.size() == SHARES.size()) {
      return signal;
    }
    // The two that come first in table order: I and II where they are there.
    Lead first = given.stream().sorted().toList().get(0);
    Lead second = given.stream().sorted().toList().get(1);
    float[] a = signal.millivolts()[signal.leads().indexOf(first)];
    float[] b = signal.millivolts()[signal.leads().indexOf(second)];
    List<Lead> leads = new ArrayList<>();
    List<float[]> rows = new ArrayList<>();
    for (Lead lead : Lead.STANDARD_12) {
      int row = signal.leads().indexOf(lead);
      if (row >= 0) {
        leads.add(lead);
        rows.add(signal.millivolts()[row]);
      } else if (SHARES.containsKey(lead)) {
        leads.add(lead);
        rows.add(derive(lead, first, a, second, b));
      }
    }
    for (Lead lead : signal.leads()) {
      if (!leads.contains(lead)) {
        leads.add(lead);
        rows.add(signal.millivolts()[signal.leads().indexOf(lead)]);
      }
    }
    return new EcgSignal(signal.fsHz(), leads, rows.toArray(new float[0][]));
  }

  /** The standard leads that a signal neither has nor gives. */
  public static List<Lead> missing(EcgSignal signal) {
    List<Lead> missing = new ArrayList<>(Lead.STANDARD_12);
    missing.removeAll(complete(signal).leads());
    return missing;
  }

  private static float[] derive(Lead lead, Lead first, float[] a, Lead second, float[] b) {
    double[] p = SHARES.get(first);
    double[] q = SHARES.get(second);
    double[] wanted = SHARES.get(lead);
    // wanted = x p + y q
    double determinant = p[0] * q[1] - p[1] * q[0];
    double x = (wanted[0] * q[1] - wanted[1] * q[0]) / determinant;
    double y = (p[0] * wanted[1] - p[1] * wanted[0]) / determinant;
    float[] derived = new float[a.length];
    for (int i = 0; i < derived.length; i++) {
      derived[i] = (float) (x * a[i] + y * b[i]);
    }
    return derived;
  }

  /**
   * How far the limb leads are from Einthoven's and Goldberger's laws: the largest standard
   * deviation, over the leads, of what the first two (in table order) don't explain, in mV. A
   * constant offset is no fault: recorders differ in it. NaN with fewer than three limb leads or
   * without samples valid in all.
   */
  public static double inconsistencyMillivolts(EcgSignal signal) {
    List<Lead> given =
        signal.leads().stream().filter(SHARES::containsKey).distinct().sorted().toList();
    double worst = Double.NaN;
    for (int k = 2; k < given.size(); k++) {
      float[] a = signal.millivolts()[signal.leads().indexOf(given.get(0))];
      float[] b = signal.millivolts()[signal.leads().indexOf(given.get(1))];
      float[] row = signal.millivolts()[signal.leads().indexOf(given.get(k))];
      float[] derived = derive(given.get(k), given.get(0), a, given.get(1), b);
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (int i = 0; i < row.length; i++) {
        double rest = (double) row[i] - derived[i];
        if (!Double.isNaN(rest)) {
          sum += rest;
          squares += rest * rest;
          count++;
        }
      }
      if (count > 0) {
        double mean = sum / count;
        double deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
        worst = Double.isNaN(worst) ? deviation : Math.max(worst, deviation);
      }
    }
    return worst;
  }
}
