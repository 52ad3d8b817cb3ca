package org.rtcn.common.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * Images per second on complex images of the default size, one thread: what
 * benchmarks/training/compare.sh runs in turns with PyTorch. Arguments: size, batch, seconds, one
 * of ours (the network as it is), stock (out of DL4J's own layers) or shares (where the time of a
 * training step goes), and seconds of warm-up.
 */
final class TrainingBenchmark {
  private static final int CHANNELS = 24;
  private static final int VOICES = 24;
  private static final int COLUMNS = 32;
  private static final int CLASSES = 6;

  private TrainingBenchmark() {}

  public static void main(String[] args) throws InterruptedException {
    String size = args.length > 0 ? args[0] : "small";
    int batch = args.length > 1 ? Integer.parseInt(args[1]) : 32;
    double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 8;
    String what = args.length > 3 ? args[3] : "ours";
    double warmUp = args.length > 4 ? Double.parseDouble(args[4]) : 20;
    String runtime = Nd4jRuntime.start().describe();
    RtcnConfig config =
        NetworkSize.valueOf(size.toUpperCase(Locale.ROOT))
            .config(CHANNELS, VOICES, COLUMNS, CLASSES, 1);
    boolean stock = what.equals("stock");
    ComputationGraph graph = stock ? StockRtcn.build(config) : Rtcn.build(config);
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
    System.out.printf("# %s, %,d weights, %s%n", what, graph.numParams(), runtime);
    if (stock) {
      MultiDataSet data = new MultiDataSet(x, y);
      report(what + " train", batch, rates(warmUp, seconds, () -> graph.fit(data)));
      report(what + " infer", batch, rates(warmUp, seconds / 2, () -> graph.outputSingle(x)));
      return;
    }
    Kernels kernels = KernelChoice.open(DataType.FLOAT);
    try (RtcnTraining training = new RtcnTraining(graph, kernels);
        RtcnNetwork network = new RtcnNetwork(config, kernels)) {
      training.load(graph);
      int[] iteration = {0};
      Runnable step = () -> training.step(x, null, y, iteration[0], iteration[0]++);
      if (what.equals("shares")) {
        rates(warmUp, 1, step);
        try (StepShares watch = new StepShares()) {
          rates(0, seconds, step);
          shares(watch);
        }
        return;
      }
      report(what + " train", batch, rates(warmUp, seconds, step));
      // As answers are computed.
      kernels.keepExamplesApart();
      kernels.pass(
          () -> kernels.copy(kernels.adopt(graph.params().reshape(-1)), network.weights()));
      Runnable answer =
          () ->
              kernels.pass(
                  () ->
                      kernels.floats(network.logits(kernels.adopt(x), null, Block.Mode.INFERENCE)));
      report(what + " infer", batch, rates(warmUp, seconds / 2, answer));
    }
  }

  private static void shares(StepShares watch) throws InterruptedException {
    watch
        .shares()
        .forEach(
            (part, share) ->
                System.out.printf(Locale.ROOT, "share %.1f %s%n", 100 * share, part.label));
  }

  /** Seconds per step, sorted. */
  private static List<Double> rates(double warmUp, double seconds, Runnable step) {
    // The JIT compiler is busy for the first ten seconds and more; a training lasts minutes.
    long warm = System.nanoTime() + (long) (warmUp * 1e9);
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
