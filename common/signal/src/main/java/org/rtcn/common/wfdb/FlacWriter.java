package org.rtcn.common.wfdb;

import java.io.ByteArrayOutputStream;

/**
 * Writes FLAC (RFC 9639): fixed predictors and Rice codes, which is most of what there is to gain
 * on ECG. Lossless; the bytes depend on the samples alone.
 */
final class FlacWriter {
  private static final int BLOCK = 4096;
  private static final int MAX_ORDER = 4;
  private static final int MAX_PARTITION_ORDER = 5;

  /** Nominal: it must not be 0, and the WFDB header states the true one. As the C library does. */
  private static final int RATE_HZ = 96_000;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final int bits;
  private final int[] residual = new int[BLOCK];
  private final int[] parameters = new int[1 << MAX_PARTITION_ORDER];
  private long pending;
  private int count;

  private FlacWriter(int bits) {
    this.bits = bits;
  }

  /**
   * Encodes channels.
   *
   * @param samples {@code [channel][sample]}, 1 to 8 channels of equal length, each within {@code
   *     bits}
   * @param bits 8, 16 or 24
   */
  static byte[] encode(int[][] samples, int bits) {
    FlacWriter writer = new FlacWriter(bits);
    int length = samples[0].length;
    writer.put(0x664c6143, 32);
    // One metadata block, STREAMINFO, of 34 bytes; frame sizes and MD5 are 0: not stated.
    writer.put(0x80000022, 32);
    writer.put(BLOCK, 16);
    writer.put(BLOCK, 16);
    writer.put(0, 48);
    writer.put(RATE_HZ, 20);
    writer.put(samples.length - 1, 3);
    writer.put(bits - 1, 5);
    writer.put(length, 36);
    for (int i = 0; i < 4; i++) {
      writer.put(0, 32);
    }
    writer.flush();
    byte[] head = writer.out.toByteArray();
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    stream.writeBytes(head);
    for (int from = 0, number = 0; from < length; from += BLOCK, number++) {
      stream.writeBytes(writer.block(samples, from, Math.min(BLOCK, length - from), number));
    }
    return stream.toByteArray();
  }

  private byte[] block(int[][] samples, int from, int size, int number) {
    out.reset();
    put(0xfff8, 16);
    put(size == BLOCK ? 12 : 7, 4);
    put(0, 4);
    put(samples.length - 1, 4);
    put(bits / 8 == 1 ? 1 : bits / 8 == 2 ? 4 : 6, 3);
    put(0, 1);
    putNumber(number);
    if (size != BLOCK) {
      put(size - 1, 16);
    }
    flush();
    byte[] head = out.toByteArray();
    put(FlacStream.crc8(head, 0, head.length), 8);
    for (int[] channel : samples) {
      subframe(channel, from, size);
    }
    put(0, -count & 7);
    flush();
    byte[] body = out.toByteArray();
    put(FlacBits.crc16(0, body, 0, body.length), 16);
    flush();
    return out.toByteArray();
  }

  private void putNumber(int number) {
    if (number < 0x80) {
      put(number, 8);
      return;
    }
    int tail = 1;
    while (number >>> (5 * tail + 6) != 0) {
      tail++;
    }
    put((0xff00 >> (tail + 1) & 0xff) | (number >>> (6 * tail)), 8);
    for (int i = tail - 1; i >= 0; i--) {
      put(0x80 | ((number >>> (6 * i)) & 0x3f), 8);
    }
  }

  private void subframe(int[] x, int from, int size) {
    int order = order(x, from, size);
    if (order < 0) {
      put(0, 8);
      put(x[from], bits);
      return;
    }
    predict(x, from, size, order);
    int partitionOrder = Math.min(MAX_PARTITION_ORDER, Integer.numberOfTrailingZeros(size));
    if (size >> partitionOrder < order) {
      partitionOrder = 0;
    }
    int method = bits > 16 ? 1 : 0;
    long cost =
        (long) order * bits + 6 + parameters(size, order, partitionOrder, method == 0 ? 14 : 30);
    if (cost >= (long) size * bits) {
      put(1 << 1, 8);
      for (int i = 0; i < size; i++) {
        put(x[from + i], bits);
      }
      return;
    }
    put((8 + order) << 1, 8);
    for (int i = 0; i < order; i++) {
      put(x[from + i], bits);
    }
    put(method, 2);
    put(partitionOrder, 4);
    int length = size >> partitionOrder;
    for (int p = 0; p < 1 << partitionOrder; p++) {
      int k = parameters[p];
      put(k, 4 + method);
      for (int i = Math.max(order, p * length); i < (p + 1) * length; i++) {
        int folded = fold(residual[i]);
        for (int zeros = folded >>> k; zeros > 0; zeros -= 32) {
          put(0, Math.min(32, zeros));
        }
        put(1, 1);
        put(folded, k);
      }
    }
  }

  /** The fixed predictor that leaves least, or -1 where all samples are equal. */
  private int order(int[] x, int from, int size) {
    int best = 0;
    long least = Long.MAX_VALUE;
    boolean constant = true;
    for (int i = 1; i < size && constant; i++) {
      constant = x[from + i] == x[from];
    }
    for (int order = 0; !constant && order <= Math.min(MAX_ORDER, size - 1); order++) {
      predict(x, from, size, order);
      long sum = 0;
      for (int i = order; i < size; i++) {
        sum += Math.abs(residual[i]);
      }
      if (sum < least) {
        least = sum;
        best = order;
      }
    }
    return constant ? -1 : best;
  }

  /** Residuals of RFC 9639, 9.2.5: differences of the given order. */
  private void predict(int[] x, int from, int size, int order) {
    System.arraycopy(x, from, residual, 0, size);
    for (int times = 1; times <= order; times++) {
      for (int i = size - 1; i >= times; i--) {
        residual[i] -= residual[i - 1];
      }
    }
  }

  /** Chooses each partition's parameter: the bits that all of them take. */
  private long parameters(int size, int order, int partitionOrder, int most) {
    int length = size >> partitionOrder;
    long total = 0;
    for (int p = 0; p < 1 << partitionOrder; p++) {
      int first = Math.max(order, p * length);
      int end = (p + 1) * length;
      long sum = 0;
      for (int i = first; i < end; i++) {
        sum += fold(residual[i]) & 0xffffffffL;
      }
      // About half of the quotients should be 0.
      long mean = sum / Math.max(1, end - first);
      int k = Math.min(most, 63 - Long.numberOfLeadingZeros(Math.max(1, mean)));
      parameters[p] = k;
      total += 5;
      for (int i = first; i < end; i++) {
        total += (fold(residual[i]) >>> k) + 1 + k;
      }
    }
    return total;
  }

  private static int fold(int value) {
    return (value << 1) ^ (value >> 31);
  }

  /** Low bits of a value, at most 48. */
  private void put(long value, int width) {
    if (count + width > 56) {
      flush();
    }
    pending = (pending << width) | (value & ((1L << width) - 1));
    count += width;
  }

  /** Writes the whole bytes. */
  private void flush() {
    while (count >= 8) {
      count -= 8;
      out.write((int) (pending >>> count));
    }
  }
}
