package org.rtcn.common.simulate;

/** What an electrode adds on its own: baseline wander, mains hum, muscle noise. In mV. */
final class ElectrodeNoise {
  private static final double MAINS_HZ = 50;
  private static final int WANDER_TERMS = 4;

  private ElectrodeNoise() {}

  static void addTo(
      double[] potential,
      double fsHz,
      double level,
      double respirationHz,
      double respirationPhase,
      double mainsPhase,
      GaussianStream random) {
    if (level == 0) {
      return;
    }
    int n = potential.length;
    addSine(potential, fsHz, level * random.normal(0, 0.03), respirationHz, respirationPhase);
    for (int term = 0; term < WANDER_TERMS; term++) {
      addSine(
          potential,
          fsHz,
          level * random.normal(0, 0.025),
          random.uniform(0.05, 0.5),
          random.uniform(0, 2 * StrictMath.PI));
    }
    double mains = level * Math.abs(random.normal(0, 0.004));
    if (MAINS_HZ < fsHz / 2) {
      addSine(potential, fsHz, mains, MAINS_HZ, mainsPhase + random.normal(0, 0.3));
    }
    // Muscle noise: white, less its slow part (first-order high-pass near 20 Hz), with one burst.
    double keep = StrictMath.exp(-2 * StrictMath.PI * 20 / fsHz);
    double rms = level * 0.007 * random.factor(0.35);
    double burstAt = random.uniform(0, n / fsHz);
    double burst = Math.max(0, random.normal(0, 0.8));
    double previousWhite = 0;
    double muscle = 0;
    for (int i = 0; i < n; i++) {
      double white = random.normal();
      muscle = keep * (muscle + white - previousWhite);
      previousWhite = white;
      double near = (i / fsHz - burstAt) / 0.8;
      double envelope = Math.abs(near) > 4 ? 1 : 1 + burst * StrictMath.exp(-near * near / 2);
      potential[i] += rms * envelope * muscle;
    }
  }

  private static void addSine(
      double[] potential, double fsHz, double amplitude, double hz, double phase) {
    double step = 2 * StrictMath.PI * hz / fsHz;
    for (int i = 0; i < potential.length; i++) {
      potential[i] += amplitude * StrictMath.sin(step * i + phase);
    }
  }
}
