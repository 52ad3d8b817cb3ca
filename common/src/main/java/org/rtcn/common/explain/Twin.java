package org.rtcn.common.explain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rtcn.common.dsp.Beat;
import org.rtcn.common.dsp.BeatExtraction;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.input.ModelInput;
import org.rtcn.common.simulate.EcgSimulator;
import org.rtcn.common.simulate.SimulationOptions;

/**
 * The same simulated patient with an infarct and without: same heart, same rhythm, same noise. What
 * differs between the two is what the infarct did, lead by lead and instant by instant.
 *
 * @param label the infarct
 * @param sick windows with the infarct, {@code [beat][lead][sample]} in mV
 * @param healthy the same beats without it, cut at the same R peaks
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Twin(Label label, float[][][] sick, float[][][] healthy) {

  /** A part of the largest change that counts as changed; smaller ones are noise and ripple. */
  private static final double CHANGED = 1.0 / 3;

  /**
   * A pair.
   *
   * @param patient from 1
   * @param severity of the infarct, 0 to 1
   * @param mostBeats of each recording
   * @return empty if the recordings share no usable beat
   */
  static Optional<Twin> of(
      ModelInput input, Label label, int patient, double severity, long seed, int mostBeats) {
    EcgSignal sick = recording(label, patient, severity, seed);
    List<Beat> beats = input.beats(sick).beats();
    BeatExtraction others =
        input.beatsAt(
            recording(label, patient, 0, seed), beats.stream().mapToInt(Beat::rSample).toArray());
    Map<Integer, Beat> byPeak = new HashMap<>();
    others.beats().forEach(beat -> byPeak.put(beat.rSample(), beat));
    List<float[][]> with = new ArrayList<>();
    List<float[][]> without = new ArrayList<>();
    for (Beat beat : beats) {
      if (byPeak.containsKey(beat.rSample()) && with.size() < mostBeats) {
        with.add(beat.window());
        without.add(byPeak.get(beat.rSample()).window());
      }
    }
    return with.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Twin(label, with.toArray(new float[0][][]), without.toArray(new float[0][][])));
  }

  private static EcgSignal recording(Label label, int patient, double severity, long seed) {
    SimulationOptions options =
        new SimulationOptions(seed, Map.of(label, patient), 1, 1, 500, 10, 1, severity, severity);
    return new EcgSimulator(options).recordsOf(patient).get(0).signal();
  }

  /**
   * What the infarct did: root mean square difference in mV, {@code [lead][segment]}, over the
   * beats.
   */
  double[][] change(ModelInput input) {
    double msPerSample = 1000 / input.options().beats().fsHz();
    int r = input.options().beats().samplesBeforeR();
    int segments = Segment.values().length;
    double[][] sums = new double[sick[0].length][segments];
    long[] counts = new long[segments];
    for (int beat = 0; beat < sick.length; beat++) {
      for (int i = 0; i < sick[beat][0].length; i++) {
        int segment = Segment.at((i - r) * msPerSample).index();
        counts[segment]++;
        for (int lead = 0; lead < sums.length; lead++) {
          double difference = sick[beat][lead][i] - healthy[beat][lead][i];
          sums[lead][segment] += difference * difference;
        }
      }
    }
    for (double[] lead : sums) {
      for (int segment = 0; segment < segments; segment++) {
        lead[segment] = Math.sqrt(lead[segment] / Math.max(1, counts[segment]));
      }
    }
    return sums;
  }

  /** From which change on a lead's segment counts as changed. */
  static double threshold(double[][] change) {
    double largest = 0;
    for (double[] lead : change) {
      for (double value : lead) {
        largest = Math.max(largest, value);
      }
    }
    return CHANGED * largest;
  }
}
