package org.rtcn.common.dsp;

import java.io.Serializable;

/**
 * How a recording becomes beats. Every default is a design decision of this project.
 *
 * @param bandLowHz lower edge of the band-pass filter
 * @param bandHighHz upper edge of the band-pass filter
 * @param notchHz mains frequency to suppress, 0 for none; left out where the rate doesn't reach it
 * @param fsHz rate of the beat windows; recordings at other rates are resampled
 * @param windowSamples N, length of a beat window
 * @param samplesBeforeR index of the R peak within the window
 * @param maxBeatsPerRecord beats kept of one recording, spread evenly over it, so that its length
 *     doesn't weigh (or tell its class); 0 for all
 * @param maxGapSeconds invalid samples up to this long are bridged by a straight line; beats that
 *     touch a longer gap are refused
 * @param flatMillivolts a lead whose raw window moves less than this (peak to peak) is flat
 * @param maxMillivolts a filtered sample beyond this is no ECG
 */
public record BeatOptions(
    double bandLowHz,
    double bandHighHz,
    double notchHz,
    double fsHz,
    int windowSamples,
    int samplesBeforeR,
    int maxBeatsPerRecord,
    double maxGapSeconds,
    double flatMillivolts,
    double maxMillivolts)
    implements Serializable {

  /** 0.5-40 Hz, 50 Hz notch, 500 Hz, 640 samples with R at 220, 8 beats per recording. */
  public static final BeatOptions DEFAULT =
      new BeatOptions(0.5, 40, 50, 500, 640, 220, 8, 0.04, 0.005, 20);

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public BeatOptions {
    if (!(fsHz >= 50)) {
      throw new IllegalArgumentException(
          "Invalid window rate " + fsHz + " Hz: must be 50 Hz or more");
    }
    if (!(bandLowHz > 0 && bandLowHz < bandHighHz && bandHighHz < fsHz / 2)) {
      throw new IllegalArgumentException(
          "Invalid band "
              + bandLowHz
              + " to "
              + bandHighHz
              + " Hz: needs 0 < low < high < "
              + fsHz / 2
              + " Hz, half the window's rate");
    }
    if (!(notchHz >= 0)) {
      throw new IllegalArgumentException(
          "Invalid notch " + notchHz + " Hz: must be the mains frequency, or 0 for none");
    }
    if (windowSamples < 2 || samplesBeforeR < 0 || samplesBeforeR >= windowSamples) {
      throw new IllegalArgumentException(
          "Invalid window of "
              + windowSamples
              + " samples with R at "
              + samplesBeforeR
              + ": R must lie inside the window");
    }
    if (maxBeatsPerRecord < 0) {
      throw new IllegalArgumentException(
          "Invalid cap of "
              + maxBeatsPerRecord
              + " beats per record: must be positive, or 0 for all");
    }
    if (!(maxGapSeconds >= 0)) {
      throw new IllegalArgumentException(
          "Invalid longest gap " + maxGapSeconds + " s: must not be negative");
    }
    if (!(flatMillivolts >= 0 && maxMillivolts > flatMillivolts)) {
      throw new IllegalArgumentException(
          "Invalid amplitudes: flat below "
              + flatMillivolts
              + " mV, implausible above "
              + maxMillivolts
              + " mV; needs 0 <= flat < implausible");
    }
  }

  /** These options with another cap of beats per recording; 0 for all. */
  public BeatOptions withMaxBeatsPerRecord(int cap) {
    return new BeatOptions(
        bandLowHz,
        bandHighHz,
        notchHz,
        fsHz,
        windowSamples,
        samplesBeforeR,
        cap,
        maxGapSeconds,
        flatMillivolts,
        maxMillivolts);
  }
}
