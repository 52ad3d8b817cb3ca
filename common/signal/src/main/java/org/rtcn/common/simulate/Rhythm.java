package org.rtcn.common.simulate;

import java.util.ArrayList;
import java.util.List;

/**
 * Sinus rhythm: RR intervals with a slow (Mayer, 0.1 Hz) and a respiratory oscillation, as the two
 * peaks of McSharry's RR spectrum, and a little noise.
 *
 * @param rSeconds R times, from one or two beats before 0 to beyond the end
 * @param rrSeconds interval before each R
 * @param breathing phase of respiration at each R, in radians
 */
record Rhythm(List<Double> rSeconds, List<Double> rrSeconds, List<Double> breathing) {

  static Rhythm draw(
      GaussianStream random,
      double heartRatePerMinute,
      int ageYears,
      double respirationHz,
      double respirationPhase,
      double durationSeconds) {
    double mean = 60 / heartRatePerMinute;
    // Respiratory arrhythmia fades with age.
    double respiratory = 0.035 * Math.max(0.25, 1.4 - ageYears / 60.0) * random.factor(0.3);
    double slow = 0.018 * random.factor(0.3);
    double slowPhase = random.uniform(0, 2 * StrictMath.PI);
    List<Double> times = new ArrayList<>();
    List<Double> intervals = new ArrayList<>();
    List<Double> breaths = new ArrayList<>();
    double time = -2 * mean + random.uniform(0, mean);
    while (time < durationSeconds + 2 * mean) {
      double breath = 2 * StrictMath.PI * respirationHz * time + respirationPhase;
      double interval =
          mean
              * (1
                  + respiratory * StrictMath.sin(breath)
                  + slow * StrictMath.sin(2 * StrictMath.PI * 0.1 * time + slowPhase)
                  + 0.006 * random.normal());
      time += interval;
      times.add(time);
      intervals.add(interval);
      breaths.add(2 * StrictMath.PI * respirationHz * time + respirationPhase);
    }
    return new Rhythm(times, intervals, breaths);
  }
}
