package org.rtcn.common.averaging;

/**
 * The steps that each worker makes before the next averaging.
 *
 * @param epoch from 0
 * @param from first step of the epoch
 * @param to step of the epoch after the last
 */
public record Round(int epoch, int from, int to) {
  /** How many they are. */
  public int steps() {
    return to - from;
  }
}
