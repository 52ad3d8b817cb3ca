package org.rtcn.common.formats;

import java.nio.charset.Charset;
import java.util.Arrays;
import org.rtcn.common.formats.FormatException.Reason;

/** Reads numbers from bytes; reading behind the end is a {@link FormatException}. */
public final class Bytes {
  private final String file;
  private final byte[] bytes;
  private final int end;
  private final boolean bigEndian;
  private int at;

  /** Little-endian numbers of a whole file. */
  public Bytes(String file, byte[] bytes) {
    this(file, bytes, 0, bytes.length, false);
  }

  /** Numbers of {@code bytes[from..end)}. */
  public Bytes(String file, byte[] bytes, int from, int end, boolean bigEndian) {
    this.file = file;
    this.bytes = bytes;
    this.at = from;
    this.end = end;
    this.bigEndian = bigEndian;
  }

  /** Where the next byte is read. */
  public int at() {
    return at;
  }

  /** Moves. */
  public Bytes to(long position) throws FormatException {
    if (position < 0 || position > end) {
      throw truncated(position);
    }
    at = (int) position;
    return this;
  }

  /** Moves on. */
  public Bytes skip(long count) throws FormatException {
    return to(at + count);
  }

  /** Bytes that are left. */
  public int left() {
    return end - at;
  }

  /** A part of these bytes, with a position of its own. */
  public Bytes part(long from, long length) throws FormatException {
    if (from < 0 || length < 0 || from + length > end) {
      throw truncated(from + length);
    }
    return new Bytes(file, bytes, (int) from, (int) (from + length), bigEndian);
  }

  /** The next bytes. */
  public byte[] take(int count) throws FormatException {
    int from = advance(count);
    return Arrays.copyOfRange(bytes, from, from + count);
  }

  public int u8() throws FormatException {
    return bytes[advance(1)] & 0xff;
  }

  public int u16() throws FormatException {
    int from = advance(2);
    int a = bytes[from] & 0xff;
    int b = bytes[from + 1] & 0xff;
    return bigEndian ? a << 8 | b : b << 8 | a;
  }

  public int i16() throws FormatException {
    return (short) u16();
  }

  public long u32() throws FormatException {
    return i32() & 0xffffffffL;
  }

  public int i32() throws FormatException {
    int a = u16();
    int b = u16();
    return bigEndian ? a << 16 | b : b << 16 | a;
  }

  public long i64() throws FormatException {
    long a = u32();
    long b = u32();
    return bigEndian ? a << 32 | b : b << 32 | a;
  }

  /** Text up to the first NUL. */
  public String text(int length, Charset charset) throws FormatException {
    int from = advance(length);
    int to = from;
    while (to < from + length && bytes[to] != 0) {
      to++;
    }
    return new String(bytes, from, to - from, charset).strip();
  }

  private int advance(int count) throws FormatException {
    if (count < 0 || count > end - at) {
      throw truncated((long) at + count);
    }
    int from = at;
    at += count;
    return from;
  }

  private FormatException truncated(long position) {
    return new FormatException(
        Reason.SIGNAL_TRUNCATED,
        "Cannot read %s: it points to byte %d, its data end at %d; copy it again"
            .formatted(file, position, end));
  }
}
