package org.rtcn.jobs.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

class SignalHashTest {
  private static final int SAMPLES = 1001;

  @Test
  void equalSamplesHaveEqualHashesAndOthersDoNot() {
    long hash = RecordRows.signalHash(signal(Lead.STANDARD_12, waves()));
    assertThat(RecordRows.signalHash(signal(Lead.STANDARD_12, waves()))).isEqualTo(hash);
    // Frank leads and the order of the leads in the source are no part of it.
    List<Lead> leads = new ArrayList<>(List.of(Lead.VX));
    float[][] rows = new float[13][];
    rows[0] = new float[SAMPLES];
    for (int i = 11; i >= 0; i--) {
      rows[leads.size()] = waves()[i];
      leads.add(Lead.STANDARD_12.get(i));
    }
    assertThat(RecordRows.signalHash(signal(leads, rows))).isEqualTo(hash);

    Set<Long> others = new HashSet<>(Set.of(hash));
    for (int lead = 0; lead < 12; lead++) {
      for (int sample : new int[] {0, 500, SAMPLES - 1}) {
        for (float value : new float[] {Float.NaN, 0.1f}) {
          float[][] changed = waves();
          changed[lead][sample] = value;
          others.add(RecordRows.signalHash(signal(Lead.STANDARD_12, changed)));
        }
      }
    }
    assertThat(others).hasSize(1 + 12 * 3 * 2);
    float[][] swapped = waves();
    swapped[3] = waves()[4];
    swapped[4] = waves()[3];
    assertThat(RecordRows.signalHash(signal(Lead.STANDARD_12, swapped))).isNotEqualTo(hash);
  }

  private static EcgSignal signal(List<Lead> leads, float[][] rows) {
    return new EcgSignal(500, leads, rows);
  }

  private static float[][] waves() {
    float[][] rows = new float[12][SAMPLES];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < SAMPLES; i++) {
        rows[lead][i] = (float) Math.sin((lead + 1) * i / 50.0);
      }
    }
    return rows;
  }
}
