package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.rtcn.common.wfdb.WfdbException.Reason;

class FlacStreamTest {
  /** {@code -Drtcn.fuzz.flac=…} for a longer run. */
  private static final int STREAMS = Integer.getInteger("rtcn.fuzz.flac", 600);

  private static final long SEED = Long.getLong("rtcn.fuzz.seed", 20261123L);

  private static int[][] decode(byte[] stream, int channels, int bits) throws IOException {
    return decode(new ByteArrayInputStream(stream), channels, bits);
  }

  private static int[][] decode(InputStream stream, int channels, int bits) throws IOException {
    int[][] out = new int[channels][0];
    try (FlacStream flac = new FlacStream("x.dat", stream, channels, bits)) {
      for (int got = flac.next(); got >= 0; got = flac.next()) {
        for (int c = 0; c < channels; c++) {
          int before = out[c].length;
          out[c] = Arrays.copyOf(out[c], before + got);
          System.arraycopy(flac.channel(c), 0, out[c], before, got);
        }
      }
    }
    return out;
  }

  /** Gives what storage may give: less than asked for. */
  private static InputStream trickle(byte[] bytes, SplittableRandom random) {
    return new ByteArrayInputStream(bytes) {
      @Override
      public synchronized int read(byte[] out, int offset, int length) {
        return super.read(out, offset, Math.min(length, 1 + random.nextInt(5000)));
      }
    };
  }

  @Test
  void checkSumsOfTheRfc() {
    byte[] text = "123456789".getBytes(StandardCharsets.US_ASCII);
    // The check values of CRC-8/SMBUS and CRC-16/UMTS (reveng catalogue), and one byte at a time.
    assertThat(FlacStream.crc8(text, 0, 9)).isEqualTo(0xf4);
    assertThat(FlacBits.crc16(0, text, 0, 9)).isEqualTo(0xfee8);
    assertThat(FlacBits.crc16(FlacBits.crc16(0, text, 0, 3), text, 3, 9)).isEqualTo(0xfee8);
  }

