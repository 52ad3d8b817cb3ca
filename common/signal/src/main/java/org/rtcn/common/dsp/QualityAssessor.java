package org.rtcn.common.dsp;

import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.Set;
import org.rtcn.common.ecg.Lead;

/**
 * Judges leads of beats, and whether limb electrodes seem swapped. Its limits are in mV and
 * seconds, the same at every sampling rate; they are design decisions of ours.
 */
final class QualityAssessor {
  /** Standing still at the extreme value for this long, reached in a jump: clipped. */
  private static final double CLIP_SECONDS = 0.008;

  private static final double CLIP_JUMP_MV = 0.15;

  /** Standing still for this long this far out: at the rail. */
  private static final double RAIL_SECONDS = 0.1;

  private static final double RAIL_MV = 5;

  /** Root mean square of what moving means leave between the beats. */
  private static final double NOISE_MV = 0.02;

  private static final double NOISE_PER_QRS = 0.03;
  private static final double RAW_NOISE_MV = 0.03;

  /**
   * The noise of a window that is no beat, as a share of its QRS complex's height. White noise by
   * itself has 0.2 to 0.27; of 4,572 beats of PTB-XL one in a thousand has more than 0.05, with
   * white noise of 0.3 mV added one in twenty more than 0.144.
   */
  private static final double ONLY_NOISE_PER_QRS = 0.14;

  private static final double NOISE_MEAN_SECONDS = 0.06;
  private static final double RAW_MEAN_SECONDS = 0.02;
  private static final double QRS_SECONDS = 0.06;
  private static final double BESIDE_QRS_SECONDS = 0.12;

  private final double flatMillivolts;

  QualityAssessor(double flatMillivolts) {
    this.flatMillivolts = flatMillivolts;
  }

  /** A stretch of one lead, at some sampling rate, with the R peaks of the recording. */
  record Stretch(double fsHz, int from, int to) {}

  /**
   * What is wrong with one lead of one beat.
   *
   * @param raw the lead as recorded, NaN bridged
   * @param rawStretch the window in {@code raw}, within its bounds
   * @param invalid samples of {@code raw} within long gaps
   * @param cleaned the lead as cleaned
   * @param stretch the window in {@code cleaned}, within its bounds
   * @param nearPeak samples of {@code cleaned} too near to an R peak to tell noise from waves
   * @param r the beat's own R peak in {@code cleaned}
   */
  Set<QualityFlag> flags(
      double[] raw,
      Stretch rawStretch,
      BitSet invalid,
      float[] cleaned,
      Stretch stretch,
      boolean[] nearPeak,
      int r) {
    Set<QualityFlag> flags = EnumSet.noneOf(QualityFlag.class);
    if (touches(invalid, rawStretch.from(), rawStretch.to())) {
      flags.add(QualityFlag.INVALID);
    }
    if (BeatSegmenter.isFlat(raw, rawStretch.from(), rawStretch.to(), flatMillivolts)) {
      flags.add(QualityFlag.FLAT);
      return flags;
    }
    if (isClipped(raw, rawStretch)) {
      flags.add(QualityFlag.SATURATED);
    }
    if (isNoisy(raw, rawStretch, cleaned, stretch, nearPeak, r)) {
      flags.add(QualityFlag.NOISY);
    }
    return flags;
  }

  /**
   * Whether a window is no more than noise: it is where two thirds of the leads have more than half
   * of their time outside the QRS complexes in noise that is too large a share of the complex.
   *
   * @param cleaned {@code [lead][sample]}
   * @param stretch the window, within their bounds
   * @param nearPeak as above
   * @param r the beat's R peak
   */
  static boolean isOnlyNoise(float[][] cleaned, Stretch stretch, boolean[] nearPeak, int r) {
    int noisy = 0;
    for (float[] lead : cleaned) {
      double most = ONLY_NOISE_PER_QRS * qrsHeight(lead, stretch.fsHz(), r);
      // The median is at most the root mean square by a factor of 1.48, and dearer.
      if (1.5 * roughness(lead, stretch, nearPeak) > most
          && usualRoughness(lead, stretch, nearPeak) > most) {
        noisy++;
      }
    }
    return 3 * noisy >= 2 * cleaned.length;
  }

