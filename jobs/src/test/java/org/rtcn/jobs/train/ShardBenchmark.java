package org.rtcn.jobs.train;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.averaging.AveragingTrainer;
import org.rtcn.common.averaging.TrainingListener;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;
import org.rtcn.jobs.spark.SparkSessions;
import scala.Tuple2;

/**
 * One epoch's first rounds over a given number of made-up images (24 channels × 24 voices × 32
 * columns, 74 KB each): a line of Markdown with examples per second once the compilers rest, and
 * the executors' memory. Run by {@code benchmarks/training/size.sh}.
 */
public final class ShardBenchmark {
  private static final int WORKERS = 2;
  private static final int BATCH = 16;
  private static final int FREQUENCY = 16;

  private ShardBenchmark() {}

  public static void main(String[] args) {
    int beats = Integer.parseInt(args[0]);
    int rounds = Integer.parseInt(args[1]);
    RtcnConfig config =
        RtcnConfig.builder()
            .channels(24)
            .voices(24)
            .columns(32)
            .classes(6)
            .stemChannels(8)
            .stemStride(2)
            .stageChannels(List.of(8, 16))
            .blocksPerStage(1)
            .encoderLayers(1)
            .modelDim(16)
            .heads(2)
            .feedForward(32)
            .dropout(0.1)
            .learningRate(1e-3)
            .weightDecay(1e-2)
            .labelSmoothing(0.1)
            .seed(11)
            .build();
    TrainingOptions options =
        new TrainingOptions(
            TrainingOptions.RtcnConfigShape.of(config, 12),
            10_000,
            BATCH,
            FREQUENCY,
            WORKERS,
            TrainingOptions.Weighting.LOSS,
            ImagePerturbation.NONE,
            1);
    Nd4jRuntime.start();
    SparkSession session = SparkSessions.open("benchmark");
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    int values = config.channels() * config.voices() * config.columns();
    JavaRDD<Example> examples =
        spark
            .parallelize(List.copyOf(IntStream.range(0, 64).boxed().toList()), 64)
            .flatMap(
                part ->
                    IntStream.range(0, beats)
                        .filter(i -> i % 64 == part)
                        .mapToObj(i -> new Example(1, "beat" + i, i % 6, 1, image(i, values)))
                        .iterator());
    ComputationGraph graph =
        Rtcn.build(
            config, new OnePassAdam(LearningRateSchedule.cosine(1e-3, 4, 1000)), DataType.FLOAT);
    long start = System.nanoTime();
    List<double[]> times = new ArrayList<>();
    try (GraphRounds made = GraphRounds.deal(graph, examples, options)) {
      AveragingTrainer.train(
          GraphState.of(graph),
          options.course(beats),
          made,
          List.of(
              (TrainingListener)
                  progress -> {
                    times.add(new double[] {progress.step(), (System.nanoTime() - start) / 1e9});
                    if (times.size() == rounds) {
                      print(spark, beats, times);
                      spark.stop();
                      System.exit(0);
                    }
                  }));
    }
  }

  private static float[] image(int i, int values) {
    SplittableRandom random = new SplittableRandom(i);
    float[] image = new float[values];
    for (int j = 0; j < values; j++) {
      // With few digits, as transform rounds images.
      image[j] = (random.nextInt(512) - 256) / 512f;
    }
    return image;
  }

  private static void print(JavaSparkContext spark, int beats, List<double[]> times) {
    double[] half = times.get(times.size() / 2 - 1);
    double[] last = times.get(times.size() - 1);
    double perSecond = (last[0] - half[0]) * BATCH * WORKERS / (last[1] - half[1]);
    Map<String, long[]> memory = new TreeMap<>();
    spark
        .parallelize(List.of(0, 1, 2, 3, 4, 5, 6, 7), 8)
        .mapToPair(
            ignored -> {
              // Long enough that every executor gets a task.
              Thread.sleep(300);
              System.gc();
              long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
              return new Tuple2<>(SparkEnv.get().executorId(), new long[] {used, peak()});
            })
        .collect()
        .forEach(pair -> memory.put(pair._1(), pair._2()));
    double heap = memory.values().stream().mapToLong(m -> m[0]).max().orElse(0) / 1048576.0;
    double resident = memory.values().stream().mapToLong(m -> m[1]).max().orElse(0) / 1024.0;
    System.out.printf(
        Locale.ROOT,
        "| %,d | %.0f | %.2f | %.0f | %.0f | %.0f |%n",
        beats,
        perSecond,
        1000 / perSecond,
        times.get(0)[1],
        heap,
        resident);
  }

  /** Peak resident memory of this process, KiB. */
  private static long peak() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElse(0);
  }
}
