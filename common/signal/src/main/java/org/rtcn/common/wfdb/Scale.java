package org.rtcn.common.wfdb;

/**
 * (sample - baseline) / gain × factor in double, rounded once to float, NaN for the invalid sample.
 * Formats of up to 16 bits are looked up in a table of all their values: exact, without a division
 * or a branch per sample. Where one division of two floats gives the same bits, it is quicker
 * still: a table of 65,536 floats does not stay in a processor's nearest cache.
 */
final class Scale {
  /** Whole numbers up to here are floats. */
  private static final int LARGEST_WHOLE = 1 << 24;

  private final SignalSpec spec;
  private final double factor;
  private final int invalidSample;
  private final int tableBits;
  private final boolean exactInFloat;
  private float[] table;

  Scale(SignalSpec spec, double factor, SampleFormat format) {
    this.spec = spec;
    this.factor = factor;
    this.invalidSample = format.invalidSample();
    this.tableBits = format.tableBits();
    double gain = spec.gainAduPerUnit();
    // Quotients of floats, rounded to double first and then to float, are those that are rounded
    // once (Figueroa 1995: 53 bits are more than 2 × 24 + 1), as long as they are no subnormals.
    this.exactInFloat =
        format.isTakenPacked()
            && factor == 1
            && gain == (float) gain
            && Math.abs(gain) <= LARGEST_WHOLE
            // So no two samples have one quotient, of which the invalid sample's is the mark.
            && Math.abs((long) spec.baseline()) <= LARGEST_WHOLE / 4;
  }

  /** Whether this scale serves another signal as well. */
  boolean serves(SignalSpec other, double otherFactor, SampleFormat format) {
    return other.gainAduPerUnit() == spec.gainAduPerUnit()
        && other.baseline() == spec.baseline()
        && otherFactor == factor
        && format.invalidSample() == invalidSample
        && format.tableBits() == tableBits;
  }

  /** Whether one division of floats gives the same bits as {@link #physical}. */
  boolean isExactInFloat() {
    return exactInFloat;
  }

  int baseline() {
    return spec.baseline();
  }

  int invalidSample() {
    return invalidSample;
  }

  /** Of what is exact in float. */
  float gain() {
    return (float) spec.gainAduPerUnit();
  }

  /** Float of each value, by its low bits; null where there are too many. */
  float[] table() {
    if (table == null && tableBits > 0) {
      table = new float[1 << tableBits];
      for (int i = 0; i < table.length; i++) {
        table[i] = compute((i << (32 - tableBits)) >> (32 - tableBits));
      }
    }
    return table;
  }

  float physical(int sample) {
    float[] known = table();
    return known == null ? compute(sample) : known[sample & (known.length - 1)];
  }

  private float compute(int sample) {
    return sample == invalidSample
        ? Float.NaN
        : (float) (((double) sample - spec.baseline()) / spec.gainAduPerUnit() * factor);
  }
}
