package org.rtcn.jobs.train;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.rtcn.common.config.Choices;
import org.rtcn.common.config.Settings;
import org.rtcn.common.nn.ImageInput;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.common.nn.ImageStandardizer.Compression;
import org.rtcn.common.nn.NetworkSize;
import org.rtcn.common.nn.PatientInput;
import org.rtcn.common.nn.Pooling;
import org.rtcn.common.nn.RtcnConfig;

/**
 * The options of the stage, from the section {@code rtcn.train}.
 *
 * @param network the network's shape; leads, voices, columns and classes in it are placeholders
 *     until the images are known
 * @param input what of an image the network reads
 * @param compression of magnitudes before standardising
 * @param pace how long, and in what portions
 * @param balance what counts alike in the loss
 * @param weighting how that balance is reached
 * @param perturbation what is done to an image each time it is seen
 * @param loop what goes on around the steps
 * @param synthetic whether generated beats take part
 * @param from folder of the model to go on from; empty to begin with random weights
 */
public record TrainOptions(
    RtcnConfig network,
    ImageInput input,
    Compression compression,
    Pace pace,
    Balance balance,
    TrainingOptions.Weighting weighting,
    ImagePerturbation perturbation,
    Loop loop,
    Synthetic synthetic,
    Optional<String> from) {

  /**
   * How long a network is trained, and in what portions.
   *
   * @param epochs passes over the training beats, counted as {@code epochOf} says
   * @param batchSize beats per step of a worker
   * @param averagingFrequency steps between two averagings
   * @param workers side by side; 0 for as many as the cluster has cores
   * @param warmUp share of all steps over which the learning rate rises
   * @param epochOf the beats whose number makes the steps of an epoch
   */
  public record Pace(
      int epochs,
      int batchSize,
      int averagingFrequency,
      int workers,
      double warmUp,
      EpochOf epochOf) {

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public Pace {
      requirePositive("epochs", epochs);
      requirePositive("batch-size", batchSize);
      requirePositive("averaging-frequency", averagingFrequency);
      if (workers < 0) {
        throw new IllegalArgumentException(
            "Invalid workers "
                + workers
                + ": must be positive, or 0 for as many as there are cores");
      }
      if (!(warmUp >= 0) || !(warmUp < 1)) {
        throw new IllegalArgumentException(
            "Invalid warm-up " + warmUp + ": must be 0 or more and less than 1");
      }
    }
  }

  /**
   * What goes on around the steps.
   *
   * @param loss what is minimised
   * @param focalGamma of {@link Loss#FOCAL}
   * @param gradientClip largest norm of a step's gradient, 0 for any
   * @param validationShare of each class's training patients that is held back, 0 for none
   * @param validationFolds whose patients are held back instead, empty for none
   * @param patience epochs without a lower validation loss after which training ends, 0 for never
   * @param checkpointSeconds at least this long between two checkpoints, 0 for none
   * @param keptBeats per class, so many training beats are kept with the model, 0 for none
   */
  public record Loop(
      Loss loss,
      double focalGamma,
      double gradientClip,
      double validationShare,
      List<Integer> validationFolds,
      int patience,
      double checkpointSeconds,
      int keptBeats) {

    /** A window of 12 leads has some 30 kB. */
    private static final int MOST_KEPT = 500;

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public Loop {
      if (!(focalGamma >= 0) || !(focalGamma <= 20)) {
        throw new IllegalArgumentException(
            "Invalid focal-gamma " + focalGamma + ": must lie between 0 and 20, 2 is usual");
      }
      if (!(gradientClip >= 0)) {
        throw new IllegalArgumentException(
            "Invalid gradient-clip " + gradientClip + ": must be positive, or 0 for no clipping");
      }
      if (!(validationShare >= 0) || !(validationShare <= 0.5)) {
        throw new IllegalArgumentException(
            "Invalid validation.share " + validationShare + ": must lie between 0 and 0.5");
      }
      validationFolds = List.copyOf(validationFolds);
      if (validationShare > 0 && !validationFolds.isEmpty()) {
        throw new IllegalArgumentException(
            "Invalid validation.share "
                + validationShare
                + " beside validation.folds "
                + validationFolds
                + ": give one of the two");
      }
      if (patience < 0 || (patience > 0 && validationShare == 0 && validationFolds.isEmpty())) {
        throw new IllegalArgumentException(
            "Invalid validation.patience "
                + patience
                + ": must be 0, or positive with a validation.share above 0 or with"
                + " validation.folds");
      }
      if (!(checkpointSeconds >= 0)) {
        throw new IllegalArgumentException(
            "Invalid checkpoint-seconds "
                + checkpointSeconds
                + ": must be positive, or 0 for no checkpoints");
      }
      if (keptBeats < 0 || keptBeats > MOST_KEPT) {
        throw new IllegalArgumentException(
            "Invalid kept-beats " + keptBeats + ": must lie between 0 (none) and " + MOST_KEPT);
      }
    }
  }

  /** The beats whose number makes the steps of an epoch. */
  public enum EpochOf {
    /** Recorded and generated ones: generated beats make training longer. */
    ALL_BEATS,
    /** Recorded ones: generated beats share their steps, so that all trainings are equally long. */
    RECORDED_BEATS
  }

  /** What is minimised. */
  public enum Loss {
    CROSS_ENTROPY,
    /** Lin et al. 2017: what the network already gets right counts less. */
    FOCAL
  }

  /** What counts alike in the loss. */
  public enum Balance {
    /** Every beat counts 1. */
    BEATS,
    /** Every class counts the same in total. */
    CLASSES,
    /** As CLASSES, and within a class every patient counts the same. */
    PATIENTS
  }

  /** Whether generated beats take part in training. */
  public enum Synthetic {
    USE,
    IGNORE
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("Invalid " + name + " " + value + ": must be positive");
    }
  }

  /** The options that the settings hold. */
  public static TrainOptions of(Settings settings) {
    return settings.read("train", config -> read(config, settings.seed()));
  }

  private static TrainOptions read(Config config, long seed) {
    Config perturb = config.getConfig("perturb");
    return new TrainOptions(
        network(config, seed),
        Choices.of(ImageInput.class, config, "input"),
        Choices.of(Compression.class, config, "compression"),
        new Pace(
            config.getInt("epochs"),
            config.getInt("batch-size"),
            config.getInt("averaging-frequency"),
            config.getInt("workers"),
            config.getDouble("warm-up"),
            Choices.of(EpochOf.class, config, "epoch-of")),
        Choices.of(Balance.class, config, "balance"),
        Choices.of(TrainingOptions.Weighting.class, config, "balance-by"),
        new ImagePerturbation(
            perturb.getInt("shift-columns"),
            perturb.getDouble("gain"),
            perturb.getDouble("noise"),
            perturb.getDouble("mask"),
            perturb.getDouble("lead-dropout"),
            perturb.getDouble("mixup")),
        new Loop(
            Choices.of(Loss.class, config, "loss"),
            config.getDouble("focal-gamma"),
            config.getDouble("gradient-clip"),
            config.getDouble("validation.share"),
            config.getIntList("validation.folds"),
            config.getInt("validation.patience"),
            config.getDouble("checkpoint-seconds"),
            config.getInt("kept-beats")),
        Choices.of(Synthetic.class, config, "synthetic"),
        Optional.of(config.getString("from")).filter(folder -> !folder.isEmpty()));
  }

  /** The named size, with what is set in addition; images and classes are placeholders. */
  private static RtcnConfig network(Config train, long seed) {
    Config config = train.getConfig("network");
    RtcnConfig.Builder network =
        Choices.of(NetworkSize.class, config, "size").config(1, 1, 1, 2, seed).toBuilder();
    // 0 (of encoder-layers -1) and what is empty leave the size's own.
    set(config.getInt("stem-channels"), 0, network::stemChannels);
    set(config.getInt("stem-stride"), 0, network::stemStride);
    set(config.getIntList("stage-channels"), List.of(), network::stageChannels);
    set(config.getInt("blocks-per-stage"), 0, network::blocksPerStage);
    set(config.getIntList("kernels"), List.of(), network::kernels);
    set(config.getInt("encoder-layers"), -1, network::encoderLayers);
    set(config.getInt("model-dim"), 0, network::modelDim);
    set(config.getInt("heads"), 0, network::heads);
    set(config.getInt("feed-forward"), 0, network::feedForward);
    if (!config.getString("pooling").isEmpty()) {
      network.pooling(Choices.of(Pooling.class, config, "pooling"));
    }
    return network
        .patientInput(Choices.of(PatientInput.class, config, "patient-input"))
        .dropout(config.getDouble("dropout"))
        .learningRate(train.getDouble("learning-rate"))
        .weightDecay(train.getDouble("weight-decay"))
        .labelSmoothing(train.getDouble("label-smoothing"))
        .build();
  }

  private static <T> void set(T value, T unset, Consumer<T> setter) {
    if (!value.equals(unset)) {
      setter.accept(value);
    }
  }

  /** The network for images of a size and a number of classes. */
  RtcnConfig network(int channels, int voices, int columns, int classes) {
    return network.reading(channels, voices, columns, classes);
  }
}
