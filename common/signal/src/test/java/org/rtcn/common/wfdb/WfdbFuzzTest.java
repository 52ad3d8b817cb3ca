package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;

/**
 * Mutated headers, signal and annotation files: each is read or refused, never crashes or hangs,
 * and opens no file by anything but a plain name. {@code -Drtcn.fuzz.cases=100000} for the long
 * run, {@code -Drtcn.fuzz.seed=…} to repeat one.
 */
class WfdbFuzzTest {
  private static final int CASES = Integer.getInteger("rtcn.fuzz.cases", 5000);
  private static final long SEED = Long.getLong("rtcn.fuzz.seed", 20261123L);
  private static final long SLOWEST_NANOS = 5_000_000_000L;

  /** A case may allocate a fixed amount, and so many bytes for each byte of its files. */
  private static final long FIXED_BYTES = 16L << 20;

  private static final int WINDOW = 4000;
  private static final int BYTES_PER_BYTE = 32;

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final List<String> WORDS =
      List.of(
          "0",
          "-1",
          "1e999",
          "NaN",
          "2147483647",
          "99999999999999999999",
          "../x.dat",
          "/etc/passwd",
          "~",
          "-",
          "16x9999",
          "212:2147483647",
          "516",
          "16+9223372036854775807",
          "8",
          "310",
          "a/3",
          "\u0000",
          "",
          "http://x/y",
          "0x2",
          "508");

  /** A hang would not end by itself: the thread is left behind. */
  @Test
  void mutatedRecordsAreReadOrRefused() {
    assertTimeoutPreemptively(Duration.ofSeconds(120 + CASES / 20), WfdbFuzzTest::run);
  }

