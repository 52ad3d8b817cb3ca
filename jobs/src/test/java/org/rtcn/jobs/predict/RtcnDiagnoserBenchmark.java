package org.rtcn.jobs.predict;

import java.nio.file.Path;
import java.util.Locale;
import org.rtcn.common.diagnose.RtcnDiagnoser;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.jobs.DrawnRun;

/**
 * Recordings of 10 s per second that one thread diagnoses, from samples to probabilities: {@code
 * RtcnDiagnoserBenchmark RUN/models/rtcn}. Run with OMP_NUM_THREADS=1.
 */
final class RtcnDiagnoserBenchmark {
  private RtcnDiagnoserBenchmark() {}

  public static void main(String[] args) {
    RtcnDiagnoser diagnoser = RtcnDiagnoser.load(Path.of(args[0]));
    EcgSignal[] signals = new EcgSignal[16];
    for (int i = 0; i < signals.length; i++) {
      float[][] waves = DrawnRun.waves(i % 2 == 0, i);
      for (int lead = 0; lead < waves.length; lead++) {
        waves[lead] = java.util.Arrays.copyOf(waves[lead], 5000);
      }
      signals[i] = new EcgSignal(500, Lead.STANDARD_12, waves);
    }
    for (int round = 0; round < 5; round++) {
      int records = 0;
      long start = System.nanoTime();
      while (System.nanoTime() - start < 5_000_000_000L) {
        diagnoser.diagnose(signals[records++ % signals.length]);
      }
      System.out.printf(
          Locale.ROOT, "%.1f records/s%n", records / ((System.nanoTime() - start) / 1e9));
    }
  }
}
