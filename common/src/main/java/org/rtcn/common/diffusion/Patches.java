package org.rtcn.common.diffusion;

/**
 * Where a sample of a beat lies in the network's layout: {@code [lead][sample]} becomes {@code
 * [lead · patch + sample mod patch][sample / patch]}.
 */
final class Patches {
  private Patches() {}

  /** For each index into a flat beat, its index in the network's layout. */
  static int[] layout(DdpmConfig config) {
    int patch = config.shape().patch();
    int positions = config.positions();
    int[] layout = new int[config.leads() * config.length()];
    for (int i = 0; i < layout.length; i++) {
      int lead = i / config.length();
      int sample = i % config.length();
      layout[i] = (lead * patch + sample % patch) * positions + sample / patch;
    }
    return layout;
  }
}
