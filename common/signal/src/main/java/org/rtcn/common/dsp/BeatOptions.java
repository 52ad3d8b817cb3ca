package org.rtcn.common.dsp;

import java.io.Serializable;

/**
 * How a recording becomes beats. Every default is a design decision of this project.
 *
 * @param cleaning how the recording is cleaned beforehand
 * @param window what is cut out around an R peak
 * @param maxBeatsPerRecord beats kept of one recording, spread evenly over it, so that its length
 *     doesn't weigh (or tell its class); 0 for all
 * @param maxGapSeconds invalid samples up to this long are bridged by a straight line; a beat that
 *     touches a longer gap is a poor one
 * @param flatMillivolts a lead whose raw window moves less than this (peak to peak) is flat
 * @param maxMillivolts a filtered sample beyond this is no ECG
 * @param poor what becomes of beats with a flat or an invalid lead
 * @param beyondEnds what becomes of beats whose window reaches beyond the recording
 */
public record BeatOptions(
    CleaningOptions cleaning,
    Window window,
    int maxBeatsPerRecord,
    double maxGapSeconds,
    double flatMillivolts,
    double maxMillivolts,
    Doubtful poor,
    Doubtful beyondEnds)
    implements Serializable {

  /**
   * What is cut out around an R peak.
   *
   * @param cut whether windows are of fixed length or follow the interval
   * @param fsHz rate of the beat windows; recordings at other rates are resampled
   * @param samples N, length of a beat window
   * @param samplesBeforeR index of the R peak within the window
   * @param rrSpan length of a window that follows the interval, in RR intervals; unused for fixed
   *     windows
   */
  public record Window(Cut cut, double fsHz, int samples, int samplesBeforeR, double rrSpan)
      implements Serializable {
    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public Window {
      if (!(fsHz >= 50 && fsHz <= HIGHEST_RATE_HZ)) {
        throw new IllegalArgumentException(
            "Invalid window rate " + fsHz + " Hz: must be 50 to " + HIGHEST_RATE_HZ + " Hz");
      }
      if (samples > LONGEST_WINDOW) {
        throw new IllegalArgumentException(
            "Invalid window of " + samples + " samples: at most " + LONGEST_WINDOW);
      }
      if (samples < 2 || samplesBeforeR < 0 || samplesBeforeR >= samples) {
        throw new IllegalArgumentException(
            "Invalid window of "
                + samples
                + " samples with R at "
                + samplesBeforeR
                + ": R must lie inside the window");
      }
      if (!(rrSpan > 0 && rrSpan <= 4)) {
        throw new IllegalArgumentException(
            "Invalid window of " + rrSpan + " RR intervals: must be above 0 and at most 4");
      }
    }
  }

  /** How long a window is. */
  public enum Cut {
    /** {@code windowSamples} at {@code fsHz}. */
    FIXED,
    /**
     * {@code rrSpan} times the median of the four intervals around the beat, resampled to {@code
     * windowSamples}: waves of fast and slow hearts come to stand at the same place. The window's
     * rate is then the beat's own.
     */
    RR_RELATIVE
  }

  /** What becomes of a doubtful beat. */
  public enum Doubtful {
    /** It is refused and counted. */
    REFUSE,
    /** It is kept and marked. */
    MARK
  }

  /** 0.5-40 Hz, 50 Hz notch, 500 Hz, 640 samples with R at 220, 8 beats per recording. */
  public static final BeatOptions DEFAULT =
      new BeatOptions(
          CleaningOptions.DEFAULT,
          new Window(Cut.FIXED, 500, 640, 220, 1.0),
          8,
          0.04,
          0.005,
          20,
          Doubtful.REFUSE,
          Doubtful.REFUSE);

  private static final double HIGHEST_RATE_HZ = 5_000;
  private static final int LONGEST_WINDOW = 1 << 16;
  private static final double LONGEST_GAP_SECONDS = 3600;

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public BeatOptions {
    if (!(cleaning.bandHighHz() < window.fsHz / 2)) {
      throw new IllegalArgumentException(
          "Invalid band "
              + cleaning.bandLowHz()
              + " to "
              + cleaning.bandHighHz()
              + " Hz: needs 0 < low < high < "
              + window.fsHz / 2
              + " Hz, half the window's rate");
    }
    if (maxBeatsPerRecord < 0) {
      throw new IllegalArgumentException(
          "Invalid cap of "
              + maxBeatsPerRecord
              + " beats per record: must be positive, or 0 for all");
    }
    if (!(maxGapSeconds >= 0 && maxGapSeconds <= LONGEST_GAP_SECONDS)) {
      throw new IllegalArgumentException(
          "Invalid longest gap "
              + maxGapSeconds
              + " s: must be 0 to "
              + LONGEST_GAP_SECONDS
              + " s");
    }
    if (!(flatMillivolts >= 0
        && maxMillivolts > flatMillivolts
        && Double.isFinite(maxMillivolts))) {
      throw new IllegalArgumentException(
          "Invalid amplitudes: flat below "
              + flatMillivolts
              + " mV, implausible above "
              + maxMillivolts
              + " mV; needs 0 <= flat < implausible");
    }
  }

  /** {@link Window#cut}. */
  public Cut cut() {
    return window.cut;
  }

  /** {@link Window#fsHz}. */
  public double fsHz() {
    return window.fsHz;
  }

  /** {@link Window#samples}. */
  public int windowSamples() {
    return window.samples;
  }

  /** {@link Window#samplesBeforeR}. */
  public int samplesBeforeR() {
    return window.samplesBeforeR;
  }

  /** {@link Window#rrSpan}. */
  public double rrSpan() {
    return window.rrSpan;
  }

  /** These options with another cap of beats per recording; 0 for all. */
  public BeatOptions withMaxBeatsPerRecord(int cap) {
    return new BeatOptions(
        cleaning, window, cap, maxGapSeconds, flatMillivolts, maxMillivolts, poor, beyondEnds);
  }

  /** These options with another cleaning. */
  public BeatOptions withCleaning(CleaningOptions other) {
    return new BeatOptions(
        other,
        window,
        maxBeatsPerRecord,
        maxGapSeconds,
        flatMillivolts,
        maxMillivolts,
        poor,
        beyondEnds);
  }

  /** These options with windows of another kind. */
  public BeatOptions withCut(Cut other, double intervals) {
    return new BeatOptions(
        cleaning,
        new Window(other, window.fsHz, window.samples, window.samplesBeforeR, intervals),
        maxBeatsPerRecord,
        maxGapSeconds,
        flatMillivolts,
        maxMillivolts,
        poor,
        beyondEnds);
  }

  /** These options with doubtful beats treated otherwise. */
  public BeatOptions withDoubtful(Doubtful poorLeads, Doubtful ends) {
    return new BeatOptions(
        cleaning,
        window,
        maxBeatsPerRecord,
        maxGapSeconds,
        flatMillivolts,
        maxMillivolts,
        poorLeads,
        ends);
  }
}
