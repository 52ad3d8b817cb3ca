package org.rtcn.common.nn;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.List;

/**
 * The shape of an RTCN and how it learns. Every value is this project's own design decision; the
 * sizes of the network in the paper (Chen et al., Biology 2025, 14(10), 1425) are not known to us.
 *
 * @param channels of an image: its leads, times the parts of {@link ImageInput}
 * @param voices frequencies in an image
 * @param columns time steps in an image
 * @param classes classes of the softmax head
 * @param stemChannels channels after the first convolution
 * @param stemStride 1, or 2 to halve voices and columns at once
 * @param stageChannels channels of each residual stage; every stage after the first halves voices
 *     and columns
 * @param blocksPerStage residual blocks per stage
 * @param encoderLayers Transformer encoder layers; 0 leaves a purely convolutional network
 * @param modelDim width of a token
 * @param heads attention heads; divides {@code modelDim}
 * @param feedForward hidden width of an encoder layer's feed-forward part
 * @param dropout probability that a number is dropped in the encoder and before the head
 * @param learningRate peak rate of Adam
 * @param weightDecay decoupled decay of weight matrices per unit of learning rate (AdamW)
 * @param labelSmoothing share of the label's mass spread over all classes
 * @param seed of the starting weights and of dropout
 * @param kernels sizes of the kernels of each residual block's first convolution, odd; [3] for one
 *     scale
 * @param pooling how tokens become the vector that the head reads
 * @param patientInput what it is told of the patient beside the image
 */
