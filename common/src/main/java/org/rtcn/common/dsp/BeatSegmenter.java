package org.rtcn.common.dsp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Cuts windows around R peaks and refuses those that cannot be trusted. */
final class BeatSegmenter {
  private final BeatOptions options;

  BeatSegmenter(BeatOptions options) {
    this.options = options;
  }

  /**
   * @param filtered {@code [lead][sample]} at the window's rate, in mV
   * @param rPeaks indices into {@code filtered}, ascending
   * @param raw {@code [lead][sample]} at the recording's rate, NaN bridged: a filter rings where a
   *     lead goes flat, so flatness is judged before it
   * @param sourceFsHz the recording's rate
   * @param invalid samples of {@code raw} within long gaps of any lead
   */
  BeatExtraction segment(
      float[][] filtered, int[] rPeaks, double[][] raw, double sourceFsHz, BitSet invalid) {
    int samples = filtered[0].length;
    int rawSamples = raw[0].length;
    double sourcePerWindow = sourceFsHz / options.fsHz();
    Map<BeatRefusal, Integer> refused = new EnumMap<>(BeatRefusal.class);
    List<Beat> sound = new ArrayList<>();
    int previousR = -1;
    for (int b = 0; b < rPeaks.length; b++) {
      int start = rPeaks[b] - options.samplesBeforeR();
      int end = start + options.windowSamples();
      int rSample = (int) Math.round(rPeaks[b] * sourcePerWindow);
      int rawStart = (int) Math.floor(start * sourcePerWindow);
      int rawEnd = Math.min(rawSamples, (int) Math.ceil(end * sourcePerWindow));
      float rrBefore =
          previousR < 0 || touches(invalid, previousR, rSample)
              ? Float.NaN
              : (float) ((rSample - previousR) / sourceFsHz);
      previousR = rSample;
      Optional<BeatRefusal> refusal;
      if (start < 0 || end > samples) {
        refusal = Optional.of(BeatRefusal.EDGE);
      } else if (touches(invalid, rawStart, rawEnd)) {
        refusal = Optional.of(BeatRefusal.INVALID_SAMPLES);
      } else if (anyFlat(raw, rawStart, rawEnd)) {
        refusal = Optional.of(BeatRefusal.FLAT_LEAD);
      } else if (anyBeyond(filtered, start, end)) {
        refusal = Optional.of(BeatRefusal.IMPLAUSIBLE_AMPLITUDE);
      } else {
        refusal = Optional.empty();
      }
      if (refusal.isPresent()) {
        refused.merge(refusal.get(), 1, Integer::sum);
        continue;
      }
      float[][] window = new float[filtered.length][];
      for (int lead = 0; lead < window.length; lead++) {
        window[lead] = Arrays.copyOfRange(filtered[lead], start, end);
      }
      sound.add(new Beat(b, rSample, rrBefore, window));
    }
    List<Beat> kept = spread(sound);
    if (kept.size() < sound.size()) {
      refused.put(BeatRefusal.OVER_CAP, sound.size() - kept.size());
    }
    if (kept.isEmpty()) {
      return new BeatExtraction(
          rPeaks.length,
          kept,
          refused,
          Optional.of(RecordRefusal.NO_BEATS_KEPT),
          rPeaks.length + " R peaks found, each refused: " + refused);
    }
    return new BeatExtraction(rPeaks.length, kept, refused, Optional.empty(), "");
  }

  /** At most the cap, evenly spread over the recording and the same at every run. */
  private List<Beat> spread(List<Beat> sound) {
    int cap = options.maxBeatsPerRecord();
    if (cap == 0 || sound.size() <= cap) {
      return sound;
    }
    List<Beat> kept = new ArrayList<>(cap);
    for (int i = 0; i < cap; i++) {
      // The middle of the i-th of `cap` equal stretches.
      kept.add(sound.get((int) ((2L * i + 1) * sound.size() / (2L * cap))));
    }
    return kept;
  }

  private boolean anyFlat(double[][] raw, int from, int to) {
    for (double[] lead : raw) {
      if (isFlat(lead, from, to, options.flatMillivolts())) {
        return true;
      }
    }
    return false;
  }

  static boolean isFlat(double[] lead, int from, int to, double flatMillivolts) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      low = Math.min(low, lead[i]);
      high = Math.max(high, lead[i]);
      if (high - low >= flatMillivolts) {
        return false;
      }
    }
    return true;
  }

  private boolean anyBeyond(float[][] filtered, int from, int to) {
    for (float[] lead : filtered) {
      for (int i = from; i < to; i++) {
        if (Math.abs(lead[i]) > options.maxMillivolts()) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean touches(BitSet invalid, int from, int to) {
    int next = invalid.nextSetBit(from);
    return next >= 0 && next < to;
  }
}
