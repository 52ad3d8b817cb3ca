package org.rtcn.common.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Label;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.ecg.PtbLabels;
import org.rtcn.common.ecg.PtbLabels.FormerInfarction;
import org.rtcn.common.ecg.RecordFacts;
import org.rtcn.common.wfdb.WfdbReader;
import org.rtcn.common.wfdb.WfdbRecord;
import org.rtcn.common.wfdb.WfdbWriter;

class EcgSimulatorTest {

  private static SimulationOptions options(double fsHz, double noiseLevel) {
    Map<Label, Integer> classes = new EnumMap<>(Label.class);
    SimulationOptions.CLASSES.forEach(label -> classes.put(label, 2));
    return new SimulationOptions(7, classes, 1, 3, fsHz, 10, noiseLevel, 0.2, 1);
  }

  @Test
  void theBytesAreTheSameOnEveryMachine() throws NoSuchAlgorithmException {
    SimulatedRecord record = new EcgSimulator(options(500, 1)).recordsOf(5).get(0);
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    digest.update(record.files().header());
    digest.update(record.files().signal());
    // Made on x86-64 Linux, Java 17; changes only if the simulator is meant to change.
    assertThat(HexFormat.of().formatHex(digest.digest()))
        .isEqualTo("647fdf34bb1435d1c01699d554580af13f96ef587de80e2eb3d1c14eefb116a4");
  }

  @Test
  void aPatientDependsOnNoOtherPatientAndNoLocale() {
    EcgSimulator all = new EcgSimulator(options(500, 1));
    for (int patient = 1; patient < 5; patient++) {
      assertThat(all.recordsOf(patient)).isNotEmpty();
    }
    List<SimulatedRecord> inOrder = all.recordsOf(5);
    Locale before = Locale.getDefault();
    List<SimulatedRecord> alone;
    try {
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      alone = new EcgSimulator(options(500, 1)).recordsOf(5);
      assertThat(alone).hasSameSizeAs(inOrder);
      for (int i = 0; i < alone.size(); i++) {
        WfdbWriter.Files expected = inOrder.get(i).files();
        assertThat(alone.get(i).files().headerName())
            .isEqualTo(expected.headerName())
            .matches("[ -~]+");
        assertThat(alone.get(i).files().header()).isEqualTo(expected.header());
        assertThat(alone.get(i).files().signal()).isEqualTo(expected.signal());
      }
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void patientsRecordsAndSeedsDiffer() {
    EcgSimulator simulator = new EcgSimulator(options(500, 0));
    SimulatedRecord one = simulator.recordsOf(1).get(0);
    SimulatedRecord two = simulator.recordsOf(2).get(0);
    assertThat(one.label()).isEqualTo(two.label());
    assertThat(one.adu()[1]).isNotEqualTo(two.adu()[1]);
    SimulationOptions reseeded =
        new SimulationOptions(8, options(500, 0).patientsPerClass(), 1, 3, 500, 10, 0, 0.2, 1);
    assertThat(new EcgSimulator(reseeded).recordsOf(1).get(0).adu()[1]).isNotEqualTo(one.adu()[1]);
    List<SimulatedRecord> several =
        java.util.stream.IntStream.rangeClosed(1, 12)
            .mapToObj(simulator::recordsOf)
            .filter(records -> records.size() > 1)
            .findFirst()
            .orElseThrow();
    assertThat(several.get(0).adu()[1]).isNotEqualTo(several.get(1).adu()[1]);
    assertThat(several.get(0).patientName()).isEqualTo(several.get(1).patientName());
    assertThat(several.get(0).recordName()).isNotEqualTo(several.get(1).recordName());
  }

  @Test
  void einthovenAndGoldbergerHoldToTheLastBit() {
    EcgSimulator simulator = new EcgSimulator(options(500, 3));
    for (int patient = 1; patient <= 12; patient++) {
      int[][] adu = simulator.recordsOf(patient).get(0).adu();
      int peak = 0;
      for (int i = 0; i < adu[0].length; i++) {
        int one = adu[0][i];
        int two = adu[1][i];
        assertThat(adu[2][i]).isEqualTo(two - one);
        assertThat(Math.abs(2 * adu[3][i] + one + two)).isLessThanOrEqualTo(1);
        assertThat(Math.abs(2 * adu[4][i] - 2 * one + two)).isLessThanOrEqualTo(1);
        assertThat(Math.abs(2 * adu[5][i] - 2 * two + one)).isLessThanOrEqualTo(1);
        for (int[] lead : adu) {
          peak = Math.max(peak, Math.abs(lead[i]));
        }
      }
      assertThat(peak / SimulatedRecord.GAIN_ADU_PER_MILLIVOLT)
          .as("no lead is clipped or silent, mV")
          .isBetween(0.4, 5.0);
    }
  }

  @Test
  void theTrueRPositionsLieOnTheRPeaks() {
    EcgSimulator simulator = new EcgSimulator(options(1000, 0));
    for (int patient = 1; patient <= 2; patient++) {
      SimulatedRecord record = simulator.recordsOf(patient).get(0);
      for (int r : record.rSamples()) {
        if (r > 100 && r < record.adu()[0].length - 100) {
          int peak = r - 100;
          for (int i = r - 100; i <= r + 100; i++) {
            peak = magnitude(record, i) > magnitude(record, peak) ? i : peak;
          }
          assertThat(Math.abs(peak - r)).as("ms from R at %s", r).isLessThanOrEqualTo(20);
        }
      }
    }
  }

  private static double magnitude(SimulatedRecord record, int sample) {
    double sum = 0;
    for (int[] lead : record.adu()) {
      sum += (double) lead[sample] * lead[sample];
    }
    return sum;
  }

  @Test
  void theHeartRateVariesAsAtRest() {
    EcgSimulator simulator =
        new EcgSimulator(new SimulationOptions(7, Map.of(Label.HC, 10), 1, 1, 250, 60, 0, 0, 0));
    for (int patient = 1; patient <= 10; patient++) {
      List<Integer> r = simulator.recordsOf(patient).get(0).rSamples();
      double mean = (r.get(r.size() - 1) - r.get(0)) / 250.0 / (r.size() - 1);
      double square = 0;
      for (int i = 1; i < r.size(); i++) {
        square += Math.pow((r.get(i) - r.get(i - 1)) / 250.0 - mean, 2) / (r.size() - 1);
      }
      assertThat(60 / mean).as("beats per minute").isBetween(40.0, 125.0);
      assertThat(Math.sqrt(square) / mean).as("RR variation").isBetween(0.008, 0.08);
    }
  }

  @Test
  void theSamplingRateChangesTheSamplesNotTheHeart() {
    SimulatedRecord slow = new EcgSimulator(options(250, 0)).recordsOf(1).get(0);
    SimulatedRecord fast = new EcgSimulator(options(1000, 0)).recordsOf(1).get(0);
    assertThat(fast.adu()[0]).hasSize(4 * slow.adu()[0].length);
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < slow.adu()[0].length; i++) {
        assertThat(fast.adu()[lead][4 * i]).isCloseTo(slow.adu()[lead][i], within(1));
      }
    }
  }

