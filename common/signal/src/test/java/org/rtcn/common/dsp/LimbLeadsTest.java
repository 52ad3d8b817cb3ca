package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;

class LimbLeadsTest {
  private static final List<Lead> LIMB = Lead.STANDARD_12.subList(0, 6);

  @Test
  void anyTwoGiveTheOthers() {
    EcgSignal record = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    for (Lead first : LIMB) {
      for (Lead second : LIMB) {
        if (first == second) {
          continue;
        }
        EcgSignal two =
            new EcgSignal(
                1000,
                List.of(first, second, Lead.V3),
                new float[][] {row(record, first), row(record, second), row(record, Lead.V3)});
        EcgSignal all = LimbLeads.complete(two);
        assertThat(all.leads())
            .containsExactly(Lead.I, Lead.II, Lead.III, Lead.AVR, Lead.AVL, Lead.AVF, Lead.V3);
        for (Lead lead : LIMB) {
          float[] expected = row(record, lead);
          float[] derived = row(all, lead);
          for (int i = 0; i < expected.length; i += 7) {
            // The recording rounds each lead to 0.5 uV; from two near leads rounding adds up.
            assertThat(Math.abs(derived[i] - expected[i])).isLessThan(0.006f);
          }
        }
      }
    }
  }

  @Test
  void whatIsCompleteOrHopelessStays() {
    EcgSignal one = new EcgSignal(500, List.of(Lead.II, Lead.V1), new float[2][10]);
    assertThat(LimbLeads.complete(one)).isSameAs(one);
    EcgSignal all = new EcgSignal(500, Lead.STANDARD_12, new float[12][10]);
    assertThat(LimbLeads.complete(all)).isSameAs(all);
    assertThat(LimbLeads.inconsistencyMillivolts(one)).isNaN();
  }

  @Test
  void invalidSamplesStayInvalid() {
    float[][] rows = {{1, 2, Float.NaN}, {3, Float.NaN, 5}};
    EcgSignal all = LimbLeads.complete(new EcgSignal(500, List.of(Lead.II, Lead.I), rows));
    assertThat(row(all, Lead.III)).containsExactly(-2f, Float.NaN, Float.NaN);
    assertThat(row(all, Lead.AVR)).containsExactly(-2f, Float.NaN, Float.NaN);
  }

  @Test
  void contradictionsAreMeasuredAndOffsetsAreNot() {
    EcgSignal record = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    assertThat(LimbLeads.inconsistencyMillivolts(record)).isLessThan(0.003);
    float[] shifted = row(record, Lead.AVF);
    float[] wrong = row(record, Lead.III);
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] += 0.7f;
    }
    assertThat(LimbLeads.inconsistencyMillivolts(record)).isLessThan(0.003);
    for (int i = 0; i < wrong.length; i++) {
      wrong[i] = -wrong[i];
    }
    assertThat(LimbLeads.inconsistencyMillivolts(record)).isGreaterThan(0.2);
  }

  private static float[] row(EcgSignal signal, Lead lead) {
    return signal.millivolts()[signal.leads().indexOf(lead)];
  }
}