  private static void run() throws IOException {
    List<Map<String, byte[]>> corpus = corpus();
    System.out.printf("WFDB fuzz: seed %d, %d cases%n", SEED, CASES);
    SplittableRandom random = new SplittableRandom(SEED);
    Map<String, Integer> outcomes = new TreeMap<>();
    long slowest = 0;
    long most = 0;
    long all = System.nanoTime();
    for (int i = 0; i < CASES; i++) {
      SplittableRandom own = random.split();
      Map<String, byte[]> record = new TreeMap<>(corpus.get(own.nextInt(corpus.size())));
      mutate(record, own);
      long held = record.values().stream().mapToLong(bytes -> bytes.length).sum();
      long allocated = THREADS.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      String outcome;
      try {
        outcome = read(record);
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            e + " in case " + i + " of seed " + SEED + ": " + headers(record), e);
      }
      slowest = Math.max(slowest, System.nanoTime() - start);
      allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
      most = Math.max(most, allocated);
      long bound = FIXED_BYTES + BYTES_PER_BYTE * held;
      if (allocated > bound && allocated > bound + gapBytes(record)) {
        throw new AssertionError(
            "Case %d of seed %d allocated %d bytes for %d: %s"
                .formatted(i, SEED, allocated, held, headers(record)));
      }
      outcomes.merge(outcome, 1, Integer::sum);
    }
    System.out.printf(
        "WFDB fuzz: %d s, slowest case %d ms, most allocated %d MiB, %s%n",
        (System.nanoTime() - all) / 1_000_000_000, slowest / 1_000_000, most >> 20, outcomes);
    assertThat(slowest).as("slowest case of seed %s", SEED).isLessThan(SLOWEST_NANOS);
    assertThat(outcomes).containsKeys("read", "CHECKSUM_MISMATCH", "HEADER_MALFORMED");
  }

  private static String headers(Map<String, byte[]> record) {
    StringBuilder text = new StringBuilder(record.keySet().toString());
    record.forEach(
        (name, bytes) -> {
          if (name.endsWith(".hea")) {
            text.append('\n').append(new String(bytes, StandardCharsets.ISO_8859_1));
          }
        });
    return text.toString();
  }

  /**
   * Gaps between segments and signals that a segment lacks have no bytes: they take what the window
   * is long, as int and as float.
   */
  private static long gapBytes(Map<String, byte[]> record) throws IOException {
    WfdbFiles files = files(record);
    WfdbHeader header = WfdbReader.readHeader(top(record), files);
    if (!header.isMultiSegment()) {
      return 0;
    }
    return 8L
        * WINDOW
        * WfdbReader.layout(header, files).signals().stream()
            .mapToLong(SignalSpec::samplesPerFrame)
            .sum();
  }

  private static String top(Map<String, byte[]> record) {
    String header = record.keySet().stream().filter(n -> n.endsWith(".hea")).findFirst().orElse("");
    for (String name : record.keySet()) {
      header = name.endsWith("_top.hea") ? name : header;
    }
    return header;
  }

  private static WfdbFiles files(Map<String, byte[]> record) {
    return new WfdbFiles() {
      @Override
      public InputStream open(String name) throws IOException {
        assertThat(name).doesNotContain("/", "\\", "..");
        byte[] content = record.get(name);
        if (content == null) {
          throw new FileNotFoundException(name);
        }
        return new ByteArrayInputStream(content);
      }

      @Override
      public long size(String name) {
        return record.containsKey(name) ? record.get(name).length : -1;
      }
    };
  }

  /** What became of a record: "read" or the reason of its refusal. */
  private static String read(Map<String, byte[]> record) {
    WfdbFiles files = files(record);
    try {
      if (record.containsKey("a.atr")) {
        AnnotationFile.read("a.atr", files);
        return "read";
      }
      WfdbHeader parsed = WfdbReader.readHeader(top(record), files);
      WfdbRecord exact =
          WfdbReader.read(parsed, files, ChecksumPolicy.REPORT, new FrameRange(0, WINDOW));
      assertThat(exact.frameCount()).isBetween(1, WINDOW);
      new LeadReader(LeadReader.ArrayPolicy.FRESH).verify(parsed, files);
      new LeadReader(LeadReader.ArrayPolicy.FRESH).read(parsed, files, new FrameRange(7, 3000));
      return "read";
    } catch (WfdbException e) {
      assertThat(e.getMessage()).startsWith("Cannot ");
      return e.reason().name();
    } catch (IOException e) {
      throw new AssertionError("no storage fault in memory", e);
    }
  }

  private static void mutate(Map<String, byte[]> record, SplittableRandom random) {
    List<String> names = new ArrayList<>(record.keySet());
    for (int times = 1 + random.nextInt(3); times > 0; times--) {
      String name = names.get(random.nextInt(names.size()));
      byte[] content = record.get(name).clone();
      if (name.endsWith(".hea") && random.nextInt(4) > 0) {
        record.put(name, mutateText(content, random));
        continue;
      }
      switch (random.nextInt(5)) {
        case 0 -> content = Arrays.copyOf(content, random.nextInt(content.length + 1));
        case 1 -> content = Arrays.copyOf(content, content.length + random.nextInt(300));
        case 2 -> {
          int at = random.nextInt(content.length + 1);
          ByteArrayOutputStream out = new ByteArrayOutputStream();
          out.write(content, 0, at);
          out.write(random.nextInt());
          out.write(content, at, content.length - at);
          content = out.toByteArray();
        }
        default -> {
          for (int flips = 1 + random.nextInt(8); flips > 0 && content.length > 0; flips--) {
            content[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
          }
        }
      }
      record.put(name, content);
    }
  }

  private static byte[] mutateText(byte[] content, SplittableRandom random) {
    List<String> lines =
        new ArrayList<>(List.of(new String(content, StandardCharsets.ISO_8859_1).split("\n", -1)));
    int line = random.nextInt(lines.size());
    switch (random.nextInt(4)) {
      case 0 -> lines.remove(line);
      case 1 -> lines.add(lines.get(line));
      default -> {
        String[] fields = lines.get(line).split(" ", -1);
        fields[random.nextInt(fields.length)] = WORDS.get(random.nextInt(WORDS.size()));
        lines.set(line, String.join(" ", fields));
      }
    }
    return String.join("\n", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A written record and the small goldens, of every format. */
  private static List<Map<String, byte[]>> corpus() throws IOException {
    List<Map<String, byte[]>> corpus = new ArrayList<>();
    int[][] adu = new int[3][500];
    for (int i = 0; i < 500; i++) {
      adu[0][i] = i;
      adu[1][i] = -i;
      adu[2][i] = i % 7 == 0 ? Short.MIN_VALUE : 3 * i;
    }
    for (SampleFormat format : SampleFormat.values()) {
      if (format != SampleFormat.FORMAT_0) {
        List<WfdbWriter.Signal> signals = new ArrayList<>();
        for (String lead : List.of("I", "II", "V1")) {
          int[] row = Arrays.stream(adu[signals.size()]).map(v -> fit(v, format)).toArray();
          signals.add(new WfdbWriter.Signal(lead, 2, 1000, 0, "mV", row));
        }
        WfdbWriter.Files written =
            WfdbWriter.write("w", 500, format.code(), signals, List.of("age: 1"));
        corpus.add(Map.of("w.hea", written.header(), "w.dat", written.signal()));
      }
    }
    Path golden = ReferenceData.require("golden/wfdb");
    for (String name : List.of("binformats", "flacformats", "100_3chan", "3000003_0003")) {
      corpus.add(folder(golden, name + ".", ""));
    }
    corpus.add(folder(golden.resolve("multi-segment/041s"), "041s", "041s.hea"));
    corpus.add(folder(golden.resolve("multi-segment/p000878"), "", "p000878-2137-10-26-16-57.hea"));
    corpus.add(Map.of("a.atr", Arrays.copyOf(Files.readAllBytes(golden.resolve("100.atr")), 900)));
    return corpus;
  }

  private static int fit(int value, SampleFormat format) {
    return format == SampleFormat.FORMAT_8
        ? value & 0x3f
        : Math.max(format.invalidSample(), Math.min(format.maxSample(), value));
  }

  private static Map<String, byte[]> folder(Path folder, String prefix, String top)
      throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> list = Files.list(folder)) {
      for (Path file : list.toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith(prefix) && Files.isRegularFile(file) && !name.endsWith(".csv")) {
          files.put(
              name.equals(top) ? name.replace(".hea", "_top.hea") : name, Files.readAllBytes(file));
        }
      }
    }
    return files;
  }
}
