package org.rtcn.common.dsp;

/** Why a detected beat is not kept. */
public enum BeatRefusal {
  /** The window reaches beyond the recording. */
  EDGE,
  /** The window touches a gap of invalid samples too long to bridge. */
  INVALID_SAMPLES,
  /** A lead does not move within the window. */
  FLAT_LEAD,
  /** A lead exceeds the largest plausible amplitude. */
  IMPLAUSIBLE_AMPLITUDE,
  /** Noise: in two thirds of the leads its waves hardly stand out of what is between them. */
  NOISE,
  /** A sound beat beyond the cap per recording. */
  OVER_CAP
}
