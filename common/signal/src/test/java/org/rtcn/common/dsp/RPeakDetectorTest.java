package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.random.RandomStreams;

class RPeakDetectorTest {

  @ParameterizedTest
  @CsvSource({
    "semisynth_clean,100", "semisynth_clean,250", "semisynth_clean,360", "semisynth_clean,500",
    "semisynth_clean,1000", "semisynth_6,100", "semisynth_6,250", "semisynth_6,360",
    "semisynth_6,500", "semisynth_6,1000"
  })
  void findsEveryBeatAndNothingElse(String record, double fsHz) {
    Path folder = ReferenceData.require("golden/rpeaks");
    double[] truth = GoldenArrays.column(folder.resolve("semisynth_truth.csv"));
    assertFinds(Format16Records.read(folder.resolve(record + ".hea")), truth, fsHz);
  }

  @ParameterizedTest
  @ValueSource(doubles = {100, 500, 1000})
  void findsEveryBeatOfAnInfarction(double fsHz) {
    Path folder = ReferenceData.require("golden");
    double[] consensus = GoldenArrays.column(folder.resolve("rpeaks/s0010_re_Rconsensus.csv"));
    assertThat(consensus).hasSize(51);
    // One more beat stands 344 ms before the end, where the consensus does not look any more.
    double[] truth = Arrays.copyOf(consensus, 52);
    truth[51] = 38056;
    assertFinds(Format16Records.read(folder.resolve("wfdb/s0010_re.hea")), truth, fsHz);
  }

  @Test
  void silenceAndEmptinessHoldNoBeats() {
    RPeakDetector detector = new RPeakDetector(500);
    assertThat(detector.detect(new float[12][5000])).isEmpty();
    assertThat(detector.detect(new float[12][5])).isEmpty();
    assertThat(detector.detect(new float[0][])).isEmpty();
    float[][] slow = new float[12][2000];
    float[][] noise = new float[12][5000];
    SplittableRandom random = RandomStreams.of(5, "noise");
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < slow[lead].length; i++) {
        slow[lead][i] = (float) Math.sin(2 * Math.PI * i / 1000.0);
      }
      for (int i = 0; i < noise[lead].length; i++) {
        noise[lead][i] = (float) random.nextDouble();
      }
    }
    assertThat(detector.detect(slow)).isEmpty();
    assertThat(detector.detect(noise)).isEmpty();
  }

  @Test
  void aMissedBeatIsFetchedBack() {
    // Pulses each second, one of them at a fifth of the height.
    float[][] leads = new float[1][10 * 500];
    for (int beat = 0; beat < 10; beat++) {
      double height = beat == 5 ? 0.2 : 1;
      for (int i = -30; i <= 30; i++) {
        leads[0][250 + beat * 500 + i] = (float) (height * Math.exp(-0.5 * i * i / 25.0));
      }
    }
    int[] expected = new int[10];
    Arrays.setAll(expected, beat -> 250 + beat * 500);
    assertThat(new RPeakDetector(500).detect(leads)).isEqualTo(expected);
  }

  @Test
  void aSteepTWaveIsNoBeat() {
    // Pulses each second, each followed after 300 ms by one of 0.4 of its height.
    float[][] leads = new float[1][10 * 500];
    int[] expected = new int[10];
    for (int beat = 0; beat < 10; beat++) {
      expected[beat] = 150 + beat * 500;
      for (int i = -30; i <= 30; i++) {
        leads[0][expected[beat] + i] = (float) Math.exp(-0.5 * i * i / 25.0);
        leads[0][expected[beat] + 150 + i] = (float) (0.4 * Math.exp(-0.5 * i * i / 25.0));
      }
    }
    assertThat(new RPeakDetector(500).detect(leads)).isEqualTo(expected);
  }

  @Test
  void refusesRatesWithoutQrs() {
    assertThatThrownBy(() -> new RPeakDetector(40))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid sampling rate 40.0 Hz: R peaks need 50 Hz or more");
  }

  private static void assertFinds(EcgSignal signal, double[] truth, double fsHz) {
    SosFilter band = Filters.butterworthBandPass(3, 0.5, 40, signal.fsHz());
    Resampler resampler = Resampler.between(signal.fsHz(), fsHz);
    float[][] leads = new float[signal.leads().size()][];
    for (int lead = 0; lead < leads.length; lead++) {
      double[] row = new double[signal.sampleCount()];
      for (int i = 0; i < row.length; i++) {
        row[i] = signal.millivolts()[lead][i];
      }
      double[] filtered = band.zeroPhase(row);
      float[] single = new float[row.length];
      for (int i = 0; i < row.length; i++) {
        single[i] = (float) filtered[i];
      }
      leads[lead] = resampler.resample(single);
    }
    int[] peaks = new RPeakDetector(fsHz).detect(leads);
    double sum = 0;
    double squares = 0;
    double worst = 0;
    assertThat(peaks).hasSameSizeAs(truth);
    for (int i = 0; i < truth.length; i++) {
      double ms = 1000 * (peaks[i] / fsHz - truth[i] / signal.fsHz());
      sum += ms;
      squares += ms * ms;
      worst = Math.max(worst, Math.abs(ms));
    }
    double mean = sum / truth.length;
    System.out.printf(
        "R peaks at %.0f Hz: %d of %d, off by %.2f +- %.2f ms, at most %.1f%n",
        fsHz,
        peaks.length,
        truth.length,
        mean,
        Math.sqrt(squares / truth.length - mean * mean),
        worst);
    assertThat(worst).isLessThan(50);
  }
}
