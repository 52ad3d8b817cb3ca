package org.rtcn.common.wfdb;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Writes FLAC streams that use everything that RFC 9639 allows, chosen at random: no encoder in the
 * field does.
 */
final class FlacFixture {
  private final SplittableRandom random;
  private final int channels;
  private final int bits;

  /** First byte of each block, and the stream's length. */
  final List<Integer> starts = new ArrayList<>();

  /** What the stream holds: {@code [channel][sample]}. */
  int[][] samples;

  FlacFixture(SplittableRandom random, int channels, int bits) {
    this.random = random;
    this.channels = channels;
    this.bits = bits;
  }

  /** A stream of {@code blocks} blocks of up to {@code largest} samples. */
  byte[] stream(int blocks, int largest) {
    boolean variable = random.nextBoolean();
    int[] sizes = new int[blocks];
    int size = 1 + random.nextInt(largest);
    int total = 0;
    for (int b = 0; b < blocks; b++) {
      sizes[b] = variable || b == blocks - 1 ? blockSize(variable ? largest : size) : size;
      total += sizes[b];
    }
    samples = new int[channels][total];
    for (int[] row : samples) {
      signal(row);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Bits head = new Bits();
    head.put(0x664c6143L, 32);
    boolean more = random.nextBoolean();
    head.put(more ? 0 : 1, 1);
    head.put(0, 7);
    head.put(34, 24);
    head.put(16, 16);
    head.put(65535, 16);
    head.put(0, 48);
    head.put(360, 20);
    head.put(channels - 1, 3);
    head.put(bits - 1, 5);
    head.put(random.nextBoolean() ? total : 0, 36);
    head.put(0, 64);
    head.put(0, 64);
    if (more) {
      int length = random.nextInt(70_000);
      head.put(1, 1);
      head.put(1, 7);
      head.put(length, 24);
      for (int i = 0; i < length; i++) {
        head.put(random.nextInt(256), 8);
      }
    }
    out.writeBytes(head.bytes());
    int at = 0;
    for (int b = 0; b < blocks; b++) {
      starts.add(out.size());
      out.writeBytes(block(variable, variable ? at : b, at, sizes[b]));
      at += sizes[b];
    }
    starts.add(out.size());
    return out.toByteArray();
  }

  private int blockSize(int largest) {
    int[] common = {192, 576, 1152, 256, 512, 1024, 4096};
    int chosen = common[random.nextInt(common.length)];
    return random.nextInt(3) == 0 && chosen <= largest ? chosen : 1 + random.nextInt(largest);
  }

  private void signal(int[] row) {
    int max = (1 << (bits - 1)) - 1;
    int kind = random.nextInt(6);
    int wasted = random.nextInt(3) == 0 ? random.nextInt(bits - 1) : 0;
    double phase = random.nextDouble();
    for (int i = 0; i < row.length; i++) {
      double v =
          switch (kind) {
            case 0 -> max * Math.sin(phase * i);
            case 1 -> random.nextInt();
            case 2 -> random.nextBoolean() ? max : -max - 1;
            case 3 -> phase * max;
            default -> 0.7 * max * Math.sin(0.01 * i + phase) + random.nextInt(9);
          };
      int sample = (int) Math.max(-max - 1.0, Math.min(max, v));
      row[i] = kind == 1 ? random.nextInt(-max - 1, max) : sample;
      row[i] = (row[i] >> wasted) << wasted;
    }
  }

  private byte[] block(boolean variable, long number, int from, int size) {
    Bits out = new Bits();
    out.put(variable ? 0xfff9 : 0xfff8, 16);
    int sizeCode =
        switch (size) {
          case 192 -> 1;
          case 576 -> 2;
          case 1152 -> 3;
          case 256 -> 8;
          case 512 -> 9;
          case 1024 -> 10;
          case 4096 -> 12;
          default -> size <= 256 && random.nextBoolean() ? 6 : 7;
        };
    out.put(sizeCode, 4);
    int rate = new int[] {0, 9, 12, 13, 14}[random.nextInt(5)];
    out.put(rate, 4);
    int assignment = channels == 2 ? List.of(1, 8, 9, 10).get(random.nextInt(4)) : channels - 1;
    out.put(assignment, 4);
    int code =
        switch (bits) {
          case 8 -> 1;
          case 12 -> 2;
          case 16 -> 4;
          case 20 -> 5;
          case 24 -> 6;
          default -> 0;
        };
    out.put(random.nextBoolean() ? code : 0, 3);
    out.put(0, 1);
    utf8(out, number);
    if (sizeCode >= 6 && sizeCode <= 7) {
      out.put(size - 1, sizeCode == 6 ? 8 : 16);
    }
    out.put(7, rate < 12 ? 0 : rate == 12 ? 8 : 16);
    byte[] head = out.bytes();
    out.put(FlacStream.crc8(head, 0, head.length), 8);
    int[][] rows = new int[channels][];
    for (int c = 0; c < channels; c++) {
      rows[c] = Arrays.copyOfRange(samples[c], from, from + size);
    }
    int sideChannel = assignment == 9 ? 0 : assignment >= 8 ? 1 : -1;
    if (sideChannel >= 0) {
      int[] left = rows[0];
      int[] right = rows[1];
      rows = new int[][] {left.clone(), right.clone()};
      for (int i = 0; i < size; i++) {
        rows[sideChannel][i] = left[i] - right[i];
        if (assignment == 10) {
          rows[0][i] = (left[i] + right[i]) >> 1;
        }
      }
    }
    for (int c = 0; c < channels; c++) {
      subframe(out, rows[c], c == sideChannel ? bits + 1 : bits);
    }
    out.align();
    byte[] body = out.bytes();
    out.put(FlacBits.crc16(0, body, 0, body.length), 16);
    return out.bytes();
  }

  private static void utf8(Bits out, long number) {
    if (number < 0x80) {
      out.put(number, 8);
      return;
    }
    int tail = 1;
    while (number >>> (5 * tail + 6) != 0) {
      tail++;
    }
    out.put(((0xff00 >> (tail + 1)) & 0xff) | (number >>> (6 * tail)), 8);
    for (int i = tail - 1; i >= 0; i--) {
      out.put(0x80 | ((number >>> (6 * i)) & 0x3f), 8);
    }
  }

  private void subframe(Bits out, int[] given, int width) {
    int[] x = given;
    int common = 0;
    for (int v : x) {
      common |= v;
    }
    int wasted = common == 0 ? 0 : random.nextInt(Integer.numberOfTrailingZeros(common) + 1);
    int left = width - wasted;
    x = Arrays.stream(x).map(v -> v >> wasted).toArray();
    boolean constant = Arrays.stream(x).distinct().count() == 1;
    int kind = constant && random.nextInt(3) > 0 ? 0 : random.nextInt(1, 5);
    int order = kind == 2 ? random.nextInt(5) : 1 + random.nextInt(32);
    order = Math.min(order, x.length);
    out.put(0, 1);
    out.put(
        switch (kind) {
          case 0 -> 0;
          case 1 -> 1;
          case 2 -> 8 + order;
          default -> 31 + order;
        },
        6);
    out.put(wasted == 0 ? 0 : 1, 1);
    if (wasted > 0) {
      out.put(1, wasted);
    }
    int warm = kind == 0 ? 1 : kind == 1 ? x.length : order;
    for (int i = 0; i < warm; i++) {
      out.put(x[i], left);
    }
    if (kind < 2) {
      return;
    }
    long[] c = new long[order];
    int shift = 0;
    if (kind == 2) {
      long[][] fixed = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};
      c = fixed[order];
    } else {
      int precision = 1 + random.nextInt(15);
      shift = random.nextInt(16);
      out.put(precision - 1, 4);
      out.put(shift, 5);
      int half = 1 << (precision - 1);
      for (int j = 0; j < order; j++) {
        // Small enough that the residual keeps within 32 bits.
        c[j] =
            Math.max(
                -half, Math.min(half - 1, random.nextInt(-16, 16) << Math.min(10, shift) >> 4));
        out.put(c[j], precision);
      }
    }
    int[] residual = new int[x.length];
    for (int i = order; i < x.length; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += c[j] * x[i - 1 - j];
      }
      residual[i] = Math.toIntExact(x[i] - (sum >> shift));
    }
    residual(out, residual, order);
  }

  private void residual(Bits out, int[] residual, int order) {
    int method = random.nextInt(2);
    out.put(method, 2);
    int parts = random.nextInt(9);
    while ((residual.length >> parts) << parts != residual.length
        || residual.length >> parts < order) {
      parts--;
    }
    out.put(parts, 4);
    int length = residual.length >> parts;
    int from = order;
    for (int to = length; to <= residual.length; to += length) {
      int width = 0;
      for (int i = from; i < to; i++) {
        width =
            Math.max(width, 33 - Integer.numberOfLeadingZeros(residual[i] ^ (residual[i] >> 31)));
      }
      int best = Math.max(0, width - 1 - random.nextInt(6));
      if (best >= (method == 0 ? 15 : 31) || random.nextInt(5) == 0) {
        boolean zero = Arrays.stream(residual, from, to).allMatch(v -> v == 0);
        width = zero && random.nextBoolean() ? 0 : Math.min(31, width);
        out.put(method == 0 ? 15 : 31, 4 + method);
        out.put(width, 5);
        for (int i = from; i < to; i++) {
          out.put(residual[i], width);
        }
      } else {
        out.put(best, 4 + method);
        for (int i = from; i < to; i++) {
          long folded = ((residual[i] << 1) ^ (residual[i] >> 31)) & 0xffffffffL;
          for (long zeros = folded >>> best; zeros > 0; zeros--) {
            out.put(0, 1);
          }
          out.put(1, 1);
          out.put(folded, best);
        }
      }
      from = to;
    }
  }

  /** Bits, most significant first. */
  static final class Bits {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int pending;
    private int count;

    void put(long value, int width) {
      for (int i = width - 1; i >= 0; i--) {
        pending = (pending << 1) | (int) ((value >>> i) & 1);
        if (++count == 8) {
          out.write(pending);
          pending = 0;
          count = 0;
        }
      }
    }

    void align() {
      while (count != 0) {
        put(0, 1);
      }
    }

    byte[] bytes() {
      return out.toByteArray();
    }
  }
}
