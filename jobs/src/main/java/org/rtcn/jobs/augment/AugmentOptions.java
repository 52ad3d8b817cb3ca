package org.rtcn.jobs.augment;

import com.typesafe.config.Config;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.diffusion.BeatCondition;
import org.rtcn.common.diffusion.BeatNormalisation;
import org.rtcn.common.diffusion.DdpmConfig;
import org.rtcn.common.diffusion.DenoiserShape;
import org.rtcn.common.diffusion.DenoiserSize;
import org.rtcn.common.diffusion.LossWeighting;
import org.rtcn.common.diffusion.NoiseSchedule;
import org.rtcn.common.diffusion.Parameterisation;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.input.TransformOptions;
import org.rtcn.common.random.RandomStreams;

/**
 * The options of the stage, from the section {@code rtcn.augment}.
 *
 * @param classes the classes that take part
 * @param testFolds held out: no beat of their patients is seen
 * @param transform how the beats were made: gives the window's length, rate and R position
 * @param targets how many beats are generated
 * @param maxBeatsPerPatient training beats that the model sees per patient and class
 * @param maxBeatsPerClass training beats that the model sees per class
 * @param gate which generated beats are refused
 * @param checkpointSeconds seconds between two checkpoints of the training; 0 for none
 * @param ddpm the model
 */
