package org.rtcn.common.wfdb;

import java.io.IOException;
import java.util.Arrays;

/** Decodes the subframes of FLAC blocks: one channel each (RFC 9639, 9.2). */
final class FlacSubframe {
  private static final int MAX_ORDER = 32;

  private final FlacBits input;
  private final int[] coefficients = new int[MAX_ORDER];

  FlacSubframe(FlacBits input) {
    this.input = input;
  }

  /**
   * Decodes one subframe.
   *
   * @param out takes the samples
   * @param size samples of the block
   * @param bits of the channel, at most 25
   * @throws WfdbException if the stream is damaged or ends
   */
  void decode(int[] out, int size, int bits) throws IOException {
    if (input.read(1) != 0) {
      throw input.damaged("a FLAC subframe does not open as one");
    }
    int type = input.read(6);
    int wasted = input.read(1) == 0 ? 0 : input.unary(bits) + 1;
    int left = bits - wasted;
    if (left < 1) {
      throw input.damaged("a FLAC subframe wastes " + wasted + " of " + bits + " bits");
    }
    if (type == 0) {
      Arrays.fill(out, 0, size, input.readSigned(left));
    } else if (type == 1) {
      warmUp(out, size, left);
    } else if (type >= 8 && type <= 12) {
      int order = checked(type - 8, size);
      warmUp(out, order, left);
      residual(out, order, size);
      addFixed(out, order, size);
    } else if (type >= 32) {
      predicted(out, checked(type - 31, size), size, left);
    } else {
      throw input.damaged("a FLAC subframe is of reserved type " + type);
    }
    if (wasted > 0) {
      for (int i = 0; i < size; i++) {
        out[i] <<= wasted;
      }
    }
  }

  private int checked(int order, int size) throws IOException {
    if (order > size) {
      throw input.damaged("a FLAC block of " + size + " samples predicts from " + order);
    }
    return order;
  }

  private void warmUp(int[] out, int count, int bits) throws IOException {
    for (int i = 0; i < count; i++) {
      out[i] = input.readSigned(bits);
    }
  }

  private void predicted(int[] out, int order, int size, int bits) throws IOException {
    warmUp(out, order, bits);
    int precision = input.read(4) + 1;
    int shift = input.readSigned(5);
    if (precision > 15 || shift < 0) {
      throw input.damaged(
          "a FLAC subframe predicts with precision " + precision + " and shift " + shift);
    }
    int largest = 1;
    for (int j = 0; j < order; j++) {
      coefficients[j] = input.readSigned(precision);
      largest += Math.abs(coefficients[j]);
    }
    residual(out, order, size);
    // |sum| is at most the coefficients' sum times 2^(bits - 1).
    if (bits - 1 + 32 - Integer.numberOfLeadingZeros(largest) <= 31) {
      addPrediction(out, order, size, shift);
    } else {
      addLongPrediction(out, order, size, shift);
    }
  }

  /** Rice codes in partitions of equal size, each with its own parameter or uncoded. */
  private void residual(int[] out, int order, int size) throws IOException {
    int method = input.read(2);
    if (method > 1) {
      throw input.damaged("a FLAC subframe codes its residual in reserved way " + method);
    }
    int parameterBits = 4 + method;
    int escape = (1 << parameterBits) - 1;
    int partitionOrder = input.read(4);
    int partition = size >> partitionOrder;
    if (partition << partitionOrder != size || partition < order) {
      throw input.damaged(
          "a FLAC block of " + size + " samples is cut into 2^" + partitionOrder + " partitions");
    }
    int from = order;
    for (int to = partition; to <= size; to += partition) {
      int parameter = input.read(parameterBits);
      if (parameter < escape) {
        input.readRice(out, from, to, parameter);
      } else {
        int width = input.read(5);
        for (int i = from; i < to; i++) {
          out[i] = width == 0 ? 0 : input.readSigned(width);
        }
      }
      from = to;
    }
  }

  /** Polynomials through the samples before (RFC 9639, 9.2.5). Sums may wrap: only damage does. */
  private static void addFixed(int[] out, int order, int size) {
    switch (order) {
      case 1 -> {
        for (int i = 1; i < size; i++) {
          out[i] += out[i - 1];
        }
      }
      case 2 -> {
        for (int i = 2; i < size; i++) {
          out[i] += 2 * out[i - 1] - out[i - 2];
        }
      }
      case 3 -> {
        for (int i = 3; i < size; i++) {
          out[i] += 3 * (out[i - 1] - out[i - 2]) + out[i - 3];
        }
      }
      case 4 -> {
        for (int i = 4; i < size; i++) {
          out[i] += 4 * (out[i - 1] + out[i - 3]) - 6 * out[i - 2] - out[i - 4];
        }
      }
      default -> {
        // Order 0 predicts 0.
      }
    }
  }

  private void addPrediction(int[] out, int order, int size, int shift) {
    int[] c = coefficients;
    for (int i = order; i < size; i++) {
      int sum = 0;
      for (int j = 0; j < order; j++) {
        sum += c[j] * out[i - 1 - j];
      }
      out[i] += sum >> shift;
    }
  }

  private void addLongPrediction(int[] out, int order, int size, int shift) {
    int[] c = coefficients;
    for (int i = order; i < size; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += (long) c[j] * out[i - 1 - j];
      }
      out[i] += (int) (sum >> shift);
    }
  }
}
