package org.rtcn.common.wfdb;

import java.io.IOException;
import java.io.InputStream;

/** Format 16: two bytes per sample, two's complement, least significant first. */
final class Format16Decoder implements SampleDecoder {
  private final InputStream in;
  private byte[] bytes = new byte[0];

  Format16Decoder(InputStream in) {
    this.in = in;
  }

  @Override
  public int decode(int[] out, int offset, int count) throws IOException {
    if (bytes.length < 2 * count) {
      bytes = new byte[2 * count];
    }
    int samples = in.readNBytes(bytes, 0, 2 * count) / 2;
    for (int i = 0; i < samples; i++) {
      out[offset + i] = (short) ((bytes[2 * i] & 0xff) | (bytes[2 * i + 1] << 8));
    }
    return samples;
  }
}
