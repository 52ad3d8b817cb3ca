package org.rtcn.common.wfdb;

import java.util.Arrays;
import java.util.List;
import org.rtcn.common.dsp.Resampler;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * The leads of a record, their rows and rates. Where leads differ in rate, all are brought to the
 * highest.
 *
 * @param leads in table order
 * @param rows the signals' rows, -1 for what is no known lead
 * @param perFrame samples per frame of each row
 * @param highest the largest of them, 1 without leads
 * @param frameHz frames per second
 */
@SuppressWarnings("ArrayRecordComponent") // Handed over within the package.
record LeadRates(List<Lead> leads, int[] rows, int[] perFrame, int highest, double frameHz) {
  /** Below it no wave of an ECG can be told, above it no amplifier of ECG works. */
  private static final double MIN_HZ = 10;

  private static final double MAX_HZ = 100_000;

  /** Samples on either side that a resampled one depends on, with room. */
  private static final int MARGIN = 64;

  /**
   * Names the rows.
   *
   * @throws WfdbException if a lead appears twice, is no voltage or has a rate that no ECG has
   */
  static LeadRates of(WfdbHeader layout) throws WfdbException {
    int[] rows = new int[layout.signals().size()];
    Arrays.fill(rows, -1);
    List<Lead> leads = new java.util.ArrayList<>();
    int[] perFrame = new int[Lead.values().length];
    int highest = 1;
    for (Lead lead : Lead.values()) {
      int index = layout.indexOf(lead);
      if (index >= 0) {
        SignalSpec spec = layout.signals().get(index);
        double unused = WfdbRecord.millivoltsPerUnit(layout, spec);
        double rate = layout.fsHz() * spec.samplesPerFrame();
        if (!(rate >= MIN_HZ && rate <= MAX_HZ)) {
          throw new WfdbException(
              Reason.RATE_IMPLAUSIBLE,
              "Cannot use %s: lead %s has %s Hz, and an ECG has %.0f to %.0f; correct the header"
                  .formatted(layout.recordName(), lead.label(), rate, MIN_HZ, MAX_HZ));
        }
        rows[index] = leads.size();
        perFrame[leads.size()] = spec.samplesPerFrame();
        highest = Math.max(highest, spec.samplesPerFrame());
        leads.add(lead);
      }
    }
    return new LeadRates(
        leads, rows, Arrays.copyOf(perFrame, leads.size()), highest, layout.fsHz());
  }

  double fsHz() {
    return frameHz * highest;
  }

  boolean areMixed() {
    return Arrays.stream(perFrame).anyMatch(count -> count != highest);
  }

  /** Rate of each lead, Hz; empty where all have the same. */
  List<Double> sourceFsHz() {
    return areMixed()
        ? Arrays.stream(perFrame).mapToObj(count -> frameHz * count).toList()
        : List.of();
  }

  /** The frames to read for a window, so that its ends come out as in the whole record. */
  FrameRange withMargin(FrameRange range) {
    if (!areMixed() || range.isAll()) {
      return range;
    }
    long before = Math.min(MARGIN, range.start());
    long end = range.end() == Long.MAX_VALUE ? Long.MAX_VALUE : range.end() + MARGIN;
    return new FrameRange(
        range.start() - before,
        end == Long.MAX_VALUE ? Long.MAX_VALUE - range.start() : end - range.start() + before);
  }

  /**
   * Brings all rows to the highest rate and cuts the margin off.
   *
   * @param values {@code [row][sample]} at the rows' own rates
   * @param read the frames that were read
   * @param wanted the frames of the window
   * @param frames how many were read in fact
   */
  void align(float[][] values, FrameRange read, FrameRange wanted, long frames) {
    if (!areMixed()) {
      return;
    }
    int from = Math.toIntExact((wanted.start() - read.start()) * highest);
    long last = wanted.isAll() ? frames : Math.min(frames, wanted.end() - read.start());
    int to = Math.toIntExact(last * highest);
    for (int row = 0; row < values.length; row++) {
      float[] all = values[row];
      if (perFrame[row] != highest) {
        all = resampled(all, perFrame[row], highest, Math.toIntExact(frames * highest));
      }
      values[row] = from == 0 && to == all.length ? all : Arrays.copyOfRange(all, from, to);
    }
  }

  /** A sample is valid where the source's samples on both sides of its instant are. */
  static float[] resampled(float[] source, int fromRate, int toRate, int length) {
    float[] bridged = bridged(source);
    if (bridged == null) {
      float[] nothing = new float[length];
      Arrays.fill(nothing, Float.NaN);
      return nothing;
    }
    float[] out = Resampler.between(fromRate, toRate).resample(bridged, length);
    if (bridged != source) {
      for (int k = 0; k < length; k++) {
        long position = (long) k * fromRate;
        int left = (int) (position / toRate);
        int right = position % toRate == 0 ? left : Math.min(left + 1, source.length - 1);
        if (Float.isNaN(source[left]) || Float.isNaN(source[right])) {
          out[k] = Float.NaN;
        }
      }
    }
    return out;
  }

  /** With straight lines over what is invalid; the same array if nothing is, null if all is. */
  private static float[] bridged(float[] source) {
    float[] out = source;
    int valid = -1;
    for (int i = 0; i < source.length; i++) {
      if (Float.isNaN(source[i])) {
        out = out == source ? source.clone() : out;
        continue;
      }
      for (int k = valid + 1; k < i; k++) {
        float weight = valid < 0 ? 1 : (float) (k - valid) / (i - valid);
        out[k] = valid < 0 ? source[i] : source[valid] + weight * (source[i] - source[valid]);
      }
      valid = i;
    }
    if (valid < 0) {
      return source.length == 0 ? source : null;
    }
    Arrays.fill(out, valid + 1, out.length, source[valid]);
    return out;
  }
}
