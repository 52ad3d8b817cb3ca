package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.random.RandomStreams;

class SignalQualityTest {
  private static final BeatExtractor EXTRACTOR =
      new BeatExtractor(BeatOptions.DEFAULT.withMaxBeatsPerRecord(0));

  @Test
  void whatIsDoneToALeadIsFoundInItAndNowhereElse() {
    for (double gain : new double[] {1, 0.5}) {
      EcgSignal signal = real();
      float[] v3 = signal.millivolts()[signal.leads().indexOf(Lead.V3)];
      float[] v5 = signal.millivolts()[signal.leads().indexOf(Lead.V5)];
      SplittableRandom random = RandomStreams.of(2, "noise");
      float highest = 0;
      for (float value : v5) {
        highest = Math.max(highest, value);
      }
      for (int i = 0; i < v3.length; i++) {
        v3[i] += (float) (gain * 0.4 * random.nextGaussian());
        v5[i] = Math.min(v5[i], (float) (0.35 * highest));
      }
      List<Beat> beats = EXTRACTOR.extract(signal).beats();
      int clipped = 0;
      for (Beat beat : beats) {
        List<String> leads = beat.quality().leadTexts();
        assertThat(leads.get(Lead.STANDARD_12.indexOf(Lead.V3))).isEqualTo("noisy");
        clipped += leads.get(Lead.STANDARD_12.indexOf(Lead.V5)).equals("saturated") ? 1 : 0;
        for (Lead lead : List.of(Lead.I, Lead.II, Lead.AVF, Lead.V1, Lead.V6)) {
          assertThat(leads.get(Lead.STANDARD_12.indexOf(lead))).as("%s", lead).isEqualTo("ok");
        }
        assertThat(beat.quality().text()).contains("noisy");
        assertThat(beat.quality().isGood()).isFalse();
      }
      assertThat(clipped).isGreaterThan(beats.size() * 3 / 4);
    }
  }

  @Test
  void aContradictionBetweenLimbLeadsIsSaid() {
    EcgSignal signal = real();
    float[] leadIII = signal.millivolts()[signal.leads().indexOf(Lead.III)];
    for (int i = 0; i < leadIII.length; i++) {
      leadIII[i] = -leadIII[i];
    }
    assertThat(EXTRACTOR.extract(signal).beats())
        .allMatch(beat -> beat.quality().text().contains("limb_leads_inconsistent"));
    assertThat(EXTRACTOR.extract(real()).beats())
        .noneMatch(beat -> beat.quality().text().contains("limb_leads_inconsistent"));
  }

  @Test
  void swappedElectrodesAreSuspectedAndRightOnesAreNot() throws IOException {
    List<Path> headers;
    try (Stream<Path> files = Files.list(ReferenceData.require("data/ptbxl/records100/00000"))) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().limit(150).toList();
    }
    int falseAlarms = 0;
    int arms = 0;
    int armAndLeg = 0;
    for (Path header : headers) {
      EcgSignal signal = Format16Records.read(header);
      falseAlarms += swapOf(signal) == ElectrodeSwap.NONE ? 0 : 1;
      // Arms: I turns over. Right arm and leg: the right arm's electrode sees the left leg's level.
      arms += swapOf(rewired(signal, -1, 0, -1, 1)) == ElectrodeSwap.ARMS ? 1 : 0;
      armAndLeg +=
          swapOf(rewired(signal, 1, -1, 0, 0.02)) == ElectrodeSwap.RIGHT_ARM_AND_LEG ? 1 : 0;
    }
    System.out.printf(
        "Electrode swaps of %d recordings: %d false alarms, arms %d, right arm and leg %d%n",
        headers.size(), falseAlarms, arms, armAndLeg);
    assertThat(falseAlarms).isLessThanOrEqualTo(1);
    assertThat(arms).isGreaterThan(headers.size() * 6 / 10);
    assertThat(armAndLeg).isGreaterThan(headers.size() * 9 / 10);
  }

  private static ElectrodeSwap swapOf(EcgSignal signal) {
    List<Beat> beats = EXTRACTOR.extract(signal).beats();
    return beats.isEmpty() ? ElectrodeSwap.NONE : beats.get(0).quality().swap();
  }

  /** Leads I and II as combinations of what they were, the other limb leads from them. */
  private static EcgSignal rewired(
      EcgSignal signal, double iOfI, double iOfII, double iiOfI, double iiOfII) {
    float[] leadI = signal.millivolts()[signal.leads().indexOf(Lead.I)];
    float[] leadII = signal.millivolts()[signal.leads().indexOf(Lead.II)];
    float[][] rows = new float[8][];
    for (int lead = 0; lead < 8; lead++) {
      rows[lead] =
          signal.millivolts()[signal.leads().indexOf(Lead.INDEPENDENT_8.get(lead))].clone();
    }
    for (int i = 0; i < leadI.length; i++) {
      rows[0][i] = (float) (iOfI * leadI[i] + iOfII * leadII[i]);
      rows[1][i] = (float) (iiOfI * leadI[i] + iiOfII * leadII[i]);
    }
    return new EcgSignal(signal.fsHz(), Lead.INDEPENDENT_8, rows);
  }

  private static EcgSignal real() {
    EcgSignal record = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    float[][] rows = new float[12][];
    for (int lead = 0; lead < 12; lead++) {
      rows[lead] = Arrays.copyOf(record.millivolts()[lead], 12_000);
    }
    return new EcgSignal(1000, record.leads(), rows);
  }
}
