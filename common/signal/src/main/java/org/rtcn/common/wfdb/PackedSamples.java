package org.rtcn.common.wfdb;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The loops that turn one signal's bytes into floats. Each is a method of its own, which the JVM
 * compiles alone: as part of its callers the same loop took three times as long.
 *
 * <p>They give two numbers: the sum of the samples (the checksum's), and whether the format's
 * lowest value was among them, which marks invalid samples.
 */
final class PackedSamples {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private PackedSamples() {}

  static int sum(long result) {
    return (int) (result >> 32);
  }

  static boolean holdsLowest(long result) {
    return (result & 1) != 0;
  }

  /** Only the lowest value makes {@code v + largest} negative, and its sign stays in {@code or}. */
  private static long result(int sum, int or) {
    return ((long) sum << 32) | (or >>> 31);
  }

  static short word(byte[] bytes, int at) {
    return (short) SHORTS.get(bytes, at);
  }

  /** Format 212, a sample at an even place: byte 0 and the low half of byte 1. */
  static int first212(byte[] bytes, int at) {
    return (word(bytes, at) << 20) >> 20;
  }

  /** Format 212, a sample at an odd place: the high half of byte 1 and byte 2. */
  static int second212(byte[] bytes, int at) {
    return ((bytes[at + 1] >> 4) << 8) | (bytes[at + 2] & 0xff);
  }

  /**
   * Differences from the baseline over the gain, of format 16. The division costs nothing compared
   * with the rest here; in a loop of its own it took a third of the time.
   *
   * @param at byte of the first sample
   * @param stride bytes from one to the next
   * @param to index of the first float
   */
  static long floats16(
      byte[] bytes, int at, int stride, int count, float[] out, int to, int baseline, float gain) {
    int sum = 0;
    int or = 0;
    for (int i = 0, from = at; i < count; i++, from += stride) {
      int v = (short) SHORTS.get(bytes, from);
      sum += v;
      or |= v + Short.MAX_VALUE;
      out[to + i] = (v - baseline) / gain;
    }
    return result(sum, or);
  }

  /**
   * The same of format 212, samples at even places.
   *
   * @param step floats from one to the next
   */
  static long firsts212(
      byte[] bytes,
      int at,
      int stride,
      int count,
      float[] out,
      int to,
      int step,
      int baseline,
      float gain) {
    int sum = 0;
    int or = 0;
    for (int i = 0, from = at, target = to; i < count; i++, from += stride, target += step) {
      int v = ((short) SHORTS.get(bytes, from) << 20) >> 20;
      sum += v;
      or |= v + 2047;
      out[target] = (v - baseline) / gain;
    }
    return result(sum, or);
  }

  /** The same of format 212, samples at odd places. */
  static long seconds212(
      byte[] bytes,
      int at,
      int stride,
      int count,
      float[] out,
      int to,
      int step,
      int baseline,
      float gain) {
    int sum = 0;
    int or = 0;
    for (int i = 0, from = at, target = to; i < count; i++, from += stride, target += step) {
      int v = ((bytes[from + 1] >> 4) << 8) | (bytes[from + 2] & 0xff);
      sum += v;
      or |= v + 2047;
      out[target] = (v - baseline) / gain;
    }
    return result(sum, or);
  }

  /** Both of two signals' turns. */
  static long both(long one, long other) {
    return ((long) (sum(one) + sum(other)) << 32) | ((one | other) & 1);
  }
}
