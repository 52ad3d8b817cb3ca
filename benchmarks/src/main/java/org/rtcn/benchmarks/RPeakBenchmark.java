package org.rtcn.benchmarks;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
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
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.dsp.BeatExtractor;
import org.rtcn.common.dsp.BeatOptions;
import org.rtcn.common.dsp.CleaningOptions;
import org.rtcn.common.dsp.RPeakDetector;
import org.rtcn.common.dsp.SignalCleaner;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

/** Twelve leads of 115.2 s at 1000 Hz: notch, band-pass and R peaks; and the way to the beats. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class RPeakBenchmark {
  private static final int SAMPLES = 115_200;

  private final double[][] exact = new double[12][SAMPLES];
  private final float[][] single = new float[12][SAMPLES];
  private final SignalCleaner cleaner = new SignalCleaner(CleaningOptions.DEFAULT, 1000);
  private final RPeakDetector detector = new RPeakDetector(1000);
  private final BeatExtractor extractor =
      new BeatExtractor(BeatOptions.DEFAULT.withMaxBeatsPerRecord(0));
  private EcgSignal record;

  /** A beat each 0.8 s with T wave, hum and noise. */
  @Setup
  public void setUp() {
    SplittableRandom random = new SplittableRandom(2);
    float[][] rows = new float[12][SAMPLES];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < SAMPLES; i++) {
        double phase = i % 800 / 1000.0;
        exact[lead][i] =
            (0.3 + 0.1 * lead) * Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.012, 2))
                + 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.04, 2))
                + 0.03 * Math.sin(2 * Math.PI * 50 * i / 1000.0)
                + 0.02 * random.nextDouble();
        rows[lead][i] = (float) exact[lead][i];
      }
    }
    record = new EcgSignal(1000, Lead.STANDARD_12, rows);
  }

  /** Filtering and R peaks at the recording's own rate. */
  @Benchmark
  public int[] filterAndRPeaks() {
    double[][] cleaned = cleaner.clean(exact);
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < SAMPLES; i++) {
        single[lead][i] = (float) cleaned[lead][i];
      }
    }
    int[] peaks = detector.detect(single);
    if (peaks.length != 144) {
      throw new IllegalStateException("Failed to find 144 beats: " + peaks.length);
    }
    return peaks;
  }

  /** The way from the recording to all its beats: also resampled, cut and judged. */
  @Benchmark
  public BeatExtraction beats() {
    return extractor.extract(record);
  }
}
