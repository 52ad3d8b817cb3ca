package org.rtcn.common.wfdb;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The signal formats of signal(5). All but the differences (8) and FLAC pack a fixed number of
 * samples into a fixed number of bytes, so that a window can be found by arithmetic.
 */
enum SampleFormat {
  /** A null signal: no file, every sample missing. */
  FORMAT_0(0, Integer.MIN_VALUE, 1, 0),
  /** First differences, 8 bits. */
  FORMAT_8(8, Integer.MIN_VALUE, 1, 1),
  /** 16-bit two's complement, least significant byte first. */
  FORMAT_16(16, Short.MIN_VALUE, 1, 2),
  /** 24-bit two's complement, least significant byte first. */
  FORMAT_24(24, -(1 << 23), 1, 3),
  /** 32-bit two's complement, least significant byte first. */
  FORMAT_32(32, Integer.MIN_VALUE, 1, 4),
  /** 16-bit two's complement, most significant byte first. */
  FORMAT_61(61, Short.MIN_VALUE, 1, 2),
  /** 8-bit offset binary. */
  FORMAT_80(80, -128, 1, 1),
  /** 16-bit offset binary. */
  FORMAT_160(160, Short.MIN_VALUE, 1, 2),
  /** Two 12-bit samples in three bytes. */
  FORMAT_212(212, -2048, 2, 3),
  /** Three 10-bit samples in two 16-bit words. */
  FORMAT_310(310, -512, 3, 4),
  /** Three 10-bit samples in one 32-bit word. */
  FORMAT_311(311, -512, 3, 4),
  /** FLAC, 8 bits. */
  FORMAT_508(508, -128, 1, 0),
  /** FLAC, 16 bits. */
  FORMAT_516(516, Short.MIN_VALUE, 1, 0),
  /** FLAC, 24 bits. */
  FORMAT_524(524, -(1 << 23), 1, 0);

  private final int code;
  private final int invalidSample;
  private final int unitSamples;
  private final int unitBytes;

  SampleFormat(int code, int invalidSample, int unitSamples, int unitBytes) {
    this.code = code;
    this.invalidSample = invalidSample;
    this.unitSamples = unitSamples;
    this.unitBytes = unitBytes;
  }

  static Optional<SampleFormat> of(int code) {
    return Arrays.stream(values()).filter(format -> format.code == code).findFirst();
  }

  /** The codes of all formats, for messages. */
  static String codes() {
    return Arrays.stream(values())
        .map(format -> String.valueOf(format.code))
        .collect(Collectors.joining(", "));
  }

  int code() {
    return code;
  }

  /**
   * The value that marks a sample as invalid: the most negative one that the format holds. Format 8
   * has none (the smallest int never comes out of 8-bit differences in practice).
   */
  int invalidSample() {
    return invalidSample;
  }

  boolean isFlac() {
    return this == FORMAT_508 || this == FORMAT_516 || this == FORMAT_524;
  }

  /** Whether a sample's place in the file follows from its index. */
  boolean isSeekable() {
    return unitBytes > 0 && this != FORMAT_8;
  }

  /** Samples that share bytes. */
  int unitSamples() {
    return unitSamples;
  }

  /**
   * Whether a signal's samples are taken straight from the bytes, by {@link #packed}: the formats
   * in which most recordings come.
   */
  boolean isTakenPacked() {
    return this == FORMAT_16 || this == FORMAT_212;
  }

  /**
   * One sample of a format that {@link #isTakenPacked}.
   *
   * @param index of the sample, from a unit's first byte on
   */
  int packed(byte[] bytes, int index) {
    if (this == FORMAT_16) {
      return PackedSamples.word(bytes, 2 * index);
    }
    int at = index / 2 * 3;
    return (index & 1) == 0
        ? PackedSamples.first212(bytes, at)
        : PackedSamples.second212(bytes, at);
  }

  /** Bits of one sample; of the converter usual with format 8, which stores steps. */
  int bits() {
    return switch (this) {
      case FORMAT_8, FORMAT_212 -> 12;
      case FORMAT_310, FORMAT_311 -> 10;
      case FORMAT_80, FORMAT_508 -> 8;
      case FORMAT_24, FORMAT_524 -> 24;
      case FORMAT_32 -> 32;
      default -> 16;
    };
  }

  /**
   * Bits that tell all values of the format apart, or 0 where a table of all of them would be too
   * large.
   */
  int tableBits() {
    return switch (this) {
      case FORMAT_80, FORMAT_508 -> 8;
      case FORMAT_310, FORMAT_311 -> 10;
      case FORMAT_212 -> 12;
      case FORMAT_16, FORMAT_61, FORMAT_160, FORMAT_516 -> 16;
      default -> 0;
    };
  }

  /** The most positive value that the format holds. */
  int maxSample() {
    return -(invalidSample + 1);
  }

  /** Bytes that hold the first {@code samples} samples. */
  long bytesFor(long samples) {
    int rest = (int) (samples % unitSamples);
    // 212 and 310/311 hold their first sample in two bytes; the second needs all four in 310, three
    // in 311.
    int restBytes = rest == 0 ? 0 : rest == 1 ? 2 : this == FORMAT_311 ? 3 : 4;
    return samples / unitSamples * unitBytes + restBytes;
  }

  /** Samples that {@code bytes} bytes hold whole. */
  long samplesIn(long bytes) {
    long samples = bytes / unitBytes * unitSamples;
    int rest = (int) (bytes % unitBytes);
    if (unitSamples > 1) {
      samples += rest < 2 ? 0 : this == FORMAT_311 && rest == 3 ? 2 : 1;
    }
    return samples;
  }

