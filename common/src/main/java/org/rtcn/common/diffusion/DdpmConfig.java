package org.rtcn.common.diffusion;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.rtcn.common.nn.UNet;

/**
 * Every choice of the diffusion model: our own design decisions, none taken from a paper. Made by
 * {@link #toBuilder} from {@link #defaults}, by the names of its numbers. As JSON it is flat.
 *
 * @param leads rows of a beat: the eight independent leads
 * @param length samples of a beat (160 at 125 Hz = 1.28 s); divisible by patch · 2^(levels - 1)
 * @param shape the U-Net's proportions
 * @param condition what the network is told besides the class
 * @param noising how beats are noised, and what is learnt
 * @param learning how it is learnt
 * @param sampler how beats are drawn
 * @param seed root of every random stream
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE,
    creatorVisibility = Visibility.NONE)
@JsonPropertyOrder({
  "leads",
  "length",
  "shape",
  "condition",
  "diffusionSteps",
  "schedule",
  "parameterisation",
  "lossWeighting",
  "centring",
  "linearRank",
  "learningRate",
  "batchSize",
  "trainingSteps",
  "workers",
  "averagingFrequency",
  "emaDecay",
  "classDropout",
  "guidance",
  "samplerSteps",
  "eta",
  "blockSize",
  "seed"
})
public record DdpmConfig(
    int leads,
    int length,
    DenoiserShape shape,
    BeatCondition condition,
    Noising noising,
    Learning learning,
    Sampler sampler,
    long seed)
    implements Serializable {

  private static final int MOST_LEADS = 64;
  private static final int LONGEST = 1 << 14;
  private static final int MOST_STEPS = 20_000;
  private static final int MOST_BEATS = 1 << 12;
  private static final int MOST_WORKERS = 10_000;

  /**
   * How beats are noised, and what of it is learnt.
   *
   * @param diffusionSteps T
   * @param schedule how noise grows with t
   * @param parameterisation what the network predicts
   * @param lossWeighting how much the error at each step counts
   * @param centring what is subtracted from a beat before it is noised
   * @param linearRank principal axes of the linear guess that the network starts from; 0 for the
   *     isotropic guess
   */
  public record Noising(
      int diffusionSteps,
      NoiseSchedule.Kind schedule,
      Parameterisation parameterisation,
      LossWeighting lossWeighting,
      BeatNormalisation.Centring centring,
      int linearRank)
      implements Serializable {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Noising {
      for (Object part : Arrays.asList(schedule, parameterisation, lossWeighting, centring)) {
        require(part != null, "diffusion settings", "null", "complete");
      }
      require(
          diffusionSteps >= 2 && diffusionSteps <= MOST_STEPS,
          "diffusion steps T",
          diffusionSteps,
          "2 to " + MOST_STEPS);
      require(
          diffusionSteps > schedule.shortest(),
          "diffusion steps T",
          diffusionSteps,
          "above " + schedule.shortest() + " for the schedule " + schedule);
      require(
          parameterisation != Parameterisation.EPSILON || !schedule.endsAtNoise(),
          "prediction",
          parameterisation,
          "v or x0 with a schedule that ends at noise");
      require(
          linearRank >= 0 && linearRank <= LONGEST, "linear rank", linearRank, "0 to " + LONGEST);
    }
  }

  /**
   * How it is learnt.
   *
   * @param learningRate Adam's peak learning rate; it warms up over 5 % of the steps and falls to 5
   *     % of itself on a cosine
   * @param batchSize beats per training step
   * @param trainingSteps optimiser steps of all workers together
   * @param workers that train side by side, each {@code trainingSteps / workers} steps
   * @param averagingFrequency steps of a worker after which the workers' weights are averaged
   * @param emaDecay decay of the running mean of the weights that sampling uses
   * @param classDropout probability that a training beat hides its class (classifier-free guidance)
   */
  public record Learning(
      double learningRate,
      int batchSize,
      int trainingSteps,
      int workers,
      int averagingFrequency,
      double emaDecay,
      double classDropout)
      implements Serializable {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Learning {
      require(learningRate > 0 && learningRate < 1, "learning rate", learningRate, "in (0, 1)");
      require(
          batchSize >= 1 && batchSize <= MOST_BEATS, "batch size", batchSize, "1 to " + MOST_BEATS);
      require(trainingSteps >= 1, "training steps", trainingSteps, "at least 1");
      require(workers >= 1 && workers <= MOST_WORKERS, "workers", workers, "1 to " + MOST_WORKERS);
      require(averagingFrequency >= 1, "averaging frequency", averagingFrequency, "at least 1");
      require(emaDecay >= 0 && emaDecay < 1, "EMA decay", emaDecay, "in [0, 1)");
      require(classDropout >= 0 && classDropout < 1, "class dropout", classDropout, "in [0, 1)");
    }
  }

  /**
   * How beats are drawn.
   *
   * @param guidance classifier-free guidance scale; 1 is plain conditional sampling and half the
   *     cost
   * @param samplerSteps steps of the sampler, 2 to T
   * @param eta the sampler's noise: 0 deterministic given the start, and of second order; 1 as
   *     noisy as DDPM (a DDIM sampler of first order)
   * @param blockSize beats that are sampled together, always at this batch shape
   */
  public record Sampler(double guidance, int samplerSteps, double eta, int blockSize)
      implements Serializable {
    /**
     * @throws IllegalArgumentException if a value is out of its range
     */
    public Sampler {
      require(guidance >= 0 && guidance <= 20, "guidance", guidance, "in [0, 20]");
      require(samplerSteps >= 2, "sampler steps", samplerSteps, "2 to T");
      require(eta >= 0 && eta <= 1, "eta", eta, "in [0, 1]");
      require(
          blockSize >= 1 && blockSize <= MOST_BEATS, "block size", blockSize, "1 to " + MOST_BEATS);
    }
  }

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DdpmConfig {
    for (Object part : Arrays.asList(shape, condition, noising, learning, sampler)) {
      require(part != null, "diffusion settings", "null", "complete");
    }
    require(leads >= 1 && leads <= MOST_LEADS, "leads", leads, "1 to " + MOST_LEADS);
    int factor = shape.patch() << (shape.levels() - 1);
    require(
        length >= factor && length % factor == 0 && length <= LONGEST,
        "length",
        length,
        "a multiple of " + factor + " (patch · 2^(levels - 1)), at most " + LONGEST);
    require(
        sampler.guidance == 1 || learning.classDropout > 0,
        "guidance",
        sampler.guidance,
        "1 unless class dropout is above 0");
    require(
        sampler.samplerSteps <= noising.diffusionSteps,
        "sampler steps",
        sampler.samplerSteps,
        "2 to T = " + noising.diffusionSteps);
  }

  /** From JSON: every name must be there. */
  @JsonCreator
  static DdpmConfig ofNames(
      @JsonProperty("leads") int leads,
      @JsonProperty("length") int length,
      @JsonProperty("shape") DenoiserShape shape,
      @JsonProperty("condition") BeatCondition condition,
      @JsonProperty("diffusionSteps") int diffusionSteps,
      @JsonProperty("schedule") NoiseSchedule.Kind schedule,
      @JsonProperty("parameterisation") Parameterisation parameterisation,
      @JsonProperty("lossWeighting") LossWeighting lossWeighting,
      @JsonProperty("centring") BeatNormalisation.Centring centring,
      @JsonProperty("linearRank") int linearRank,
      @JsonProperty("learningRate") double learningRate,
      @JsonProperty("batchSize") int batchSize,
      @JsonProperty("trainingSteps") int trainingSteps,
      @JsonProperty("workers") int workers,
      @JsonProperty("averagingFrequency") int averagingFrequency,
      @JsonProperty("emaDecay") double emaDecay,
      @JsonProperty("classDropout") double classDropout,
      @JsonProperty("guidance") double guidance,
      @JsonProperty("samplerSteps") int samplerSteps,
      @JsonProperty("eta") double eta,
      @JsonProperty("blockSize") int blockSize,
      @JsonProperty("seed") long seed) {
    return new Builder()
        .leads(leads)
        .length(length)
        .shape(shape)
        .condition(condition)
        .diffusionSteps(diffusionSteps)
        .schedule(schedule)
        .parameterisation(parameterisation)
        .lossWeighting(lossWeighting)
        .centring(centring)
        .linearRank(linearRank)
        .learningRate(learningRate)
        .batchSize(batchSize)
        .trainingSteps(trainingSteps)
        .workers(workers)
        .averagingFrequency(averagingFrequency)
        .emaDecay(emaDecay)
        .classDropout(classDropout)
        .guidance(guidance)
        .samplerSteps(samplerSteps)
        .eta(eta)
        .blockSize(blockSize)
        .seed(seed)
        .build();
  }

  @Override
  @JsonProperty("leads")
  public int leads() {
    return leads;
  }

  @Override
  @JsonProperty("length")
  public int length() {
    return length;
  }

  @Override
  @JsonProperty("shape")
  public DenoiserShape shape() {
    return shape;
  }

  @Override
  @JsonProperty("condition")
  public BeatCondition condition() {
    return condition;
  }

  @JsonProperty("diffusionSteps")
  public int diffusionSteps() {
    return noising.diffusionSteps();
  }

  @JsonProperty("schedule")
  public NoiseSchedule.Kind schedule() {
    return noising.schedule();
  }

  @JsonProperty("parameterisation")
  public Parameterisation parameterisation() {
    return noising.parameterisation();
  }

  @JsonProperty("lossWeighting")
  public LossWeighting lossWeighting() {
    return noising.lossWeighting();
  }

  @JsonProperty("centring")
  public BeatNormalisation.Centring centring() {
    return noising.centring();
  }

  @JsonProperty("linearRank")
  public int linearRank() {
    return noising.linearRank();
  }

  @JsonProperty("learningRate")
  public double learningRate() {
    return learning.learningRate();
  }

  @JsonProperty("batchSize")
  public int batchSize() {
    return learning.batchSize();
  }

  @JsonProperty("trainingSteps")
  public int trainingSteps() {
    return learning.trainingSteps();
  }

  @JsonProperty("workers")
  public int workers() {
    return learning.workers();
  }

  @JsonProperty("averagingFrequency")
  public int averagingFrequency() {
    return learning.averagingFrequency();
  }

  @JsonProperty("emaDecay")
  public double emaDecay() {
    return learning.emaDecay();
  }

  @JsonProperty("classDropout")
  public double classDropout() {
    return learning.classDropout();
  }

  @JsonProperty("guidance")
  public double guidance() {
    return sampler.guidance();
  }

  @JsonProperty("samplerSteps")
  public int samplerSteps() {
    return sampler.samplerSteps();
  }

  @JsonProperty("eta")
  public double eta() {
    return sampler.eta();
  }

  @JsonProperty("blockSize")
  public int blockSize() {
    return sampler.blockSize();
  }

  @Override
  @JsonProperty("seed")
  public long seed() {
    return seed;
  }

  /**
   * The network's proportions; what of them is absurd, {@link org.rtcn.common.nn.UNetLayout}
   * refuses.
   *
   * @param classCount K, the classes without the "not told" one
   */
  UNet.Shape network(int classCount) {
    int rows = leads * shape.patch();
    return new UNet.Shape(
        2 * rows,
        rows,
        positions(),
        IntStream.range(0, shape.levels()).mapToObj(shape::channels).toList(),
        shape.attentionLevels(),
        shape.attentionHeads(),
        shape.baseChannels(),
        classCount + 1,
        condition == BeatCondition.RR_INTERVAL);
  }

  /** Eight leads at 125 Hz; some minutes of one core to train. */
  public static DdpmConfig defaults() {
    return new Builder()
        .leads(8)
        .length(160)
        .shape(DenoiserSize.SMALL.shape())
        .condition(BeatCondition.NONE)
        .diffusionSteps(1000)
        .schedule(NoiseSchedule.Kind.COSINE)
        .parameterisation(Parameterisation.V)
        .lossWeighting(LossWeighting.UNIFORM)
        .centring(BeatNormalisation.Centring.CLASS_BEAT)
        .linearRank(256)
        .learningRate(2e-3)
        .batchSize(32)
        .trainingSteps(1500)
        .workers(1)
        .averagingFrequency(50)
        .emaDecay(0.995)
        .classDropout(0.1)
        .guidance(1.0)
        .samplerSteps(30)
        .eta(0.0)
        .blockSize(16)
        .seed(1)
        .build();
  }

  /** These choices, to be changed in parts. */
  public Builder toBuilder() {
    return new Builder()
        .leads(leads())
        .length(length())
        .shape(shape())
        .condition(condition())
        .diffusionSteps(diffusionSteps())
        .schedule(schedule())
        .parameterisation(parameterisation())
        .lossWeighting(lossWeighting())
        .centring(centring())
        .linearRank(linearRank())
        .learningRate(learningRate())
        .batchSize(batchSize())
        .trainingSteps(trainingSteps())
        .workers(workers())
        .averagingFrequency(averagingFrequency())
        .emaDecay(emaDecay())
        .classDropout(classDropout())
        .guidance(guidance())
        .samplerSteps(samplerSteps())
        .eta(eta())
        .blockSize(blockSize())
        .seed(seed());
  }

  /** Length of the network's finest level. */
  int positions() {
    return length / shape.patch();
  }

  /** Steps that each worker makes. */
  public int stepsPerWorker() {
    return (int) ((learning.trainingSteps + learning.workers - 1L) / learning.workers);
  }

  static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be " + remedy);
    }
  }

  /** Takes the choices by their names. */
  public static final class Builder {
    private int leads;
    private int length;
    private DenoiserShape shape;
    private BeatCondition condition;
    private int diffusionSteps;
    private NoiseSchedule.Kind schedule;
    private Parameterisation parameterisation;
    private LossWeighting lossWeighting;
    private BeatNormalisation.Centring centring;
    private int linearRank;
    private double learningRate;
    private int batchSize;
    private int trainingSteps;
    private int workers;
    private int averagingFrequency;
    private double emaDecay;
    private double classDropout;
    private double guidance;
    private int samplerSteps;
    private double eta;
    private int blockSize;
    private long seed;

    private Builder() {}

    /** Rows of a beat: the eight independent leads. */
    public Builder leads(int value) {
      leads = value;
      return this;
    }

    /** Samples of a beat (160 at 125 Hz = 1.28 s). */
    public Builder length(int value) {
      length = value;
      return this;
    }

    /** The U-Net's proportions. */
    public Builder shape(DenoiserShape value) {
      shape = value;
      return this;
    }

    /** What the network is told besides the class. */
    public Builder condition(BeatCondition value) {
      condition = value;
      return this;
    }

    /** T. */
    public Builder diffusionSteps(int value) {
      diffusionSteps = value;
      return this;
    }

    /** How noise grows with t. */
    public Builder schedule(NoiseSchedule.Kind value) {
      schedule = value;
      return this;
    }

    /** What the network predicts. */
    public Builder parameterisation(Parameterisation value) {
      parameterisation = value;
      return this;
    }

    /** How much the error at each step counts. */
    public Builder lossWeighting(LossWeighting value) {
      lossWeighting = value;
      return this;
    }

    /** What is subtracted from a beat before it is noised. */
    public Builder centring(BeatNormalisation.Centring value) {
      centring = value;
      return this;
    }

    /** Principal axes of the linear guess that the network starts from. */
    public Builder linearRank(int value) {
      linearRank = value;
      return this;
    }

    /** Adam's peak learning rate. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** Beats per training step. */
    public Builder batchSize(int value) {
      batchSize = value;
      return this;
    }

    /** Optimiser steps of all workers together. */
    public Builder trainingSteps(int value) {
      trainingSteps = value;
      return this;
    }

    /** That train side by side, each {@code trainingSteps / workers} steps. */
    public Builder workers(int value) {
      workers = value;
      return this;
    }

    /** Steps of a worker after which the workers' weights are averaged. */
    public Builder averagingFrequency(int value) {
      averagingFrequency = value;
      return this;
    }

    /** Decay of the running mean of the weights that sampling uses. */
    public Builder emaDecay(double value) {
      emaDecay = value;
      return this;
    }

    /** Probability that a training beat hides its class (classifier-free guidance). */
    public Builder classDropout(double value) {
      classDropout = value;
      return this;
    }

    /** Classifier-free guidance scale. */
    public Builder guidance(double value) {
      guidance = value;
      return this;
    }

    /** Steps of the sampler, 2 to T. */
    public Builder samplerSteps(int value) {
      samplerSteps = value;
      return this;
    }

    /** The sampler's noise: 0 deterministic given the start, and of second order. */
    public Builder eta(double value) {
      eta = value;
      return this;
    }

    /** Beats that are sampled together, always at this batch shape. */
    public Builder blockSize(int value) {
      blockSize = value;
      return this;
    }

    /** Root of every random stream. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * The choices.
     *
     * @throws IllegalArgumentException if one is missing or out of its range
     */
    public DdpmConfig build() {
      return new DdpmConfig(
          leads,
          length,
          shape,
          condition,
          new Noising(
              diffusionSteps, schedule, parameterisation, lossWeighting, centring, linearRank),
          new Learning(
              learningRate,
              batchSize,
              trainingSteps,
              workers,
              averagingFrequency,
              emaDecay,
              classDropout),
          new Sampler(guidance, samplerSteps, eta, blockSize),
          seed);
    }
  }
}
