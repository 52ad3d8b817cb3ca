package org.rtcn.common.nn;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.rtcn.common.diffusion.DiffusionCheck;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.kernels.TorchProvider;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;

/**
 * What LibTorch's kernels do on this host's device, beside ND4J's on the CPU: what {@code
 * deploy/gpu/check} runs. Prints one line of JSON per finding. Arguments: {@code equal} (the same
 * gradients, the same round, twice the same run), {@code memory} steps, {@code speed} seconds, or
 * several of these words one after the other.
 */
public final class DeviceCheck {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CHANNELS = 24;
  private static final int VOICES = 24;
  private static final int COLUMNS = 32;
  private static final int CLASSES = 6;

  /** Images of a partition that is scored. */
  private static final int ANSWERED = 2048;

  private final TorchProvider torch = new TorchProvider();

  private DeviceCheck() {}

  public static void main(String[] args) throws IOException {
    Nd4jRuntime.start();
    DeviceCheck check = new DeviceCheck();
    check.torch.unusable().ifPresent(why -> say("device", Map.of("unusable", why)));
    say("device", Map.of("on", check.torch.describe(), "gpu", gpu("name,driver_version")));
    for (int i = 0; i < args.length; i++) {
      try {
        switch (args[i]) {
          case "equal" -> check.equal();
          case "memory" -> check.memory(Integer.parseInt(args[++i]));
          case "speed" -> check.speed(Double.parseDouble(args[++i]));
          case "ddpm" ->
              DiffusionCheck.run(
                  check.torch::open, Double.parseDouble(args[++i]), DeviceCheck::say);
          default -> throw new IllegalArgumentException("Invalid check " + args[i]);
        }
      } catch (RuntimeException | LinkageError e) {
        say(args[i], Map.of("failed", e.toString(), "at", Arrays.toString(e.getStackTrace())));
      }
    }
  }

  private static void say(String what, Map<String, ?> finding) {
    try {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("check", what);
      line.putAll(finding);
      System.out.println(JSON.writeValueAsString(line));
      System.out.flush();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String gpu(String fields) {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=" + fields, "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "none";
    }
  }

  /** Batches of made-up numbers. */
  private record Batch(INDArray x, INDArray y) {
    static Batch of(int size, long seed) {
      float[] images = numbers(size * CHANNELS * VOICES * COLUMNS, seed);
      SplittableRandom random = new SplittableRandom(seed + 1);
      INDArray labels = Nd4j.zeros(size, CLASSES);
      for (int i = 0; i < size; i++) {
        labels.putScalar(i, random.nextInt(CLASSES), 1);
      }
      return new Batch(
          Nd4j.create(images, new long[] {size, CHANNELS, VOICES, COLUMNS}, 'c'), labels);
    }
  }

  private static float[] numbers(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  private static RtcnConfig config(NetworkSize size, double dropout) {
    return size.config(CHANNELS, VOICES, COLUMNS, CLASSES, 1).toBuilder()
        .dropout(dropout)
        .learningRate(1e-3)
        .weightDecay(1e-2)
        .labelSmoothing(0)
        .build();
  }

  private void equal() {
    for (NetworkSize size : List.of(NetworkSize.TINY, NetworkSize.SMALL, NetworkSize.BASE)) {
      for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
        equal(size, type);
      }
      Run once = round(config(size, 0.1), 200, torch.open(DataType.FLOAT));
      Run again = round(config(size, 0.1), 200, torch.open(DataType.FLOAT));
      say(
          "determinism",
          Map.of("size", size, "steps", 200, "same", Arrays.equals(once.weights, again.weights)));
    }
  }

  private void equal(NetworkSize size, DataType type) {
    RtcnConfig config = config(size, 0);
    Batch batch = Batch.of(32, 1);
    float[] cpu = gradient(config, batch, new Nd4jKernels(type));
    float[] device = gradient(config, batch, torch.open(type));
    say(
        "gradient",
        Map.of(
            "size",
            size,
            "precision",
            type,
            "weights",
            cpu.length,
            "norm",
            distance(cpu, new float[cpu.length]),
            "apart",
            distance(cpu, device)));
    int steps = size == NetworkSize.BASE ? 4 : 32;
    Run here = round(config, steps, new Nd4jKernels(type));
    Run there = round(config, steps, torch.open(type));
    say(
        "round",
        Map.of(
            "size",
            size,
            "precision",
            type,
            "steps",
            steps,
            "loss_cpu",
            here.loss,
            "loss_device",
            there.loss,
            "weights_apart",
            distance(here.weights, there.weights),
            "weights_moved",
            distance(here.weights, here.start)));
  }

  private static ComputationGraph graph(RtcnConfig config, DataType type) {
    return Rtcn.build(
        config,
        new OnePassAdam(LearningRateSchedule.constant(config.learningRate())),
        new WeightedCrossEntropy(),
        type);
  }

  private static float[] gradient(RtcnConfig config, Batch batch, Kernels kernels) {
    ComputationGraph graph = graph(config, kernels.type());
    try (RtcnTraining training = new RtcnTraining(graph, kernels)) {
      training.load(graph);
      return training.gradient(batch.x.castTo(kernels.type()), null, batch.y);
    }
  }

  @SuppressWarnings("ArrayRecordComponent")
  private record Run(double loss, float[] start, float[] weights) {}

  private static Run round(RtcnConfig config, int steps, Kernels kernels) {
    ComputationGraph graph = graph(config, kernels.type());
    float[] start = graph.params().toFloatVector();
    try (RtcnTraining training = new RtcnTraining(graph, kernels)) {
      training.load(graph);
      List<Batch> batches = IntStream.range(0, 8).mapToObj(seed -> Batch.of(32, seed)).toList();
      for (int step = 0; step < steps; step++) {
        Batch batch = batches.get(step % batches.size());
        training.step(batch.x, null, batch.y, step, step);
      }
      double loss = training.meanLoss();
      training.store(graph);
      return new Run(loss, start, graph.params().toFloatVector());
    }
  }

  /** Euclidean. */
  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  private void memory(int steps) throws IOException {
    RtcnConfig config = config(NetworkSize.SMALL, 0.1);
    ComputationGraph graph = Rtcn.build(config);
    Batch batch = Batch.of(32, 1);
    try (RtcnTraining training = new RtcnTraining(graph, torch.open(DataType.FLOAT))) {
      training.load(graph);
      for (int step = 1; step <= steps; step++) {
        training.step(batch.x, null, batch.y, step, step);
        if (step % (steps / 8) == 0) {
          training.meanLoss();
          say("memory", Map.of("step", step, "device", gpu("memory.used"), "resident", resident()));
        }
      }
    }
  }

  private static String resident() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return "unknown";
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .map(line -> line.substring(6).strip())
        .findFirst()
        .orElse("unknown");
  }

