package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;
import org.rtcn.jobs.train.ExampleWeights.PatientBeats;

class ValidationTest {
  private static List<PatientBeats> patients(String label, int n) {
    List<PatientBeats> list = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      list.add(new PatientBeats(label + i, label, 10));
    }
    return list;
  }

  @Test
  void holdsBackAShareOfEachClass() {
    List<PatientBeats> beats = new ArrayList<>(patients("HC", 40));
    beats.addAll(patients("AMI", 5));
    beats.addAll(patients("IMI", 3));
    // One recording of a healthy patient is an infarct: still one patient.
    beats.add(new PatientBeats("HC0", "IMI", 2));
    SortedSet<String> chosen = Validation.choose(beats, 0.1, 7);
    assertThat(chosen.stream().filter(patient -> patient.startsWith("HC"))).hasSize(4);
    assertThat(chosen.stream().filter(patient -> patient.startsWith("AMI"))).hasSize(1);
    assertThat(chosen.stream().filter(patient -> patient.startsWith("IMI"))).isEmpty();
    List<PatientBeats> reversed = new ArrayList<>(beats);
    Collections.reverse(reversed);
    assertThat(Validation.choose(reversed, 0.1, 7)).isEqualTo(chosen);
    assertThat(Validation.choose(beats, 0.1, 8)).isNotEqualTo(chosen);
    assertThat(Validation.choose(beats, 0, 7)).isEmpty();
    assertThat(Validation.choose(beats, 0.5, 7)).hasSize(20 + 2);
  }
}
