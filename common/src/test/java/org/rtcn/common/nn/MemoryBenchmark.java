package org.rtcn.common.nn;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.kernels.KernelChoice;

/**
 * Resident memory over many training steps, each on a batch of its own: a table of ten lines and
 * the growth after the first. Arguments: steps (10,000), size (tiny). What
 * benchmarks/training/memory.sh runs.
 */
final class MemoryBenchmark {
  private MemoryBenchmark() {}

  public static void main(String[] args) throws IOException {
    int steps = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
    NetworkSize size =
        NetworkSize.valueOf((args.length > 1 ? args[1] : "tiny").toUpperCase(Locale.ROOT));
    System.out.println("| step | resident MiB | Java heap in use, MiB |\n|---|---|---|");
    long growth = train(size, steps, steps / 10);
    System.out.printf(Locale.ROOT, "%nGrowth after the first tenth: %,d MiB%n", growth);
  }

  /** Trains and prints every so often; returns the growth in MiB after the first tenth. */
  static long train(NetworkSize size, int steps, int every) throws IOException {
    RtcnConfig config = size.config(24, 24, 32, 3, 1);
    ComputationGraph graph = Rtcn.build(config);
    try (RtcnTraining training = new RtcnTraining(graph, KernelChoice.open(DataType.FLOAT))) {
      training.load(graph);
      return train(training, steps, every);
    }
  }

  private static long train(RtcnTraining training, int steps, int every) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    int batch = 16;
    float[] images = new float[batch * 24 * 24 * 32];
    for (int i = 0; i < images.length; i++) {
      images[i] = (float) random.nextGaussian();
    }
    long first = 0;
    long last = 0;
    for (int step = 1; step <= steps; step++) {
      images[random.nextInt(images.length)] = (float) random.nextGaussian();
      float[] labels = new float[batch * 3];
      for (int i = 0; i < batch; i++) {
        labels[3 * i + random.nextInt(3)] = 1;
      }
      training.step(
          Nd4j.create(images, new long[] {batch, 24, 24, 32}, 'c'),
          null,
          Nd4j.create(labels, new long[] {batch, 3}, 'c'),
          step - 1,
          step);
      if (step % every == 0) {
        last = residentMebibytes();
        first = first == 0 ? last : first;
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
            Locale.ROOT,
            "| %,d | %,d | %,d |%n",
            step,
            last,
            (runtime.totalMemory() - runtime.freeMemory()) >> 20);
      }
    }
    return last - first;
  }

  private static long residentMebibytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
      }
    }
    throw new IOException("Cannot find VmRSS in /proc/self/status");
  }
}
