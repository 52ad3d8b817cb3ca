package org.rtcn.common.nn;

/**
 * What of a beat the network reads.
 *
 * <p>An image as it comes from the tables is its magnitudes {@code [lead · voice · column]} in mV,
 * and for {@link #COMPLEX} after them its phases in radians, in the same order. The network's
 * channels are the leads for {@link #MAGNITUDE}; for {@link #COMPLEX} the leads' real parts and
 * then the leads' imaginary parts. For {@link #WAVEFORM} the image is the beat itself, one voice
 * and a column per sample, {@code [lead · 1 · sample]} in mV: without encoder layers the network is
 * then a plain 1-D ResNet.
 */
public enum ImageInput {
  /** |S|: blind to a signal turned upside down. */
  MAGNITUDE(1),
  /** Real and imaginary part of S relative to the R peak, which tell a Q from an R. */
  COMPLEX(2),
  /** The beat as it was recorded, no S-transform. */
  WAVEFORM(1);

  private final int parts;

  ImageInput(int parts) {
    this.parts = parts;
  }

  /** Channels per lead. */
  public int parts() {
    return parts;
  }

  /** Whether it reads S-transform images; if not, Grad-CAM has no frequencies to show. */
  public boolean isImage() {
    return this != WAVEFORM;
  }

  /**
   * The image as the network's side takes it.
   *
   * @param magnitude {@code [lead · voice · column]}, mV
   * @param phase the same in radians; null where the table has none
   * @return a new array: magnitudes, and for {@link #COMPLEX} phases after them
   * @throws IllegalArgumentException if the phase is wanted and missing
   */
  public float[] image(float[] magnitude, float[] phase) {
    if (this != COMPLEX) {
      return magnitude.clone();
    }
    if (phase == null || phase.length != magnitude.length) {
      throw new IllegalArgumentException(
          "Cannot read an image without phase: transform with rtcn.transform.image.phase = keep, or"
              + " train with rtcn.train.input = magnitude");
    }
    float[] image = new float[2 * magnitude.length];
    System.arraycopy(magnitude, 0, image, 0, magnitude.length);
    System.arraycopy(phase, 0, image, magnitude.length, phase.length);
    return image;
  }
}