  @Test
  void noiseIsWanderHumAndMuscle() {
    double[] clean = new double[3];
    double[] noisy = new double[3];
    EcgSimulator without = new EcgSimulator(options(500, 0));
    EcgSimulator with = new EcgSimulator(options(500, 1));
    for (int patient = 1; patient <= 12; patient++) {
      addPower(clean, without.recordsOf(patient).get(0));
      addPower(noisy, with.recordsOf(patient).get(0));
    }
    assertThat(noisy[0]).as("0.1-0.5 Hz").isGreaterThan(3 * clean[0]);
    assertThat(noisy[1]).as("50 Hz").isGreaterThan(20 * clean[1]);
    assertThat(noisy[2]).as("80-90 Hz").isGreaterThan(2 * clean[2]);
    assertThat(noisy[1]).as("50 Hz stands out").isGreaterThan(2 * noisy[2] / 101);
  }

  private static void addPower(double[] bands, SimulatedRecord record) {
    int[] x = record.adu()[Lead.STANDARD_12.indexOf(Lead.V5)];
    double seconds = x.length / record.fsHz();
    bands[0] += power(x, 0.1, 0.5, seconds, record.fsHz());
    bands[1] += power(x, 50, 50, seconds, record.fsHz());
    bands[2] += power(x, 80, 90, seconds, record.fsHz());
  }

  private static double power(int[] x, double fromHz, double toHz, double seconds, double fsHz) {
    double power = 0;
    for (int k = (int) Math.round(fromHz * seconds); k <= Math.round(toHz * seconds); k++) {
      double re = 0;
      double im = 0;
      for (int i = 0; i < x.length; i++) {
        double angle = 2 * Math.PI * k / seconds * i / fsHz;
        re += x[i] * Math.cos(angle);
        im += x[i] * Math.sin(angle);
      }
      power += (re * re + im * im) / x.length;
    }
    return power;
  }

  @Test
  void theFilesAreReadableAndSayThatTheyAreSimulated() throws IOException {
    EcgSimulator simulator = new EcgSimulator(options(500, 1));
    for (int patient = 1; patient <= 12; patient++) {
      SimulatedRecord record = simulator.recordsOf(patient).get(0);
      assertThat(record.patientName()).isEqualTo("patient%03d".formatted(patient));
      assertThat(record.recordName()).isEqualTo("s%03d1_sim".formatted(patient));
      WfdbWriter.Files files = record.files();
      WfdbRecord read =
          WfdbReader.read(
              files.headerName(),
              name ->
                  new ByteArrayInputStream(
                      name.equals(files.headerName()) ? files.header() : files.signal()));
      assertThat(read.checksumMatches()).contains(true);
      EcgSignal signal = read.leads();
      assertThat(signal.leads()).isEqualTo(Lead.STANDARD_12);
      assertThat(signal.fsHz()).isEqualTo(500);
      assertThat(signal.durationSeconds()).isEqualTo(10);
      assertThat(signal.millivolts()[1][100]).isEqualTo(record.adu()[1][100] / 2000f);
      assertThat(read.header().comment("Simulated"))
          .contains("yes (rtcn-spark simulate, seed 7); not a recording of a person");
      assertThat(new String(files.header(), StandardCharsets.UTF_8)).contains("\n# Simulated: yes");
      RecordFacts facts =
          PtbLabels.facts(record.patientName(), read.header()::comment, FormerInfarction.IGNORE);
      assertThat(facts.label()).isEqualTo(record.label());
    }
  }
}
