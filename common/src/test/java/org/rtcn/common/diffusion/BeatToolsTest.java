package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rtcn.common.diffusion.BeatGate.Refusal;
import org.rtcn.common.ecg.Lead;

class BeatToolsTest {

  @Test
  void completedLeadsObeyEinthovenAndGoldberger() {
    float[][] eight = new float[8][3];
    for (int lead = 0; lead < 8; lead++) {
      for (int i = 0; i < 3; i++) {
        eight[lead][i] = (float) Math.sin(1 + lead * 3 + i);
      }
    }
    float[][] twelve = IndependentLeads.complete(eight);
    assertThat(IndependentLeads.of(twelve)).isDeepEqualTo(eight);
    for (int i = 0; i < 3; i++) {
      double one = at(twelve, Lead.I, i);
      double two = at(twelve, Lead.II, i);
      double three = at(twelve, Lead.III, i);
      assertThat(one + three).isCloseTo(two, within(1e-6));
      assertThat(at(twelve, Lead.AVR, i)).isCloseTo(-(one + two) / 2, within(1e-6));
      assertThat(at(twelve, Lead.AVL, i)).isCloseTo((one - three) / 2, within(1e-6));
      assertThat(at(twelve, Lead.AVF, i)).isCloseTo((two + three) / 2, within(1e-6));
    }
    assertThatThrownBy(() -> IndependentLeads.complete(new float[3][1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid beat of 3 leads: must have 8");
  }

  @Test
  void gateRefusesWhatNoTrainingBeatComesNear() {
    BeatGate gate = new BeatGate(training(), 1.2, 1);
    assertThat(gate.check(beat(1.0, 20), "HC")).isEmpty();
    assertThat(gate.check(beat(1.5, 20), "HC")).contains(Refusal.AMPLITUDE);
    assertThat(gate.check(beat(0.2, 20), "HC")).contains(Refusal.FLAT);
    assertThat(gate.check(beat(1.0, 27), "HC")).contains(Refusal.R_PEAK);
    assertThat(gate.check(beat(1.0, 27), "IMI")).isEmpty();
    assertThat(gate.check(beat(Double.NaN, 20), "HC")).contains(Refusal.NOT_FINITE);
    assertThatThrownBy(() -> gate.check(beat(1, 20), "AMI"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid label AMI: the gate knows ");
  }

  @Test
  void nearestBeatIsOfTheSameClass() {
    NearestBeats nearest = new NearestBeats(training());
    NearestBeats.Nearest found = nearest.to(beat(1.04, 21), "HC");
    assertThat(found.beatId()).isEqualTo("HC3");
    assertThat(found.distanceMv()).isBetween(1e-3, 0.02);
    assertThat(nearest.to(beat(1, 30), "IMI").distanceMv()).isZero();
    assertThatThrownBy(() -> nearest.to(beat(1, 20), "AMI"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot find a training beat of class AMI");
  }

  @Test
  void aCopyLiesBesideOnePatientAndARelativeBetweenThem() {
    List<TrainingBeat> beats =
        List.of(
            new TrainingBeat("a1", "a", "HC", beat(1.0, 20)),
            new TrainingBeat("a2", "a", "HC", beat(1.01, 20)),
            new TrainingBeat("b1", "b", "HC", beat(1.4, 20)),
            new TrainingBeat("c1", "c", "IMI", beat(1, 30)),
            new TrainingBeat("c2", "c", "IMI", beat(1.4, 30)));
    NearestBeats nearest = new NearestBeats(beats);
    NearestBeats.Nearest beside = nearest.to(beat(1.02, 20), "HC");
    assertThat(beside.beatId()).isEqualTo("a2");
    // 0.01 from one patient, 0.38 from the other, in units of the beat.
    assertThat(beside.otherPatientMv() / beside.distanceMv()).isCloseTo(38, within(0.1));
    assertThat(beside.isCopy(0.333)).isTrue();
    assertThat(nearest.to(beat(1.2, 20), "HC").isCopy(0.333)).isFalse();
    // A class of one patient is judged by its beats.
    assertThat(nearest.to(beat(1.01, 30), "IMI").isCopy(0.333)).isTrue();
    assertThat(nearest.to(beat(1.2, 30), "IMI").isCopy(0.333)).isFalse();
    assertThat(nearest.to(beat(1.0, 30), "IMI").warpedDistanceMv()).isZero();
  }

  private static double at(float[][] rows, Lead lead, int sample) {
    return rows[Lead.STANDARD_12.indexOf(lead)][sample];
  }

  private static List<TrainingBeat> training() {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      beats.add(new TrainingBeat("HC" + i, "p" + i, "HC", beat(0.9 + 0.05 * i, 19 + i % 3)));
      beats.add(new TrainingBeat("IMI" + i, "q" + i, "IMI", beat(1, 26 + i)));
    }
    beats.set(6, new TrainingBeat("HC3", "p3", "HC", beat(1.05, 21)));
    return beats;
  }

  private static float[][] beat(double amplitude, int centre) {
    float[][] rows = new float[2][64];
    for (int i = 0; i < 64; i++) {
      rows[0][i] = (float) (amplitude * Math.exp(-0.5 * Math.pow((i - centre) / 2.0, 2)));
      rows[1][i] = -0.5f * rows[0][i];
    }
    return rows;
  }
}
