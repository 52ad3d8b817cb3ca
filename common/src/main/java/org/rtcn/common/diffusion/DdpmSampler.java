package org.rtcn.common.diffusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.kernels.KernelChoice;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.random.RandomStreams;

/**
 * Draws beats from a model in fixed blocks: block b of a class holds its beats b·B to b·B + B - 1,
 * is always computed at batch size B, and takes the noise of each beat from (seed, class, index,
 * step). So a beat is the same whoever computes it, in whatever order.
 *
 * <p>Not thread-safe: one per task.
 */
public final class DdpmSampler implements AutoCloseable {
  private static final String SEED_KEY = "ddpm-sample";

  private final DdpmModel model;
  private final DdpmConfig config;
  private final NoiseSchedule schedule;
  private final ReverseProcess reverse;
  private final Kernels kernels;
  private final UNet1d network;
  private final StepEmbeddings embeddings;
  private final int beatLength;
  private final int[] layout;

  public DdpmSampler(DdpmModel model) {
    this(model, KernelChoice.open(DataType.FLOAT));
  }

  DdpmSampler(DdpmModel model, Kernels kernels) {
    this.model = model;
    this.kernels = kernels;
    this.config = model.config();
    this.schedule = NoiseSchedule.of(config.schedule(), config.diffusionSteps());
    this.reverse = new ReverseProcess(schedule);
    this.network = new UNet1d(config, model.classes().size(), kernels);
    network.setWeights(model.weights());
    this.embeddings = new StepEmbeddings(config.diffusionSteps(), network.embeddingSize());
    this.beatLength = config.leads() * config.length();
    this.layout = Patches.layout(config);
  }

  /** Blocks that {@code count} beats of a class need. */
  public static int blocksFor(int count, DdpmConfig config) {
    return (count + config.blockSize() - 1) / config.blockSize();
  }

  /** The key, below the seed, of a beat's random streams (one per diffusion step). */
  public static String seedKey(String label, int index) {
    return SEED_KEY + "/" + label + "/" + index;
  }

  /**
   * The beats of one block.
   *
   * @param classIndex index into the model's classes
   * @param block block number of that class, from 0
   * @param seed root of the noise
   * @return {@code [beat][lead][sample]} in mV, at the rate of the training beats; beat i has index
   *     {@code block * blockSize + i} in its class
   * @throws IllegalArgumentException if the class or block does not exist
   */
  public float[][][] sampleBlock(int classIndex, int block, long seed) {
    return sampleBlock(classIndex, block, seed, (t, x, guess) -> {});
  }

  /**
   * How one beat came about, from noise to the beat.
   *
   * @param t the diffusion step
   * @param signalShare sqrt(alphaBar): how much of the beat is in what the network saw
   * @param noisy what the network saw, {@code [lead][sample]}, normalised units
   * @param guess the beat that it took that for, {@code [lead][sample]} in mV; at the last step the
   *     beat itself
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Denoising(int t, double signalShare, float[][] noisy, float[][] guess) {}

  /**
   * The sampler's steps on the way to a beat, sampled once more as {@link #sampleBlock} does.
   *
   * @param index the beat's index in its class
   */
  public List<Denoising> denoising(int classIndex, int index, long seed) {
    int at = index % config.blockSize() * beatLength;
    List<Denoising> steps = new ArrayList<>();
    sampleBlock(
        classIndex,
        index / config.blockSize(),
        seed,
        (t, x, guess) -> {
          float[][] noisy = new float[config.leads()][config.length()];
          for (int j = 0; j < beatLength; j++) {
            noisy[j / config.length()][j % config.length()] = (float) x[at + j];
          }
          steps.add(
              new Denoising(
                  t,
                  Math.sqrt(schedule.alphaBar(t)),
                  noisy,
                  model.normalisation().denormalise(guess, at, classIndex)));
        });
    return steps;
  }

  private interface Watcher {
    void see(int t, double[] x, double[] guess);
  }

  private float[][][] sampleBlock(int classIndex, int block, long seed, Watcher watcher) {
    if (classIndex < 0 || classIndex >= model.classes().size() || block < 0) {
      throw new IllegalArgumentException(
          "Invalid block " + block + " of class " + classIndex + " of " + model.classes());
    }
    int size = config.blockSize();
    double[] x = new double[size * beatLength];
    double[] noise = new double[size * beatLength];
    double[] before = new double[size * beatLength];
    double[] guess = new double[size * beatLength];
    float[] rr = new float[size];
    for (int i = 0; i < size; i++) {
      rr[i] = rrSeconds(classIndex, block * size + i, seed);
    }
    fillNoise(x, classIndex, block, seed, schedule.steps());
    int[] path =
        config.eta() == 0
            ? schedule.logSnrPath(config.samplerSteps())
            : schedule.path(config.samplerSteps());
    for (int i = 0; i < path.length; i++) {
      int t = path[i];
      int s = i + 1 < path.length ? path[i + 1] : -1;
      float[] prediction = guided(x, t, classIndex, rr);
      boolean noisy = config.eta() > 0 && s >= 0;
      if (noisy) {
        fillNoise(noise, classIndex, block, seed, t);
      }
      boolean secondOrder = config.eta() == 0 && i > 0 && s >= 0;
      for (int j = 0; j < x.length; j++) {
        guess[j] = clippedX0(x[j], t, prediction[j], j % beatLength / config.length());
      }
      watcher.see(t, x, guess);
      for (int j = 0; j < x.length; j++) {
        double now = guess[j];
        double used = secondOrder ? reverse.extrapolateX0(now, before[j], path[i - 1], t, s) : now;
        before[j] = now;
        x[j] = reverse.ddimStep(x[j], t, s, used, config.eta(), noisy ? noise[j] : 0);
      }
    }
    float[][][] beats = new float[size][][];
    for (int i = 0; i < size; i++) {
      beats[i] = model.normalisation().denormalise(x, i * beatLength, classIndex);
    }
    return beats;
  }

