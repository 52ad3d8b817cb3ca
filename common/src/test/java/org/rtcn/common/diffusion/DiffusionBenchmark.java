package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.random.RandomStreams;

/**
 * The U-Net's speed in training and in sampling, and what each sampler costs and is worth, for
 * beats of eight leads and 160 samples (640 at 500 Hz), one thread: what
 * benchmarks/diffusion/compare.sh runs in turns with PyTorch. Arguments: size, seconds, seconds of
 * warm-up, training steps of the samplers' model (0 leaves the samplers out). The beats are made
 * up: waves of random height, width and place.
 */
final class DiffusionBenchmark {
  private static final int TRAINING_BATCH = 32;
  private static final int BLOCK = 16;
  private static final List<String> CLASSES = List.of("HC", "IMI");

  private DiffusionBenchmark() {}

  public static void main(String[] args) {
    DenoiserSize size = DenoiserSize.valueOf(argument(args, 0, "small").toUpperCase(Locale.ROOT));
    double seconds = Double.parseDouble(argument(args, 1, "5"));
    double warmUp = Double.parseDouble(argument(args, 2, "15"));
    int trainingSteps = Integer.parseInt(argument(args, 3, "0"));
    System.out.println(Nd4jRuntime.start().describe());
    DdpmConfig config = config(size, Math.max(1, trainingSteps), 30, 0);
    List<TrainingBeat> beats = beats(600);
    DdpmModel untrained = DdpmTraining.fit(config, CLASSES, beats, "made up");
    try (UNet1d network = new UNet1d(config, CLASSES.size(), KernelChoice.open(DataType.FLOAT));
        UNet1d.Told told = network.told(BLOCK);
        DdpmTraining training = new DdpmTraining(untrained, beats)) {
      System.out.printf(Locale.ROOT, "%,d weights%n", network.parameterCount());
      rate("infer", warmUp, seconds, BLOCK, () -> network.predict(told));
      TrainingState[] state = {DdpmTraining.before(untrained)};
      // As rounds do by default: the state is carried over once in so many steps.
      int steps = config.averagingFrequency();
      rate(
          "train",
          warmUp,
          seconds,
          steps * TRAINING_BATCH,
          () -> state[0] = training.advance(state[0], steps, 0).end());
    }
    if (trainingSteps > 0) {
      samplers(new DdpmTrainer(config, CLASSES).train(beats, "made up"), size, beats);
    }
  }

  private static void samplers(DdpmModel model, DenoiserSize size, List<TrainingBeat> beats) {
    BeatQuality quality = new BeatQuality(beats);
    System.out.println("| sampler | steps | s per beat | MMD² | deviation, mV (real) |");
    System.out.println("|---|---:|---:|---:|---:|");
    for (int steps : new int[] {10, 25, 30, 50, 100}) {
      row("DPM-Solver++ (2M)", model, quality, config(size, 1, steps, 0));
    }
    for (int steps : new int[] {10, 25, 50, 100}) {
      row("DDIM, eta 1", model, quality, config(size, 1, steps, 1));
    }
    row("DDPM, all T", model, quality, config(size, 1, 1000, 1));
  }

  private static void row(String name, DdpmModel model, BeatQuality quality, DdpmConfig sampling) {
    DdpmModel same =
        new DdpmModel(
            sampling,
            CLASSES,
            model.normalisation(),
            model.training(),
            List.of(),
            model.linear(),
            model.weights());
    List<float[][]> drawn = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    int blocks = sampling.samplerSteps() > 100 ? 2 : 4;
    try (DdpmSampler sampler = new DdpmSampler(same)) {
      if (sampling.samplerSteps() <= 100) {
        sampler.sampleBlock(0, blocks, 5);
      }
      for (int block = 0; block < blocks; block++) {
        long start = System.nanoTime();
        Collections.addAll(drawn, sampler.sampleBlock(0, block, 5));
        times.add((System.nanoTime() - start) / 1e9 / BLOCK);
      }
    }
    times.sort(null);
    Map<String, Double> figures = quality.of(Map.of(CLASSES.get(0), drawn)).get(CLASSES.get(0));
    System.out.printf(
        Locale.ROOT,
        "| %s | %d | %.4f | %.4f | %.3f (%.3f) |%n",
        name,
        sampling.samplerSteps(),
        times.get(times.size() / 2),
        figures.get("mmd2"),
        figures.get("sd_generated_mv"),
        figures.get("sd_real_mv"));
  }

  private static DdpmConfig config(DenoiserSize size, int trainingSteps, int steps, double eta) {
    DdpmConfig usual = DdpmConfig.defaults();
    return usual.toBuilder()
        .shape(size.shape())
        .batchSize(TRAINING_BATCH)
        .trainingSteps(trainingSteps)
        .workers(1)
        .averagingFrequency(50)
        .guidance(1)
        .samplerSteps(steps)
        .eta(eta)
        .blockSize(BLOCK)
        .seed(1)
        .build();
  }

  private static List<TrainingBeat> beats(int count) {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      SplittableRandom random = RandomStreams.of(3, "benchmark-beat", n);
      String label = CLASSES.get(n % CLASSES.size());
      double width = 2 + random.nextDouble();
      double place = 100 + 6 * random.nextGaussian();
      double late = (n % 2 == 0 ? 0.4 : -0.4) * (1 + 0.3 * random.nextGaussian());
      float[][] leads = new float[8][160];
      for (float[] lead : leads) {
        double height = 0.8 + 0.3 * random.nextGaussian();
        for (int i = 0; i < lead.length; i++) {
          lead[i] =
              (float)
                  (height * Math.exp(-0.5 * Math.pow((i - 60) / width, 2))
                      + late * Math.exp(-0.5 * Math.pow((i - place) / 10, 2))
                      + 0.01 * random.nextGaussian());
        }
      }
      beats.add(new TrainingBeat("beat" + n, "patient" + n / 10, label, leads));
    }
    return beats;
  }

  private static String argument(String[] args, int i, String otherwise) {
    return args.length > i ? args[i] : otherwise;
  }

  private static void rate(String name, double warmUp, double seconds, int batch, Runnable step) {
    // The JIT compiler is not done with all that a step runs before that.
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
    double median = times.get(times.size() / 2);
    System.out.printf(
        Locale.ROOT,
        "java %s %.1f beats/s (median of %d steps, %.1f ms; best %.1f)%n",
        name,
        batch / median,
        times.size(),
        median * 1e3,
        batch / times.get(0));
  }
}
