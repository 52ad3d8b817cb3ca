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
 *   <li>the filters have no delay, and the thresholds follow levels that are local on both sides
 *       ({@link QrsFeature}): flat stretches and noise cost no beat next to them;
 *   <li>the energies of the slopes of all leads are added, each by its quality there: no lead needs
 *       to be a good one, and noise does not outvote signal;
 *   <li>a stretch whose waves stand out of the background no further than those of noise holds no
 *       beats;
 *   <li>a wave that is not steep enough, but about as high as the last beats, is a wide beat;
 *   <li>in a regular rhythm, what stands between two beats that follow each other on time must have
 *       a beat's shape ({@link Interlopers});
 *   <li>each detection is moved to the highest peak of its complex ({@link Fiducials}): on the
 *       first lead where there are one or two, as the annotations of the MIT-BIH databases are
 *       placed, of the vector magnitude where there are more.
 * </ul>
 *
 * <p>All its constants are in seconds and Hz: it works at any rate of 50 Hz and more. Immutable.
 */
public final class RPeakDetector {
  /** Slopes are computed at a rate of this or a little more, whatever the recording's. */
  private static final double ANALYSIS_HZ = 250;

  private static final double REFRACTORY_SECONDS = 0.2;
  private static final double T_WAVE_SECONDS = 0.34;
  private static final double SEARCH_BACK_SECONDS = 0.36;
  private static final double THRESHOLD = 0.3;
  private static final double SEARCH_BACK_GAP = 1.66;

  /**
   * What is sought back must have this share of the beats' height over the floor, and that of the
   * local level: the P wave of a blocked atrial beat, which nothing follows, has less. A very wide
   * beat has less, too, but is about as high as the others.
   */
  private static final double SOUGHT = 0.1;

  private static final double SOUGHT_OF_LOCAL = 0.18;

  /**
   * A wave that is less steep than the threshold asks for, but about as high from peak to peak as
   * the last beats, or higher, is a wide beat if it stands behind the T wave and has this share of
   * the threshold.
   */
  private static final double WIDE = 0.5;

  /** About as high: this share of the last beats' median, extrasystoles among them. */
  private static final double ABOUT_AS_HIGH = 0.85;

  private static final double BEHIND_T_WAVE_SECONDS = 0.36;

  /** Beats whose height tells what is high. */
  private static final int LAST_BEATS = 8;

  /** The level that follows the beats one by one stays within these multiples of the local one. */
  private static final double LEAST_OF_LOCAL = 0.4;

  private static final double MOST_OF_LOCAL = 1.5;

