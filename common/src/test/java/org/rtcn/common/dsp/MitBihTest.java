package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.ReferenceData;

/**
 * Half an hour of single-lead ECG each, against the annotations of cardiologists. The limits are
 * what was measured; 105 and 203 stay below 99.5 %: 105 holds minutes of muscle noise and motion
 * that look like QRS complexes (its 15 missed beats and 27 of its 32 false alarms lie within 146 s
 * from 1194 s on), 203 atrial fibrillation with extrasystoles of many shapes in noise (11 of its 17
 * false alarms are marked as QRS-like artefacts by the annotators).
 */
class MitBihTest {

  @ParameterizedTest
  @CsvSource({
    "100,0.9999,0.9999",
    "103,0.9999,0.9999",
    "105,0.994,0.987",
    "119,0.9999,0.9990",
    "203,0.991,0.994",
    "228,0.998,0.997"
  })
  void findsTheBeatsOfLeadII(String record, double leastSe, double leastPpv) {
    Path folder = ReferenceData.require("data/mitdb");
    float[] lead = cleaned(MitBihRecords.signals(folder.resolve(record + ".dat"))[0]);
    List<MitBihRecords.Mark> marks = MitBihRecords.marks(folder.resolve(record + ".atr"));
    int[] beats =
        marks.stream()
            .filter(MitBihRecords.Mark::isBeat)
            .mapToInt(MitBihRecords.Mark::sample)
            .toArray();

    float[][] single = {lead};
    int[] peaks = new RPeakDetector(360).find(single).samples();

    RPeakScore score = RPeakScore.of(peaks, beats, 360, 0.05);
    System.out.printf(
        "mitdb/%s, MLII, 50 ms: %d beats, Se %.2f %%, PPV %.2f %%, %d missed, %d false, %.2f +- %.2f"
            + " ms%n",
        record,
        score.referenceBeats(),
        100 * score.sensitivity(),
        100 * score.positivePredictiveValue(),
        score.falseNegatives(),
        score.falsePositives(),
        score.meanErrorMs(),
        score.deviationMs());
    assertThat(score.sensitivity()).isGreaterThan(leastSe);
    assertThat(score.positivePredictiveValue()).isGreaterThan(leastPpv);
    assertThat(Math.abs(score.meanErrorMs())).isLessThan(5);
    assertThat(score.meanAbsoluteErrorMs()).isLessThan(5);
  }

  @ParameterizedTest
  @CsvSource({"100,0,0", "119,440,2", "203,420,140", "228,250,15"})
  void marksExtrasystoles(String record, int leastFound, int mostWrong) {
    Path folder = ReferenceData.require("data/mitdb");
    float[][] raw = MitBihRecords.signals(folder.resolve(record + ".dat"));
    float[][] leads = {cleaned(raw[0]), cleaned(raw[1])};
    int[] peaks = new RPeakDetector(360).detect(new float[][] {leads[0]});
    boolean[] ectopic = new EctopicMarker(360).mark(leads, peaks);
    List<MitBihRecords.Mark> beats =
        MitBihRecords.marks(folder.resolve(record + ".atr")).stream()
            .filter(MitBihRecords.Mark::isBeat)
            .toList();
    int found = 0;
    int wrong = 0;
    int b = 0;
    for (int k = 0; k < peaks.length; k++) {
      while (b < beats.size() && beats.get(b).sample() < peaks[k] - 54) {
        b++;
      }
      if (b < beats.size() && Math.abs(beats.get(b).sample() - peaks[k]) <= 54 && ectopic[k]) {
        found += beats.get(b).isVentricularExtrasystole() ? 1 : 0;
        wrong += beats.get(b).code() == 1 ? 1 : 0;
      }
    }
    System.out.printf(
        "mitdb/%s: %d ventricular extrasystoles marked, %d normal beats%n", record, found, wrong);
    assertThat(found).isGreaterThanOrEqualTo(leastFound);
    assertThat(wrong).isLessThanOrEqualTo(mostWrong);
  }

  private static float[] cleaned(float[] lead) {
    double[] exact = new double[lead.length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = lead[i];
    }
    CleaningOptions options =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE,
            PowerLine.NONE,
            CleaningOptions.Denoise.BAND_PASS,
            0.5,
            40);
    double[] clean = new SignalCleaner(options, 360).clean(new double[][] {exact})[0];
    float[] single = new float[clean.length];
    for (int i = 0; i < single.length; i++) {
      single[i] = (float) clean[i];
    }
    return single;
  }
}
