package org.rtcn.common.formats;

import java.nio.charset.StandardCharsets;

/**
 * The beginning of a file, by which its format is told.
 *
 * @param bytes the first bytes, at most {@link #LENGTH}; do not change them
 * @param size of the whole file, or -1 if unknown
 */
@SuppressWarnings("ArrayRecordComponent") // Read only.
public record Head(byte[] bytes, long size) {
  /** Bytes to look at: comments may stand before the root of XML. */
  public static final int LENGTH = 1 << 16;

  /** Whether these characters stand at an offset. */
  public boolean has(int offset, String ascii) {
    byte[] wanted = ascii.getBytes(StandardCharsets.ISO_8859_1);
    if (offset + wanted.length > bytes.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  /** A little-endian 16-bit number, or -1 behind the end. */
  public int u16(int offset) {
    return offset + 2 > bytes.length
        ? -1
        : (bytes[offset] & 0xff) | (bytes[offset + 1] & 0xff) << 8;
  }

  /** A little-endian 32-bit number, or -1 behind the end. */
  public long u32(int offset) {
    return offset + 4 > bytes.length ? -1 : u16(offset) | (long) u16(offset + 2) << 16;
  }

  /** Bytes as Latin-1 text, shorter at the end of the file. */
  public String text(int offset, int length) {
    int from = Math.min(offset, bytes.length);
    int to = Math.min(offset + length, bytes.length);
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }
}