public record AugmentOptions(
    List<String> classes,
    List<Integer> testFolds,
    TransformOptions transform,
    Targets targets,
    int maxBeatsPerPatient,
    int maxBeatsPerClass,
    Gate gate,
    double checkpointSeconds,
    DdpmConfig ddpm)
    implements Serializable {

  /** Beats are learnt and generated at a quarter of the window's rate (125 Hz of 500 Hz). */
  static final int RATE_FACTOR = 4;

  /**
   * How many beats are generated.
   *
   * @param ratio beats per class after augmentation, real and generated, as a share of the largest
   *     class's real training beats; 0 makes none
   * @param counts the same as a number of beats, for some classes instead of the share
   * @param maxRatio generated beats per class at most, as a multiple of its real training beats
   * @param maxPerClass generated beats per class at most
   * @param reserve share of generated beats made in addition, to replace those that the gate
   *     refuses
   */
  public record Targets(
      double ratio, Map<String, Integer> counts, double maxRatio, int maxPerClass, double reserve)
      implements Serializable {

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public Targets {
      counts = new TreeMap<>(counts);
      counts.forEach(
          (label, count) -> require(count >= 0, "target-counts." + label, count, "0 or more"));
      require(ratio >= 0 && ratio <= 10, "target-ratio", ratio, "in [0, 10]");
      require(maxRatio >= 0, "max-ratio", maxRatio, "0 or more");
      require(maxPerClass >= 0, "max-per-class", maxPerClass, "0 or more");
      require(reserve >= 0 && reserve <= 10, "reserve", reserve, "in [0, 10]");
    }
  }

  /**
   * Which generated beats are refused.
   *
   * @param amplitudeMargin how far one may reach beyond the largest training amplitude
   * @param rToleranceSamples how far its QRS may lie beyond the training beats' range, in samples
   *     of the lowered rate
   * @param copyShare it is a copy if it is less than this share as far from the nearest real beat
   *     as from the nearest one of another patient; 0 lets all pass
   */
  public record Gate(double amplitudeMargin, int rToleranceSamples, double copyShare)
      implements Serializable {

    /**
     * @throws IllegalArgumentException if a value is out of range
     */
    public Gate {
      require(amplitudeMargin >= 1, "gate.amplitude-margin", amplitudeMargin, "1 or more");
      require(rToleranceSamples >= 0, "gate.r-tolerance-samples", rToleranceSamples, "0 or more");
      require(copyShare >= 0 && copyShare < 1, "gate.copy-share", copyShare, "in [0, 1)");
    }
  }

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public AugmentOptions {
    classes = List.copyOf(classes);
    testFolds = List.copyOf(testFolds);
    for (Map.Entry<String, Integer> target : targets.counts().entrySet()) {
      String name = "target-counts." + target.getKey();
      require(
          classes.contains(target.getKey()), name, target.getValue(), "for a class of " + classes);
    }
    require(maxBeatsPerPatient >= 1, "max-beats-per-patient", maxBeatsPerPatient, "1 or more");
    require(maxBeatsPerClass >= 1, "max-beats-per-class", maxBeatsPerClass, "1 or more");
    require(checkpointSeconds >= 0, "checkpoint-seconds", checkpointSeconds, "0 or more");
    require(
        transform.beats().windowSamples() % RATE_FACTOR == 0,
        "transform.window.samples",
        transform.beats().windowSamples(),
        "a multiple of " + RATE_FACTOR);
  }

  /** The options that the settings hold. */
  public static AugmentOptions of(Settings settings) {
    TransformOptions transform = TransformOptions.of(settings);
    return settings.read(
        "augment",
        config ->
            new AugmentOptions(
                settings.classes(),
                settings.testFolds(),
                transform,
                new Targets(
                    config.getDouble("target-ratio"),
                    counts(config.getConfig("target-counts")),
                    config.getDouble("max-ratio"),
                    config.getInt("max-per-class"),
                    config.getDouble("reserve")),
                config.getInt("max-beats-per-patient"),
                config.getInt("max-beats-per-class"),
                new Gate(
                    config.getDouble("gate.amplitude-margin"),
                    config.getInt("gate.r-tolerance-samples"),
                    config.getDouble("gate.copy-share")),
                config.getDouble("checkpoint-seconds"),
                ddpm(config, transform.beats().windowSamples() / RATE_FACTOR, settings.seed())));
  }

  private static Map<String, Integer> counts(Config config) {
    Map<String, Integer> counts = new TreeMap<>();
    for (String label : config.root().keySet()) {
      counts.put(label, config.getInt(label));
    }
    return counts;
  }

  private static DdpmConfig ddpm(Config augment, int length, long seed) {
    Config config = augment.getConfig("ddpm");
    return DdpmConfig.defaults().toBuilder()
        .leads(Lead.INDEPENDENT_8.size())
        .length(length)
        .shape(shape(augment))
        .condition(Choices.of(BeatCondition.class, augment, "ddpm.condition"))
        .diffusionSteps(config.getInt("diffusion-steps"))
        .schedule(Choices.of(NoiseSchedule.Kind.class, augment, "ddpm.schedule"))
        .parameterisation(Choices.of(Parameterisation.class, augment, "ddpm.prediction"))
        .lossWeighting(Choices.of(LossWeighting.class, augment, "ddpm.loss-weighting"))
        .centring(Choices.of(BeatNormalisation.Centring.class, augment, "ddpm.centring"))
        .linearRank(config.getInt("linear-rank"))
        .learningRate(config.getDouble("learning-rate"))
        .batchSize(config.getInt("batch-size"))
        .trainingSteps(config.getInt("training-steps"))
        .workers(config.getInt("workers"))
        .averagingFrequency(config.getInt("averaging-frequency"))
        .emaDecay(config.getDouble("ema-decay"))
        .classDropout(config.getDouble("class-dropout"))
        .guidance(config.getDouble("guidance"))
        .samplerSteps(config.getInt("sampler-steps"))
        .eta(config.getDouble("eta"))
        .blockSize(config.getInt("block-size"))
        .seed(RandomStreams.seedOf(seed, "augment"))
        .build();
  }

  /** The named size with what is given instead of its own. */
  private static DenoiserShape shape(Config augment) {
    Config config = augment.getConfig("ddpm");
    DenoiserShape own = Choices.of(DenoiserSize.class, augment, "ddpm.size").shape();
    int patch = config.getInt("patch");
    int channels = config.getInt("base-channels");
    List<Integer> multipliers = config.getIntList("channel-multipliers");
    int attentionLevels = config.getInt("attention-levels");
    int heads = config.getInt("attention-heads");
    return new DenoiserShape(
        patch == 0 ? own.patch() : patch,
        channels == 0 ? own.baseChannels() : channels,
        multipliers.isEmpty() ? own.channelMultipliers() : multipliers,
        attentionLevels == -1 ? own.attentionLevels() : attentionLevels,
        heads == 0 ? own.attentionHeads() : heads);
  }

  private static void require(boolean holds, String name, Object value, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be " + remedy);
    }
  }
}
