package org.rtcn.common.diffusion;

import java.io.Serializable;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.rtcn.common.nn.UNet;

/**
 * Every choice of the diffusion model: our own design decisions, none taken from a paper.
 *
 * @param leads rows of a beat: the eight independent leads
 * @param length samples of a beat (160 at 125 Hz = 1.28 s); divisible by patch · 2^(levels - 1)
 * @param shape the U-Net's proportions
 * @param condition what the network is told besides the class
 * @param diffusionSteps T
 * @param schedule how noise grows with t
 * @param parameterisation what the network predicts
 * @param lossWeighting how much the error at each step counts
 * @param centring what is subtracted from a beat before it is noised
 * @param linearRank principal axes of the linear guess that the network starts from; 0 for the
 *     isotropic guess
 * @param learningRate Adam's peak learning rate; it warms up over 5 % of the steps and falls to 5 %
 *     of itself on a cosine
 * @param batchSize beats per training step
 * @param trainingSteps optimiser steps of all workers together
 * @param workers that train side by side, each {@code trainingSteps / workers} steps
 * @param averagingFrequency steps of a worker after which the workers' weights are averaged
 * @param emaDecay decay of the running mean of the weights that sampling uses
 * @param classDropout probability that a training beat hides its class (classifier-free guidance)
 * @param guidance classifier-free guidance scale; 1 is plain conditional sampling and half the cost
 * @param samplerSteps steps of the sampler, 2 to T
 * @param eta the sampler's noise: 0 deterministic given the start, and of second order; 1 as noisy
 *     as DDPM (a DDIM sampler of first order)
 * @param blockSize beats that are sampled together, always at this batch shape
 * @param seed root of every random stream
 */
public record DdpmConfig(
    int leads,
    int length,
    DenoiserShape shape,
    BeatCondition condition,
    int diffusionSteps,
    NoiseSchedule.Kind schedule,
    Parameterisation parameterisation,
    LossWeighting lossWeighting,
    BeatNormalisation.Centring centring,
    int linearRank,
    double learningRate,
    int batchSize,
    int trainingSteps,
    int workers,
    int averagingFrequency,
    double emaDecay,
    double classDropout,
    double guidance,
    int samplerSteps,
    double eta,
    int blockSize,
    long seed)
    implements Serializable {

  private static final int MOST_LEADS = 64;
  private static final int LONGEST = 1 << 14;
  private static final int MOST_STEPS = 20_000;
  private static final int MOST_BEATS = 1 << 12;
  private static final int MOST_WORKERS = 10_000;

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DdpmConfig {
    for (Object part :
        Arrays.asList(shape, condition, schedule, parameterisation, lossWeighting, centring)) {
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
    require(linearRank >= 0 && linearRank <= LONGEST, "linear rank", linearRank, "0 to " + LONGEST);
    require(learningRate > 0 && learningRate < 1, "learning rate", learningRate, "in (0, 1)");
    require(
        batchSize >= 1 && batchSize <= MOST_BEATS, "batch size", batchSize, "1 to " + MOST_BEATS);
    require(trainingSteps >= 1, "training steps", trainingSteps, "at least 1");
    require(workers >= 1 && workers <= MOST_WORKERS, "workers", workers, "1 to " + MOST_WORKERS);
    require(averagingFrequency >= 1, "averaging frequency", averagingFrequency, "at least 1");
    require(emaDecay >= 0 && emaDecay < 1, "EMA decay", emaDecay, "in [0, 1)");
    require(classDropout >= 0 && classDropout < 1, "class dropout", classDropout, "in [0, 1)");
    require(guidance >= 0 && guidance <= 20, "guidance", guidance, "in [0, 20]");
    require(
        guidance == 1 || classDropout > 0,
        "guidance",
        guidance,
        "1 unless class dropout is above 0");
    require(
        samplerSteps >= 2 && samplerSteps <= diffusionSteps,
        "sampler steps",
        samplerSteps,
        "2 to T = " + diffusionSteps);
    require(eta >= 0 && eta <= 1, "eta", eta, "in [0, 1]");
    require(
        blockSize >= 1 && blockSize <= MOST_BEATS, "block size", blockSize, "1 to " + MOST_BEATS);
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
    return new DdpmConfig(
        8,
        160,
        DenoiserSize.SMALL.shape(),
        BeatCondition.NONE,
        1000,
        NoiseSchedule.Kind.COSINE,
        Parameterisation.V,
        LossWeighting.UNIFORM,
        BeatNormalisation.Centring.CLASS_BEAT,
        256,
        2e-3,
        32,
        1500,
        1,
        50,
        0.995,
        0.1,
        1.0,
        30,
        0.0,
        16,
        1);
  }

  /** Length of the network's finest level. */
  int positions() {
    return length / shape.patch();
  }

  /** Steps that each worker makes. */
  public int stepsPerWorker() {
    return (int) ((trainingSteps + workers - 1L) / workers);
  }

  static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be " + remedy);
    }
  }
}
