package org.rtcn.common.dsp;

/** What is wrong with a lead of a beat. */
public enum QualityFlag {
  /** Samples were marked invalid over more than a short gap. */
  INVALID,
  /** The lead doesn't move. */
  FLAT,
  /** The lead stands still at its extreme value: the amplifier or converter had no more room. */
  SATURATED,
  /** Noise between the waves is a large share of them, or large in itself. */
  NOISY
}
