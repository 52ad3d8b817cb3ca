package org.rtcn.common.dsp;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Cleans whole leads of one sampling rate: baseline, mains, noise, in this order, each without
 * delay. Immutable and safe to share.
 *
 * <p>At the ends the recording goes on as its mirror image: 2 s of it for the recursive filters
 * ({@link SosFilter.Extension#EVEN}), half a window for the running medians, the filter's length
 * for the wavelets. What is left of an edge effect lies within 0.2 s of an end; with wavelets,
 * whose coarsest are seconds long, within 2 s.
 */
public final class SignalCleaner {
  private static final int BAND_ORDER = 3;
  private static final int HIGH_PASS_ORDER = 2;
  private static final double NOTCH_QUALITY = 30;

  /** Longer ones change nothing any more. */
  private static final double PAD_SECONDS = 2;

  /** A filter's edge must lie below this share of the sampling rate. */
  static final double HIGHEST_EDGE = 0.45;

  private final CleaningOptions options;
  private final double fsHz;
  private final int padSamples;
  private final MedianBaseline median;
  private final WaveletDenoiser wavelet;

  /** The recursive filters as one cascade; absent where there is none. */
  private final Map<PowerLine, SosFilter> cascades = new EnumMap<>(PowerLine.class);

  /**
   * @throws IllegalArgumentException if the rate is too low for the band
   */
  public SignalCleaner(CleaningOptions options, double fsHz) {
    this.options = options;
    this.fsHz = fsHz;
    this.padSamples = (int) Math.round(PAD_SECONDS * fsHz);
    this.median = new MedianBaseline(fsHz, MedianBaseline.Ends.MIRROR);
    this.wavelet = WaveletDenoiser.above(options.bandLowHz(), fsHz);
    for (PowerLine line : new PowerLine[] {PowerLine.NONE, PowerLine.HZ_50, PowerLine.HZ_60}) {
      SosFilter cascade = cascade(line);
      if (cascade != null) {
        cascades.put(line, cascade);
      }
    }
  }

  private SosFilter cascade(PowerLine line) {
    SosFilter cascade = null;
    if (options.baseline() == CleaningOptions.Baseline.HIGH_PASS) {
      cascade = Filters.butterworthHighPass(HIGH_PASS_ORDER, options.bandLowHz(), fsHz);
    }
    if (line != PowerLine.NONE && line.frequencyHz() < HIGHEST_EDGE * fsHz) {
      SosFilter notch = Filters.notch(line.frequencyHz(), NOTCH_QUALITY, fsHz);
      cascade = cascade == null ? notch : cascade.then(notch);
    }
    if (options.denoise() == CleaningOptions.Denoise.BAND_PASS) {
      SosFilter band =
          Filters.butterworthBandPass(BAND_ORDER, options.bandLowHz(), options.bandHighHz(), fsHz);
      cascade = cascade == null ? band : cascade.then(band);
    }
    return cascade;
  }

  /** The mains frequency to suppress in a recording, never {@link PowerLine#AUTO}. */
  PowerLine powerLine(double[][] leads) {
    return options.powerLine() == PowerLine.AUTO
        ? PowerLine.find(leads, fsHz)
        : options.powerLine();
  }

  /** Cleans all leads of a recording; they are left alone. */
  public double[][] clean(double[][] leads) {
    PowerLine line = powerLine(leads);
    double[][] cleaned = new double[leads.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      cleaned[lead] = clean(leads[lead], line);
    }
    return cleaned;
  }

  /** The same in single precision. */
  public float[][] clean(float[][] leads) {
    double[][] exact = new double[leads.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      exact[lead] = new double[leads[lead].length];
      for (int i = 0; i < exact[lead].length; i++) {
        exact[lead][i] = leads[lead][i];
      }
    }
    double[][] cleaned = clean(exact);
    float[][] single = new float[leads.length][];
    for (int lead = 0; lead < leads.length; lead++) {
      single[lead] = new float[cleaned[lead].length];
      for (int i = 0; i < single[lead].length; i++) {
        single[lead][i] = (float) cleaned[lead][i];
      }
    }
    return single;
  }

  /**
   * Cleans a lead.
   *
   * @param lead free of NaN; left alone
   * @param line what {@link #powerLine} says of the recording
   */
  double[] clean(double[] lead, PowerLine line) {
    double[] cleaned = lead;
    if (options.baseline() == CleaningOptions.Baseline.MEDIAN) {
      cleaned = median.remove(cleaned);
    }
    SosFilter cascade = cascades.get(line);
    if (cascade != null) {
      int pad = Math.min(padSamples, cleaned.length - 1);
      cleaned = cascade.zeroPhase(cleaned, pad, SosFilter.Extension.EVEN);
    }
    if (options.denoise() == CleaningOptions.Denoise.WAVELET) {
      cleaned = wavelet.denoise(cleaned);
    }
    return cleaned == lead ? Arrays.copyOf(lead, lead.length) : cleaned;
  }
}
