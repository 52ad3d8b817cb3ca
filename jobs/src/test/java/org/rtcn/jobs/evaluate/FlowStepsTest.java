package org.rtcn.jobs.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.common.report.Count;
import org.rtcn.common.report.FlowSection;

class FlowStepsTest {

  @Test
  void countsBecomeWordsInTheOrderOfTheWork() {
    FlowSection.Step step =
        FlowSteps.of(
            "transform",
            Map.of(
                "records.read", 10L,
                "records.kept", 9L,
                "r_peaks", 120L,
                "beats.kept", 72L,
                "beats.refused.OVER_CAP", 48L,
                "records.refused.NO_R_PEAKS", 1L,
                "something.new", 5L));
    assertThat(step.stage()).isEqualTo("Heartbeats cut out and transformed");
    assertThat(step.kept())
        .containsExactly(
            new Count("records with heartbeats", 9),
            new Count("R peaks", 120),
            new Count("beats", 72),
            new Count("something new", 5));
    assertThat(step.refused())
        .containsExactly(new Count("beats: over cap", 48), new Count("records: no r peaks", 1));
  }

  @Test
  void refusalsOfIngestAreRecordings() {
    assertThat(FlowSteps.of("ingest", Map.of("refused.CHECKSUM_MISMATCH", 3L)).refused())
        .containsExactly(new Count("recordings: checksum mismatch", 3));
  }
}