  @Test
  void everythingThatTheRfcAllows() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int i = 0; i < STREAMS; i++) {
      int bits = 4 + random.nextInt(21);
      FlacFixture fixture = new FlacFixture(random.split(), 1 + random.nextInt(8), bits);
      byte[] stream = fixture.stream(1 + random.nextInt(4), i % 50 == 0 ? 65535 : 1200);
      assertThat(decode(trickle(stream, random), fixture.samples.length, bits))
          .as("stream %d of seed %d", i, SEED)
          .isDeepEqualTo(fixture.samples);
    }
  }

  /** Blocks numbered beyond 0x7f and 0x7ff: numbers of two and three bytes. */
  @Test
  void manyBlocks() throws IOException {
    FlacFixture fixture = new FlacFixture(new SplittableRandom(5), 1, 16);
    byte[] stream = fixture.stream(3000, 40);
    assertThat(decode(stream, 1, 16)).isDeepEqualTo(fixture.samples);
  }

  /** Any changed byte of a block, and any lost or repeated block, is noticed. */
  @Test
  void damageIsRefused() {
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Reason, Integer> reasons = new TreeMap<>();
    for (int i = 0; i < STREAMS; i++) {
      FlacFixture fixture = new FlacFixture(random.split(), 1 + random.nextInt(3), 16);
      byte[] stream = fixture.stream(4, 300);
      int block = random.nextInt(3);
      int start = fixture.starts.get(block);
      int end = fixture.starts.get(block + 1);
      byte[] damaged;
      switch (random.nextInt(3)) {
        case 0 -> {
          damaged = stream.clone();
          damaged[random.nextInt(start, end)] ^= (byte) (1 << random.nextInt(8));
        }
        case 1 -> damaged = Arrays.copyOf(stream, random.nextInt(start + 1, end));
        default -> {
          // The first block could be another stream's start: the record's length tells.
          start = fixture.starts.get(1);
          end = fixture.starts.get(2);
          damaged = Arrays.copyOf(stream, stream.length - (end - start));
          System.arraycopy(stream, end, damaged, start, stream.length - end);
        }
      }
      assertThatThrownBy(() -> decode(damaged, fixture.samples.length, 16))
          .as("stream %d of seed %d", i, SEED)
          .isInstanceOfSatisfying(
              WfdbException.class, e -> reasons.merge(e.reason(), 1, Integer::sum))
          .hasMessageStartingWith("Cannot read x.dat: ");
    }
    assertThat(reasons).containsOnlyKeys(Reason.SIGNAL_DAMAGED, Reason.SIGNAL_TRUNCATED);
  }

  /** Malice mends the check sums: what they cover is decoded or refused, and ends. */
  @Test
  void forgedBlocksAreDecodedOrRefused() throws IOException {
    SplittableRandom random = new SplittableRandom(SEED);
    int refused = 0;
    int decoded = 0;
    for (int i = 0; i < 3 * STREAMS; i++) {
      int bits = random.nextBoolean() ? 16 : 24;
      FlacFixture fixture = new FlacFixture(random.split(), 1 + random.nextInt(3), bits);
      byte[] stream = fixture.stream(1, 300);
      int start = fixture.starts.get(0);
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        // Behind sync code, sizes and CRC of the header: the subframes.
        int at = random.nextInt(Math.min(start + 10, stream.length - 3), stream.length - 2);
        stream[at] ^= (byte) (1 << random.nextInt(8));
      }
      int crc = FlacBits.crc16(0, stream, start, stream.length - 2);
      stream[stream.length - 2] = (byte) (crc >> 8);
      stream[stream.length - 1] = (byte) crc;
      try {
        int[][] out = decode(stream, fixture.samples.length, bits);
        assertThat(Arrays.stream(out[0]).map(v -> v ^ (v >> 31)).max().orElse(0) >> (bits - 1))
            .isZero();
        decoded++;
      } catch (WfdbException e) {
        refused++;
      }
    }
    assertThat(decoded).isPositive();
    assertThat(refused).isPositive();
  }

  @Test
  void aUnaryNumberWithoutEnd() {
    byte[] opening =
        Arrays.copyOf(new FlacFixture(new SplittableRandom(1), 1, 16).stream(1, 1), 49);
    // STREAMINFO is the last metadata block.
    opening[4] = (byte) 0x80;
    // A block of 4,096 samples: fixed predictor of order 0, one partition, Rice parameter 0.
    byte[] block = {(byte) 0xff, (byte) 0xf8, (byte) 0xc0, 0x08, 0, 0, 0x10};
    block[5] = (byte) FlacStream.crc8(block, 0, 5);
    System.arraycopy(block, 0, opening, 42, 7);
    InputStream endless =
        new InputStream() {
          @Override
          public int read() {
            return 0;
          }

          @Override
          public int read(byte[] out, int offset, int length) {
            Arrays.fill(out, offset, offset + length, (byte) 0);
            return length;
          }
        };
    InputStream zeros = new SequenceInputStream(new ByteArrayInputStream(opening), endless);
    assertThatThrownBy(() -> decode(zeros, 1, 16))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("unary number has no end");
  }

  @Test
  void streamsThatDifferFromTheHeader() {
    byte[] stream = new FlacFixture(new SplittableRandom(1), 2, 16).stream(1, 10);
    assertThatThrownBy(() -> decode(stream, 3, 16))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("states FLAC of 3 signals at 16 bits, the stream holds 2 at 16");
    assertThatThrownBy(() -> decode(new byte[100], 2, 16))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("does not open as FLAC");
    assertThatThrownBy(() -> decode(Arrays.copyOf(stream, 20), 2, 16))
        .isInstanceOf(WfdbException.class)
        .hasMessageContaining("it ends within");
  }
}
