package org.rtcn.common.dsp;

/** The mains frequency that a recording carries. */
public enum PowerLine {
  NONE(0),
  HZ_50(50),
  HZ_60(60),
  /** 50 or 60 Hz, whichever stands out of the recording; neither if none does. */
  AUTO(Double.NaN);

  /** A line of mains hum stands out of its neighbourhood in the spectrum by this, in power. */
  private static final double LEAST_PROMINENCE = 6;

  private static final double BLOCK_SECONDS = 1;

  private final double frequencyHz;

  PowerLine(double frequencyHz) {
    this.frequencyHz = frequencyHz;
  }

  /** The frequency in Hz, 0 for none. */
  double frequencyHz() {
    if (this == AUTO) {
      throw new IllegalStateException("Cannot tell the mains frequency without a recording");
    }
    return frequencyHz;
  }

  /**
   * Which of 50 and 60 Hz stands out of a recording: the power there, in blocks of one second,
   * against that 3 and 4 Hz next to it.
   *
   * @param leads {@code [lead][sample]}, free of NaN
   * @return {@link #HZ_50}, {@link #HZ_60} or {@link #NONE}
   */
  static PowerLine find(double[][] leads, double fsHz) {
    double at50 = prominence(leads, fsHz, 50);
    double at60 = prominence(leads, fsHz, 60);
    if (Math.max(at50, at60) < LEAST_PROMINENCE) {
      return NONE;
    }
    return at50 >= at60 ? HZ_50 : HZ_60;
  }

  private static double prominence(double[][] leads, double fsHz, double hz) {
    if (hz + 4 >= fsHz / 2) {
      return 0;
    }
    double beside = 0;
    for (double offset : new double[] {-4, -3, 3, 4}) {
      beside += power(leads, fsHz, hz + offset) / 4;
    }
    return power(leads, fsHz, hz) / Math.max(beside, 1e-12);
  }

  private static double power(double[][] leads, double fsHz, double hz) {
    int block = (int) Math.round(BLOCK_SECONDS * fsHz);
    double[] cosine = new double[block];
    double[] sine = new double[block];
    for (int i = 0; i < block; i++) {
      // A Hann window: the steep waves of the ECG don't leak into the line.
      double hann = 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / block);
      cosine[i] = hann * Math.cos(2 * Math.PI * hz * i / fsHz);
      sine[i] = hann * Math.sin(2 * Math.PI * hz * i / fsHz);
    }
    double power = 0;
    for (double[] lead : leads) {
      for (int from = 0; from + block <= lead.length; from += block) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < block; i++) {
          re += cosine[i] * lead[from + i];
          im += sine[i] * lead[from + i];
        }
        power += re * re + im * im;
      }
    }
    return power;
  }
}
