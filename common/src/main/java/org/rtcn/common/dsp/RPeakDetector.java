package org.rtcn.common.dsp;

import java.util.Arrays;

/**
 * Finds one R peak per heartbeat on all leads at once.
 *
 * <p>After Pan and Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed. Eng. 32(3),
 * 1985, with three changes that a whole recording allows: the filters have no delay, the energies
 * of the slopes of all leads are added before the moving average (so that no lead needs to be a
 * good one), and the thresholds start from medians over the recording instead of its first seconds.
 * Each detection is then moved to the maximum of the vector magnitude, the root of the sum of
 * squares of all leads, which is the fiducial point for all leads.
 *
 * <p>All its constants are in seconds and Hz: it works at any rate of 50 Hz and more. Immutable.
 */
public final class RPeakDetector {
  private static final double BAND_LOW_HZ = 5;
  private static final double BAND_HIGH_HZ = 18;
  private static final double AVERAGE_SECONDS = 0.11;
  private static final double REFRACTORY_SECONDS = 0.2;
  private static final double T_WAVE_SECONDS = 0.36;
  private static final double REFINE_SECONDS = 0.1;

  /** A block that holds a beat at rates of 30 per minute and more. */
  private static final double BLOCK_SECONDS = 2;

  private static final double THRESHOLD = 0.3;
  private static final double SEARCH_BACK_GAP = 1.66;

  /**
   * Least ratio of the beats' level to the recording's median. Noise on twelve leads reaches 1.2 to
   * 1.3, a ventricular tachycardia of 170 per minute 2, a usual ECG 14.
   */
  private static final double LEAST_CONTRAST = 1.6;

  /**
   * Least level of the beats, root mean square over the leads, in mV/s. The quietest of 500
   * recordings of PTB-XL has 8.5; slow waves without a QRS complex stay below 0.2.
   */
  private static final double LEAST_SLOPE_MV_PER_SECOND = 0.8;

  /** In mV; below it there is no electrical activity to speak of. */
  private static final double LEAST_MAGNITUDE_MV = 0.05;

  private final double fsHz;
  private final SosFilter band;

  /**
   * @param fsHz sampling rate of the signals to come
   * @throws IllegalArgumentException if the rate is below 50 Hz
   */
  public RPeakDetector(double fsHz) {
    if (!(fsHz >= 50)) {
      throw new IllegalArgumentException(
          "Invalid sampling rate " + fsHz + " Hz: R peaks need 50 Hz or more");
    }
    this.fsHz = fsHz;
    this.band = Filters.butterworthBandPass(2, BAND_LOW_HZ, BAND_HIGH_HZ, fsHz);
  }

  /**
   * The R peaks of a recording.
   *
   * @param leads {@code [lead][sample]} in mV, free of NaN and of baseline wander
   * @return sample indices, ascending; empty if nothing stands out
   */
  public int[] detect(float[][] leads) {
    if (leads.length == 0 || leads[0].length <= band.defaultPadSamples()) {
      return new int[0];
    }
    double[] feature = slopeEnergy(leads);
    double[] magnitude = vectorMagnitude(leads);
    int[] candidates = localMaxima(feature);
    int[] chosen = choose(feature, candidates);
    return refine(chosen, magnitude);
  }

  /** Root mean square of the slopes over the moving window and the leads, in mV/s. */
  private double[] slopeEnergy(float[][] leads) {
    int n = leads[0].length;
    int span = Math.max(1, samples(0.008));
    double[] energy = new double[n];
    double[] lead = new double[n];
    for (float[] row : leads) {
      for (int i = 0; i < n; i++) {
        lead[i] = row[i];
      }
      double[] filtered = band.zeroPhase(lead);
      for (int i = 0; i < n; i++) {
        int after = Math.min(n - 1, i + span);
        int before = Math.max(0, i - span);
        double slope = (filtered[after] - filtered[before]) * fsHz / (after - before);
        energy[i] += slope * slope;
      }
    }
    int half = Math.max(1, samples(AVERAGE_SECONDS / 2));
    double[] cumulative = new double[n + 1];
    for (int i = 0; i < n; i++) {
      cumulative[i + 1] = cumulative[i] + energy[i];
    }
    double[] feature = new double[n];
    for (int i = 0; i < n; i++) {
      int from = Math.max(0, i - half);
      int to = Math.min(n, i + half + 1);
      double mean = (cumulative[to] - cumulative[from]) / ((2 * half + 1) * leads.length);
      feature[i] = Math.sqrt(Math.max(0, mean));
    }
    return feature;
  }

  private static double[] vectorMagnitude(float[][] leads) {
    double[] magnitude = new double[leads[0].length];
    for (float[] row : leads) {
      for (int i = 0; i < magnitude.length; i++) {
        magnitude[i] += (double) row[i] * row[i];
      }
    }
    for (int i = 0; i < magnitude.length; i++) {
      magnitude[i] = Math.sqrt(magnitude[i]);
    }
    return magnitude;
  }

