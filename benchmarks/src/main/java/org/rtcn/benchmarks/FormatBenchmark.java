package org.rtcn.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.rtcn.common.formats.EcgFile;
import org.rtcn.common.formats.EcgRecord;
import org.rtcn.common.formats.EcgRecords;
import org.rtcn.common.formats.ReadLimits;
import org.rtcn.common.formats.all.EcgFormats;
import org.rtcn.common.wfdb.WfdbFiles;

/**
 * Reads files as {@code benchmarks/formats/compare.py} asks for them: each line of standard input
 * is a number of times and a path; the answer is the seconds of processor time that took, and the
 * sum of the samples.
 */
public final class FormatBenchmark {
  private FormatBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split(" ", 2);
      Path path = Path.of(parts[1]).toAbsolutePath();
      EcgFile file = new EcgFile(path.getFileName().toString(), WfdbFiles.in(path.getParent()));
      int times = Integer.parseInt(parts[0]);
      double sum = 0;
      long begin = processorNanos();
      for (int i = 0; i < times; i++) {
        sum = read(file);
      }
      System.out.println((processorNanos() - begin) / 1e9 + " " + sum);
    }
  }

  /** Of this thread and of the collector; compilers have done their work when it counts. */
  private static long processorNanos() {
    long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      nanos += 1_000_000 * collector.getCollectionTime();
    }
    return nanos;
  }

  /** All samples of all recordings, in mV. */
  private static double read(EcgFile file) throws IOException {
    double sum = 0;
    try (EcgRecords records = EcgFormats.read(file, ReadLimits.DEFAULT)) {
      for (int i = 0; i < records.count(); i++) {
        EcgRecord record = records.get(i);
        for (double[] row : record.read(0, (int) record.sampleCount())) {
          sum += sum(row);
        }
      }
    }
    return sum;
  }

  /** Without NaN, in four parts: one addition waiting for another would cost more than reading. */
  private static double sum(double[] row) {
    int whole = row.length & ~3;
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < whole; i += 4) {
      a += known(row[i]);
      b += known(row[i + 1]);
      c += known(row[i + 2]);
      d += known(row[i + 3]);
    }
    for (int i = whole; i < row.length; i++) {
      a += known(row[i]);
    }
    return a + b + c + d;
  }

  private static double known(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
