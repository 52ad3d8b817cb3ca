package org.rtcn.common.wfdb;

import java.io.IOException;
import java.io.InputStream;
import org.rtcn.common.wfdb.WfdbException.Reason;

/**
 * The blocks of a FLAC stream (RFC 9639) of 4 to 24 bits, which is all that WFDB packs into it.
 * Damage is refused, never skipped: check sums and block numbers are verified, and each block takes
 * at least as many steps through the file as its header is long.
 */
final class FlacStream implements AutoCloseable {
  /** Of one FLAC stream. */
  static final int MAX_CHANNELS = 8;

  private static final int MAGIC = 0x664c6143;
  private static final int STREAM_INFO = 34;

  /** Block sizes by their code; 0 where the code says something else. */
  private static final int[] BLOCK_SIZES = {
    0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768
  };

  /** Bits by their code; -1 for reserved ones. */
  private static final int[] BITS = {0, 8, 12, -1, 16, 20, 24, 32};

  /** CRC-8 of RFC 9639, 9.1.8, polynomial 0x07. */
  private static final int[] CRC8 = crc8Table();

  private final String file;
  private final InputStream in;
  private final FlacBits input;
  private final FlacSubframe subframes;
  private final int channels;
  private final int bits;
  private final long total;
  private final int[][] decoded;
  private int headerCrc;
  private int blocking = -1;
  private int fixedSize;
  private long samples;
  private long blocks;
  private long firstNumber;

  /**
   * Opens a stream.
   *
   * @param channels signals that the header names
   * @param bits bits per sample of the format, at most 24
   * @throws WfdbException if the stream is no FLAC or differs from the header
   */
  FlacStream(String file, InputStream in, int channels, int bits) throws IOException {
    this.file = file;
    this.in = in;
    this.channels = channels;
    this.bits = bits;
    this.input = new FlacBits(file, in);
    this.subframes = new FlacSubframe(input);
    this.decoded = new int[channels][0];
    this.total = readMetadata();
  }