  private void speed(double seconds) {
    for (NetworkSize size : List.of(NetworkSize.SMALL, NetworkSize.BASE)) {
      for (int count : new int[] {32, 256}) {
        RtcnConfig config = config(size, 0.1);
        ComputationGraph graph = Rtcn.build(config);
        Batch batch = Batch.of(count, 1);
        try (RtcnTraining training = new RtcnTraining(graph, torch.open(DataType.FLOAT))) {
          training.load(graph);
          say(
              "speed",
              Map.of(
                  "size",
                  size,
                  "batch",
                  count,
                  "train_images_per_s",
                  rate(count, seconds, training, batch),
                  "infer_images_per_s",
                  onDevice(count, seconds / 2, config)));
        }
      }
      RtcnConfig config = config(size, 0.1);
      say(
          "answers",
          Map.of("size", size, "images", ANSWERED, "images_per_s", answers(seconds / 2, config)));
    }
  }

  /** The median of ten stretches, each ended by waiting for the device. */
  private static double rate(int count, double seconds, RtcnTraining training, Batch batch) {
    long warm = System.nanoTime() + (long) (seconds * 1e9);
    int step = 0;
    while (System.nanoTime() < warm) {
      training.step(batch.x, null, batch.y, step, step++);
    }
    training.meanLoss();
    double[] rates = new double[10];
    for (int stretch = 0; stretch < rates.length; stretch++) {
      long start = System.nanoTime();
      int steps = 0;
      while (System.nanoTime() - start < seconds * 1e8) {
        training.step(batch.x, null, batch.y, step, step++);
        steps++;
      }
      training.meanLoss();
      rates[stretch] = count * steps / ((System.nanoTime() - start) * 1e-9);
    }
    Arrays.sort(rates);
    return rounded(rates[5]);
  }

  /** Passes over a batch that lies on the device: what the network alone takes. */
  private double onDevice(int count, double seconds, RtcnConfig config) {
    Kernels kernels = torch.open(DataType.FLOAT);
    try (RtcnNetwork network = new RtcnNetwork(config, kernels)) {
      Array x = kernels.zeros(count, CHANNELS, VOICES, COLUMNS);
      Array last = kernels.zeros(count, CLASSES);
      float[] weights = Rtcn.weights(Rtcn.build(config));
      float[] images = numbers(count * CHANNELS * VOICES * COLUMNS, 1);
      kernels.pass(
          () -> {
            kernels.write(weights, network.weights());
            kernels.write(images, x);
          });
      double rate =
          count
              * passes(
                  seconds,
                  () ->
                      kernels.pass(
                          () ->
                              kernels.copy(
                                  network.logits(x, null, Block.Mode.INFERENCE), last)),
                  () -> kernels.floats(last));
      x.close();
      last.close();
      return rounded(rate);
    }
  }

  /** What predict and evaluate do: images in the JVM's memory in, probabilities out. */
  private double answers(double seconds, RtcnConfig config) {
    float[] weights = Rtcn.weights(Rtcn.build(config));
    try (RtcnInference inference =
        new RtcnInference(config, weights, torch.open(DataType.FLOAT))) {
      float[][] images = new float[ANSWERED][];
      Arrays.setAll(images, i -> numbers(CHANNELS * VOICES * COLUMNS, i));
      return rounded(
          ANSWERED * passes(seconds, () -> inference.probabilities(images), () -> {}));
    }
  }

  /** Passes per second, after as long a warm-up. */
  private static double passes(double seconds, Runnable pass, Runnable wait) {
    long start = 0;
    int passes = 0;
    for (int turn = 0; turn < 2; turn++) {
      passes = 0;
      start = System.nanoTime();
      while (System.nanoTime() - start < seconds * 1e9) {
        // So many that waiting does not count, so few that the host is not far ahead.
        for (int i = 0; i < 8; i++) {
          pass.run();
        }
        passes += 8;
        wait.run();
      }
    }
    return passes / ((System.nanoTime() - start) * 1e-9);
  }

  private static double rounded(double value) {
    return Double.parseDouble(String.format(Locale.ROOT, "%.1f", value));
  }
}
