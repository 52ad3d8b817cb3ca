package org.rtcn.common.nn;

import java.util.List;

/** Networks with a name; every number is this project's own design decision. */
@SuppressWarnings("ImmutableEnumChecker") // List.of
public enum NetworkSize {
  /** For tests, and for few patients. */
  TINY(8, 2, List.of(8, 16, 16), 1, 1, 32, 4, 64, List.of(3), Pooling.MEAN),
  /** For a CPU. */
  SMALL(16, 2, List.of(16, 32, 64), 1, 2, 64, 4, 128, List.of(3), Pooling.MEAN),
  /** For a GPU: two scales, two blocks per stage, a class token. */
  BASE(64, 2, List.of(64, 128, 256), 2, 4, 256, 8, 1024, List.of(3, 5), Pooling.CLASS_TOKEN);

  private final int stemChannels;
  private final int stemStride;
  private final List<Integer> stageChannels;
  private final int blocksPerStage;
  private final int encoderLayers;
  private final int modelDim;
  private final int heads;
  private final int feedForward;
  private final List<Integer> kernels;
  private final Pooling pooling;

  NetworkSize(
      int stemChannels,
      int stemStride,
      List<Integer> stageChannels,
      int blocksPerStage,
      int encoderLayers,
      int modelDim,
      int heads,
      int feedForward,
      List<Integer> kernels,
      Pooling pooling) {
    this.stemChannels = stemChannels;
    this.stemStride = stemStride;
    this.stageChannels = stageChannels;
    this.blocksPerStage = blocksPerStage;
    this.encoderLayers = encoderLayers;
    this.modelDim = modelDim;
    this.heads = heads;
    this.feedForward = feedForward;
    this.kernels = kernels;
    this.pooling = pooling;
  }

  /** The network for images of a size, with usual settings for learning. */
  public RtcnConfig config(int channels, int voices, int columns, int classes, long seed) {
    return RtcnConfig.builder()
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
        .dropout(0.1)
        .learningRate(1e-3)
        .weightDecay(1e-2)
        .labelSmoothing(0.05)
        .seed(seed)
        .kernels(kernels)
        .pooling(pooling)
        .build();
  }
}
