package org.rtcn.benchmarks;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.wfdb.LeadReader;
import org.rtcn.common.wfdb.WfdbFiles;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbWriter;

/**
 * Fifteen leads of 115.2 s at 1000 Hz from bytes in memory to mV as float, header and checksums
 * included; and, beside it, a floor that only turns the same bytes into floats. The score is
 * records per second; 212 holds 2.592 MB per record, 16 holds 3.456 MB.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class WfdbBenchmark {
  private static final int SAMPLES = 115_200;
  private static final int SIGNALS = 15;
  private static final int TILE = 256;
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** Format of the record. */
  @Param({"16", "212", "516"})
  public int format;

  private final LeadReader reader = new LeadReader(LeadReader.ArrayPolicy.REUSED);
  private final float[][] rows = new float[SIGNALS][SAMPLES];
  private float[] flat;
  private WfdbFiles files;
  private byte[] signal;

  /** A beat each 0.8 s, hum and noise; FLAC holds at most eight signals, so that one has eight. */
  @Setup
  public void setUp() {
    List<Lead> leads = List.of(Lead.values());
    SplittableRandom random = new SplittableRandom(2);
    List<WfdbWriter.Signal> signals = new ArrayList<>();
    for (int s = 0; s < (format == 516 ? 8 : SIGNALS); s++) {
      int[] adu = new int[SAMPLES];
      for (int i = 0; i < SAMPLES; i++) {
        double phase = i % 800 / 1000.0;
        double millivolts =
            (0.3 + 0.05 * s) * Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.012, 2))
                + 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.04, 2))
                + 0.03 * Math.sin(2 * Math.PI * 50 * i / 1000.0);
        adu[i] = (int) (1000 * millivolts) + random.nextInt(9);
      }
      signals.add(new WfdbWriter.Signal(leads.get(s).label(), 1, 1000, 0, "mV", adu));
    }
    WfdbWriter.Files written = WfdbWriter.write("r", 1000, format, signals, List.of("age: 63"));
    signal = written.signal();
    flat = new float[signal.length];
    files =
        new WfdbFiles() {
          @Override
          public InputStream open(String name) {
            return new ByteArrayInputStream(name.endsWith(".hea") ? written.header() : signal);
          }

          @Override
          public long size(String name) {
            return name.endsWith(".hea") ? written.header().length : signal.length;
          }
        };
  }

  /** Header, samples in mV, invalid samples as NaN, checksums verified. */
  @Benchmark
  public LeadReader.Leads read() throws IOException {
    return reader.read(WfdbReader.readHeader("r.hea", files), files);
  }

  /**
   * The same samples to floats: no gain, no missing samples, no checksum. The fastest loops that
   * were found: signal by signal within tiles that stay in the nearest cache. FLAC byte by byte.
   */
  @Benchmark
  public Object floor() {
    switch (format) {
      case 16 -> tiles(this::floats16);
      case 212 -> tiles(this::floats212);
      default -> {
        for (int i = 0; i < signal.length; i++) {
          flat[i] = signal[i];
        }
        return flat;
      }
    }
    return rows;
  }

  private interface Tile {
    void floats(float[] row, int s, int from, int to);
  }

  private void tiles(Tile tile) {
    for (int from = 0; from < SAMPLES; from += TILE) {
      for (int s = 0; s < SIGNALS; s++) {
        tile.floats(rows[s], s, from, Math.min(SAMPLES, from + TILE));
      }
    }
  }

  private void floats16(float[] row, int s, int from, int to) {
    byte[] bytes = signal;
    for (int i = from, at = 2 * (from * SIGNALS + s); i < to; i++, at += 2 * SIGNALS) {
      row[i] = (short) SHORTS.get(bytes, at);
    }
  }

  /** Fifteen signals: a signal's samples stand at even and at odd places by turns. */
  private void floats212(float[] row, int s, int from, int to) {
    byte[] bytes = signal;
    for (int turn = 0; turn < 2; turn++) {
      int index = (from + turn) * SIGNALS + s;
      int at = index / 2 * 3;
      if ((index & 1) == 0) {
        for (int i = from + turn; i < to; i += 2, at += 3 * SIGNALS) {
          row[i] = ((short) SHORTS.get(bytes, at) << 20) >> 20;
        }
      } else {
        for (int i = from + turn; i < to; i += 2, at += 3 * SIGNALS) {
          row[i] = ((bytes[at + 1] >> 4) << 8) | (bytes[at + 2] & 0xff);
        }
      }
    }
  }
}