  /** Least sampling rate: below it a QRS complex has no shape. */
  public static final double LEAST_HZ = 50;

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
    if (!(fsHz >= LEAST_HZ)) {
      throw new IllegalArgumentException(
          "Invalid sampling rate " + fsHz + " Hz: R peaks need 50 Hz or more");
    }
    this.fsHz = fsHz;
    this.step = Math.max(1, (int) Math.floor(fsHz / ANALYSIS_HZ));
    this.analysisHz = fsHz / step;
    this.band = QrsFeature.band(analysisHz);
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
    double[][] waves = new double[leads.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      waves[lead] = lowered(leads[lead]);
    }
    QrsFeature feature = new QrsFeature(waves, analysisHz, band);
    if (feature.greatestSlope() < QrsFeature.LEAST_SLOPE_MV_PER_SECOND) {
      return RPeaks.none(
          RPeaks.Finding.TOO_FAINT,
          String.format(
              Locale.ROOT,
              "The steepest waves reach %.2f mV/s, a heartbeat %.1f or more",
              feature.greatestSlope(),
              QrsFeature.LEAST_SLOPE_MV_PER_SECOND));
    }
    if (feature.greatestClarity() < QrsFeature.LEAST_CLARITY) {
      return RPeaks.none(
          RPeaks.Finding.NOTHING_STANDS_OUT,
          String.format(
              Locale.ROOT,
              "No stretch has waves that stand out of their background like heartbeats: at best"
                  + " %.1f times, counted less where the background is noise, and %.1f times are"
                  + " needed",
              feature.greatestClarity(),
              QrsFeature.LEAST_CLARITY));
    }
    int[] chosen = choose(feature, localMaxima(feature.values()));
    int[] peaks =
        new Fiducials(leads, fsHz, step, feature)
            .of(new Interlopers(feature, analysisHz).dropped(chosen));
    return peaks.length == 0
        ? RPeaks.none(
            RPeaks.Finding.TOO_FAINT, "No wave reaches " + Fiducials.LEAST_MAGNITUDE_MV + " mV")
        : new RPeaks(peaks, RPeaks.Finding.FOUND, "");
  }

  private double[] lowered(float[] lead) {
    double[] lowered = new double[lead.length / step];
    for (int i = 0; i < lowered.length; i++) {
      double sum = 0;
      for (int j = 0; j < step; j++) {
        sum += lead[i * step + j];
      }
      lowered[i] = sum / step;
    }
    return lowered;
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

  private int[] choose(QrsFeature feature, int[] candidates) {
    double[] values = feature.values();
    double signalLevel = candidates.length == 0 ? 0 : feature.level(candidates[0]);
    double noiseLevel = 0;
    int[] chosen = new int[candidates.length];
    int count = 0;
    int firstUnseen = 0;
    for (int c = 0; c <= candidates.length; c++) {
      // One turn more than there are candidates: the end of the recording can lack a beat as well.
      boolean atEnd = c == candidates.length;
      int at = atEnd ? values.length - 1 : candidates[c];
      double local = feature.level(at);
      signalLevel =
          count == 0
              ? local
              : Math.max(local * LEAST_OF_LOCAL, Math.min(local * MOST_OF_LOCAL, signalLevel));
      noiseLevel = Math.min(signalLevel / 2, noiseLevel);
      double floor = Math.max(noiseLevel, Math.min(feature.background(at), signalLevel / 2));
      double threshold = floor + THRESHOLD * (signalLevel - floor);
      if (count > 0 && at - chosen[count - 1] > SEARCH_BACK_GAP * typicalInterval(chosen, count)) {
        int missed = highest(feature, candidates, firstUnseen, c, chosen[count - 1]);
        double sought = Math.max(floor + SOUGHT * (signalLevel - floor), SOUGHT_OF_LOCAL * local);
        if (missed >= 0
            && (values[candidates[missed]] > sought
                || (values[candidates[missed]] > floor
                    && isHighBehindTWave(feature, chosen, count, candidates[missed])))) {
          chosen[count++] = candidates[missed];
          signalLevel += 0.25 * (Math.min(values[candidates[missed]], signalLevel) - signalLevel);
          firstUnseen = missed + 1;
          // The same stretch may lack more than one: look at it again.
          c--;
          continue;
        }
      }
      if (atEnd) {
        break;
      }
      if (feature.clarity(at) < QrsFeature.LEAST_CLARITY) {
        continue;
      }
      double height = values[at];
      boolean isBeat =
          height > threshold
              ? !looksLikeTWave(values, chosen, count, at)
              : height > WIDE * threshold && isHighBehindTWave(feature, chosen, count, at);
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

  private boolean isHighBehindTWave(QrsFeature feature, int[] chosen, int count, int at) {
    if (count < LAST_BEATS / 2 || at - chosen[count - 1] <= samples(BEHIND_T_WAVE_SECONDS)) {
      return false;
    }
    double[] last = new double[Math.min(LAST_BEATS, count)];
    for (int i = 0; i < last.length; i++) {
      last[i] = feature.height(chosen[count - 1 - i]);
    }
    Arrays.sort(last);
    return feature.height(at) > ABOUT_AS_HIGH * last[last.length / 2];
  }

  private int highest(QrsFeature feature, int[] candidates, int from, int to, int lastBeat) {
    int best = -1;
    for (int c = from; c < to; c++) {
      if (candidates[c] - lastBeat >= samples(SEARCH_BACK_SECONDS)
          && feature.clarity(candidates[c]) >= QrsFeature.LEAST_CLARITY
          && (best < 0 || feature.values()[candidates[c]] > feature.values()[candidates[best]])) {
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
    Arrays.sort(last);
    return last[intervals / 2];
  }

  private int samples(double seconds) {
    return (int) Math.round(seconds * analysisHz);
  }
}
