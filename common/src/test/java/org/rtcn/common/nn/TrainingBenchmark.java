package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * Images per second on complex images of the default size, one thread: what
 * benchmarks/training/compare.sh runs beside PyTorch. Arguments: size, batch, seconds, and ours
 * (the network as it is), stock (out of DL4J's own layers) or shares (where the time of a training
 * step goes).
 */
final class TrainingBenchmark {
  private static final int CHANNELS = 24;
  private static final int VOICES = 24;
  private static final int COLUMNS = 32;
  private static final int CLASSES = 6;
  private static final double WARM_UP_SECONDS = 20;

  private TrainingBenchmark() {}

  public static void main(String[] args) throws InterruptedException {
    String size = args.length > 0 ? args[0] : "small";
    int batch = args.length > 1 ? Integer.parseInt(args[1]) : 32;
    double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 8;
    String what = args.length > 3 ? args[3] : "ours";
    String runtime = Nd4jRuntime.start().describe();
    RtcnConfig config =
        NetworkSize.valueOf(size.toUpperCase(Locale.ROOT))
            .config(CHANNELS, VOICES, COLUMNS, CLASSES, 1);
    ComputationGraph graph = what.equals("stock") ? StockRtcn.build(config) : Rtcn.build(config);
    SplittableRandom random = new SplittableRandom(1);
    float[] images = new float[batch * CHANNELS * VOICES * COLUMNS];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    INDArray x = Nd4j.create(images, new long[] {batch, CHANNELS, VOICES, COLUMNS}, 'c');
    INDArray y = Nd4j.zeros(batch, CLASSES);
    for (int i = 0; i < batch; i++) {
      y.putScalar(i, i % CLASSES, 1);
    }
    MultiDataSet data = new MultiDataSet(x, y);
    System.out.printf("# %s, %,d weights, %s%n", what, graph.numParams(), runtime);
    if (what.equals("shares")) {
      rates(1, () -> graph.fit(data));
      try (StepShares watch = new StepShares()) {
        rates(seconds, () -> graph.fit(data));
        watch
            .shares()
            .forEach(
                (part, share) ->
                    System.out.printf(Locale.ROOT, "share %.1f %s%n", 100 * share, part.label));
      }
      return;
    }
    report(what + " train", batch, rates(seconds, () -> graph.fit(data)));
    report(what + " infer", batch, rates(seconds / 2, () -> graph.outputSingle(x)));
  }

  /** Seconds per step, sorted. */
  private static List<Double> rates(double seconds, Runnable step) {
    // The JIT compiler is busy for the first twenty seconds; a training lasts minutes.
    long warm = System.nanoTime() + (long) (WARM_UP_SECONDS * 1e9);
    while (System.nanoTime() < warm) {
      step.run();
    }
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) / 1e9);
    }
    times.sort(null);
    return times;
  }

  private static void report(String name, int batch, List<Double> times) {
    double median = times.get(times.size() / 2);
    System.out.printf(
        Locale.ROOT,
        "%s %.1f images/s (median of %d steps, %.1f ms; best %.1f)%n",
        name,
        batch / median,
        times.size(),
        median * 1e3,
        batch / times.get(0));
  }
}
