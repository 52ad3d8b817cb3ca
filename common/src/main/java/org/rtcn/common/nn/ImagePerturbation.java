package org.rtcn.common.nn;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Changes a training image a little, differently each time it is seen, so that a network cannot
 * learn the few patients of a rare class by heart. Works on standardised images, where 0 is the
 * mean of a row: what is masked becomes 0 and says nothing. All sizes are our own design decisions.
 *
 * @param shiftColumns whole columns by which an image moves in time at most, either way
 * @param gain standard deviation of a number added to a whole channel (on compressed magnitudes
 *     about what an electrode's gain does)
 * @param noise standard deviation of noise added to each number
 * @param mask largest share of voices, and of columns, that is masked in one stretch (Park et al.
 *     2019, "SpecAugment")
 * @param leadDropout probability that a lead is masked, in all its channels; and that nothing is
 *     known of the patient
 * @param mixup largest share that another image and its label get (Zhang et al. 2018); applied by
 *     the maker of batches
 */
public record ImagePerturbation(
    int shiftColumns, double gain, double noise, double mask, double leadDropout, double mixup)
    implements Serializable {

  /** Leaves images as they are. */
  public static final ImagePerturbation NONE = new ImagePerturbation(0, 0, 0, 0, 0, 0);

  /** Uniform numbers of width 1 have this standard deviation. */
  private static final double UNIFORM_DEVIATION = Math.sqrt(1.0 / 12);

  private static final double TWO_TO_MINUS_32 = 0x1p-32;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public ImagePerturbation {
    if (shiftColumns < 0) {
      throw new IllegalArgumentException(
          "Invalid shift-columns " + shiftColumns + ": must be 0 or more");
    }
    requireRange("gain", gain, 10);
    requireRange("noise", noise, 10);
    requireRange("mask", mask, 1);
    requireRange("lead-dropout", leadDropout, 1);
    requireRange("mixup", mixup, 0.5);
  }

  private static void requireRange(String name, double value, double max) {
    if (!(value >= 0) || !(value <= max)) {
      throw new IllegalArgumentException(
          "Invalid " + name + " " + value + ": must lie between 0 and " + max);
    }
  }

  /**
   * Writes a changed copy.
   *
   * @param image {@code [channel · voice · column]}, standardised
   * @param out receives the copy from {@code at} on
   * @param channels of the image; those of one lead lie {@code leads} apart
   * @param random the only source of chance
   */
  public void apply(
      float[] image,
      float[] out,
      int at,
      int channels,
      int leads,
      int voices,
      int columns,
      SplittableRandom random) {
    int shift = shiftColumns == 0 ? 0 : random.nextInt(2 * shiftColumns + 1) - shiftColumns;
    int maskedVoices = stretch(voices, random);
    int firstVoice = start(voices, maskedVoices, random);
    int maskedColumns = stretch(columns, random);
    int firstColumn = start(columns, maskedColumns, random);
    boolean[] deadLeads = new boolean[leads];
    for (int lead = 0; lead < leads; lead++) {
      deadLeads[lead] = leadDropout > 0 && random.nextDouble() < leadDropout;
    }
    for (int channel = 0; channel < channels; channel++) {
      boolean dead = deadLeads[channel % leads];
      float offset = gain == 0 ? 0 : (float) (gain * random.nextGaussian());
      for (int voice = 0; voice < voices; voice++) {
        int row = (channel * voices + voice) * columns;
        boolean masked = dead || (voice >= firstVoice && voice < firstVoice + maskedVoices);
        if (masked) {
          Arrays.fill(out, at + row, at + row + columns, 0);
          continue;
        }
        for (int column = 0; column < columns; column++) {
          int from = Math.min(columns - 1, Math.max(0, column + shift));
          out[at + row + column] = image[row + from] + offset;
        }
        if (noise > 0) {
          addNoise(out, at + row, columns, random);
        }
        if (maskedColumns > 0) {
          Arrays.fill(out, at + row + firstColumn, at + row + firstColumn + maskedColumns, 0);
        }
      }
    }
  }

  /**
   * Copies what stands after an image of its patient, or writes in some looks that nothing is
   * known: so that a network learns to do without.
   *
   * @param values standardised; from {@code from} on, the numbers of {@link PatientInput#AGE_SEX}
   * @param out receives them from {@code at} on
   */
  public void applyToPatient(
      float[] values, int from, float[] out, int at, SplittableRandom random) {
    if (leadDropout > 0 && random.nextDouble() < leadDropout) {
      out[at] = 0;
      out[at + 1] = 0;
      out[at + 2] = 1;
    } else {
      System.arraycopy(values, from, out, at, PatientInput.AGE_SEX.numbers());
    }
  }

  private int stretch(int size, SplittableRandom random) {
    int longest = (int) (mask * size);
    return longest == 0 ? 0 : random.nextInt(longest + 1);
  }

  private static int start(int size, int stretch, SplittableRandom random) {
    return stretch == 0 ? 0 : random.nextInt(size - stretch + 1);
  }

  /** Uniform rather than Gaussian, since two numbers come of each 64-bit draw. */
  private void addNoise(float[] out, int from, int count, SplittableRandom random) {
    double scale = noise / UNIFORM_DEVIATION * TWO_TO_MINUS_32;
    for (int i = 0; i < count; i += 2) {
      long bits = random.nextLong();
      out[from + i] += (float) (scale * (int) bits);
      if (i + 1 < count) {
        out[from + i + 1] += (float) (scale * (int) (bits >> 32));
      }
    }
  }
}
