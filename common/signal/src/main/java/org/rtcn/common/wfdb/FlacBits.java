package org.rtcn.common.wfdb;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * Bits of a FLAC stream, most significant first, and the check sum of the bytes that they came
 * from. Never reads behind the stream's end: a read that would is refused.
 */
final class FlacBits {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final int BUFFER = 1 << 15;

  /** Bytes that may have been taken into {@link #bits} and not been used. */
  private static final int AHEAD = Long.BYTES;

  /** CRC-16 of RFC 9639, 9.3, polynomial 0x8005: of one byte, and of one followed by 1..7 zeros. */
  private static final int[][] CRC16 = crc16Tables();

  private final String file;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int pos;
  private int limit;

  /** The next {@link #count} bits, left-aligned; what lies below them may be read ahead. */
  private long bits;

  private int count;
  private int crc;
  private int crcFrom;

  FlacBits(String file, InputStream in) {
    this.file = file;
    this.in = in;
  }

  private static int[][] crc16Tables() {
    int[][] tables = new int[8][256];
    for (int i = 0; i < 256; i++) {
      int value = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        value = (value << 1) ^ ((value & 0x8000) != 0 ? 0x18005 : 0);
      }
      tables[0][i] = value & 0xffff;
    }
    for (int t = 1; t < 8; t++) {
      for (int i = 0; i < 256; i++) {
        int before = tables[t - 1][i];
        tables[t][i] = ((before << 8) & 0xffff) ^ tables[0][before >> 8];
      }
    }
    return tables;
  }

  /** Check sum of bytes, going on from {@code start}. */
  static int crc16(int start, byte[] bytes, int from, int to) {
    int sum = start;
    int at = from;
    for (; at + 8 <= to; at += 8) {
      sum =
          CRC16[7][(sum >> 8) ^ (bytes[at] & 0xff)]
              ^ CRC16[6][(sum & 0xff) ^ (bytes[at + 1] & 0xff)]
              ^ CRC16[5][bytes[at + 2] & 0xff]
              ^ CRC16[4][bytes[at + 3] & 0xff]
              ^ CRC16[3][bytes[at + 4] & 0xff]
              ^ CRC16[2][bytes[at + 5] & 0xff]
              ^ CRC16[1][bytes[at + 6] & 0xff]
              ^ CRC16[0][bytes[at + 7] & 0xff];
    }
    for (; at < to; at++) {
      sum = ((sum << 8) & 0xffff) ^ CRC16[0][(sum >> 8) ^ (bytes[at] & 0xff)];
    }
    return sum;
  }

  /** Whether no byte is left. Stands at a byte. */
  boolean atEnd() throws IOException {
    fill();
    return count == 0;
  }

  /** Starts the check sum at the next byte. Stands at a byte. */
  void startCrc() {
    crc = 0;
    crcFrom = pos - count / 8;
  }

  /** The check sum up to here. Stands at a byte. */
  int crc() {
    int here = pos - count / 8;
    crc = crc16(crc, buffer, crcFrom, here);
    crcFrom = here;
    return crc;
  }

  /** Skips to the next whole byte: the bits skipped. */
  int align() throws IOException {
    return read(count & 7);
  }

  /** The next 0..32 bits, unsigned where fewer than 32. */
  int read(int n) throws IOException {
    if (count < n) {
      fill();
      if (count < n) {
        throw truncated();
      }
    }
    int value = (int) ((bits >>> 1) >>> (63 - n));
    bits <<= n;
    count -= n;
    return value;
  }

  /** The next 1..32 bits in two's complement. */
  int readSigned(int n) throws IOException {
    return (read(n) << (32 - n)) >> (32 - n);
  }

  /** Zeros before the next one, which is read too; refused if more than {@code most}. */
  int unary(int most) throws IOException {
    long zeros = 0;
    while (true) {
      fill();
      if (count == 0) {
        throw truncated();
      }
      int run = Math.min(Long.numberOfLeadingZeros(bits), count);
      zeros += run;
      if (zeros > most) {
        throw damaged("a unary number has no end");
      }
      if (run < count) {
        bits = (bits << run) << 1;
        count -= run + 1;
        return (int) zeros;
      }
      bits = 0;
      count = 0;
    }
  }

  /** Skips bytes. Stands at a byte. */
  void skip(int bytes) throws IOException {
    int left = bytes;
    while (left > 0) {
      if (count >= 8) {
        read(8);
        left--;
      } else {
        // Without it, bits read ahead would not be the ones that come next.
        bits = 0;
        int held = Math.min(left, limit - pos);
        pos += held;
        left -= held;
        if (left > 0 && !more()) {
          throw truncated();
        }
      }
    }
  }

  /**
   * Rice codes with {@code k} low bits, folded as 0, -1, 1, -2, ...
   *
   * @throws WfdbException if the stream ends
   */
  void readRice(int[] out, int from, int to, int k) throws IOException {
    long word = bits;
    int held = count;
    int at = pos;
    byte[] bytes = buffer;
    int last = limit - AHEAD;
    for (int i = from; i < to; i++) {
      int folded;
      if (at <= last) {
        word |= (long) LONGS.get(bytes, at) >>> held;
        at += (63 - held) >> 3;
        held |= 56;
      }
      int zeros = Long.numberOfLeadingZeros(word);
      int used = zeros + 1 + k;
      if (used <= held) {
        word = (word << zeros) << 1;
        folded = (zeros << k) | (int) ((word >>> 1) >>> (63 - k));
        word <<= k;
        held -= used;
      } else {
        bits = word;
        count = held;
        pos = at;
        folded = (unary(0x7fffffff >>> Math.max(0, k - 1)) << k) | read(k);
        word = bits;
        held = count;
        at = pos;
        last = limit - AHEAD;
      }
      out[i] = (folded >>> 1) ^ -(folded & 1);
    }
    bits = word;
    count = held;
    pos = at;
  }

  /** Holds at least 56 bits, or all that are left. */
  private void fill() throws IOException {
    if (limit - pos < AHEAD && count < 56) {
      while (limit - pos < AHEAD && more()) {}
    }
    if (limit - pos >= AHEAD) {
      bits |= (long) LONGS.get(buffer, pos) >>> count;
      pos += (63 - count) >> 3;
      count |= 56;
      return;
    }
    while (count < 56 && pos < limit) {
      bits |= (buffer[pos++] & 0xffL) << (56 - count);
      count += 8;
    }
  }

  /** Reads on: false at the stream's end. */
  private boolean more() throws IOException {
    if (pos > BUFFER / 2) {
      int keep = pos - AHEAD;
      if (crcFrom < keep) {
        crc = crc16(crc, buffer, crcFrom, keep);
        crcFrom = keep;
      }
      System.arraycopy(buffer, keep, buffer, 0, limit - keep);
      crcFrom -= keep;
      limit -= keep;
      pos = AHEAD;
    }
    int got = in.read(buffer, limit, BUFFER - limit);
    limit += Math.max(0, got);
    return got > 0;
  }

  WfdbException truncated() {
    return new WfdbException(
        Reason.SIGNAL_TRUNCATED,
        "Cannot read " + file + ": it ends within a FLAC block; fetch the file again");
  }

  WfdbException damaged(String what) {
    return new WfdbException(
        Reason.SIGNAL_DAMAGED, "Cannot read " + file + ": " + what + "; fetch the file again");
  }
}
