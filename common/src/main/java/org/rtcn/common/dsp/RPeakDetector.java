package org.rtcn.common.dsp;

import java.util.Arrays;
import java.util.Locale;

/**
 * Finds one R peak per heartbeat on any number of leads at once, one lead included.
 *
 * <p>After Pan and Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed. Eng. 32(3),
 * 1985, with what a whole recording allows:
 *
 * <ul>
 *   <li>the filters have no delay, and the thresholds start from medians over the recording;
 *   <li>the energies of the slopes of all leads are added, each weighted by how far its beats stand
 *       out of its background within about 20 s: no lead needs to be a good one, a noisy one does
 *       no harm;
 *   <li>where the rhythm is regular, a detection between two beats that follow each other on time
 *       is dropped if it is fainter than its neighbours and unlike them in shape;
 *   <li>each detection is moved to the maximum of the vector magnitude, the root of the sum of
 *       squares of all leads (those lost in noise left out), near the middle of its energy: the
 *       fiducial point for all leads.
 * </ul>
 *
 * <p>All its constants are in seconds and Hz: it works at any rate of 50 Hz and more. Immutable.
 */
public final class RPeakDetector {
  private static final double BAND_LOW_HZ = 6;
  private static final double BAND_HIGH_HZ = 16;

  /** Slopes are computed at a rate of this or a little more, whatever the recording's. */
  private static final double ANALYSIS_HZ = 250;

  private static final double AVERAGE_SECONDS = 0.09;
  private static final double REFRACTORY_SECONDS = 0.2;
  private static final double T_WAVE_SECONDS = 0.34;
  private static final double SEARCH_BACK_SECONDS = 0.36;
  private static final double REFINE_SECONDS = 0.1;

  /** Deviation of the preference for the middle of the energy, where R and S both stand high. */
  private static final double REFINE_TAPER_SECONDS = 0.05;

  /** A block that holds a beat at rates of 30 per minute and more. */
  private static final double BLOCK_SECONDS = 2;

  private static final double WEIGHT_SECONDS = 20;
  private static final double LEAST_WEIGHT = 0.01;

  private static final double THRESHOLD = 0.32;
  private static final double SEARCH_BACK_GAP = 1.66;

  /** Two beats on either side are on time if they are no further apart than this many intervals. */
  private static final double ON_TIME = 1.2;

  /**
   * A rhythm is regular if half of its intervals differ from their median by no more than this
   * share. In atrial fibrillation any beat may stand between two others.
   */
  private static final double REGULAR = 0.12;

  private static final double LEAST_LIKENESS = 0.7;

  /** Beats to either side that tell rhythm and shape: a burst of noise is shorter. */
  private static final int NEIGHBOURS = 40;

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

  /** Samples of the recording per sample of the analysis. */
  private final int step;

