package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.kernels.Array;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.kernels.Nd4jKernels;
import org.rtcn.common.random.RandomStreams;

/** The diffusion model's part of a device check. */
public final class DiffusionCheck {
  private static final List<String> CLASSES = List.of("HC", "IMI");
  private static final int STEPS = 10;

  private DiffusionCheck() {}

  /**
   * Compares and measures.
   *
   * @param device kernels on the device
   * @param seconds of each measurement
   * @param say takes a name and figures
   */
  public static void run(
      Function<DataType, Kernels> device, double seconds, BiConsumer<String, Map<String, ?>> say) {
    List<TrainingBeat> beats = beats(400);
    for (DenoiserSize size : List.of(DenoiserSize.SMALL, DenoiserSize.BASE)) {
      DdpmModel start = DdpmTraining.fit(config(size), CLASSES, beats, "made up");
      TrainingState before = DdpmTraining.before(start);
      Share cpu = steps(start, beats, before, new Nd4jKernels(DataType.FLOAT), 0);
      Share there = steps(start, beats, before, device.apply(DataType.FLOAT), 0);
      Share again = steps(start, beats, before, device.apply(DataType.FLOAT), 0);
      say.accept(
          "ddpm round",
          Map.of(
              "size",
              size,
              "steps",
              STEPS,
              "loss_cpu",
              cpu.loss(),
              "loss_device",
              there.loss(),
              "weights_apart",
              apart(cpu.end().weights(), there.end().weights()),
              "weights_moved",
              apart(cpu.end().weights(), before.weights()),
              "same_again",
              Arrays.equals(there.end().weights(), again.end().weights())));
      DdpmModel model = DdpmTraining.model(start, cpu.end(), 0);
      float[][][] here = sample(model, new Nd4jKernels(DataType.FLOAT));
      float[][][] away = sample(model, device.apply(DataType.FLOAT));
      double apart = 0;
      for (int i = 0; i < here.length; i++) {
        for (int lead = 0; lead < here[i].length; lead++) {
          apart = Math.max(apart, apart(here[i][lead], away[i][lead]));
        }
      }
      say.accept("ddpm sample", Map.of("size", size, "mv_apart", apart));
      speed(start, beats, device, seconds, say, size);
    }
  }

  private static void speed(
      DdpmModel start,
      List<TrainingBeat> beats,
      Function<DataType, Kernels> device,
      double seconds,
      BiConsumer<String, Map<String, ?>> say,
      DenoiserSize size) {
    Kernels kernels = device.apply(DataType.FLOAT);
    double network;
    double whole;
    double forward;
    try (UNet1d denoiser = new UNet1d(start.config(), CLASSES.size(), kernels);
        UNet1d.Told told = denoiser.told(32)) {
      Array target = denoiser.emptyOutput(32);
      Kernels.Total total = kernels.total();
      network =
          rate(seconds, 32, () -> denoiser.gradients(told, target, null, total), total::value);
    }
    try (UNet1d denoiser = new UNet1d(start.config(), CLASSES.size(), kernels);
        UNet1d.Told told = denoiser.told(16)) {
      forward = rate(seconds, 16, () -> kernels.floats(denoiser.predict(told)), () -> {});
    }
    try (DdpmTraining training = new DdpmTraining(start, beats, device.apply(DataType.FLOAT))) {
      TrainingState[] state = {DdpmTraining.before(start)};
      whole =
          rate(
              seconds,
              32.0 * STEPS,
              () -> state[0] = training.advance(state[0], STEPS, 0).end(),
              () -> {});
    }
    say.accept(
        "ddpm speed",
        Map.of(
            "size",
            size,
            "network_train_beats_per_s",
            network,
            "training_beats_per_s",
            whole,
            "infer_beats_per_s",
            forward));
  }

  private static double rate(double seconds, double count, Runnable work, Runnable wait) {
    double[] rates = new double[2];
    for (int turn = 0; turn < 2; turn++) {
      long start = System.nanoTime();
      int passes = 0;
      while (System.nanoTime() - start < seconds * 1e9) {
        work.run();
        passes++;
      }
      wait.run();
      rates[turn] = count * passes / ((System.nanoTime() - start) * 1e-9);
    }
    return rates[1];
  }

  private static Share steps(
      DdpmModel start, List<TrainingBeat> beats, TrainingState from, Kernels kernels, int worker) {
    try (DdpmTraining training = new DdpmTraining(start, beats, kernels)) {
      return training.advance(from, STEPS, worker);
    }
  }

  private static float[][][] sample(DdpmModel model, Kernels kernels) {
    try (DdpmSampler sampler = new DdpmSampler(model, kernels)) {
      return sampler.sampleBlock(0, 0, 3);
    }
  }

  private static double apart(float[] a, float[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private static DdpmConfig config(DenoiserSize size) {
    DdpmConfig usual = DdpmConfig.defaults();
    return usual.toBuilder()
        .shape(size.shape())
        .trainingSteps(200)
        .workers(1)
        .averagingFrequency(50)
        .guidance(1)
        .eta(0)
        .seed(1)
        .build();
  }

  private static List<TrainingBeat> beats(int count) {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      SplittableRandom random = RandomStreams.of(3, "check-beat", n);
      float[][] leads = new float[8][160];
      for (float[] lead : leads) {
        double height = 1 + 0.2 * random.nextGaussian();
        for (int i = 0; i < lead.length; i++) {
          double z = (i - 60 - 3 * (n % 2)) / 3.0;
          lead[i] = (float) (height * Math.exp(-z * z / 2) + 0.02 * random.nextGaussian());
        }
      }
      beats.add(
          new TrainingBeat("beat" + n, "patient" + n / 10, CLASSES.get(n % CLASSES.size()), leads));
    }
    return beats;
  }
}
