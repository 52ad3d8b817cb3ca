package org.rtcn.common.dsp;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/**
 * From a recording to its beats: derive missing limb leads, bridge short gaps, clean without delay,
 * resample, find the R peaks on all leads, cut and judge the windows. The same for training and
 * prediction.
 *
 * <p>Safe to share between threads; what is designed for one sampling rate is kept.
 */
public final class BeatExtractor {
  /**
   * What {@link #extract(EcgSignal, int, int)} wants before and after a stretch, seconds. Ten
   * periods of the lowest edge of the usual band-pass, which then remembers less than 1e-9 from
   * beyond; twice the reach of the R-peak detector's levels, whose blocks begin at whole seconds,
   * as they do in the whole recording.
   */
  public static final double MARGIN_SECONDS = 20;

  /** Limb leads that contradict Einthoven's or Goldberger's law by more, rms, are inconsistent. */
  private static final double MOST_INCONSISTENCY_MV = 0.05;

  private final BeatOptions options;
  private final RPeakDetector detector;
  private final BeatSegmenter segmenter;
  private final Map<Double, Stages> stagesByRate = new ConcurrentHashMap<>();

  public BeatExtractor(BeatOptions options) {
    this.options = options;
    this.detector = new RPeakDetector(options.fsHz());
    this.segmenter = new BeatSegmenter(options);
  }

  /** The options in force. */
  public BeatOptions options() {
    return options;
  }

  /**
   * The beats of a recording, or the reason why there are none: never an exception for what a
   * recording may hold.
   *
   * @param given at least two limb leads and V1 to V6, in any order and at any rate; not changed
   */
  public BeatExtraction extract(EcgSignal given) {
    return extract(given, 0, given.sampleCount());
  }

  /**
   * The beats of a stretch of a longer recording, which is given with what comes before and after
   * it: filters, rhythm and windows see no end at its borders. A beat belongs to the stretch that
   * holds its R peak; it is counted from there, in {@code beatIndex} and {@code rSample}.
   *
   * @param given as above, the surroundings included
   * @param from first sample of the stretch
   * @param to the sample behind its last
   * @throws IllegalArgumentException if the stretch is not within the signal
   */
  public BeatExtraction extract(EcgSignal given, int from, int to) {
    return extract(given, from, to, null);
  }

  /**
   * The beats at R peaks that are known already, for example those of the same heart's other
   * recording or of an annotation file: no search takes place, everything else is as in {@link
   * #extract(EcgSignal)}.
   *
   * @param given as above
   * @param rSamples samples of the recording, ascending
   * @throws IllegalArgumentException if they are not ascending or lie outside the recording
   */
  public BeatExtraction extractAt(EcgSignal given, int[] rSamples) {
    for (int i = 0; i < rSamples.length; i++) {
      if (rSamples[i] < (i == 0 ? 0 : rSamples[i - 1] + 1) || rSamples[i] >= given.sampleCount()) {
        throw new IllegalArgumentException(
            "Invalid R peak "
                + rSamples[i]
                + ": must be ascending and within the recording's "
                + given.sampleCount()
                + " samples");
      }
    }
    return extract(given, 0, given.sampleCount(), rSamples);
  }

