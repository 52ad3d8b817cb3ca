package org.rtcn.common.formats.scp;

import java.util.ArrayList;
import java.util.List;
import org.rtcn.common.formats.Bytes;
import org.rtcn.common.formats.FormatException;

/**
 * Section 4: where the heart beats are.
 *
 * @param fiducial sample of the reference beat that lies on a complex's fiducial point, from 1
 * @param beats complexes, in order
 * @param kept parts that are stored at the full rate where the rest is not: first and last sample,
 *     from 1
 */
record Complexes(int fiducial, List<Beat> beats, List<long[]> kept) {

  /**
   * A complex; samples count from 1.
   *
   * @param type 0 for those from which the reference beat was subtracted
   */
  record Beat(int type, long start, long fiducial, long end) {}

  static Complexes read(String file, Bytes section) throws FormatException {
    section.u16();
    int fiducial = section.u16();
    int count = section.u16();
    if (14L * count > section.left()) {
      throw FormatException.malformed(file, "section 4 has no room for its " + count + " beats");
    }
    List<Beat> beats = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      beats.add(new Beat(section.u16(), section.u32(), section.u32(), section.u32()));
    }
    List<long[]> kept = new ArrayList<>();
    while (kept.size() < count && section.left() >= 8) {
      kept.add(new long[] {section.u32(), section.u32()});
    }
    return new Complexes(fiducial, beats, kept);
  }

  /**
   * A residual at the full rate: outside what is kept, each stored value stands for {@code ratio}
   * samples.
   *
   * @param bimodal whether anything is kept
   */
  int[] expanded(int[] stored, int ratio, boolean bimodal, long limit) {
    int[] out = new int[(int) Math.min(limit, (long) stored.length * ratio)];
    int to = 0;
    int zone = 0;
    for (int i = 0; i < stored.length && to < out.length; i++) {
      while (zone < kept.size() && to + 1 > kept.get(zone)[1]) {
        zone++;
      }
      boolean full = bimodal && zone < kept.size() && to + 1 >= kept.get(zone)[0];
      int times = full ? 1 : ratio;
      if (bimodal && !full && zone < kept.size()) {
        times = (int) Math.min(times, Math.max(1, kept.get(zone)[0] - 1 - to));
      }
      for (int k = 0; k < times && to < out.length; k++) {
        out[to++] = stored[i];
      }
    }
    return java.util.Arrays.copyOf(out, to);
  }

  /** Adds the reference beat, scaled, where it was subtracted. */
  void addBeat(double[] millivolts, int[] beat, double step) {
    for (Beat complex : beats) {
      if (complex.type() != 0) {
        continue;
      }
      long last = Math.min(complex.end(), millivolts.length);
      for (long s = Math.max(1, complex.start()); s <= last; s++) {
        long at = s - complex.fiducial() + fiducial - 1;
        if (at >= 0 && at < beat.length) {
          millivolts[(int) s - 1] += beat[(int) at] * step;
        }
      }
    }
  }
}
