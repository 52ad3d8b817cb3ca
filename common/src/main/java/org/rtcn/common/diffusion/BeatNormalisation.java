package org.rtcn.common.diffusion;

import java.util.List;

/**
 * Takes beats in mV to the diffusion's unit scale and back: subtract a centre, divide each lead by
 * its scale. Fitted on training beats only.
 *
 * @param centre {@code [class][lead][sample]} in mV; one entry where all classes share it
 * @param scaleMv {@code [lead]}: root mean square of the centred training beats, in mV
 * @param clip {@code [lead]}: largest magnitude of a normalised training beat, with a margin of 10
 *     %
 */
@SuppressWarnings("ArrayRecordComponent")
public record BeatNormalisation(float[][][] centre, float[] scaleMv, float[] clip) {

  /** What is subtracted from a beat before it is noised. */
  public enum Centring {
    /** Nothing. */
    NONE,
    /** The mean of all classes' mean beats. */
    MEAN_BEAT,
    /** The mean beat of the beat's own class: the diffusion makes what varies around it. */
    CLASS_BEAT
  }

  private static final double SMALLEST_SCALE_MV = 1e-3;
  private static final double CLIP_MARGIN = 1.1;

  /** Fits on beats {@code [class][beat][lead * length]} in mV; each class weighs the same. */
  static BeatNormalisation fit(
      List<List<float[]>> beatsOfClass, int leads, int length, Centring centring) {
    int classes = beatsOfClass.size();
    double[][] means = new double[classes][leads * length];
    double[] overall = new double[leads * length];
    for (int k = 0; k < classes; k++) {
      for (float[] beat : beatsOfClass.get(k)) {
        for (int i = 0; i < beat.length; i++) {
          means[k][i] += beat[i] / (double) beatsOfClass.get(k).size();
        }
      }
      for (int i = 0; i < overall.length; i++) {
        overall[i] += means[k][i] / classes;
      }
    }
    float[][][] centre =
        switch (centring) {
          case NONE -> new float[1][leads][length];
          case MEAN_BEAT -> new float[][][] {unflatten(overall, leads, length)};
          case CLASS_BEAT -> {
            float[][][] each = new float[classes][][];
            for (int k = 0; k < classes; k++) {
              each[k] = unflatten(means[k], leads, length);
            }
            yield each;
          }
        };
    double[] square = new double[leads];
    double[] largest = new double[leads];
    for (int k = 0; k < classes; k++) {
      float[][] c = centre[Math.min(k, centre.length - 1)];
      for (float[] beat : beatsOfClass.get(k)) {
        for (int lead = 0; lead < leads; lead++) {
          double sum = 0;
          for (int i = 0; i < length; i++) {
            double d = beat[lead * length + i] - c[lead][i];
            sum += d * d;
            largest[lead] = Math.max(largest[lead], Math.abs(d));
          }
          square[lead] += sum / length / beatsOfClass.get(k).size() / classes;
        }
      }
    }
    float[] scale = new float[leads];
    float[] clip = new float[leads];
    for (int lead = 0; lead < leads; lead++) {
      scale[lead] = (float) Math.max(Math.sqrt(square[lead]), SMALLEST_SCALE_MV);
      clip[lead] = (float) (CLIP_MARGIN * largest[lead] / scale[lead]);
    }
    return new BeatNormalisation(centre, scale, clip);
  }

  private static float[][] unflatten(double[] flat, int leads, int length) {
    float[][] rows = new float[leads][length];
    for (int i = 0; i < flat.length; i++) {
      rows[i / length][i % length] = (float) flat[i];
    }
    return rows;
  }

  /** mV to unit scale, {@code [lead * length]} in and out. */
  float[] normalise(float[] beat, int classIndex) {
    float[][] c = centre[Math.min(classIndex, centre.length - 1)];
    int length = c[0].length;
    float[] out = new float[beat.length];
    for (int i = 0; i < out.length; i++) {
      int lead = i / length;
      out[i] = (beat[i] - c[lead][i % length]) / scaleMv[lead];
    }
    return out;
  }

  /** Unit scale {@code [lead * length]} at {@code offset} to {@code [lead][length]} in mV. */
  float[][] denormalise(double[] values, int offset, int classIndex) {
    float[][] c = centre[Math.min(classIndex, centre.length - 1)];
    int leads = c.length;
    int length = c[0].length;
    float[][] out = new float[leads][length];
    for (int lead = 0; lead < leads; lead++) {
      for (int i = 0; i < length; i++) {
        out[lead][i] = (float) (values[offset + lead * length + i] * scaleMv[lead] + c[lead][i]);
      }
    }
    return out;
  }
}
