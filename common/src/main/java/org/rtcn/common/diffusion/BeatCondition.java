package org.rtcn.common.diffusion;

/** What the network is told about a beat besides its class. */
public enum BeatCondition {
  /** Nothing. */
  NONE,
  /** The RR interval before it: the faster the heart, the shorter its ST segment and T wave. */
  RR_INTERVAL
}
