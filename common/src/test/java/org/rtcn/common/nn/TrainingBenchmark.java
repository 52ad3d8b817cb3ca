package org.rtcn.common.nn;

import java.util.Locale;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * Images per second of the network on complex images of the default size, one thread: what
 * benchmarks/training/compare.sh runs beside PyTorch. Arguments: size, batch, seconds.
 */
final class TrainingBenchmark {
  private TrainingBenchmark() {}

  public static void main(String[] args) {
    String size = args.length > 0 ? args[0] : "small";
    int batch = args.length > 1 ? Integer.parseInt(args[1]) : 32;
    double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 8;
    System.out.println(Nd4jRuntime.start().describe());
    RtcnConfig config = NetworkSize.valueOf(size.toUpperCase(Locale.ROOT)).config(24, 48, 64, 6, 1);
    ComputationGraph graph = Rtcn.build(config);
    SplittableRandom random = new SplittableRandom(1);
    float[] images = new float[batch * 24 * 48 * 64];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    INDArray x = Nd4j.create(images, new long[] {batch, 24, 48, 64}, 'c');
    INDArray y = Nd4j.zeros(batch, 6);
    for (int i = 0; i < batch; i++) {
      y.putScalar(i, i % 6, 1);
    }
    MultiDataSet data = new MultiDataSet(x, y);
    rate("train", seconds, batch, () -> graph.fit(data));
    rate("infer", seconds / 2, batch, () -> graph.outputSingle(x));
  }

  private static void rate(String name, double seconds, int batch, Runnable step) {
    for (int i = 0; i < 5; i++) {
      step.run();
    }
    java.util.List<Double> times = new java.util.ArrayList<>();
    long end = System.nanoTime() + (long) (seconds * 1e9);
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) / 1e9);
    }
    times.sort(null);
    double median = times.get(times.size() / 2);
    System.out.printf(
        Locale.ROOT,
        "java %s %.1f images/s (median of %d steps, %.1f ms; best %.1f)%n",
        name,
        batch / median,
        times.size(),
        median * 1e3,
        batch / times.get(0));
  }
}
