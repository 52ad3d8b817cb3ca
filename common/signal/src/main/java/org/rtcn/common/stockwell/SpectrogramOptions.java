package org.rtcn.common.stockwell;

import java.io.Serializable;

/**
 * Which part of the S-transform becomes the network's image: some voices, and instants at equal
 * distances over the window, the first at its first sample.
 *
 * <p>Where the voices are whole bins and the columns divide the window, the image's cells are cells
 * of the full table. Any other number of columns gives the same periodic function of time between
 * the samples, and voices between the bins the same sum with the Gaussian centred there: nothing is
 * interpolated.
 *
 * @param fsHz sampling rate of the window in Hz
 * @param sampleCount N, samples of the window
 * @param voices the image's rows
 * @param columns number of instants, at most N
 * @param phase whether the image holds the phase as well as the magnitude
 * @param width of the voices' Gaussians
 * @param rounding of the numbers that are stored
 */
public record SpectrogramOptions(
    double fsHz,
    int sampleCount,
    Voices voices,
    int columns,
    Phase phase,
    GaussianWidth width,
    Rounding rounding)
    implements Serializable {

  /**
   * Whether the phase of S is kept. Magnitudes alone cannot tell a Q from an R: turning the signal
   * upside down leaves them as they are.
   */
  public enum Phase {
    KEEP,
    DROP
  }

  /** 48 voices, 0.78 to 37.5 Hz, by 64 columns, 20 ms apart, of a 1.28 s window at 500 Hz. */
  public static final SpectrogramOptions DEFAULT = new SpectrogramOptions(500, 640, 1, 1, 48, 64);

  /** An image of whole bins that keeps the phase. */
  public SpectrogramOptions(
      double fsHz, int sampleCount, int firstVoice, int voiceStep, int voiceCount, int columns) {
    this(fsHz, sampleCount, firstVoice, voiceStep, voiceCount, columns, Phase.KEEP);
  }

  /** An image of the bins {@code firstVoice, firstVoice + voiceStep, ...}. */
  public SpectrogramOptions(
      double fsHz,
      int sampleCount,
      int firstVoice,
      int voiceStep,
      int voiceCount,
      int columns,
      Phase phase) {
    this(
        fsHz,
        sampleCount,
        bins(fsHz, sampleCount, firstVoice, voiceStep, voiceCount),
        columns,
        phase,
        GaussianWidth.STANDARD,
        new Rounding(23));
  }

  /** An image of any voices, not rounded. */
  public SpectrogramOptions(
      double fsHz, int sampleCount, Voices voices, int columns, Phase phase, GaussianWidth width) {
    this(fsHz, sampleCount, voices, columns, phase, width, new Rounding(23));
  }

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public SpectrogramOptions {
    if (!(fsHz > 0)) {
      throw new IllegalArgumentException("Invalid sampling rate " + fsHz + " Hz: must be positive");
    }
    if (sampleCount < 2) {
      throw new IllegalArgumentException(
          "Invalid window of " + sampleCount + " samples: must hold 2 or more");
    }
    if (voices.highHz() > fsHz / 2 * (1 + 1e-9)) {
      throw new IllegalArgumentException(
          "Invalid voices: the last lies at "
              + voices.highHz()
              + " Hz, above half the window's rate of "
              + fsHz
              + " Hz");
    }
    if (columns < 1 || columns > sampleCount) {
      throw new IllegalArgumentException(
          "Invalid number of columns "
              + columns
              + ": must be 1 or more, and no more than the window's "
              + sampleCount
              + " samples");
    }
  }

  private static Voices bins(
      double fsHz, int sampleCount, int firstVoice, int voiceStep, int voiceCount) {
    if (firstVoice < 1 || voiceStep < 1 || voiceCount < 1) {
      throw new IllegalArgumentException(
          "Invalid voices: first "
              + firstVoice
              + ", step "
              + voiceStep
              + ", count "
              + voiceCount
              + "; each must be 1 or more");
    }
    long lastVoice = firstVoice + (long) voiceStep * (voiceCount - 1);
    if (lastVoice > sampleCount / 2) {
      throw new IllegalArgumentException(
          "Invalid voices: the last is bin "
              + lastVoice
              + ", above the Nyquist bin "
              + sampleCount / 2
              + "; lower voice-count or voice-step");
    }
    return Voices.bins(fsHz, sampleCount, firstVoice, voiceStep, voiceCount);
  }

  /**
   * Every {@code voiceStep}-th bin within [lowHz, highHz].
   *
   * @throws IllegalArgumentException if no bin lies in the band
   */
  public static SpectrogramOptions inBand(
      double fsHz, int sampleCount, double lowHz, double highHz, int voiceStep, int columns) {
    double binHz = fsHz / sampleCount;
    // A tolerance, so that a band that ends on a bin includes it whatever the rounding.
    int first = Math.max(1, (int) Math.ceil(lowHz / binHz - 1e-9));
    int last = Math.min(sampleCount / 2, (int) Math.floor(highHz / binHz + 1e-9));
    if (last < first) {
      throw new IllegalArgumentException(
          "Invalid band "
              + lowHz
              + " to "
              + highHz
              + " Hz: holds no bin of "
              + binHz
              + " Hz; widen it or lengthen the window");
    }
    return new SpectrogramOptions(
        fsHz, sampleCount, first, voiceStep, (last - first) / voiceStep + 1, columns);
  }

  /** Number of voices: rows of a lead's image. */
  public int voiceCount() {
    return voices.count();
  }

  /** The voices' frequencies in Hz, ascending. */
  public float[] voiceHz() {
    double[] exact = voices.hz();
    float[] hz = new float[exact.length];
    for (int i = 0; i < hz.length; i++) {
      hz[i] = (float) exact[i];
    }
    return hz;
  }

  /** The same for a window at another rate, as one that follows its RR interval has. */
  public float[] voiceHz(double windowFsHz) {
    return times(voiceHz(), 1 / (float) (fsHz / windowFsHz));
  }

  /** Samples between columns, possibly not whole. */
  public double samplesPerColumn() {
    return (double) sampleCount / columns;
  }

  /**
   * The columns' instants in ms relative to sample {@code origin} of the window (the R peak).
   *
   * @param origin sample index that counts as 0 ms
   */
  public float[] columnMs(int origin) {
    float[] ms = new float[columns];
    for (int c = 0; c < columns; c++) {
      ms[c] = (float) ((c * samplesPerColumn() - origin) * 1000.0 / fsHz);
    }
    return ms;
  }

  /** The same for a window at another rate. */
  public float[] columnMs(int origin, double windowFsHz) {
    return times(columnMs(origin), (float) (fsHz / windowFsHz));
  }

  private static float[] times(float[] values, float factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  /** Values of one lead's image: voices times columns. */
  public int valuesPerLead() {
    return voices.count() * columns;
  }
}
