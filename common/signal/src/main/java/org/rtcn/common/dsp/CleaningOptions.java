package org.rtcn.common.dsp;

import java.io.Serializable;

/**
 * How a whole recording is cleaned. Every step has no delay and runs on the recording continued by
 * its mirror image at either end, so that nothing is lost there; see {@link SignalCleaner}.
 *
 * @param baseline how baseline wander is removed before anything else
 * @param powerLine which mains frequency is suppressed
 * @param denoise what follows
 * @param bandLowHz lower edge of the band-pass filter; edge of the high-pass filter; below about
 *     this the wavelet form removes everything
 * @param bandHighHz upper edge of the band-pass filter; unused by the others
 */
public record CleaningOptions(
    Baseline baseline, PowerLine powerLine, Denoise denoise, double bandLowHz, double bandHighHz)
    implements Serializable {

  /** What removes baseline wander, apart from the band-pass filter's lower edge. */
  public enum Baseline {
    /** Nothing: the band-pass filter or the wavelets do. */
    NONE,
    /** Zero-phase Butterworth high-pass filter of order 2 at the band's lower edge. */
    HIGH_PASS,
    /** Running medians of 200 and 600 ms, subtracted. */
    MEDIAN
  }

  /** What takes noise away. */
  public enum Denoise {
    NONE,
    /** Zero-phase Butterworth band-pass filter of order 3. */
    BAND_PASS,
    /** Soft-thresholded wavelet details; the approximation below the band is removed. */
    WAVELET
  }

  /** 0.5-40 Hz band-pass, 50 Hz notch. */
  public static final CleaningOptions DEFAULT =
      new CleaningOptions(Baseline.NONE, PowerLine.HZ_50, Denoise.BAND_PASS, 0.5, 40);

  /**
   * What leads are cleaned by before R peaks are scored: 0.5-40 Hz, or to four tenths of a low
   * rate, mains of either frequency.
   */
  public static CleaningOptions forScoring(double fsHz) {
    return new CleaningOptions(
        Baseline.NONE, PowerLine.AUTO, Denoise.BAND_PASS, 0.5, Math.min(40, 0.4 * fsHz));
  }

  /**
   * @throws IllegalArgumentException if not 0 &lt; low &lt; high
   */
  public CleaningOptions {
    if (!(bandLowHz > 0 && bandLowHz < bandHighHz)) {
      throw new IllegalArgumentException(
          "Invalid band " + bandLowHz + " to " + bandHighHz + " Hz: needs 0 < low < high");
    }
  }
}
