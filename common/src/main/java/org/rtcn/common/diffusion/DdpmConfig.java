package org.rtcn.common.diffusion;

import java.io.Serializable;
import java.util.List;

/**
 * Every choice of the diffusion model: our own design decisions, none taken from a paper.
 *
 * @param leads rows of a beat: the eight independent leads
 * @param length samples of a beat (160 at 125 Hz = 1.28 s); divisible by patch · 2^(levels - 1)
 * @param patch consecutive samples of a lead that the network sees as one position
 * @param baseChannels channels of the finest level
 * @param channelMultipliers channels of each level as multiples of the base; one level per entry,
 *     each half as long as the one before
 * @param diffusionSteps T
 * @param schedule how noise grows with t
 * @param parameterisation what the network predicts
 * @param centring what is subtracted from a beat before it is noised
 * @param linearRank principal axes of the linear guess that the network starts from; 0 for the
 *     isotropic guess
 * @param learningRate Adam's peak learning rate; it warms up over 5 % of the steps and falls to 5 %
 *     of itself on a cosine
 * @param batchSize beats per training step
 * @param trainingSteps optimiser steps
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
    int patch,
    int baseChannels,
    List<Integer> channelMultipliers,
    int diffusionSteps,
    NoiseSchedule.Kind schedule,
    Parameterisation parameterisation,
    BeatNormalisation.Centring centring,
    int linearRank,
    double learningRate,
    int batchSize,
    int trainingSteps,
    double emaDecay,
    double classDropout,
    double guidance,
    int samplerSteps,
    double eta,
    int blockSize,
    long seed)
    implements Serializable {

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DdpmConfig {
    channelMultipliers = List.copyOf(channelMultipliers);
    require(leads >= 1, "leads", leads, "at least 1");
    require(
        !channelMultipliers.isEmpty(), "channel multipliers", channelMultipliers, "one or more");
    for (int multiplier : channelMultipliers) {
      require(multiplier >= 1, "channel multiplier", multiplier, "at least 1");
    }
    require(patch >= 1, "patch", patch, "at least 1");
    int factor = patch << (channelMultipliers.size() - 1);
    require(
        length >= factor && length % factor == 0,
        "length",
        length,
        "a multiple of " + factor + " (patch · 2^(levels - 1))");
    require(
        baseChannels >= 4 && baseChannels % 2 == 0,
        "base channels",
        baseChannels,
        "even and at least 4");
    require(diffusionSteps >= 2, "diffusion steps T", diffusionSteps, "at least 2");
    require(
        parameterisation != Parameterisation.EPSILON || !schedule.endsAtNoise(),
        "prediction",
        parameterisation,
        "v or x0 with a schedule that ends at noise");
    require(linearRank >= 0, "linear rank", linearRank, "0 or more");
    require(learningRate > 0 && learningRate < 1, "learning rate", learningRate, "in (0, 1)");
    require(batchSize >= 1, "batch size", batchSize, "at least 1");
    require(trainingSteps >= 1, "training steps", trainingSteps, "at least 1");
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
    require(blockSize >= 1, "block size", blockSize, "at least 1");
  }

  /** Eight leads at 125 Hz; some minutes of one core to train. */
  public static DdpmConfig defaults() {
    return new DdpmConfig(
        8,
        160,
        4,
        32,
        List.of(1, 2, 2),
        1000,
        NoiseSchedule.Kind.COSINE,
        Parameterisation.V,
        BeatNormalisation.Centring.CLASS_BEAT,
        256,
        2e-3,
        32,
        1500,
        0.995,
        0.1,
        1.0,
        30,
        0.0,
        16,
        1);
  }

  /** Levels of the U-Net. */
  int levels() {
    return channelMultipliers.size();
  }

  /** Length of the network's finest level. */
  int positions() {
    return length / patch;
  }

  /** Channels of a level, 0 the finest. */
  int channels(int level) {
    return baseChannels * channelMultipliers.get(level);
  }

  private static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be " + remedy);
    }
  }
}
