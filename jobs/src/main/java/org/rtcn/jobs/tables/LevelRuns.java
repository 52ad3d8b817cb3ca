package org.rtcn.jobs.tables;

import java.util.Arrays;

/**
 * Repetition or definition levels of a page as runs of equal levels: what Parquet calls RLE,
 * without bit-packed runs. A lead of 5,000 samples takes two runs.
 */
final class LevelRuns {
  /** Levels of arrays are at most 3: each run's value takes a byte. */
  private byte[] bytes = new byte[64];

  private int size;
  private int level = -1;
  private int run;

  /** Appends a level so many times. */
  void add(int value, int count) {
    if (value == level) {
      run += count;
      return;
    }
    endRun();
    level = value;
    run = count;
  }

  /** Bytes in a page: the runs behind their length in four bytes. */
  int pageBytes() {
    endRun();
    return Integer.BYTES + size;
  }

  /** Writes what {@link #pageBytes} counts. */
  void writeTo(byte[] page, int offset) {
    for (int i = 0; i < Integer.BYTES; i++) {
      page[offset + i] = (byte) (size >>> (Byte.SIZE * i));
    }
    System.arraycopy(bytes, 0, page, offset + Integer.BYTES, size);
  }

  void clear() {
    size = 0;
    level = -1;
    run = 0;
  }

  private void endRun() {
    if (run == 0) {
      return;
    }
    if (size + 6 > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    // The lowest bit tells a run from bit-packed values.
    int header = run << 1;
    while ((header & ~0x7f) != 0) {
      bytes[size++] = (byte) (header | 0x80);
      header >>>= 7;
    }
    bytes[size++] = (byte) header;
    bytes[size++] = (byte) level;
    run = 0;
    level = -1;
  }
}