  private double clippedX0(double xt, int t, double prediction, int lead) {
    double x0 = reverse.predictX0(xt, t, prediction, config.parameterisation());
    double bound = model.normalisation().clip()[lead];
    return Math.max(-bound, Math.min(bound, x0));
  }

  /** Class-conditional prediction, moved away from the unconditional one if guidance says so. */
  private float[] guided(double[] x, int t, int classIndex, float[] rr) {
    float[] conditional = predict(x, t, allOf(classIndex), rr);
    if (config.guidance() != 1) {
      float[] free = predict(x, t, allOf(model.classes().size()), untold(config.blockSize()));
      for (int j = 0; j < conditional.length; j++) {
        conditional[j] = (float) (free[j] + config.guidance() * (conditional[j] - free[j]));
      }
    }
    return conditional;
  }

  /**
   * What the linear guess and the network together predict for a batch of equal t.
   *
   * @param x {@code [beat * lead * sample]}, normalised
   * @param classOf the class of each beat, or K for "not told"
   * @param rrSeconds the RR interval of each beat, NaN for "not told"
   */
  float[] predict(double[] x, int t, int[] classOf, float[] rrSeconds) {
    int size = x.length / beatLength;
    double[] alphaBar = new double[size];
    Arrays.fill(alphaBar, schedule.alphaBar(t));
    double a = Math.sqrt(schedule.alphaBar(t));
    double s = Math.sqrt(1 - schedule.alphaBar(t));
    Parameterisation says = config.parameterisation();
    float[] values = new float[x.length];
    for (int j = 0; j < x.length; j++) {
      values[j] = (float) x[j];
    }
    float[] guess = model.linear().x0(values, alphaBar, classOf);
    float[] input = new float[2 * x.length];
    for (int j = 0; j < x.length; j++) {
      int seen = 2 * (j - j % beatLength) + layout[j % beatLength];
      input[seen] = values[j];
      input[seen + beatLength] = guess[j];
    }
    int[] steps = new int[size];
    Arrays.fill(steps, t);
    try (UNet1d.Told told = network.told(size)) {
      kernels.write(input, told.x());
      kernels.write(embeddings.of(steps), told.step());
      kernels.write(DdpmTraining.oneHot(classOf, model.classes().size() + 1), told.oneHot());
      if (told.rr() != null) {
        kernels.write(RrEmbedding.of(rrSeconds, network.embeddingSize()), told.rr());
      }
      float[] raw = kernels.floats(network.predict(told));
      for (int j = 0; j < raw.length; j++) {
        double guessed = says.prediction(a, s, x[j], guess[j]);
        values[j] = (float) (guessed + raw[j - j % beatLength + layout[j % beatLength]]);
      }
      return values;
    }
  }

  private static float[] untold(int size) {
    float[] rr = new float[size];
    Arrays.fill(rr, Float.NaN);
    return rr;
  }

  /**
   * The RR interval in s that a beat is drawn for: of a training patient of the class, one of his
   * beats'. It depends on (seed, class, index) alone; NaN where the model is not told any.
   */
  public float rrSeconds(int classIndex, int index, long seed) {
    if (model.rrSeconds().isEmpty() || model.rrSeconds().get(classIndex).isEmpty()) {
      return Float.NaN;
    }
    SplittableRandom random =
        RandomStreams.of(seed, "ddpm-rr", model.classes().get(classIndex), index);
    List<List<Float>> patients = model.rrSeconds().get(classIndex);
    List<Float> beats = patients.get(random.nextInt(patients.size()));
    return beats.get(random.nextInt(beats.size()));
  }

  private int[] allOf(int classIndex) {
    int[] classOf = new int[config.blockSize()];
    Arrays.fill(classOf, classIndex);
    return classOf;
  }

  private void fillNoise(double[] noise, int classIndex, int block, long seed, int t) {
    String label = model.classes().get(classIndex);
    for (int i = 0; i < config.blockSize(); i++) {
      int index = block * config.blockSize() + i;
      SplittableRandom random = RandomStreams.of(seed, SEED_KEY, label, index, t);
      for (int j = 0; j < beatLength; j++) {
        noise[i * beatLength + j] = random.nextGaussian();
      }
    }
  }

  NoiseSchedule schedule() {
    return schedule;
  }

  @Override
  public void close() {
    network.close();
  }
}
