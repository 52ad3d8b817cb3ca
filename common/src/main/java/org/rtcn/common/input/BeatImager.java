package org.rtcn.common.input;

import org.rtcn.common.dsp.Beat;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.common.stockwell.SpectrogramPlan;

/**
 * Beat windows to S-transform images, rounded as the tables hold them. One instance serves one
 * thread.
 */
public final class BeatImager {
  private final SpectrogramOptions options;
  private final SpectrogramPlan.Worker worker;

  /**
   * An image, leads in the order of the window.
   *
   * @param magnitude {@code [lead · voice · column]} in mV
   * @param phase the same in radians, relative to the R peak; null where the options drop it
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Image(float[] magnitude, float[] phase) {}

  /** For windows and images of one kind. */
  public BeatImager(SpectrogramOptions options) {
    this.options = options;
    this.worker = new SpectrogramPlan(options).worker();
  }

  /**
   * The image of a window.
   *
   * @param window {@code [lead][sample]} in mV, as {@link Beat#window}
   * @param rInWindow sample of the R peak, where phases count from
   * @throws IllegalArgumentException if a row's length is not the options', or a sample not finite
   */
  public Image image(float[][] window, int rInWindow) {
    int perLead = options.valuesPerLead();
    float[] magnitude = new float[window.length * perLead];
    float[] phase =
        options.phase() == SpectrogramOptions.Phase.KEEP ? new float[magnitude.length] : null;
    for (int lead = 0; lead < window.length; lead++) {
      lead(window[lead], rInWindow, magnitude, phase, lead * perLead);
    }
    options.rounding().magnitudes(magnitude);
    if (phase != null) {
      options.rounding().phases(phase);
    }
    return new Image(magnitude, phase);
  }

  private void lead(float[] samples, int rInWindow, float[] magnitude, float[] phase, int at) {
    if (samples.length != options.sampleCount()) {
      throw new IllegalArgumentException(
          "Invalid window of "
              + samples.length
              + " samples: images are made of "
              + options.sampleCount());
    }
    if (phase == null) {
      worker.magnitude(samples, 0, magnitude, at);
    } else {
      worker.polar(samples, 0, rInWindow, magnitude, phase, at);
    }
  }

  /** A beat as an image of one voice, {@code [lead · sample]} in mV: what a 1-D network reads. */
  static Image waveform(float[][] window, int samples) {
    float[] values = new float[window.length * samples];
    for (int lead = 0; lead < window.length; lead++) {
      System.arraycopy(window[lead], 0, values, lead * samples, samples);
    }
    return new Image(values, null);
  }
}
