package org.rtcn.common.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.RecordException;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * Damaged files are read or refused: no other exception, no hang, no memory beyond a multiple of
 * the file. {@code -Drtcn.fuzz=10000} mutations per format; {@code -Drtcn.fuzz.seed} repeats a run,
 * {@code -Drtcn.fuzz.format} is the folder of one format alone.
 */
class FormatFuzzTest {
  private static final int PER_FORMAT = Integer.getInteger("rtcn.fuzz", 60);
  private static final long SEED = Long.getLong("rtcn.fuzz.seed", System.nanoTime());
  private static final String ONLY = System.getProperty("rtcn.fuzz.format", "");
  private static final long MAX_NANOS = 20_000_000_000L;
  private static final long MAX_ALLOCATED = 1L << 28;
  private static final ReadLimits LIMITS = new ReadLimits(32 << 20, 1 << 22);

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    System.err.println("FormatFuzzTest: seed " + SEED + ", " + PER_FORMAT + " per format");
    Map<String, List<Seed>> byFormat = new TreeMap<>();
    for (Path file : GoldenFiles.all()) {
      String format = file.getParent().getFileName().toString();
      List<Seed> seeds = byFormat.computeIfAbsent(format, name -> new ArrayList<>());
      seeds.add(new Seed(file, Files.readAllBytes(file)));
      seeds.addAll(relatives(seeds.get(seeds.size() - 1)));
    }
    assertThat(byFormat).hasSize(10);
    for (Map.Entry<String, List<Seed>> format : byFormat.entrySet()) {
      if (!ONLY.isEmpty() && !ONLY.equals(format.getKey())) {
        continue;
      }
      Random random = new Random(SEED);
      int[] outcome = new int[2];
      long slowest = 0;
      long largest = 0;
      for (int i = 0; i < PER_FORMAT; i++) {
        Seed seed = format.getValue().get(i % format.getValue().size());
        Path file = seed.file();
        byte[] bytes = mutated(seed.bytes(), random);
        if (random.nextBoolean()) {
          mendChecksum(file, bytes);
        }
        long begin = System.nanoTime();
        long before = allocated();
        try {
          outcome[read(file, bytes) ? 1 : 0]++;
        } catch (IOException | RuntimeException | Error e) {
          throw new AssertionError("mutation %d of %s".formatted(i, file), e);
        }
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

  /** A sound file to damage. */
  @SuppressWarnings("ArrayRecordComponent") // Never changed.
  private record Seed(Path file, byte[] bytes) {}

  /** The same recording in variants of its format that the golden files lack. */
  private static List<Seed> relatives(Seed seed) {
    String name = seed.file().getFileName().toString();
    if (name.equals("ptb_s0010_re_edfplus_c.edf")) {
      byte[] gaps = seed.bytes().clone();
      gaps[192 + 4] = 'D';
      return List.of(new Seed(seed.file(), gaps), new Seed(seed.file(), bdf(seed.bytes())));
    }
    return name.equals("mortara_el250_explicit_le.dcm")
        ? List.of(new Seed(seed.file(), deflated(seed.bytes())))
        : List.of();
  }

  private static byte[] bdf(byte[] edf) {
    int header = Integer.parseInt(new String(edf, 184, 8, StandardCharsets.US_ASCII).strip());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("\u00ffBIOSEMI".getBytes(StandardCharsets.ISO_8859_1));
    out.write(edf, 8, header - 8);
    for (int at = header; at + 1 < edf.length; at += 2) {
      out.write(edf[at]);
      out.write(edf[at + 1]);
      out.write(edf[at + 1] >> 7);
    }
    return out.toByteArray();
  }

  /** With the deflated transfer syntax, whose UID has two characters more. */
  private static byte[] deflated(byte[] dicom) {
    byte[] syntax = "1.2.840.10008.1.2.1\0".getBytes(StandardCharsets.US_ASCII);
    int at =
        new String(dicom, 0, 1000, StandardCharsets.ISO_8859_1)
            .indexOf(new String(syntax, StandardCharsets.ISO_8859_1));
    int data = 132;
    while (dicom[data] == 2 && dicom[data + 1] == 0) {
      boolean wide = dicom[data + 4] == 'O';
      data += wide ? 12 + dicom[data + 8] : 8 + (dicom[data + 6] & 0xff) + 256 * dicom[data + 7];
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(dicom, 0, at - 2);
    out.write(syntax.length + 2);
    out.write(0);
    out.writeBytes("1.2.840.10008.1.2.1.99".getBytes(StandardCharsets.US_ASCII));
    out.write(dicom, at + syntax.length, data - at - syntax.length);
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(dicom, data, dicom.length - data);
    deflater.finish();
    byte[] block = new byte[1 << 16];
    while (!deflater.finished()) {
      out.write(block, 0, deflater.deflate(block));
    }
    deflater.end();
    return out.toByteArray();
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
      switch (random.nextInt(9)) {
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
        case 5 -> {
          // A length, an offset or a count that cannot be, in either byte order.
          out = out.clone();
          long value = EXTREMES[random.nextInt(EXTREMES.length)] + random.nextInt(3) - 1;
          int width = 2 << random.nextInt(3);
          boolean big = random.nextBoolean();
          for (int k = 0; k < width && at + k < out.length; k++) {
            out[at + k] = (byte) (value >> (8 * (big ? width - 1 - k : k)));
          }
        }
        case 6 -> out = spliced(out, digits(out, at), random);
        case 7 -> {
          byte[] more = ENTITIES.getBytes(StandardCharsets.US_ASCII);
          int mark = indexOf(out, "?>");
          if (mark >= 0) {
            out = insert(out, mark + 2, more);
            int text = indexOf(out, "</");
            out =
                insert(
                    out,
                    text < 0 ? out.length : text,
                    "&a;&x;".getBytes(StandardCharsets.US_ASCII));
          }
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

  private static final long[] EXTREMES = {
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private static final String[] NUMBERS = {
    "0",
    "-1",
    "1e308",
    "-1e-308",
    "NaN",
    "Infinity",
    "99999999",
    "2147483648",
    "65536",
    "1e9",
    "0.0000001",
    "9223372036854775808",
    "",
    "x"
  };

  private static final String ENTITIES =
      "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">"
          + "<!ENTITY x SYSTEM \"file:///etc/hostname\">]>";

  /** Where the next number written in digits begins and ends. */
  private static int[] digits(byte[] bytes, int from) {
    int begin = from;
    while (begin < bytes.length && (bytes[begin] < '0' || bytes[begin] > '9')) {
      begin++;
    }
    int end = begin;
    while (end < bytes.length && bytes[end] >= '0' && bytes[end] <= '9') {
      end++;
    }
    return new int[] {begin, end};
  }

  /** With another number in place of one; fields of fixed width keep theirs. */
  private static byte[] spliced(byte[] bytes, int[] place, Random random) {
    byte[] number = NUMBERS[random.nextInt(NUMBERS.length)].getBytes(StandardCharsets.US_ASCII);
    if (random.nextBoolean()) {
      byte[] out = bytes.clone();
      System.arraycopy(number, 0, out, place[0], Math.min(number.length, out.length - place[0]));
      return out;
    }
    byte[] before = Arrays.copyOf(bytes, place[0]);
    byte[] after = Arrays.copyOfRange(bytes, place[1], bytes.length);
    return insert(insert(before, before.length, number), before.length + number.length, after);
  }

  private static byte[] insert(byte[] bytes, int at, byte[] more) {
    byte[] out = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(bytes, at, out, at + more.length, bytes.length - at);
    System.arraycopy(more, 0, out, at, more.length);
    return out;
  }

  private static int indexOf(byte[] bytes, String ascii) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(ascii);
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