  /** As {@link #roughness}, of the median: a part of the window does not tell the whole. */
  private static double usualRoughness(float[] cleaned, Stretch stretch, boolean[] nearPeak) {
    int half = Math.max(1, (int) Math.round(NOISE_MEAN_SECONDS * stretch.fsHz() / 2));
    double[] cumulative = new double[stretch.to() - stretch.from() + 1];
    for (int i = stretch.from(); i < stretch.to(); i++) {
      cumulative[i - stretch.from() + 1] = cumulative[i - stretch.from()] + cleaned[i];
    }
    double[] rests = new double[cumulative.length];
    int count = 0;
    for (int i = stretch.from() + half; i < stretch.to() - half; i++) {
      if (!nearPeak[i]) {
        int at = i - stretch.from();
        double mean = (cumulative[at + half + 1] - cumulative[at - half]) / (2 * half + 1);
        rests[count++] = Math.abs(cleaned[i] - mean);
      }
    }
    Arrays.sort(rests, 0, count);
    return count == 0 ? 0 : 1.4826 * rests[count / 2];
  }

  /** Peak to peak within 60 ms of the R peak. */
  private static double qrsHeight(float[] cleaned, double fsHz, int r) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    int reach = (int) Math.round(QRS_SECONDS * fsHz);
    for (int i = Math.max(0, r - reach); i <= Math.min(cleaned.length - 1, r + reach); i++) {
      low = Math.min(low, cleaned[i]);
      high = Math.max(high, cleaned[i]);
    }
    return high - low;
  }

  /** The samples within 120 ms of an R peak. */
  static boolean[] nearPeaks(int[] peaks, int sampleCount, double fsHz) {
    int reach = (int) Math.round(BESIDE_QRS_SECONDS * fsHz);
    boolean[] near = new boolean[sampleCount];
    for (int peak : peaks) {
      Arrays.fill(near, Math.max(0, peak - reach), Math.min(sampleCount, peak + reach + 1), true);
    }
    return near;
  }

  private static boolean isClipped(double[] raw, Stretch stretch) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = stretch.from(); i < stretch.to(); i++) {
      low = Math.min(low, raw[i]);
      high = Math.max(high, raw[i]);
    }
    return standsAt(raw, stretch, low) || standsAt(raw, stretch, high);
  }

  private static boolean standsAt(double[] raw, Stretch stretch, double extreme) {
    int clip = Math.max(3, (int) Math.ceil(CLIP_SECONDS * stretch.fsHz()));
    int rail = Math.max(3, (int) Math.ceil(RAIL_SECONDS * stretch.fsHz()));
    // A run of that length holds one of every so many samples; most stretches end here.
    int some = stretch.from() + clip - 1;
    while (some < stretch.to() && raw[some] != extreme) {
      some += clip;
    }
    if (some >= stretch.to()) {
      return false;
    }
    int i = stretch.from();
    while (i < stretch.to()) {
      int start = i;
      while (i < stretch.to() && raw[i] == extreme) {
        i++;
      }
      int length = i - start;
      if (length >= rail && Math.abs(extreme) >= RAIL_MV) {
        return true;
      }
      if (length >= clip) {
        double before = start - clip >= 0 ? Math.abs(raw[start - clip] - extreme) : 0;
        double after = i + clip - 1 < raw.length ? Math.abs(raw[i + clip - 1] - extreme) : 0;
        if (Math.max(before, after) >= CLIP_JUMP_MV) {
          return true;
        }
      }
      i = Math.max(i, start + 1);
    }
    return false;
  }

  private static boolean isNoisy(
      double[] raw,
      Stretch rawStretch,
      float[] cleaned,
      Stretch stretch,
      boolean[] nearPeak,
      int r) {
    double noise = roughness(cleaned, stretch, nearPeak);
    return (noise > NOISE_MV && noise > NOISE_PER_QRS * qrsHeight(cleaned, stretch.fsHz(), r))
        || roughness(raw, rawStretch, stretch, nearPeak) > RAW_NOISE_MV;
  }

  /** Root mean square, outside the QRS complexes, of the difference from the moving mean. */
  private static double roughness(float[] cleaned, Stretch stretch, boolean[] nearPeak) {
    int half = Math.max(1, (int) Math.round(NOISE_MEAN_SECONDS * stretch.fsHz() / 2));
    double sum = 0;
    double squares = 0;
    int count = 0;
    int from = stretch.from() + half;
    int to = stretch.to() - half;
    for (int i = stretch.from(); i < from + half && i < stretch.to(); i++) {
      sum += cleaned[i];
    }
    for (int i = from; i < to; i++) {
      sum += cleaned[i + half];
      if (!nearPeak[i]) {
        double rest = cleaned[i] - sum / (2 * half + 1);
        squares += rest * rest;
        count++;
      }
      sum -= cleaned[i - half];
    }
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }

  private static double roughness(
      double[] raw, Stretch rawStretch, Stretch stretch, boolean[] nearPeak) {
    int half = (int) Math.round(RAW_MEAN_SECONDS * rawStretch.fsHz() / 2);
    if (half < 1) {
      return 0;
    }
    double perRaw = stretch.fsHz() / rawStretch.fsHz();
    double sum = 0;
    double squares = 0;
    int count = 0;
    int from = rawStretch.from() + half;
    int to = rawStretch.to() - half;
    for (int i = rawStretch.from(); i < from + half && i < rawStretch.to(); i++) {
      sum += raw[i];
    }
    for (int i = from; i < to; i++) {
      sum += raw[i + half];
      int at = (int) (i * perRaw);
      if (at >= nearPeak.length || !nearPeak[at]) {
        double rest = raw[i] - sum / (2 * half + 1);
        squares += rest * rest;
        count++;
      }
      sum -= raw[i - half];
    }
    return count == 0 ? 0 : Math.sqrt(squares / count);
  }

  /**
   * Whether limb electrodes seem swapped, on the mean beat.
   *
   * @param leads the twelve standard leads in table order, cleaned
   */
  static ElectrodeSwap swap(float[][] leads, int[] peaks, double fsHz) {
    double[] leadI = meanBeat(leads[Lead.STANDARD_12.indexOf(Lead.I)], peaks, fsHz);
    double[] leadII = meanBeat(leads[Lead.STANDARD_12.indexOf(Lead.II)], peaks, fsHz);
    double[] leadIII = meanBeat(leads[Lead.STANDARD_12.indexOf(Lead.III)], peaks, fsHz);
    double[] avr = meanBeat(leads[Lead.STANDARD_12.indexOf(Lead.AVR)], peaks, fsHz);
    double[] v6 = meanBeat(leads[Lead.STANDARD_12.indexOf(Lead.V6)], peaks, fsHz);
    double others = Math.min(range(leadI), range(leadIII));
    if (range(leadII) < 0.12 * others) {
      return ElectrodeSwap.RIGHT_ARM_AND_LEG;
    }
    if (correlation(leadI, v6) < -0.7 && correlation(avr, v6) > 0 && range(leadI) > 0.2) {
      return ElectrodeSwap.ARMS;
    }
    return ElectrodeSwap.NONE;
  }

  /** From 0.25 s before R to 0.4 s after it, less its mean. */
  private static double[] meanBeat(float[] lead, int[] peaks, double fsHz) {
    int before = (int) Math.round(0.25 * fsHz);
    int length = (int) Math.round(0.65 * fsHz);
    double[] mean = new double[length];
    int count = 0;
    for (int peak : peaks) {
      if (peak - before >= 0 && peak - before + length <= lead.length) {
        for (int i = 0; i < length; i++) {
          mean[i] += lead[peak - before + i];
        }
        count++;
      }
    }
    double sum = 0;
    for (int i = 0; i < length; i++) {
      mean[i] /= Math.max(1, count);
      sum += mean[i];
    }
    for (int i = 0; i < length; i++) {
      mean[i] -= sum / length;
    }
    return mean;
  }

  private static double range(double[] beat) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : beat) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return high - low;
  }

  private static double correlation(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    return ab / Math.sqrt(aa * bb + 1e-12);
  }

  private static boolean touches(BitSet bits, int from, int to) {
    int next = bits.nextSetBit(from);
    return next >= 0 && next < to;
  }
}
