package org.rtcn.common.formats;

/** The CCITT checksum of SCP-ECG and ISHNE: polynomial 0x1021, start 0xFFFF, top bit first. */
public final class Crc {
  private static final int[] TABLE = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
      }
      TABLE[i] = crc & 0xffff;
    }
  }

  private Crc() {}

  /** The checksum of {@code bytes[from..to)}. */
  public static int ccitt(byte[] bytes, int from, int to) {
    int crc = 0xffff;
    for (int i = from; i < to; i++) {
      crc = (crc << 8 ^ TABLE[(crc >> 8 ^ bytes[i]) & 0xff]) & 0xffff;
    }
    return crc;
  }
}
