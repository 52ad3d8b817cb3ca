package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AggregationTest {

  @Test
  void meansRunFromBeatsToRecordsToPatients() {
    Aggregation aggregation =
        Aggregation.of(
            List.of(
                beat("r1", 0, "p1", "HC", 1.0),
                beat("r1", 1, "p1", "HC", 0.5),
                beat("r1", 2, "p1", "HC", 0.75),
                beat("r2", 0, "p1", "HC", 0.25)));
    assertThat(aggregation.records()).extracting(Prediction::id).containsExactly("r1", "r2");
    assertThat(aggregation.records().get(0).probabilities()).containsExactly(0.75, 0.25);
    // The mean of 0.75 and 0.25: three beats of r1 do not outvote the one of r2.
    assertThat(aggregation.patients()).hasSize(1);
    Prediction patient = aggregation.patients().get(0);
    assertThat(patient.probabilities()).containsExactly(0.5, 0.5);
    assertThat(patient.recordId()).isEmpty();
    assertThat(patient.truth()).contains("HC");
    assertThat(patient.level()).isEqualTo(Level.PATIENT);
    assertThat(aggregation.conflicting()).isEmpty();
  }

  @Test
  void patientWithTwoTruthsIsLeftOutAndNamed() {
    Aggregation aggregation =
        Aggregation.of(
            List.of(
                beat("r1", 0, "p1", "HC", 1.0),
                beat("r2", 0, "p1", "IMI", 0.0),
                beat("r3", 0, "p2", "HC", 1.0)));
    assertThat(aggregation.records()).hasSize(3);
    assertThat(aggregation.patients()).extracting(Prediction::id).containsExactly("p2");
    assertThat(aggregation.conflicting()).containsExactly("p1");
  }

  @Test
  void orderOfRowsDoesNotMatterToTheLastBit() {
    List<Prediction> beats = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      beats.add(beat("r1", i, "p1", "HC", 1.0 / (i + 3)));
    }
    Aggregation straight = Aggregation.of(beats);
    Collections.reverse(beats);
    assertThat(Aggregation.of(beats)).isEqualTo(straight);
  }

  @Test
  void refusesBeatsThatDisagreeAboutTheirRecord() {
    assertThatThrownBy(
            () ->
                Aggregation.of(
                    List.of(beat("r1", 0, "p1", "HC", 1), beat("r1", 1, "p1", "IMI", 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid predictions: beats of record r1 name different truths");
  }

  static Prediction beat(String record, int index, String patient, String truth, double pHealthy) {
    return new Prediction(
        Level.BEAT,
        String.format("%s#%05d", record, index),
        "test",
        Optional.of(record),
        Optional.of(patient),
        Optional.of(0),
        Optional.ofNullable(truth),
        List.of(pHealthy, 1 - pHealthy),
        DetectionThreshold.FIXED.probability(),
        false);
  }
}
