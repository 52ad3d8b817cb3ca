package org.rtcn.common.dsp;

/** Limb electrodes that seem to be on the wrong limb: a suspicion, for a person to look at. */
public enum ElectrodeSwap {
  NONE,
  /** Left and right arm: lead I is the mirror image of V6, and aVR points upward. */
  ARMS,
  /** Right arm and right leg: lead II is all but flat. */
  RIGHT_ARM_AND_LEG
}