  /** Samples that are the highest within three quarters of the refractory time on both sides. */
  private int[] localMaxima(double[] feature) {
    int reach = samples(REFRACTORY_SECONDS * 0.75);
    int[] found = new int[feature.length];
    int count = 0;
    for (int i = 1; i < feature.length - 1; i++) {
      if (feature[i] > feature[i - 1] && feature[i] >= feature[i + 1]) {
        boolean highest = true;
        for (int j = Math.max(0, i - reach);
            highest && j <= Math.min(feature.length - 1, i + reach);
            j++) {
          highest = feature[j] <= feature[i] && !(j < i && feature[j] == feature[i]);
        }
        if (highest) {
          found[count++] = i;
        }
      }
    }
    return Arrays.copyOf(found, count);
  }

  private int[] choose(double[] feature, int[] candidates) {
    double signalLevel = medianOfBlockMaxima(feature);
    double background = median(feature);
    if (signalLevel < LEAST_CONTRAST * background || signalLevel < LEAST_SLOPE_MV_PER_SECOND) {
      return new int[0];
    }
    double noiseLevel = Math.min(background, signalLevel / 2);
    int[] chosen = new int[candidates.length];
    int count = 0;
    int firstUnseen = 0;
    for (int c = 0; c <= candidates.length; c++) {
      // One turn more than there are candidates: the end of the recording can lack a beat as well.
      boolean atEnd = c == candidates.length;
      int at = atEnd ? feature.length : candidates[c];
      double threshold = noiseLevel + THRESHOLD * (signalLevel - noiseLevel);
      if (count > 0 && at - chosen[count - 1] > SEARCH_BACK_GAP * typicalInterval(chosen, count)) {
        int missed = highest(feature, candidates, firstUnseen, c, chosen[count - 1]);
        if (missed >= 0 && feature[candidates[missed]] > threshold / 2) {
          chosen[count++] = candidates[missed];
          signalLevel += 0.25 * (Math.min(feature[candidates[missed]], signalLevel) - signalLevel);
          firstUnseen = missed + 1;
          // The same stretch may lack more than one: look at it again.
          c--;
          continue;
        }
      }
      if (atEnd) {
        break;
      }
      double height = feature[at];
      boolean isBeat = height > threshold && !looksLikeTWave(feature, chosen, count, at);
      if (isBeat) {
        chosen[count++] = at;
        firstUnseen = c + 1;
        // An artefact must not lift the level beyond the heart's reach.
        signalLevel += 0.125 * (Math.min(height, 2 * signalLevel) - signalLevel);
      } else {
        noiseLevel += 0.125 * (Math.min(height, signalLevel / 2) - noiseLevel);
      }
    }
    return Arrays.copyOf(chosen, count);
  }

  /** Within 360 ms of a beat only what is at least half as steep as that beat can be another. */
  private boolean looksLikeTWave(double[] feature, int[] chosen, int count, int at) {
    return count > 0
        && at - chosen[count - 1] < samples(T_WAVE_SECONDS)
        && feature[at] < 0.5 * feature[chosen[count - 1]];
  }

  private int highest(double[] feature, int[] candidates, int from, int to, int lastBeat) {
    int best = -1;
    for (int c = from; c < to; c++) {
      if (candidates[c] - lastBeat >= samples(T_WAVE_SECONDS)
          && (best < 0 || feature[candidates[c]] > feature[candidates[best]])) {
        best = c;
      }
    }
    return best;
  }

  /** Median of the last eight intervals; one second while there is none. */
  private double typicalInterval(int[] chosen, int count) {
    int intervals = Math.min(8, count - 1);
    if (intervals < 1) {
      return fsHz;
    }
    double[] last = new double[intervals];
    for (int i = 0; i < intervals; i++) {
      last[i] = chosen[count - 1 - i] - chosen[count - 2 - i];
    }
    return median(last);
  }

  private int[] refine(int[] chosen, double[] magnitude) {
    int reach = samples(REFINE_SECONDS);
    int apart = samples(REFRACTORY_SECONDS);
    int[] peaks = new int[chosen.length];
    int count = 0;
    for (int at : chosen) {
      int best = at;
      for (int i = Math.max(0, at - reach); i <= Math.min(magnitude.length - 1, at + reach); i++) {
        if (magnitude[i] > magnitude[best]) {
          best = i;
        }
      }
      if (magnitude[best] < LEAST_MAGNITUDE_MV) {
        continue;
      }
      if (count > 0 && best - peaks[count - 1] < apart) {
        if (magnitude[best] > magnitude[peaks[count - 1]]) {
          peaks[count - 1] = best;
        }
      } else {
        peaks[count++] = best;
      }
    }
    return Arrays.copyOf(peaks, count);
  }

  private double medianOfBlockMaxima(double[] feature) {
    int block = Math.min(feature.length, samples(BLOCK_SECONDS));
    double[] maxima = new double[feature.length / block];
    for (int b = 0; b < maxima.length; b++) {
      for (int i = b * block; i < (b + 1) * block; i++) {
        maxima[b] = Math.max(maxima[b], feature[i]);
      }
    }
    return median(maxima);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * fsHz);
  }
}
