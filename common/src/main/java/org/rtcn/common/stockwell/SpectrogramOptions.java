package org.rtcn.common.stockwell;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * Which part of the S-transform becomes the network's image: voices {@code firstVoice, firstVoice +
 * voiceStep, ...} and every {@code sampleCount / columns}-th sample. Voices are whole bins of the
 * window's spectrum, so that the image is the transform itself and not an interpolation.
 *
 * @param fsHz sampling rate of the window in Hz
 * @param sampleCount N, samples of the window
 * @param firstVoice lowest bin, 1 or more; bin n lies at n fs / N Hz
 * @param voiceStep distance between voices, in bins
 * @param voiceCount number of voices (image rows per lead)
 * @param columns number of instants; divides {@code sampleCount}
 * @param phase whether the image holds the phase beside the magnitude
 */
public record SpectrogramOptions(
    double fsHz,
    int sampleCount,
    int firstVoice,
    int voiceStep,
    int voiceCount,
    int columns,
    Phase phase)
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

  /** An image that keeps the phase. */
  public SpectrogramOptions(
      double fsHz, int sampleCount, int firstVoice, int voiceStep, int voiceCount, int columns) {
    this(fsHz, sampleCount, firstVoice, voiceStep, voiceCount, columns, Phase.KEEP);
  }

  /**
   * @throws IllegalArgumentException if a value is out of range or the columns don't divide the
   *     window
   */
  public SpectrogramOptions {
    if (!(fsHz > 0)) {
      throw new IllegalArgumentException("Invalid sampling rate " + fsHz + " Hz: must be positive");
    }
    if (sampleCount < 2) {
      throw new IllegalArgumentException(
          "Invalid window of " + sampleCount + " samples: must hold 2 or more");
    }
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
    if (columns < 1 || sampleCount % columns != 0) {
      throw new IllegalArgumentException(
          "Invalid number of columns "
              + columns
              + ": must divide the window's "
              + sampleCount
              + " samples");
    }
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

  /** The bins, ascending. */
  public int[] voices() {
    return IntStream.range(0, voiceCount).map(i -> firstVoice + i * voiceStep).toArray();
  }

  /** The voices' frequencies in Hz, ascending. */
  public float[] voiceHz() {
    float[] hz = new float[voiceCount];
    for (int i = 0; i < voiceCount; i++) {
      hz[i] = (float) ((firstVoice + i * voiceStep) * fsHz / sampleCount);
    }
    return hz;
  }

  /** Samples between columns. */
  public int decimation() {
    return sampleCount / columns;
  }

  /**
   * The columns' instants in ms relative to sample {@code origin} of the window (the R peak).
   *
   * @param origin sample index that counts as 0 ms
   */
  public float[] columnMs(int origin) {
    float[] ms = new float[columns];
    for (int c = 0; c < columns; c++) {
      ms[c] = (float) ((c * decimation() - origin) * 1000.0 / fsHz);
    }
    return ms;
  }

  /** Values of one lead's image: voices times columns. */
  public int valuesPerLead() {
    return voiceCount * columns;
  }
}
