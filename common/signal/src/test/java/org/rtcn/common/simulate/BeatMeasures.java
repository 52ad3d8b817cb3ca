package org.rtcn.common.simulate;

import java.util.Arrays;
import java.util.List;
import org.rtcn.common.ecg.Lead;

/**
 * What a cardiologist measures, mean over the whole beats of a noise-free record, in mV against the
 * level before QRS. One value per lead of {@link Lead#STANDARD_12}.
 */
@SuppressWarnings("ArrayRecordComponent") // Filled once, then read.
record BeatMeasures(double[] p, double[] q, double[] r, double[] s, double[] st, double[] t) {

  static BeatMeasures of(SimulatedRecord record) {
    int leads = Lead.STANDARD_12.size();
    BeatMeasures sum =
        new BeatMeasures(
            new double[leads],
            new double[leads],
            new double[leads],
            new double[leads],
            new double[leads],
            new double[leads]);
    double perMs = record.fsHz() / 1000;
    int n = record.adu()[0].length;
    List<Integer> whole =
        record.rSamples().stream().filter(i -> i > 250 * perMs && i < n - 450 * perMs).toList();
    for (int lead = 0; lead < leads; lead++) {
      int[] x = record.adu()[lead];
      for (int i : whole) {
        double level = window(x, i, -80, -65, perMs).average().orElseThrow();
        double scale = whole.size() * SimulatedRecord.GAIN_ADU_PER_MILLIVOLT;
        sum.p[lead] += (window(x, i, -200, -110, perMs).max().orElseThrow() - level) / scale;
        sum.q[lead] += (window(x, i, -45, -8, perMs).min().orElseThrow() - level) / scale;
        sum.r[lead] += (window(x, i, -45, 50, perMs).max().orElseThrow() - level) / scale;
        sum.s[lead] += (window(x, i, -45, 60, perMs).min().orElseThrow() - level) / scale;
        sum.st[lead] += (window(x, i, 85, 110, perMs).average().orElseThrow() - level) / scale;
        sum.t[lead] += (window(x, i, 240, 290, perMs).average().orElseThrow() - level) / scale;
      }
    }
    return sum;
  }

  private static java.util.stream.DoubleStream window(
      int[] x, int r, double fromMs, double toMs, double perMs) {
    return Arrays.stream(x, (int) (r + fromMs * perMs), (int) (r + toMs * perMs) + 1)
        .asDoubleStream();
  }
}