  /**
   * @param rSamples of the recording; null where they have yet to be found
   */
  private BeatExtraction extract(EcgSignal given, int from, int to, int[] rSamples) {
    if (from < 0 || to < from || to > given.sampleCount()) {
      throw new IllegalArgumentException(
          "Invalid stretch " + from + " to " + to + " of " + given.sampleCount() + " samples");
    }
    EcgSignal signal = LimbLeads.complete(given);
    double fsHz = signal.fsHz();
    if (!(fsHz >= RPeakDetector.LEAST_HZ)) {
      return BeatExtraction.refused(
          RecordRefusal.RATE_TOO_LOW,
          "Sampled at " + fsHz + " Hz; R peaks need " + RPeakDetector.LEAST_HZ + " Hz or more");
    }
    List<Lead> order = Lead.STANDARD_12;
    double[][] raw = new double[order.size()][];
    for (int lead = 0; lead < raw.length; lead++) {
      int row = signal.leads().indexOf(order.get(lead));
      if (row < 0) {
        return BeatExtraction.refused(
            RecordRefusal.MISSING_LEAD, "Lead " + order.get(lead).label() + " is absent");
      }
      raw[lead] = toDouble(signal.millivolts()[row]);
    }
    if (signal.durationSeconds() < options.windowSamples() / options.fsHz()) {
      return BeatExtraction.refused(
          RecordRefusal.TOO_SHORT, "Lasts " + signal.durationSeconds() + " s, less than a window");
    }
    int maxGapSamples = (int) Math.floor(options.maxGapSeconds() * fsHz);
    BitSet[] invalid = new BitSet[raw.length];
    boolean refusePoor = options.poor() == BeatOptions.Doubtful.REFUSE;
    int livingLeads = 0;
    for (int lead = 0; lead < raw.length; lead++) {
      invalid[lead] = new BitSet();
      if (!Gaps.bridge(raw[lead], maxGapSamples, invalid[lead])) {
        if (refusePoor) {
          return BeatExtraction.refused(
              RecordRefusal.INVALID_LEAD,
              "Lead " + order.get(lead).label() + " holds no valid sample");
        }
        Arrays.fill(raw[lead], 0);
        invalid[lead].set(0, raw[lead].length);
      } else if (!BeatSegmenter.isFlat(raw[lead], 0, raw[lead].length, options.flatMillivolts())) {
        livingLeads++;
      } else if (refusePoor) {
        return BeatExtraction.refused(
            RecordRefusal.FLAT_LEAD, "Lead " + order.get(lead).label() + " never moves");
      }
    }
    if (livingLeads == 0) {
      return BeatExtraction.refused(RecordRefusal.FLAT_LEAD, "No lead ever moves");
    }
    float[][] cleaned = stagesByRate.computeIfAbsent(fsHz, this::design).clean(raw);
    RPeaks peaks =
        rSamples == null ? detector.find(cleaned) : known(rSamples, fsHz, cleaned[0].length);
    if (peaks.finding() != RPeaks.Finding.FOUND) {
      return BeatExtraction.refused(
          RecordRefusal.NO_R_PEAKS,
          "Nothing like an R peak in " + signal.durationSeconds() + " s: " + peaks.detail());
    }
    double inconsistency = LimbLeads.inconsistencyMillivolts(signal);
    return segmenter.segment(
        new BeatSegmenter.Recording(
            cleaned, raw, fsHz, invalid, inconsistency > MOST_INCONSISTENCY_MV),
        peaks.samples(),
        from,
        to);
  }

  private RPeaks known(int[] rSamples, double fsHz, int samples) {
    int[] ofWindows = new int[rSamples.length];
    for (int i = 0; i < ofWindows.length; i++) {
      ofWindows[i] = (int) Math.min(samples - 1, Math.round(rSamples[i] * options.fsHz() / fsHz));
    }
    return rSamples.length == 0
        ? RPeaks.none(RPeaks.Finding.NOTHING_STANDS_OUT, "no R peak was given")
        : new RPeaks(ofWindows, RPeaks.Finding.FOUND, "");
  }

  private Stages design(double fsHz) {
    boolean banded = options.cleaning().denoise() == CleaningOptions.Denoise.BAND_PASS;
    double highestHz =
        banded ? options.cleaning().bandHighHz() : CleaningOptions.DEFAULT.bandHighHz();
    boolean resampleFirst = highestHz > SignalCleaner.HIGHEST_EDGE * fsHz;
    return new Stages(
        new SignalCleaner(options.cleaning(), resampleFirst ? options.fsHz() : fsHz),
        Resampler.between(fsHz, options.fsHz()),
        resampleFirst);
  }

  private static double[] toDouble(float[] row) {
    double[] copy = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      copy[i] = row[i];
    }
    return copy;
  }

  private static float[] toFloat(double[] row) {
    float[] copy = new float[row.length];
    for (int i = 0; i < row.length; i++) {
      copy[i] = (float) row[i];
    }
    return copy;
  }

  /**
   * What one sampling rate needs.
   *
   * @param resampleFirst where the rate does not reach the filters' band: they then work at the
   *     windows' rate, and find nothing in the band's upper part
   */
  private record Stages(SignalCleaner cleaner, Resampler resampler, boolean resampleFirst) {

    /** The leads at the windows' rate. */
    float[][] clean(double[][] raw) {
      double[][] leads = raw;
      if (resampleFirst) {
        leads = new double[raw.length][];
        for (int lead = 0; lead < raw.length; lead++) {
          leads[lead] = toDouble(resampler.resample(toFloat(raw[lead])));
        }
      }
      PowerLine line = cleaner.powerLine(leads);
      float[][] cleaned = new float[leads.length][];
      for (int lead = 0; lead < leads.length; lead++) {
        float[] row = toFloat(cleaner.clean(leads[lead], line));
        cleaned[lead] = resampleFirst ? row : resampler.resample(row);
      }
      return cleaned;
    }
  }
}
