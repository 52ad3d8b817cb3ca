package org.rtcn.common.dsp;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/**
 * From a recording to its beats: bridge short gaps, suppress mains and band-pass without delay,
 * resample, find the R peaks on all leads, cut the windows. The same for training and prediction.
 *
 * <p>Safe to share between threads; what is designed for one sampling rate is kept.
 */
public final class BeatExtractor {
  private static final int BAND_ORDER = 3;
  private static final double NOTCH_QUALITY = 30;

  /** Longer ones change nothing any more. */
  private static final double PAD_SECONDS = 2;

  /** The band's upper edge must lie below this share of the sampling rate. */
  private static final double HIGHEST_BAND_EDGE = 0.45;

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
   * @param signal at least the twelve standard leads, in any order and at any rate; not changed
   */
  public BeatExtraction extract(EcgSignal signal) {
    double fsHz = signal.fsHz();
    if (options.bandHighHz() > HIGHEST_BAND_EDGE * fsHz) {
      return BeatExtraction.refused(
          RecordRefusal.RATE_TOO_LOW,
          "Sampled at " + fsHz + " Hz; the band up to " + options.bandHighHz() + " Hz needs more");
    }
    List<Lead> order = Lead.STANDARD_12;
    double[][] raw = new double[order.size()][];
    BitSet invalid = new BitSet();
    int maxGapSamples = (int) Math.floor(options.maxGapSeconds() * fsHz);
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
    for (int lead = 0; lead < raw.length; lead++) {
      if (!Gaps.bridge(raw[lead], maxGapSamples, invalid)) {
        return BeatExtraction.refused(
            RecordRefusal.INVALID_LEAD,
            "Lead " + order.get(lead).label() + " holds no valid sample");
      }
      if (BeatSegmenter.isFlat(raw[lead], 0, raw[lead].length, options.flatMillivolts())) {
        return BeatExtraction.refused(
            RecordRefusal.FLAT_LEAD, "Lead " + order.get(lead).label() + " never moves");
      }
    }
    Stages stages;
    try {
      stages = stagesByRate.computeIfAbsent(fsHz, this::design);
    } catch (IllegalArgumentException e) {
      return BeatExtraction.refused(RecordRefusal.RATE_UNSUPPORTED, e.getMessage());
    }
    float[][] filtered = new float[raw.length][];
    for (int lead = 0; lead < raw.length; lead++) {
      filtered[lead] = stages.resampler().resample(stages.denoise(raw[lead]));
    }
    int[] rPeaks = detector.detect(filtered);
    if (rPeaks.length == 0) {
      return BeatExtraction.refused(
          RecordRefusal.NO_R_PEAKS, "Nothing like an R peak in " + signal.durationSeconds() + " s");
    }
    return segmenter.segment(filtered, rPeaks, raw, fsHz, invalid);
  }

  private Stages design(double fsHz) {
    boolean notchInReach = options.notchHz() > 0 && options.notchHz() < HIGHEST_BAND_EDGE * fsHz;
    return new Stages(
        Filters.butterworthBandPass(BAND_ORDER, options.bandLowHz(), options.bandHighHz(), fsHz),
        notchInReach ? List.of(Filters.notch(options.notchHz(), NOTCH_QUALITY, fsHz)) : List.of(),
        (int) Math.round(PAD_SECONDS * fsHz),
        Resampler.between(fsHz, options.fsHz()));
  }

  private static double[] toDouble(float[] row) {
    double[] copy = new double[row.length];
    for (int i = 0; i < row.length; i++) {
      copy[i] = row[i];
    }
    return copy;
  }

  /**
   * What one sampling rate needs.
   *
   * @param padSamples extension at either end, {@value #PAD_SECONDS} s
   */
  private record Stages(
      SosFilter band, List<SosFilter> notches, int padSamples, Resampler resampler) {

    float[] denoise(double[] lead) {
      double[] denoised = lead;
      int pad = Math.min(padSamples, lead.length - 1);
      for (SosFilter notch : notches) {
        denoised = notch.zeroPhase(denoised, pad, SosFilter.Extension.EVEN);
      }
      denoised = band.zeroPhase(denoised, pad, SosFilter.Extension.EVEN);
      float[] single = new float[denoised.length];
      for (int i = 0; i < single.length; i++) {
        single[i] = (float) denoised[i];
      }
      return single;
    }
  }
}
