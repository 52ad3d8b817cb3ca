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
import org.rtcn.common.stockwell.GaussianWidth;
import org.rtcn.common.stockwell.STransform;
import org.rtcn.common.stockwell.SpectrogramOptions;
import org.rtcn.common.stockwell.SpectrogramPlan;
import org.rtcn.common.stockwell.Voices;

/** Twelve leads of 600 samples at 500 Hz: images of 64 voices by 64 columns, and full tables. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class STransformBenchmark {
  private static final int N = 600;
  private static final double FS_HZ = 500;

  private final float[][] leads = new float[12][N];
  private final double[][] exact = new double[12][N];

  private SpectrogramPlan.Worker to40;
  private SpectrogramPlan.Worker to100;
  private NaiveSTransform naiveTo40;
  private NaiveSTransform naiveTo100;
  private NaiveSTransform naiveAll;
  private STransform.Worker full;

  private final float[] image = new float[64 * 64];
  private final float[] phase = new float[64 * 64];
  private final float[] floatTable = new float[(N / 2 + 1) * N];
  private final double[] table = new double[(N / 2 + 1) * N];

  /** A beat-like wave with noise. */
  @Setup
  public void setUp() {
    SplittableRandom random = new SplittableRandom(1);
    for (int lead = 0; lead < 12; lead++) {
      for (int j = 0; j < N; j++) {
        exact[lead][j] =
            Math.exp(-0.5 * Math.pow((j - 220) / 8.0, 2)) + 0.05 * random.nextDouble() - 0.1 * lead;
        leads[lead][j] = (float) exact[lead][j];
      }
    }
    to40 = plan(Voices.linear(0.5, 40, 64));
    to100 = plan(Voices.linear(0.5, 100, 64));
    naiveTo40 = new NaiveSTransform(N, FS_HZ, Voices.linear(0.5, 40, 64));
    naiveTo100 = new NaiveSTransform(N, FS_HZ, Voices.linear(0.5, 100, 64));
    naiveAll = new NaiveSTransform(N, FS_HZ, Voices.all(FS_HZ, N));
    full = new STransform(N).worker();
  }

  private static SpectrogramPlan.Worker plan(Voices voices) {
    return new SpectrogramPlan(
            new SpectrogramOptions(
                FS_HZ, N, voices, 64, SpectrogramOptions.Phase.KEEP, GaussianWidth.STANDARD))
        .worker();
  }

  /** 0.5-40 Hz, magnitude. */
  @Benchmark
  public float[] imageTo40() {
    for (float[] lead : leads) {
      to40.magnitude(lead, 0, image, 0);
    }
    return image;
  }

  /** 0.5-100 Hz, magnitude. */
  @Benchmark
  public float[] imageTo100() {
    for (float[] lead : leads) {
      to100.magnitude(lead, 0, image, 0);
    }
    return image;
  }

  /** 0.5-40 Hz, magnitude and phase. */
  @Benchmark
  public float[] imageWithPhaseTo40() {
    for (float[] lead : leads) {
      to40.polar(lead, 0, 220, image, phase, 0);
    }
    return phase;
  }

  /** The same 64 voices by full-length inverse FFTs, each tenth column kept. */
  @Benchmark
  public float[] naiveImageTo40() {
    for (double[] lead : exact) {
      naiveTo40.image(lead, 64, image);
    }
    return image;
  }

  /** The same up to 100 Hz. */
  @Benchmark
  public float[] naiveImageTo100() {
    for (double[] lead : exact) {
      naiveTo100.image(lead, 64, image);
    }
    return image;
  }

  /** All 301 voices, magnitude, double. */
  @Benchmark
  public double[] fullTable() {
    for (double[] lead : exact) {
      full.magnitude(lead, table);
    }
    return table;
  }

  /** All 301 voices, magnitude, float. */
  @Benchmark
  public float[] fullTableFloat() {
    for (float[] lead : leads) {
      full.magnitude(lead, floatTable);
    }
    return floatTable;
  }

  /** All 301 voices by the definition's steps, magnitude, double. */
  @Benchmark
  public double[] naiveFullTable() {
    for (double[] lead : exact) {
      naiveAll.magnitude(lead, table);
    }
    return table;
  }
}