  private final double analysisHz;
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
    this.step = Math.max(1, (int) Math.floor(fsHz / ANALYSIS_HZ));
    this.analysisHz = fsHz / step;
    this.band = Filters.butterworthBandPass(2, BAND_LOW_HZ, BAND_HIGH_HZ, analysisHz);
  }

  /**
   * The R peaks of a recording.
   *
   * @param leads {@code [lead][sample]} in mV, free of NaN and of baseline wander
   * @return sample indices, ascending; empty if nothing stands out
   */
  public int[] detect(float[][] leads) {
    return find(leads).samples();
  }

  /**
   * The R peaks of a recording, or why there are none.
   *
   * @param leads {@code [lead][sample]} in mV, free of NaN and of baseline wander
   */
  public RPeaks find(float[][] leads) {
    if (leads.length == 0 || leads[0].length / step <= band.defaultPadSamples()) {
      return RPeaks.none(RPeaks.Finding.TOO_SHORT, "Too short to filter");
    }
    Analysis analysis = new Analysis(leads);
    double[] feature = analysis.feature;
    double level = medianOfBlockMaxima(feature, 0, feature.length);
    double background = sampledMedian(feature, 0, feature.length);
    if (level < LEAST_SLOPE_MV_PER_SECOND) {
      return RPeaks.none(
          RPeaks.Finding.TOO_FAINT,
          String.format(
              Locale.ROOT,
              "The steepest waves reach %.2f mV/s, a heartbeat %.1f or more",
              level,
              LEAST_SLOPE_MV_PER_SECOND));
    }
    if (level < LEAST_CONTRAST * background) {
      return RPeaks.none(
          RPeaks.Finding.NOTHING_STANDS_OUT,
          String.format(
              Locale.ROOT,
              "The steepest waves are %.1f times as steep as the background, heartbeats %.1f times"
                  + " or more",
              level / background,
              LEAST_CONTRAST));
    }
    int[] chosen = choose(feature, localMaxima(feature), level, background);
    int[] peaks = refine(dropInterlopers(chosen, analysis), leads, analysis);
    return peaks.length == 0
        ? RPeaks.none(RPeaks.Finding.TOO_FAINT, "No wave reaches " + LEAST_MAGNITUDE_MV + " mV")
        : new RPeaks(peaks, RPeaks.Finding.FOUND, "");
  }

  /** The recording at the rate of the analysis. */
  private final class Analysis {
    /** {@code [lead][sample]}, mV. */
    final double[][] waves;

    /** {@code [lead][block]}: how much a lead counts, 1 for the best one of a block. */
    final double[][] weights;

    final int blockSamples;

    /** Root mean square of the slopes over the moving window and the leads, mV/s. */
    final double[] feature;

    Analysis(float[][] leads) {
      int n = leads[0].length / step;
      waves = new double[leads.length][];
      double[][] energy = new double[leads.length][];
      for (int lead = 0; lead < leads.length; lead++) {
        waves[lead] = lowered(leads[lead], n);
        energy[lead] = slopeEnergy(band.zeroPhase(waves[lead]));
      }
      blockSamples = Math.min(n, samples(WEIGHT_SECONDS));
      int blocks = n / blockSamples;
      weights = new double[leads.length][blocks];
      for (int b = 0; b < blocks; b++) {
        int from = b * blockSamples;
        int to = b == blocks - 1 ? n : from + blockSamples;
        double best = 0;
        for (int lead = 0; lead < leads.length; lead++) {
          double contrast =
              Math.sqrt(
                  medianOfBlockMaxima(energy[lead], from, to)
                      / Math.max(1e-12, sampledMedian(energy[lead], from, to)));
          weights[lead][b] = Math.max(LEAST_WEIGHT, contrast - 1);
          best = Math.max(best, weights[lead][b]);
        }
        for (int lead = 0; lead < leads.length; lead++) {
          double share = weights[lead][b] / best;
          weights[lead][b] = share * share * share * share;
        }
      }
      feature = new double[n];
      double[] total = new double[n];
      for (int lead = 0; lead < leads.length; lead++) {
        for (int i = 0; i < n; i++) {
          double weight = weight(lead, i);
          total[i] += weight;
          feature[i] += weight * energy[lead][i];
        }
      }
      for (int i = 0; i < n; i++) {
        feature[i] = Math.sqrt(feature[i] / total[i]);
      }
    }

    /** Interpolated between the middles of the blocks. */
    double weight(int lead, int at) {
      double[] blocks = weights[lead];
      double position = (double) at / blockSamples - 0.5;
      if (position <= 0) {
        return blocks[0];
      }
      int left = (int) position;
      if (left >= blocks.length - 1) {
        return blocks[blocks.length - 1];
      }
      double share = position - left;
      return blocks[left] * (1 - share) + blocks[left + 1] * share;
    }

    private double[] lowered(float[] lead, int n) {
      double[] lowered = new double[n];
      for (int i = 0; i < n; i++) {
        double sum = 0;
        for (int j = 0; j < step; j++) {
          sum += lead[i * step + j];
        }
        lowered[i] = sum / step;
      }
      return lowered;
    }

    private double[] slopeEnergy(double[] lead) {
      int n = lead.length;
      int span = Math.max(1, samples(0.008));
      double[] cumulative = new double[n + 1];
      for (int i = 0; i < n; i++) {
        int after = Math.min(n - 1, i + span);
        int before = Math.max(0, i - span);
        double slope = (lead[after] - lead[before]) * analysisHz / (after - before);
        cumulative[i + 1] = cumulative[i] + slope * slope;
      }
      int half = Math.max(1, samples(AVERAGE_SECONDS / 2));
      double[] mean = new double[n];
      for (int i = 0; i < n; i++) {
        double sum = cumulative[Math.min(n, i + half + 1)] - cumulative[Math.max(0, i - half)];
        mean[i] = Math.max(0, sum / (2 * half + 1));
      }
      return mean;
    }
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

  private int[] choose(double[] feature, int[] candidates, double level, double background) {
    double signalLevel = level;
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

  /** Within 340 ms of a beat only what is at least half as steep as that beat can be another. */
  private boolean looksLikeTWave(double[] feature, int[] chosen, int count, int at) {
    return count > 0
        && at - chosen[count - 1] < samples(T_WAVE_SECONDS)
        && feature[at] < 0.5 * feature[chosen[count - 1]];
  }

  private int highest(double[] feature, int[] candidates, int from, int to, int lastBeat) {
    int best = -1;
    for (int c = from; c < to; c++) {
      if (candidates[c] - lastBeat >= samples(SEARCH_BACK_SECONDS)
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
      return analysisHz;
    }
    double[] last = new double[intervals];
    for (int i = 0; i < intervals; i++) {
      last[i] = chosen[count - 1 - i] - chosen[count - 2 - i];
    }
    return median(last, intervals);
  }

  /**
   * Drops what stands between two beats that follow each other on time in a regular rhythm, fainter
   * than the beats around and unlike them. An interpolated extrasystole is unlike them, but not
   * faint.
   */
  private int[] dropInterlopers(int[] chosen, Analysis analysis) {
    int count = chosen.length;
    if (count < 5) {
      return chosen;
    }
    int[] kept = new int[count];
    int keptCount = 0;
    double[] scratch = new double[2 * NEIGHBOURS];
    for (int i = 0; i < count; i++) {
      if (i > 0 && i < count - 1) {
        int from = Math.max(0, i - NEIGHBOURS);
        int to = Math.min(count - 1, i + NEIGHBOURS);
        int size = 0;
        for (int k = from; k < to; k++) {
          scratch[size++] = chosen[k + 1] - chosen[k];
        }
        double typical = median(scratch, size);
        boolean onTimeWithout = chosen[i + 1] - kept[keptCount - 1] < ON_TIME * typical;
        for (int k = 0; k < size; k++) {
          scratch[k] = Math.abs(scratch[k] - typical);
        }
        if (onTimeWithout && median(scratch, size) < REGULAR * typical) {
          size = 0;
          for (int k = from; k < to; k++) {
            if (k != i) {
              scratch[size++] = analysis.feature[chosen[k]];
            }
          }
          boolean faint = analysis.feature[chosen[i]] < median(scratch, size);
          if (faint && likeness(chosen, i, from, to, scratch, analysis) < LEAST_LIKENESS) {
            continue;
          }
        }
      }
      kept[keptCount++] = chosen[i];
    }
    return Arrays.copyOf(kept, keptCount);
  }

  /** Median correlation of a detection's waves with its neighbours', each at its best delay. */
  private double likeness(
      int[] chosen, int of, int from, int to, double[] scratch, Analysis analysis) {
    int half = samples(0.08);
    int lag = samples(0.04);
    int lagStep = Math.max(1, samples(0.004));
    int pointStep = Math.max(1, samples(0.008));
    int n = analysis.feature.length;
    int size = 0;
    for (int k = from; k < to; k++) {
      if (k == of) {
        continue;
      }
      double best = -1;
      for (int delay = -lag; delay <= lag; delay += lagStep) {
        double product = 0;
        double own = 0;
        double other = 0;
        for (int lead = 0; lead < analysis.waves.length; lead++) {
          double weight = analysis.weight(lead, chosen[of]);
          double[] row = analysis.waves[lead];
          for (int j = -half; j <= half; j += pointStep) {
            int at = chosen[of] + j + delay;
            int with = chosen[k] + j;
            if (at >= 0 && at < n && with >= 0 && with < n) {
              product += weight * row[at] * row[with];
              own += weight * row[at] * row[at];
              other += weight * row[with] * row[with];
            }
          }
        }
        best = Math.max(best, product / Math.sqrt(own * other + 1e-12));
      }
      scratch[size++] = best;
    }
    return median(scratch, size);
  }

  private int[] refine(int[] chosen, float[][] leads, Analysis analysis) {
    int n = leads[0].length;
    int reach = (int) Math.round(REFINE_SECONDS * fsHz);
    int apart = (int) Math.round(REFRACTORY_SECONDS * fsHz);
    double[] taper = new double[reach + 1];
    for (int i = 0; i <= reach; i++) {
      double distance = i / fsHz / REFINE_TAPER_SECONDS;
      taper[i] = Math.exp(-distance * distance);
    }
    double[] squares = new double[2 * reach + 1];
    int[] peaks = new int[chosen.length];
    double[] heights = new double[chosen.length];
    int count = 0;
    for (int at : chosen) {
      int centre = at * step + (step - 1) / 2;
      int from = Math.max(0, centre - reach);
      int to = Math.min(n - 1, centre + reach);
      Arrays.fill(squares, 0);
      for (int lead = 0; lead < leads.length; lead++) {
        // A lead lost in noise would move the peak; all others count alike.
        double weight = Math.min(1, 10 * analysis.weight(lead, at));
        float[] row = leads[lead];
        for (int i = from; i <= to; i++) {
          squares[i - from] += weight * row[i] * row[i];
        }
      }
      int best = centre;
      double highest = -1;
      for (int i = from; i <= to; i++) {
        double height = squares[i - from] * taper[Math.abs(i - centre)];
        if (height > highest) {
          highest = height;
          best = i;
        }
      }
      double magnitude = Math.sqrt(squares[best - from]);
      if (magnitude < LEAST_MAGNITUDE_MV) {
        continue;
      }
      if (count > 0 && best - peaks[count - 1] < apart) {
        if (magnitude > heights[count - 1]) {
          peaks[count - 1] = best;
          heights[count - 1] = magnitude;
        }
      } else {
        peaks[count] = best;
        heights[count++] = magnitude;
      }
    }
    return Arrays.copyOf(peaks, count);
  }

  private double medianOfBlockMaxima(double[] feature, int from, int to) {
    int block = Math.min(to - from, samples(BLOCK_SECONDS));
    double[] maxima = new double[(to - from) / block];
    for (int b = 0; b < maxima.length; b++) {
      for (int i = from + b * block; i < from + (b + 1) * block; i++) {
        maxima[b] = Math.max(maxima[b], feature[i]);
      }
    }
    return median(maxima, maxima.length);
  }

  /**
   * The features are smooth over {@value #AVERAGE_SECONDS} s: a few samples of it tell the same.
   */
  private double sampledMedian(double[] feature, int from, int to) {
    int stride = Math.max(1, samples(AVERAGE_SECONDS / 4));
    double[] sampled = new double[(to - from + stride - 1) / stride];
    for (int i = 0; i < sampled.length; i++) {
      sampled[i] = feature[from + i * stride];
    }
    return median(sampled, sampled.length);
  }

  /** Sorts the first {@code size} values. */
  private static double median(double[] values, int size) {
    Arrays.sort(values, 0, size);
    return values[size / 2];
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * analysisHz);
  }
}
