package org.rtcn.common.diffusion;

import java.io.Serializable;
import java.util.List;

/**
 * The U-Net's proportions.
 *
 * @param patch consecutive samples of a lead that the network sees as one position
 * @param baseChannels channels of the finest level
 * @param channelMultipliers channels of each level as multiples of the base; one level per entry,
 *     each half as long as the one before
 * @param attentionLevels so many of the coarsest levels attend over their positions, and the middle
 *     does; 0 for none
 * @param attentionHeads heads of each attention; divides the channels where there is one
 */
public record DenoiserShape(
    int patch,
    int baseChannels,
    List<Integer> channelMultipliers,
    int attentionLevels,
    int attentionHeads)
    implements Serializable {

  private static final int MOST_LEVELS = 10;
  private static final int LARGEST_MULTIPLIER = 64;
  private static final int LARGEST_PATCH = 64;
  private static final int MOST_CHANNELS = 1 << 12;

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DenoiserShape {
    DdpmConfig.require(channelMultipliers != null, "channel multipliers", "null", "one or more");
    channelMultipliers = List.copyOf(channelMultipliers);
    DdpmConfig.require(
        !channelMultipliers.isEmpty() && channelMultipliers.size() <= MOST_LEVELS,
        "channel multipliers",
        channelMultipliers,
        "1 to " + MOST_LEVELS + " numbers");
    for (int multiplier : channelMultipliers) {
      DdpmConfig.require(
          multiplier >= 1 && multiplier <= LARGEST_MULTIPLIER,
          "channel multiplier",
          multiplier,
          "1 to " + LARGEST_MULTIPLIER);
    }
    DdpmConfig.require(
        patch >= 1 && patch <= LARGEST_PATCH, "patch", patch, "1 to " + LARGEST_PATCH);
    DdpmConfig.require(
        baseChannels >= 4 && baseChannels % 2 == 0 && baseChannels <= MOST_CHANNELS,
        "base channels",
        baseChannels,
        "even and 4 to " + MOST_CHANNELS);
    int levels = channelMultipliers.size();
    DdpmConfig.require(
        attentionLevels >= 0 && attentionLevels <= levels,
        "attention levels",
        attentionLevels,
        "0 to the number of levels, " + levels);
    DdpmConfig.require(
        attentionHeads >= 1 && attentionHeads <= MOST_CHANNELS,
        "attention heads",
        attentionHeads,
        "1 to " + MOST_CHANNELS);
    for (int level = levels - attentionLevels; level < levels; level++) {
      int channels = baseChannels * channelMultipliers.get(level);
      DdpmConfig.require(
          channels % attentionHeads == 0,
          "attention heads",
          attentionHeads,
          "a divisor of the " + channels + " channels of level " + level);
    }
  }

  /** Levels of the U-Net. */
  int levels() {
    return channelMultipliers.size();
  }

  /** Whether a level, 0 the finest, attends over its positions. */
  boolean attends(int level) {
    return level >= levels() - attentionLevels;
  }

  /** Channels of a level. */
  int channels(int level) {
    return baseChannels * channelMultipliers.get(level);
  }
}
