package org.rtcn.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.rtcn.common.wfdb.LeadReader;
import org.rtcn.common.wfdb.LeadReader.ArrayPolicy;
import org.rtcn.common.wfdb.LeadReader.Leads;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;

/**
 * Bytes in memory to mV: a PTB record (15 leads of 115.2 s at 1000 Hz in format 16) and half an hour
 * of two leads at 360 Hz in format 212, header parsed and checksums verified each time; beside them
 * a floor that only turns the same bytes to floats in one pass, with no lead, gain or checksum.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class WfdbBenchmark {
  private static final List<String> LEADS =
      List.of(
          "i", "ii", "iii", "avr", "avl", "avf", "v1", "v2", "v3", "v4", "v5", "v6", "vx", "vy",
          "vz");
  private static final int FRAMES_16 = 115_200;
  private static final int FRAMES_212 = 648_000;
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  private final LeadReader reader = new LeadReader(ArrayPolicy.REUSED);
  private final byte[] samples16 = new byte[15 * 2 * FRAMES_16];
  private final byte[] samples212 = new byte[3 * FRAMES_212];
  private final float[] copied = new float[15 * FRAMES_16];
  private WfdbFiles files;

  /** Megabytes of signal file read, beside the operations. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Volume {
    /** Read so far. */
    public double megabytes;
  }

  /** Writes the two records. */
  @Setup
  public void setUp() {
    StringBuilder header16 = new StringBuilder("r16 15 1000 " + FRAMES_16 + "\n");
    for (int lead = 0; lead < 15; lead++) {
      int sum = 0;
      for (int i = 0; i < FRAMES_16; i++) {
        int value = value(lead, i);
        SHORT.set(samples16, 2 * (i * 15 + lead), (short) value);
        sum += value;
      }
      header16.append(line("r16.dat 16 2000 16 0", lead, sum));
    }
    StringBuilder header212 = new StringBuilder("r212 2 360 " + FRAMES_212 + "\n");
    int[] sums = new int[2];
    for (int i = 0; i < FRAMES_212; i++) {
      int first = value(0, i) >> 2;
      int second = value(1, i) >> 2;
      samples212[3 * i] = (byte) first;
      samples212[3 * i + 1] = (byte) ((first >> 8 & 15) | (second >> 8 & 15) << 4);
      samples212[3 * i + 2] = (byte) second;
      sums[0] += first;
      sums[1] += second;
    }
    header212.append(line("r212.dat 212 200 12 0", 0, sums[0]));
    header212.append(line("r212.dat 212 200 12 0", 1, sums[1]));
    Map<String, byte[]> contents =
        Map.of(
            "r16.hea", header16.toString().getBytes(StandardCharsets.US_ASCII),
            "r16.dat", samples16,
            "r212.hea", header212.toString().getBytes(StandardCharsets.US_ASCII),
            "r212.dat", samples212);
    files =
        new WfdbFiles() {
          @Override
          public InputStream open(String name) throws IOException {
            byte[] bytes = contents.get(name);
            if (bytes == null) {
              throw new FileNotFoundException(name);
            }
            return new ByteArrayInputStream(bytes);
          }

          @Override
          public long size(String name) {
            return contents.get(name).length;
          }
        };
  }

  private static int value(int lead, int i) {
    return (int) (1500 * Math.sin(i / 40.0 + lead) + 300 * Math.sin(i * 0.9));
  }

  private static String line(String start, int lead, int sum) {
    return start + " " + value16(lead, start) + " " + (short) sum + " 0 " + LEADS.get(lead) + "\n";
  }

  private static int value16(int lead, String start) {
    return start.contains(" 212 ") ? value(lead, 0) >> 2 : value(lead, 0);
  }

  /** Format 16 to mV, checksums verified. */
  @Benchmark
  public Leads format16(Volume volume) throws IOException {
    volume.megabytes += samples16.length / 1e6;
    return reader.read(WfdbReader.readHeader("r16.hea", files), files);
  }

  /** The floor under it. */
  @Benchmark
  public float[] format16Floor(Volume volume) {
    volume.megabytes += samples16.length / 1e6;
    for (int i = 0; i < copied.length; i++) {
      copied[i] = (short) SHORT.get(samples16, 2 * i);
    }
    return copied;
  }

  /** Format 212 to mV, checksums verified. */
  @Benchmark
  public Leads format212(Volume volume) throws IOException {
    volume.megabytes += samples212.length / 1e6;
    return reader.read(WfdbReader.readHeader("r212.hea", files), files);
  }

  /** The floor under it: three bytes become two floats. */
  @Benchmark
  public float[] format212Floor(Volume volume) {
    volume.megabytes += samples212.length / 1e6;
    for (int i = 0; i < FRAMES_212; i++) {
      int middle = samples212[3 * i + 1];
      copied[2 * i] = (short) (middle << 12) >> 4 | samples212[3 * i] & 0xff;
      copied[2 * i + 1] = (short) ((middle & 0xf0) << 8) >> 4 | samples212[3 * i + 2] & 0xff;
    }
    return copied;
  }
}
