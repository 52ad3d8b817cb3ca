package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.jobs.train.TrainingOptions.RtcnConfigShape;

/** A shard of ten times the heap: what a worker holds does not grow with its examples. */
class ShardHeapTest {
  private static final int EXAMPLES = 6_400;

  /** Twelve leads of 24 voices and 64 columns, real and imaginary part: 74 KB. */
  private static final int VALUES = 24 * 24 * 64;

  @Test
  void aShardOfTenTimesTheHeapIsTrainedOn() throws Exception {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx48m",
                "-cp",
                System.getProperty("java.class.path"),
                Worker.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(out).isZero();
    // Every example once: 0 + 1 + …
    assertThat(out).contains("sum " + (long) EXAMPLES * (EXAMPLES - 1) / 2);
  }

  /** What a worker does of an epoch, without a network. */
  static final class Worker {
    public static void main(String[] args) {
      RtcnConfigShape shape = new RtcnConfigShape(24, 12, 24, 64, 2, 0, 0);
      TrainingOptions options =
          new TrainingOptions(
              shape, 1, 32, 10, 1, TrainingOptions.Weighting.LOSS, ImagePerturbation.NONE, 1);
      Iterator<Example> examples =
          IntStream.range(0, EXAMPLES)
              .mapToObj(i -> new Example(1, "beat" + i, i % 2, 1, image(i)))
              .iterator();
      try (ShardFile file = ShardFile.write(examples)) {
        double sum = 0;
        Iterator<MultiDataSet> batches =
            new Shard(file, options).batches(0, 0, options.course(EXAMPLES).stepsPerEpoch());
        while (batches.hasNext()) {
          sum += sumOfFirstValues(batches.next());
        }
        System.out.printf(Locale.ROOT, "sum %.0f%n", sum);
      }
    }

    private static double sumOfFirstValues(MultiDataSet batch) {
      INDArray images = batch.getFeatures(0);
      double sum = 0;
      for (int i = 0; i < images.size(0); i++) {
        sum += images.getDouble(i, 0, 0, 0);
      }
      // Its native memory is freed at once.
      images.close();
      batch.getLabels(0).close();
      return sum;
    }

    private static float[] image(int i) {
      float[] image = new float[VALUES];
      image[0] = i;
      return image;
    }
  }
}
