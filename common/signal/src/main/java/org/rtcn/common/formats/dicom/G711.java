package org.rtcn.common.formats.dicom;

/**
 * Companded samples of ITU-T G.711, expanded to 16 bits as is usual (its own 14 bits of mu-law
 * times four, its 13 bits of A-law times eight).
 */
final class G711 {
  private G711() {}

  static int muLaw(int code) {
    int c = ~code & 0xff;
    int magnitude = ((((c & 0x0f) << 3) + 0x84) << ((c & 0x70) >> 4)) - 0x84;
    return (c & 0x80) != 0 ? -magnitude : magnitude;
  }

  static int aLaw(int code) {
    int c = code ^ 0x55;
    int exponent = (c & 0x70) >> 4;
    int magnitude = (c & 0x0f) << 4;
    magnitude = exponent == 0 ? magnitude + 8 : (magnitude + 0x108) << (exponent - 1);
    return (c & 0x80) != 0 ? magnitude : -magnitude;
  }
}
