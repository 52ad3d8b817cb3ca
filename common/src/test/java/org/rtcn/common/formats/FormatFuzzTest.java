package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * Damaged files are read or refused: no other exception, no hang, no memory beyond a multiple of
 * the file. {@code -Drtcn.fuzz=10000} mutations per format; {@code -Drtcn.fuzz.seed} repeats a run.
 */
class FormatFuzzTest {
  private static final int PER_FORMAT = Integer.getInteger("rtcn.fuzz", 60);
  private static final long SEED = Long.getLong("rtcn.fuzz.seed", System.nanoTime());
  private static final long MAX_NANOS = 20_000_000_000L;
  private static final long MAX_ALLOCATED = 1L << 30;
  private static final ReadLimits LIMITS = new ReadLimits(32 << 20, 1 << 22);

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    System.err.println("FormatFuzzTest: seed " + SEED + ", " + PER_FORMAT + " per format");
    Map<String, List<Path>> byFormat = new TreeMap<>();
    for (Path file : GoldenFiles.all()) {
      byFormat.merge(
          file.getParent().getFileName().toString(),
          List.of(file),
          (a, b) -> java.util.stream.Stream.concat(a.stream(), b.stream()).toList());
    }
    assertThat(byFormat).hasSize(10);
    Random random = new Random(SEED);
    for (Map.Entry<String, List<Path>> format : byFormat.entrySet()) {
      int[] outcome = new int[2];
      long slowest = 0;
      long largest = 0;
      for (int i = 0; i < PER_FORMAT; i++) {
        Path file = format.getValue().get(i % format.getValue().size());
        byte[] bytes = mutated(Files.readAllBytes(file), random);
        if (random.nextBoolean()) {
          mendChecksum(file, bytes);
        }
        long begin = System.nanoTime();
        long before = allocated();
        outcome[read(file, bytes) ? 1 : 0]++;
        slowest = Math.max(slowest, System.nanoTime() - begin);
        largest = Math.max(largest, allocated() - before);
        assertThat(slowest).as("nanoseconds of mutation %d, %s", i, file).isLessThan(MAX_NANOS);
        assertThat(largest).as("bytes for mutation %d, %s", i, file).isLessThan(MAX_ALLOCATED);
      }
      System.err.printf(
          "  %-18s read %5d, refused %5d, slowest %4d ms, most memory %4d MB%n",
          format.getKey(), outcome[1], outcome[0], slowest / 1_000_000, largest >> 20);
    }
  }

  /** Whether it was read; whatever is thrown besides refusals and I/O errors fails the test. */
  private static boolean read(Path file, byte[] bytes) throws IOException {
    String name = file.getFileName().toString();
    EcgFile damaged = GoldenFiles.inMemory(name, bytes);
    if (name.endsWith(".npy") || name.endsWith(".csv")) {
      WfdbFiles folder =
          GoldenFiles.withFile(
              damaged.folder(), name + ".json", GoldenFiles.sidecar(GoldenFiles.expected(file)));
      damaged = new EcgFile(name, folder);
    }
    try (EcgRecords records = EcgFormats.read(damaged, LIMITS)) {
      boolean any = false;
      for (int i = 0; i < Math.min(20, records.count()); i++) {
        any |= readOne(records, i);
      }
      return any;
    } catch (RecordException e) {
      assertThat(e.getMessage()).startsWith("Cannot").doesNotContain("\n");
      return false;
    }
  }

  private static boolean readOne(EcgRecords records, int index) throws IOException {
    try {
      EcgRecord record = records.get(index);
      int count = (int) Math.min(record.sampleCount(), 100_000);
      record.read(record.sampleCount() - count, count);
      record.signal(0, Math.min(10, count));
      return true;
    } catch (RecordException e) {
      assertThat(e.getMessage()).startsWith("Cannot");
      return false;
    }
  }

  private static byte[] mutated(byte[] bytes, Random random) {
    byte[] out = bytes;
    int changes = 1 + random.nextInt(4);
    for (int c = 0; c < changes && out.length > 8; c++) {
      // The structure stands at the beginning in most formats.
      int reach = random.nextBoolean() ? out.length : Math.min(out.length, 3000);
      int at = random.nextInt(reach);
      switch (random.nextInt(6)) {
        case 0 -> out = Arrays.copyOf(out, at);
        case 1 -> {
          out = out.clone();
          out[at] ^= (byte) (1 << random.nextInt(8));
        }
        case 2 -> {
          out = out.clone();
          out[at] = (byte) random.nextInt(256);
        }
        case 3 -> {
          out = out.clone();
          byte fill = (byte) (random.nextBoolean() ? 0xff : random.nextBoolean() ? 0 : '9');
          Arrays.fill(out, at, Math.min(out.length, at + 1 + random.nextInt(8)), fill);
        }
        case 4 -> {
          int length = Math.min(out.length - at, 1 + random.nextInt(64));
          byte[] longer = new byte[out.length + length];
          System.arraycopy(out, 0, longer, 0, at + length);
          System.arraycopy(out, at, longer, at + length, out.length - at);
          out = longer;
        }
        default -> {
          int length = Math.min(out.length - at, 1 + random.nextInt(64));
          byte[] shorter = new byte[out.length - length];
          System.arraycopy(out, 0, shorter, 0, at);
          System.arraycopy(out, at + length, shorter, at, shorter.length - at);
          out = shorter;
        }
      }
    }
    return out == bytes ? bytes.clone() : out;
  }

  /** Damage behind a checksum that fits comes as far as the decoder. */
  private static void mendChecksum(Path file, byte[] bytes) {
    String name = file.getFileName().toString();
    if (name.endsWith(".scp") && bytes.length > 40) {
      long length = bytes.length;
      for (int i = 0; i < 4; i++) {
        bytes[2 + i] = (byte) (length >> (8 * i));
      }
      put16(bytes, 0, Crc.ccitt(bytes, 2, bytes.length));
    }
    if (name.endsWith(".ecg") && bytes.length > 552) {
      int start = Math.min(bytes.length, (int) new Head(bytes, -1).u32(22));
      put16(bytes, 8, start < 10 ? 0 : Crc.ccitt(bytes, 10, start));
    }
  }

  private static void put16(byte[] bytes, int at, int value) {
    bytes[at] = (byte) value;
    bytes[at + 1] = (byte) (value >> 8);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