  private static int[] crc8Table() {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int value = i;
      for (int bit = 0; bit < 8; bit++) {
        value = (value << 1) ^ ((value & 0x80) != 0 ? 0x107 : 0);
      }
      table[i] = value;
    }
    return table;
  }

  /** Check sum of bytes. */
  static int crc8(byte[] bytes, int from, int to) {
    int sum = 0;
    for (int i = from; i < to; i++) {
      sum = CRC8[sum ^ (bytes[i] & 0xff)];
    }
    return sum;
  }

  /** The samples per channel that STREAMINFO states, 0 if unknown; other metadata are skipped. */
  private long readMetadata() throws IOException {
    if (input.atEnd() || input.read(32) != MAGIC) {
      throw input.damaged("it does not open as FLAC");
    }
    boolean last = false;
    long stated = -1;
    while (!last) {
      last = input.read(1) != 0;
      int type = input.read(7);
      int length = input.read(24);
      if (type == 0 && stated < 0) {
        if (length != STREAM_INFO) {
          throw input.damaged("its STREAMINFO has " + length + " bytes");
        }
        // Sizes of blocks and frames, and the sampling rate: 16, 16, 24, 24, 20 bits.
        input.skip(12);
        input.read(4);
        int streamChannels = input.read(3) + 1;
        int streamBits = input.read(5) + 1;
        stated = ((long) input.read(4) << 32) | (input.read(32) & 0xffffffffL);
        input.skip(16);
        if (streamChannels != channels || streamBits != bits) {
          throw new WfdbException(
              Reason.SIGNAL_DAMAGED,
              "Cannot read %s: the header states FLAC of %d signals at %d bits, the stream holds %d at %d; correct the header"
                  .formatted(file, channels, bits, streamChannels, streamBits));
        }
      } else {
        input.skip(length);
      }
    }
    if (stated < 0) {
      throw input.damaged("it has no STREAMINFO");
    }
    return stated;
  }

  /** Whether there are more samples per channel; called where the next block is not wanted. */
  boolean holdsMoreThan(long count) throws IOException {
    return total > count || samples > count || (total == 0 && next() > 0);
  }

  /**
   * Decodes the next block: samples per channel, or -1 at the end.
   *
   * @throws WfdbException if the stream is damaged or ends too early
   */
  int next() throws IOException {
    if (total > 0 && samples >= total) {
      return -1;
    }
    if (input.atEnd()) {
      if (total > 0) {
        throw input.truncated();
      }
      return -1;
    }
    input.startCrc();
    headerCrc = 0;
    int sync = (header(8) << 8) | header(8);
    if (sync >> 1 != 0xfff8 >> 1) {
      throw input.damaged("a FLAC block does not open as one");
    }
    int variable = sync & 1;
    int codes = (header(8) << 8) | header(8);
    long number = number();
    int size = blockSize(codes >> 12);
    skipRate((codes >> 8) & 0xf);
    int assignment = (codes >> 4) & 0xf;
    int blockBits = BITS[(codes >> 1) & 7];
    int sum = headerCrc;
    if (sum != input.read(8)) {
      throw input.damaged("the header of a FLAC block has the wrong CRC");
    }
    int blockChannels = assignment < MAX_CHANNELS ? assignment + 1 : 2;
    if (assignment > 10
        || blockChannels != channels
        || (codes & 1) != 0
        || (blockBits != 0 && blockBits != bits)) {
      throw input.damaged(
          "a FLAC block of channel code %d and %d bits lies in a stream of %d channels of %d bits"
              .formatted(assignment, blockBits, channels, bits));
    }
    checkNumber(variable, number, size);
    decode(assignment, size);
    if (input.align() != 0) {
      throw input.damaged("a FLAC block is not padded with zeros");
    }
    int crc = input.crc();
    if (crc != input.read(16)) {
      throw input.damaged("a FLAC block has the wrong CRC");
    }
    samples += size;
    blocks++;
    return size;
  }

  /** Bytes of the block's header, most significant first, which its check sum covers. */
  private int header(int count) throws IOException {
    int value = 0;
    for (int i = 0; i < count; i += 8) {
      int b = input.read(8);
      headerCrc = CRC8[headerCrc ^ b];
      value = (value << 8) | b;
    }
    return value;
  }

  /** The block's number, coded as UTF-8 codes characters but of up to 36 bits. */
  private long number() throws IOException {
    int first = header(8);
    int ones = Integer.numberOfLeadingZeros(~(first << 24));
    if (ones == 0) {
      return first;
    }
    if (ones == 1 || ones > 7) {
      throw input.damaged("the number of a FLAC block is malformed");
    }
    long value = first & (0x7f >> ones);
    for (int i = 1; i < ones; i++) {
      int next = header(8);
      if (next >> 6 != 2) {
        throw input.damaged("the number of a FLAC block is malformed");
      }
      value = (value << 6) | (next & 0x3f);
    }
    return value;
  }

  private int blockSize(int code) throws IOException {
    int size =
        switch (code) {
          case 6 -> header(8) + 1;
          case 7 -> header(16) + 1;
          default -> BLOCK_SIZES[code];
        };
    if (size == 0 || size > 0xffff) {
      throw input.damaged("the size of a FLAC block is reserved");
    }
    return size;
  }

  /** WFDB states the rate in its header: that of FLAC is nominal. */
  private void skipRate(int code) throws IOException {
    switch (code) {
      case 12 -> header(8);
      case 13, 14 -> header(16);
      case 15 -> throw input.damaged("the sampling rate of a FLAC block is forbidden");
      default -> {
        // Nothing follows.
      }
    }
  }

  /** Blocks come in order and none is missing: numbered singly, or by their first sample. */
  private void checkNumber(int variable, long number, int size) throws IOException {
    if (blocking < 0) {
      blocking = variable;
      firstNumber = number;
      fixedSize = size;
    }
    long expected = firstNumber + (variable != 0 ? samples : blocks);
    if (variable != blocking
        || number != expected
        || (variable == 0 && (size > fixedSize || samples != blocks * fixedSize))) {
      throw input.damaged("FLAC block " + expected + " is missing or out of place");
    }
  }

  private void decode(int assignment, int size) throws IOException {
    for (int c = 0; c < channels; c++) {
      if (decoded[c].length < size) {
        decoded[c] = new int[size];
      }
      boolean side = assignment == 9 ? c == 0 : assignment >= 8 && c == 1;
      subframes.decode(decoded[c], size, side ? bits + 1 : bits);
    }
    if (assignment >= 8) {
      join(assignment, decoded[0], decoded[1], size);
    }
    int outside = 0;
    for (int c = 0; c < channels; c++) {
      int[] values = decoded[c];
      for (int i = 0; i < size; i++) {
        outside |= values[i] ^ (values[i] >> 31);
      }
    }
    if (outside >>> (bits - 1) != 0) {
      throw input.damaged("a FLAC block holds samples of more than " + bits + " bits");
    }
  }

  /** Undoes the decorrelation of stereo: left and side, side and right, or mid and side. */
  private static void join(int assignment, int[] first, int[] second, int size) {
    switch (assignment) {
      case 8 -> {
        for (int i = 0; i < size; i++) {
          second[i] = first[i] - second[i];
        }
      }
      case 9 -> {
        for (int i = 0; i < size; i++) {
          first[i] += second[i];
        }
      }
      default -> {
        for (int i = 0; i < size; i++) {
          int side = second[i];
          int twice = (first[i] << 1) | (side & 1);
          first[i] = (twice + side) >> 1;
          second[i] = (twice - side) >> 1;
        }
      }
    }
  }

  /** Samples of one channel of the last block, valid until the next one. */
  int[] channel(int channel) {
    return decoded[channel];
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
