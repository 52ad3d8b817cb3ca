package org.rtcn.common.wfdb;

/**
 * (sample - baseline) / gain × factor in double, rounded once to float, NaN for the invalid sample.
 * Formats of up to 16 bits are looked up in a table of all their values: exact, without a division
 * or a branch per sample.
 */
final class Scale {
  private final SignalSpec spec;
  private final double factor;
  private final int invalidSample;
  private final float[] table;

  Scale(SignalSpec spec, double factor, SampleFormat format) {
    this.spec = spec;
    this.factor = factor;
    this.invalidSample = format.invalidSample();
    if (format.tableBits() == 0) {
      table = null;
    } else {
      int bits = format.tableBits();
      table = new float[1 << bits];
      for (int i = 0; i < table.length; i++) {
        table[i] = compute((i << (32 - bits)) >> (32 - bits));
      }
    }
  }

  /** Whether this scale serves another signal as well. */
  boolean serves(SignalSpec other, double otherFactor, SampleFormat format) {
    return other.gainAduPerUnit() == spec.gainAduPerUnit()
        && other.baseline() == spec.baseline()
        && otherFactor == factor
        && format.invalidSample() == invalidSample
        && (table == null ? format.tableBits() == 0 : table.length == 1 << format.tableBits());
  }

  /** Float of each value, by its low bits; null where there are too many. */
  float[] table() {
    return table;
  }

  float physical(int sample) {
    return table == null ? compute(sample) : table[sample & (table.length - 1)];
  }

  private float compute(int sample) {
    return sample == invalidSample
        ? Float.NaN
        : (float) (((double) sample - spec.baseline()) / spec.gainAduPerUnit() * factor);
  }
}
