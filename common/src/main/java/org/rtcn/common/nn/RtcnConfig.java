package org.rtcn.common.nn;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;

/**
 * The shape of an RTCN and how it learns. Every value is this project's own design decision; the
 * sizes of the network in the paper (Chen et al., Biology 2025, 14(10), 1425) are not known to us.
 * Made by {@link #builder} and {@link #toBuilder}, by the names of its numbers. As JSON it is flat.
 *
 * @param images that it reads
 * @param classes of the softmax head
 * @param trunk its convolutions
 * @param encoder its Transformer
 * @param pooling how tokens become the vector that the head reads
 * @param patientInput what it knows of the patient besides the image
 * @param learning how it learns
 * @param seed of the starting weights and of dropout
 */
@JsonAutoDetect(
    fieldVisibility = Visibility.NONE,
    getterVisibility = Visibility.NONE,
    isGetterVisibility = Visibility.NONE,
    creatorVisibility = Visibility.NONE)
@JsonPropertyOrder({
  "channels",
  "voices",
  "columns",
  "classes",
  "stemChannels",
  "stemStride",
  "stageChannels",
  "blocksPerStage",
  "encoderLayers",
  "modelDim",
  "heads",
  "feedForward",
  "dropout",
  "learningRate",
  "weightDecay",
  "labelSmoothing",
  "seed",
  "kernels",
  "pooling",
  "patientInput"
})
public record RtcnConfig(
    Images images,
    int classes,
    Trunk trunk,
    Encoder encoder,
    Pooling pooling,
    PatientInput patientInput,
    Learning learning,
    long seed) {
  /** No single size is larger: products of four stay within a long. */
  private static final int WIDEST = 1 << 14;

  private static final int MOST_CLASSES = 1000;
  private static final int DEEPEST = 128;
  private static final int MOST_STAGES = 12;
  private static final int LARGEST_KERNEL = 31;

  /**
   * Images of one size.
   *
   * @param channels leads, times the parts of {@link ImageInput}
   * @param voices frequencies
   * @param columns time steps
   */
  public record Images(int channels, int voices, int columns) {
    /**
     * @throws IllegalArgumentException if a size is not positive or absurd
     */
    public Images {
      requireWithin("channels", channels, 1, WIDEST);
      requireWithin("voices", voices, 1, WIDEST);
      requireWithin("columns", columns, 1, WIDEST);
    }
  }

  /**
   * The convolutions.
   *
   * @param stemChannels channels after the first of them
   * @param stemStride 1, or 2 to halve voices and columns at once
   * @param stageChannels channels of each residual stage; every stage after the first halves voices
   *     and columns
   * @param blocksPerStage residual blocks per stage
   * @param kernels sizes of the kernels of each residual block's first convolution, odd; [3] for
   *     one scale
   */
  public record Trunk(
      int stemChannels,
      int stemStride,
      List<Integer> stageChannels,
      int blocksPerStage,
      List<Integer> kernels) {
    /**
     * @throws IllegalArgumentException if a size is out of its range
     */
    public Trunk {
      requireStated("stage-channels", stageChannels);
      requireStated("kernels", kernels);
      stageChannels = List.copyOf(stageChannels);
      kernels = List.copyOf(kernels);
      requireWithin("stem-channels", stemChannels, 1, WIDEST);
      requireWithin("blocks-per-stage", blocksPerStage, 1, DEEPEST);
      if (stemStride != 1 && stemStride != 2) {
        throw new IllegalArgumentException(
            "Invalid stem-stride " + stemStride + ": must be 1 or 2");
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
      if (kernels.isEmpty()
          || kernels.size() > MOST_STAGES
          || kernels.stream()
              .anyMatch(size -> size < 1 || size % 2 == 0 || size > LARGEST_KERNEL)) {
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
    }
  }

  /**
   * The Transformer.
   *
   * @param encoderLayers 0 leaves a purely convolutional network
   * @param modelDim width of a token
   * @param heads attention heads; divides {@code modelDim}
   * @param feedForward hidden width of a layer's feed-forward part
   */
  public record Encoder(int encoderLayers, int modelDim, int heads, int feedForward) {
    /**
     * @throws IllegalArgumentException if a size is out of its range, or {@code heads} does not
     *     divide {@code modelDim}
     */
    public Encoder {
      requireWithin("encoder-layers", encoderLayers, 0, DEEPEST);
      requireWithin("model-dim", modelDim, 1, WIDEST);
      requireWithin("heads", heads, 1, WIDEST);
      requireWithin("feed-forward", feedForward, 1, WIDEST);
      if (modelDim % heads != 0) {
        throw new IllegalArgumentException(
            "Invalid heads " + heads + ": must divide model-dim " + modelDim);
      }
    }
  }

  /**
   * How it learns.
   *
   * @param dropout probability that a number is dropped in the encoder and before the head
   * @param learningRate peak rate of Adam
   * @param weightDecay decoupled decay of weight matrices per unit of learning rate (AdamW)
   * @param labelSmoothing share of the label's mass spread over all classes
   */
  public record Learning(
      double dropout, double learningRate, double weightDecay, double labelSmoothing) {
    /**
     * @throws IllegalArgumentException if a share lies outside [0, 1) or a rate is absurd
     */
    public Learning {
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
  }

  /**
   * @throws IllegalArgumentException if a part is missing, or there are too few or too many classes
   */
  public RtcnConfig {
    requireStated("pooling", pooling);
    requireStated("patient-input", patientInput);
    requireWithin("classes", classes, 2, MOST_CLASSES);
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

  /** From JSON: every name must be there. */
  @JsonCreator
  static RtcnConfig ofNames(
      @JsonProperty("channels") int channels,
      @JsonProperty("voices") int voices,
      @JsonProperty("columns") int columns,
      @JsonProperty("classes") int classes,
      @JsonProperty("stemChannels") int stemChannels,
      @JsonProperty("stemStride") int stemStride,
      @JsonProperty("stageChannels") List<Integer> stageChannels,
      @JsonProperty("blocksPerStage") int blocksPerStage,
      @JsonProperty("encoderLayers") int encoderLayers,
      @JsonProperty("modelDim") int modelDim,
      @JsonProperty("heads") int heads,
      @JsonProperty("feedForward") int feedForward,
      @JsonProperty("dropout") double dropout,
      @JsonProperty("learningRate") double learningRate,
      @JsonProperty("weightDecay") double weightDecay,
      @JsonProperty("labelSmoothing") double labelSmoothing,
      @JsonProperty("seed") long seed,
      @JsonProperty("kernels") List<Integer> kernels,
      @JsonProperty("pooling") Pooling pooling,
      @JsonProperty("patientInput") PatientInput patientInput) {
    return new Builder()
        .channels(channels)
        .voices(voices)
        .columns(columns)
        .classes(classes)
        .stemChannels(stemChannels)
        .stemStride(stemStride)
        .stageChannels(stageChannels)
        .blocksPerStage(blocksPerStage)
        .encoderLayers(encoderLayers)
        .modelDim(modelDim)
        .heads(heads)
        .feedForward(feedForward)
        .dropout(dropout)
        .learningRate(learningRate)
        .weightDecay(weightDecay)
        .labelSmoothing(labelSmoothing)
        .seed(seed)
        .kernels(kernels)
        .pooling(pooling)
        .patientInput(patientInput)
        .build();
  }

  @JsonProperty("channels")
  public int channels() {
    return images.channels();
  }

  @JsonProperty("voices")
  public int voices() {
    return images.voices();
  }

  @JsonProperty("columns")
  public int columns() {
    return images.columns();
  }

  @Override
  @JsonProperty("classes")
  public int classes() {
    return classes;
  }

  @JsonProperty("stemChannels")
  public int stemChannels() {
    return trunk.stemChannels();
  }

  @JsonProperty("stemStride")
  public int stemStride() {
    return trunk.stemStride();
  }

  @JsonProperty("stageChannels")
  public List<Integer> stageChannels() {
    return trunk.stageChannels();
  }

  @JsonProperty("blocksPerStage")
  public int blocksPerStage() {
    return trunk.blocksPerStage();
  }

  @JsonProperty("encoderLayers")
  public int encoderLayers() {
    return encoder.encoderLayers();
  }

  @JsonProperty("modelDim")
  public int modelDim() {
    return encoder.modelDim();
  }

  @JsonProperty("heads")
  public int heads() {
    return encoder.heads();
  }

  @JsonProperty("feedForward")
  public int feedForward() {
    return encoder.feedForward();
  }

  @JsonProperty("dropout")
  public double dropout() {
    return learning.dropout();
  }

  @JsonProperty("learningRate")
  public double learningRate() {
    return learning.learningRate();
  }

  @JsonProperty("weightDecay")
  public double weightDecay() {
    return learning.weightDecay();
  }

  @JsonProperty("labelSmoothing")
  public double labelSmoothing() {
    return learning.labelSmoothing();
  }

  @Override
  @JsonProperty("seed")
  public long seed() {
    return seed;
  }

  @JsonProperty("kernels")
  public List<Integer> kernels() {
    return trunk.kernels();
  }

  @Override
  @JsonProperty("pooling")
  public Pooling pooling() {
    return pooling;
  }

  @Override
  @JsonProperty("patientInput")
  public PatientInput patientInput() {
    return patientInput;
  }

  /** Of an unsaid network: one scale, the mean of all tokens, told nothing of the patient. */
  public static Builder builder() {
    return new Builder().kernels(List.of(3)).pooling(Pooling.MEAN).patientInput(PatientInput.NONE);
  }

  /** This network, to be changed in parts. */
  public Builder toBuilder() {
    return new Builder()
        .channels(channels())
        .voices(voices())
        .columns(columns())
        .classes(classes())
        .stemChannels(stemChannels())
        .stemStride(stemStride())
        .stageChannels(stageChannels())
        .blocksPerStage(blocksPerStage())
        .encoderLayers(encoderLayers())
        .modelDim(modelDim())
        .heads(heads())
        .feedForward(feedForward())
        .dropout(dropout())
        .learningRate(learningRate())
        .weightDecay(weightDecay())
        .labelSmoothing(labelSmoothing())
        .seed(seed())
        .kernels(kernels())
        .pooling(pooling())
        .patientInput(patientInput());
  }

  /** This network for other images and classes. */
  public RtcnConfig reading(int channels, int voices, int columns, int classes) {
    return toBuilder().channels(channels).voices(voices).columns(columns).classes(classes).build();
  }

  /** This network, with the facts of the patient that {@code other} uses. */
  public RtcnConfig told(PatientInput other) {
    return toBuilder().patientInput(other).build();
  }

  /** The same network drawn from another seed. */
  RtcnConfig withSeed(long other) {
    return toBuilder().seed(other).build();
  }

  /** Takes the numbers by their names. */
  public static final class Builder {
    private int channels;
    private int voices;
    private int columns;
    private int classes;
    private int stemChannels;
    private int stemStride;
    private List<Integer> stageChannels;
    private int blocksPerStage;
    private int encoderLayers;
    private int modelDim;
    private int heads;
    private int feedForward;
    private double dropout;
    private double learningRate;
    private double weightDecay;
    private double labelSmoothing;
    private long seed;
    private List<Integer> kernels;
    private Pooling pooling;
    private PatientInput patientInput;

    private Builder() {}

    /** Of an image: its leads, times the parts of {@link ImageInput}. */
    public Builder channels(int value) {
      channels = value;
      return this;
    }

    /** Frequencies in an image. */
    public Builder voices(int value) {
      voices = value;
      return this;
    }

    /** Time steps in an image. */
    public Builder columns(int value) {
      columns = value;
      return this;
    }

    /** Of the softmax head. */
    public Builder classes(int value) {
      classes = value;
      return this;
    }

    /** After the first convolution. */
    public Builder stemChannels(int value) {
      stemChannels = value;
      return this;
    }

    /** 1, or 2 to halve voices and columns at once. */
    public Builder stemStride(int value) {
      stemStride = value;
      return this;
    }

    /** Of each residual stage; every stage after the first halves voices and columns. */
    public Builder stageChannels(List<Integer> value) {
      stageChannels = value;
      return this;
    }

    /** Residual blocks per stage. */
    public Builder blocksPerStage(int value) {
      blocksPerStage = value;
      return this;
    }

    /** Transformer encoder layers; 0 leaves a purely convolutional network. */
    public Builder encoderLayers(int value) {
      encoderLayers = value;
      return this;
    }

    /** Width of a token. */
    public Builder modelDim(int value) {
      modelDim = value;
      return this;
    }

    /** Attention heads; divides {@code modelDim}. */
    public Builder heads(int value) {
      heads = value;
      return this;
    }

    /** Hidden width of an encoder layer. */
    public Builder feedForward(int value) {
      feedForward = value;
      return this;
    }

    /** Probability that a number is dropped in the encoder and before the head. */
    public Builder dropout(double value) {
      dropout = value;
      return this;
    }

    /** Peak rate of Adam. */
    public Builder learningRate(double value) {
      learningRate = value;
      return this;
    }

    /** Decoupled decay of weight matrices per unit of learning rate (AdamW). */
    public Builder weightDecay(double value) {
      weightDecay = value;
      return this;
    }

    /** Share of the label's mass spread over all classes. */
    public Builder labelSmoothing(double value) {
      labelSmoothing = value;
      return this;
    }

    /** Of the starting weights and of dropout. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Sizes of each residual block's first kernels, odd; [3] for one scale. */
    public Builder kernels(List<Integer> value) {
      kernels = value;
      return this;
    }

    /** How tokens become the vector that the head reads. */
    public Builder pooling(Pooling value) {
      pooling = value;
      return this;
    }

    /** What it knows of the patient besides the image. */
    public Builder patientInput(PatientInput value) {
      patientInput = value;
      return this;
    }

    /**
     * The network.
     *
     * @throws IllegalArgumentException if a number is missing or out of its range
     */
    public RtcnConfig build() {
      return new RtcnConfig(
          new Images(channels, voices, columns),
          classes,
          new Trunk(stemChannels, stemStride, stageChannels, blocksPerStage, kernels),
          new Encoder(encoderLayers, modelDim, heads, feedForward),
          pooling,
          patientInput,
          new Learning(dropout, learningRate, weightDecay, labelSmoothing),
          seed);
    }
  }
}