public record RtcnConfig(
    int channels,
    int voices,
    int columns,
    int classes,
    int stemChannels,
    int stemStride,
    List<Integer> stageChannels,
    int blocksPerStage,
    int encoderLayers,
    int modelDim,
    int heads,
    int feedForward,
    double dropout,
    double learningRate,
    double weightDecay,
    double labelSmoothing,
    long seed,
    List<Integer> kernels,
    Pooling pooling,
    PatientInput patientInput) {
  /** No single size is larger: products of four stay within a long. */
  private static final int WIDEST = 1 << 14;

  private static final int MOST_CLASSES = 1000;
  private static final int DEEPEST = 128;
  private static final int MOST_STAGES = 12;
  private static final int LARGEST_KERNEL = 31;

  /**
   * @throws IllegalArgumentException if a size is not positive or absurd, {@code heads} does not
   *     divide {@code modelDim}, or a share lies outside [0, 1)
   */
  @JsonCreator
  public RtcnConfig {
    requireStated("stage-channels", stageChannels);
    requireStated("kernels", kernels);
    requireStated("pooling", pooling);
    requireStated("patient-input", patientInput);
    stageChannels = List.copyOf(stageChannels);
    kernels = List.copyOf(kernels);
    requireWithin("channels", channels, 1, WIDEST);
    requireWithin("voices", voices, 1, WIDEST);
    requireWithin("columns", columns, 1, WIDEST);
    requireWithin("classes", classes, 2, MOST_CLASSES);
    requireWithin("stem-channels", stemChannels, 1, WIDEST);
    requireWithin("blocks-per-stage", blocksPerStage, 1, DEEPEST);
    requireWithin("encoder-layers", encoderLayers, 0, DEEPEST);
    requireWithin("model-dim", modelDim, 1, WIDEST);
    requireWithin("heads", heads, 1, WIDEST);
    requireWithin("feed-forward", feedForward, 1, WIDEST);
    if (stemStride != 1 && stemStride != 2) {
      throw new IllegalArgumentException("Invalid stem-stride " + stemStride + ": must be 1 or 2");
    }
    if (stageChannels.isEmpty()
        || stageChannels.size() > MOST_STAGES
        || stageChannels.stream().anyMatch(width -> width < 1 || width > WIDEST)) {
      throw new IllegalArgumentException(
          "Invalid stage-channels "
              + stageChannels
              + ": must hold 1 to "
              + MOST_STAGES
              + " positive numbers of at most "
              + WIDEST);
    }
    if (modelDim % heads != 0) {
      throw new IllegalArgumentException(
          "Invalid heads " + heads + ": must divide model-dim " + modelDim);
    }
    if (kernels.isEmpty()
        || kernels.size() > MOST_STAGES
        || kernels.stream().anyMatch(size -> size < 1 || size % 2 == 0 || size > LARGEST_KERNEL)) {
      throw new IllegalArgumentException(
          "Invalid kernels "
              + kernels
              + ": must hold one or more odd numbers up to "
              + LARGEST_KERNEL
              + ", for example [3, 5]");
    }
    int scales = kernels.size();
    if (stageChannels.stream().anyMatch(width -> width < scales)) {
      throw new IllegalArgumentException(
          "Invalid kernels " + kernels + ": a stage has fewer channels, " + stageChannels);
    }
    requireShare("dropout", dropout);
    requireShare("label-smoothing", labelSmoothing);
    if (!(learningRate > 0) || !(learningRate < 10)) {
      throw new IllegalArgumentException(
          "Invalid learning-rate " + learningRate + ": must be positive, for example 1e-3");
    }
    if (!(weightDecay >= 0) || !(weightDecay < 10)) {
      throw new IllegalArgumentException(
          "Invalid weight-decay " + weightDecay + ": must be 0 or more, for example 1e-2");
    }
  }

  private static void requireStated(String name, Object value) {
    if (value == null) {
      throw new IllegalArgumentException("Invalid " + name + ": it is null");
    }
  }

  private static void requireWithin(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "Invalid " + name + " " + value + ": must be " + least + " to " + most);
    }
  }

  private static void requireShare(String name, double value) {
    if (!(value >= 0) || !(value < 1)) {
      throw new IllegalArgumentException(
          "Invalid " + name + " " + value + ": must be 0 or more and less than 1");
    }
  }

  /** A network that looks at one scale and pools by the mean. */
  public RtcnConfig(
      int channels,
      int voices,
      int columns,
      int classes,
      int stemChannels,
      int stemStride,
      List<Integer> stageChannels,
      int blocksPerStage,
      int encoderLayers,
      int modelDim,
      int heads,
      int feedForward,
      double dropout,
      double learningRate,
      double weightDecay,
      double labelSmoothing,
      long seed) {
    this(
        channels,
        voices,
        columns,
        classes,
        stemChannels,
        stemStride,
        stageChannels,
        blocksPerStage,
        encoderLayers,
        modelDim,
        heads,
        feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        seed,
        List.of(3),
        Pooling.MEAN,
        PatientInput.NONE);
  }

  /**
   * This network with other sizes where they are given.
   *
   * @param stemChannels and all other numbers: 0 (for {@code encoderLayers} -1) keeps this one's
   * @param stageChannels and {@code kernels}: an empty list keeps this one's
   * @param pooling null keeps this one's
   */
  public RtcnConfig with(
      int stemChannels,
      int stemStride,
      List<Integer> stageChannels,
      int blocksPerStage,
      List<Integer> kernels,
      int encoderLayers,
      int modelDim,
      int heads,
      int feedForward,
      Pooling pooling) {
    return new RtcnConfig(
        channels,
        voices,
        columns,
        classes,
        stemChannels == 0 ? this.stemChannels : stemChannels,
        stemStride == 0 ? this.stemStride : stemStride,
        stageChannels.isEmpty() ? this.stageChannels : stageChannels,
        blocksPerStage == 0 ? this.blocksPerStage : blocksPerStage,
        encoderLayers == -1 ? this.encoderLayers : encoderLayers,
        modelDim == 0 ? this.modelDim : modelDim,
        heads == 0 ? this.heads : heads,
        feedForward == 0 ? this.feedForward : feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        seed,
        kernels.isEmpty() ? this.kernels : kernels,
        pooling == null ? this.pooling : pooling,
        patientInput);
  }

  /** This network with other settings for learning. */
  public RtcnConfig learning(
      double dropout, double learningRate, double weightDecay, double labelSmoothing) {
    return new RtcnConfig(
        channels,
        voices,
        columns,
        classes,
        stemChannels,
        stemStride,
        stageChannels,
        blocksPerStage,
        encoderLayers,
        modelDim,
        heads,
        feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        seed,
        kernels,
        pooling,
        patientInput);
  }

  /** This network for other images and classes. */
  public RtcnConfig reading(int channels, int voices, int columns, int classes) {
    return new RtcnConfig(
        channels,
        voices,
        columns,
        classes,
        stemChannels,
        stemStride,
        stageChannels,
        blocksPerStage,
        encoderLayers,
        modelDim,
        heads,
        feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        seed,
        kernels,
        pooling,
        patientInput);
  }

  /** This network, told of the patient what {@code other} says. */
  public RtcnConfig told(PatientInput other) {
    return new RtcnConfig(
        channels,
        voices,
        columns,
        classes,
        stemChannels,
        stemStride,
        stageChannels,
        blocksPerStage,
        encoderLayers,
        modelDim,
        heads,
        feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        seed,
        kernels,
        pooling,
        other);
  }

  /** The same network drawn from another seed. */
  RtcnConfig withSeed(long other) {
    return new RtcnConfig(
        channels,
        voices,
        columns,
        classes,
        stemChannels,
        stemStride,
        stageChannels,
        blocksPerStage,
        encoderLayers,
        modelDim,
        heads,
        feedForward,
        dropout,
        learningRate,
        weightDecay,
        labelSmoothing,
        other,
        kernels,
        pooling,
        patientInput);
  }
}
