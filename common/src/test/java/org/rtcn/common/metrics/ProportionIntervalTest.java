package org.rtcn.common.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProportionIntervalTest {
  @Test
  void onePatientOneCaseIsClopperAndPearson() {
    // Closed forms: (alpha / 2)^(1 / n) where all are hits; 1 - (alpha / 2)^(1 / n) where none is.
    assertInterval(interval(4, 4, 1), Math.pow(0.025, 1 / 4.0), 1);
    assertInterval(interval(0, 10, 1), 0, 1 - Math.pow(0.025, 1 / 10.0));
    // 7 of 10, a value of every table of these intervals.
    assertInterval(interval(7, 10, 1), 0.3475471, 0.9332605);
  }

  @Test
  void casesOfOnePatientCountForLittleMoreThanOne() {
    double[] beats = interval(7, 10, 50);
    double[] patients = interval(7, 10, 1);
    // All cases of a patient agree here, so 50 of them tell no more than one does.
    assertThat((beats[1] - beats[0]) / (patients[1] - patients[0])).isBetween(1.0, 1.25);
    assertInterval(interval(4, 4, 50), Math.pow(0.025, 1 / 4.0), 1);
    double[] independent = alternating(40, 10);
    assertThat(independent[1] - independent[0]).isLessThan(0.15);
  }

  @Test
  void withoutACaseThereIsNone() {
    assertThat(ProportionInterval.of(0.95, List.of("p"), new boolean[1], new boolean[1]))
        .containsExactly(Double.NaN, Double.NaN);
  }

  /** Patients of whom the first {@code hits} are right in all their cases, the others in none. */
  private static double[] interval(int hits, int patients, int casesEach) {
    List<String> ids = new ArrayList<>();
    boolean[] counted = new boolean[patients * casesEach + 1];
    boolean[] hit = new boolean[counted.length];
    for (int i = 0; i < patients * casesEach; i++) {
      ids.add("p" + i / casesEach);
      counted[i] = true;
      hit[i] = i / casesEach < hits;
    }
    // A case that is not counted changes nothing.
    ids.add("another");
    hit[counted.length - 1] = true;
    return ProportionInterval.of(0.95, ids, counted, hit);
  }

  /** Every second case of every patient is right. */
  private static double[] alternating(int patients, int casesEach) {
    List<String> ids = new ArrayList<>();
    boolean[] counted = new boolean[patients * casesEach];
    boolean[] hit = new boolean[counted.length];
    for (int i = 0; i < counted.length; i++) {
      ids.add("p" + i / casesEach);
      counted[i] = true;
      hit[i] = (i + i / casesEach / 20) % 2 == 0;
    }
    return ProportionInterval.of(0.95, ids, counted, hit);
  }

  private static void assertInterval(double[] interval, double low, double high) {
    assertThat(interval[0]).isEqualTo(low, within(1e-6));
    assertThat(interval[1]).isEqualTo(high, within(1e-6));
  }
}
