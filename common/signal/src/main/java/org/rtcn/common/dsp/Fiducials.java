package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Where in its QRS complex a beat stands: at the highest peak, of either sign, of the waves between
 * {@value #LOW_HZ} and {@value #HIGH_HZ} Hz.
 *
 * <p>That is where the annotations of the MIT-BIH databases stand, at the complex's major local
 * extremum on the first signal, and it holds for wide beats as well: an R wave that is followed by
 * a deeper but slower S or T wave is the peak, as the band takes the slow waves away; a small r
 * before a deep and quick S is not. It is the beginning of nothing and the middle of nothing:
 * half-way through a wide complex, where its slopes have their centre, it has no peak.
 *
 * <ul>
 *   <li>One or two leads: the peak of the first lead; of the other one where the first is lost in
 *       noise or silent and shows no wave of its own that is as steep, compared with its beats, as
 *       the other's. So a second lead finds beats, but never moves them.
 *   <li>Three and more: the peak of the vector magnitude, the root of the sum of squares of all
 *       leads but those lost in noise. It needs no lead to be a good one, and swapped or inverted
 *       leads change nothing.
 * </ul>
 */
final class Fiducials {
  /** In mV, of the band; below it there is no electrical activity to speak of. */
  static final double LEAST_MAGNITUDE_MV = 0.02;

  private static final double LOW_HZ = 4;
  private static final double HIGH_HZ = 25;

  /** The highest Nyquist share of the band's upper edge. */
  private static final double MOST_EDGE = 0.4;

  private static final double APART_SECONDS = 0.2;

  /** A wide complex's peak may stand this far from its steepest part. */
  private static final double REACH_SECONDS = 0.12;

  private static final double COMPLEX_SECONDS = 0.09;

  /** Deviations of the preference for what is near: a T or P wave is another wave. */
  private static final double CENTRE_TAPER_SECONDS = 0.2;

  private static final double PEAK_TAPER_SECONDS = 0.12;

  /** The peak of the band is within this of the lead's own. */
  private static final double SHARPEN_SECONDS = 0.012;

  /** A lead can be read where its beats have this over its background. */
  private static final double READABLE = 3;

  private final float[][] leads;
  private final double fsHz;
  private final int step;
  private final QrsFeature feature;
  private final double[][] waves;

  /**
   * @param leads {@code [lead][sample]}, mV
   * @param fsHz their rate
   * @param step samples of the leads per sample of the feature
   */
  Fiducials(float[][] leads, double fsHz, int step, QrsFeature feature) {
    this.leads = leads;
    this.fsHz = fsHz;
    this.step = step;
    this.feature = feature;
    double analysisHz = fsHz / step;
    SosFilter band =
        Filters.butterworthBandPass(
            2, LOW_HZ, Math.min(HIGH_HZ, MOST_EDGE * analysisHz), analysisHz);
    this.waves = new double[leads.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      waves[lead] = band.zeroPhase(feature.waves()[lead]);
    }
  }

  /**
   * The beats' instants: samples of the leads, ascending.
   *
   * @param found samples of the feature, ascending
   */
  int[] of(int[] found) {
    int apart = (int) Math.round(APART_SECONDS * fsHz);
    int[] peaks = new int[found.length];
    double[] heights = new double[found.length];
    int count = 0;
    for (int at : found) {
      double[] weights = weights(at);
      int highest = peak(at, weights);
      double height = magnitude(highest, weights);
      if (height < LEAST_MAGNITUDE_MV) {
        continue;
      }
      int peak = sharpened(highest, weights);
      if (count == 0 || peak - peaks[count - 1] >= apart) {
        peaks[count] = peak;
        heights[count++] = height;
      } else if (height > heights[count - 1]) {
        peaks[count - 1] = peak;
        heights[count - 1] = height;
      }
    }
    return Arrays.copyOf(peaks, count);
  }

  private double[] weights(int at) {
    double[] weights = new double[leads.length];
    if (leads.length > 2) {
      for (int lead = 0; lead < leads.length; lead++) {
        weights[lead] = Math.min(1, 10 * feature.vote(lead, at));
      }
      return weights;
    }
    boolean other =
        leads.length == 2
            && feature.contrast(0, at) < READABLE
            && feature.vote(1, at) > feature.vote(0, at)
            && feature.own(0, at) < feature.own(1, at);
    weights[other ? 1 : 0] = 1;
    return weights;
  }

  /**
   * First the complex, where the waves have most energy near their steepest part; then its peak.
   */
  private int peak(int at, double[] weights) {
    int n = waves[0].length;
    int reach = analysisSamples(REACH_SECONDS);
    int half = analysisSamples(COMPLEX_SECONDS / 2);
    int from = Math.max(0, at - reach - half);
    int to = Math.min(n, at + reach + half + 1);
    double[] sums = new double[to - from + 1];
    for (int i = from; i < to; i++) {
      double square = 0;
      for (int lead = 0; lead < waves.length; lead++) {
        square += weights[lead] * waves[lead][i] * waves[lead][i];
      }
      sums[i - from + 1] = sums[i - from] + square;
    }
    int centre = at;
    double most = -1;
    for (int i = Math.max(0, at - reach); i < Math.min(n, at + reach + 1); i++) {
      double energy =
          (sums[Math.min(to, i + half + 1) - from] - sums[Math.max(from, i - half) - from])
              * taper(i - at, CENTRE_TAPER_SECONDS);
      if (energy > most) {
        most = energy;
        centre = i;
      }
    }
    int best = centre;
    double highest = -1;
    for (int i = from; i < to; i++) {
      double height = (sums[i + 1 - from] - sums[i - from]) * taper(i - centre, PEAK_TAPER_SECONDS);
      if (height > highest) {
        highest = height;
        best = i;
      }
    }
    return best;
  }

  private double taper(int distance, double deviationSeconds) {
    double relative = distance * step / fsHz / deviationSeconds;
    return Math.exp(-relative * relative);
  }

  private int analysisSamples(double seconds) {
    return (int) Math.round(seconds * fsHz / step);
  }

  /**
   * The peak of the leads themselves: where they reach furthest the way the band's peak points. So
   * what wander is left does not matter.
   */
  private int sharpened(int highest, double[] weights) {
    int at = highest * step + (step - 1) / 2;
    int reach = (int) Math.round(SHARPEN_SECONDS * fsHz);
    int best = at;
    double furthest = Double.NEGATIVE_INFINITY;
    for (int i = Math.max(0, at - reach); i <= Math.min(leads[0].length - 1, at + reach); i++) {
      double along = 0;
      for (int lead = 0; lead < leads.length; lead++) {
        along += weights[lead] * leads[lead][i] * waves[lead][highest];
      }
      if (along > furthest) {
        furthest = along;
        best = i;
      }
    }
    return best;
  }

  private double magnitude(int at, double[] weights) {
    double sum = 0;
    for (int lead = 0; lead < leads.length; lead++) {
      sum += weights[lead] * waves[lead][at] * waves[lead][at];
    }
    return Math.sqrt(sum);
  }
}