  /**
   * Decodes whole samples that start at a unit's first byte. Format 8 gives the differences.
   *
   * @param bytes holds at least {@link #bytesFor} of {@code count}
   */
  void decode(byte[] bytes, int[] out, int count) {
    switch (this) {
      case FORMAT_8 -> {
        for (int i = 0; i < count; i++) {
          out[i] = bytes[i];
        }
      }
      case FORMAT_16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = (short) ((bytes[2 * i] & 0xff) | (bytes[2 * i + 1] << 8));
        }
      }
      case FORMAT_24 -> {
        for (int i = 0, at = 0; i < count; i++, at += 3) {
          out[i] = (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8) | (bytes[at + 2] << 16);
        }
      }
      case FORMAT_32 -> {
        for (int i = 0, at = 0; i < count; i++, at += 4) {
          out[i] =
              (bytes[at] & 0xff)
                  | ((bytes[at + 1] & 0xff) << 8)
                  | ((bytes[at + 2] & 0xff) << 16)
                  | (bytes[at + 3] << 24);
        }
      }
      case FORMAT_61 -> {
        for (int i = 0; i < count; i++) {
          out[i] = (short) ((bytes[2 * i + 1] & 0xff) | (bytes[2 * i] << 8));
        }
      }
      case FORMAT_80 -> {
        for (int i = 0; i < count; i++) {
          out[i] = (bytes[i] & 0xff) - 128;
        }
      }
      case FORMAT_160 -> {
        for (int i = 0; i < count; i++) {
          out[i] = ((bytes[2 * i] & 0xff) | ((bytes[2 * i + 1] & 0xff) << 8)) - 32768;
        }
      }
      case FORMAT_212 -> {
        for (int i = 0; i < count; i++) {
          out[i] = packed(bytes, i);
        }
      }
      case FORMAT_310 -> decode310(bytes, out, count);
      case FORMAT_311 -> decode311(bytes, out, count);
      default -> throw new IllegalStateException("Cannot decode format " + code + " as bytes");
    }
  }

  /** Bits 1-10 of each of two words, and the third sample in the two words' bits 11-15. */
  private static void decode310(byte[] bytes, int[] out, int count) {
    for (int i = 0, at = 0; i < count; i += 3, at += 4) {
      int first = word(bytes, at);
      out[i] = tenBits(first >> 1);
      if (i + 1 < count) {
        int second = word(bytes, at + 2);
        out[i + 1] = tenBits(second >> 1);
        if (i + 2 < count) {
          out[i + 2] = tenBits((first >> 11) | ((second >> 11) << 5));
        }
      }
    }
  }

  /** Bits 0-9, 10-19 and 20-29 of one word. */
  private static void decode311(byte[] bytes, int[] out, int count) {
    for (int i = 0, at = 0; i < count; i += 3, at += 4) {
      out[i] = tenBits(word(bytes, at));
      if (i + 1 < count) {
        out[i + 1] = tenBits(word(bytes, at + 1) >> 2);
        if (i + 2 < count) {
          out[i + 2] = tenBits(word(bytes, at + 2) >> 4);
        }
      }
    }
  }

  private static int word(byte[] bytes, int at) {
    return (bytes[at] & 0xff) | ((bytes[at + 1] & 0xff) << 8);
  }

  private static int tenBits(int value) {
    return (value << 22) >> 22;
  }

  /**
   * Encodes samples from a unit's first byte on. Format 8 takes the differences.
   *
   * @param bytes zeroed, of {@link #bytesFor} bytes
   */
  void encode(int[] samples, byte[] bytes) {
    switch (this) {
      case FORMAT_8, FORMAT_16, FORMAT_24, FORMAT_32 -> encodeLittleEndian(samples, bytes, 0);
      case FORMAT_80 -> encodeLittleEndian(samples, bytes, 128);
      case FORMAT_160 -> encodeLittleEndian(samples, bytes, 32768);
      case FORMAT_61 -> {
        for (int i = 0; i < samples.length; i++) {
          bytes[2 * i] = (byte) (samples[i] >> 8);
          bytes[2 * i + 1] = (byte) samples[i];
        }
      }
      case FORMAT_212 -> {
        for (int i = 0; i < samples.length; i++) {
          // The second sample's high bits stand above the first one's.
          boolean second = (i & 1) != 0;
          int at = i / 2 * 3;
          bytes[second ? at + 2 : at] = (byte) samples[i];
          int high = (samples[i] >> 8) & 0x0f;
          bytes[at + 1] |= (byte) (second ? high << 4 : high);
        }
      }
      case FORMAT_310 -> {
        for (int i = 0; i < samples.length; i++) {
          int at = i / 3 * 4;
          if (i % 3 < 2) {
            orWord(bytes, at + 2 * (i % 3), (samples[i] & 0x3ff) << 1);
          } else {
            orWord(bytes, at, (samples[i] & 0x1f) << 11);
            orWord(bytes, at + 2, ((samples[i] >> 5) & 0x1f) << 11);
          }
        }
      }
      case FORMAT_311 -> {
        for (int i = 0; i < samples.length; i++) {
          orWord(bytes, i / 3 * 4 + i % 3, (samples[i] & 0x3ff) << (2 * (i % 3)));
        }
      }
      default -> throw new IllegalStateException("Cannot encode format " + code + " as bytes");
    }
  }

  private void encodeLittleEndian(int[] samples, byte[] bytes, int offset) {
    for (int i = 0, at = 0; i < samples.length; i++) {
      int value = samples[i] + offset;
      for (int b = 0; b < unitBytes; b++) {
        bytes[at++] = (byte) (value >> (8 * b));
      }
    }
  }

  private static void orWord(byte[] bytes, int at, int word) {
    bytes[at] |= (byte) word;
    bytes[at + 1] |= (byte) (word >> 8);
  }
}
