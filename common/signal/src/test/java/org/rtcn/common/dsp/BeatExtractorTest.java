package org.rtcn.common.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.ecg.EcgSignal;
import org.rtcn.common.ecg.Lead;
import org.rtcn.common.random.RandomStreams;

class BeatExtractorTest {
  private static final BeatOptions ALL_BEATS = BeatOptions.DEFAULT.withMaxBeatsPerRecord(0);

  @Test
  void windowsStandAroundTheRPeak() {
    EcgSignal signal = pulses(1000, 10);
    BeatExtraction extraction = new BeatExtractor(ALL_BEATS).extract(signal);

    // Pulses at 0.3, 1.3, .. 9.3 s: 440 ms before the first and 840 ms after the last are wanting.
    assertThat(extraction.rPeaks()).isEqualTo(10);
    assertThat(extraction.refusal()).isEmpty();
    assertThat(extraction.refusedBeats()).containsOnlyKeys(BeatRefusal.EDGE);
    assertThat(extraction.refusedBeats()).containsEntry(BeatRefusal.EDGE, 2);
    assertThat(extraction.beats()).hasSize(8);
    for (Beat beat : extraction.beats()) {
      assertThat(beat.rSample()).isEqualTo(300 + 1000 * beat.beatIndex());
      assertThat(beat.rrBeforeSeconds()).isEqualTo(1f);
      assertThat(beat.window()).hasDimensions(12, 640);
      int highest = 0;
      for (int i = 0; i < 640; i++) {
        highest = beat.window()[1][i] > beat.window()[1][highest] ? i : highest;
      }
      assertThat(highest).isEqualTo(220);
    }
  }

  @Test
  void anyRateGivesTheSameBeats() {
    List<Beat> expected = new BeatExtractor(ALL_BEATS).extract(pulses(500, 10)).beats();
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    for (double fsHz : new double[] {100, 250, 360, 1000}) {
      List<Beat> beats = extractor.extract(pulses(fsHz, 10)).beats();
      assertThat(beats).hasSameSizeAs(expected);
      for (int b = 0; b < beats.size(); b++) {
        assertThat(beats.get(b).rSample() / fsHz)
            .isBetween(
                expected.get(b).rSample() / 500.0 - 0.011,
                expected.get(b).rSample() / 500.0 + 0.011);
        double worst = 0;
        for (int i = 0; i < 640; i++) {
          worst =
              Math.max(
                  worst, Math.abs(beats.get(b).window()[1][i] - expected.get(b).window()[1][i]));
        }
        // The bilinear transform bends the filter's upper edge at 100 Hz.
        assertThat(worst).as("%s Hz", fsHz).isLessThan(fsHz < 200 ? 0.15 : 0.02);
      }
    }
  }

  @Test
  void theOrderOfTheLeadsDoesNotMatterAndTheSignalIsLeftAlone() {
    EcgSignal signal = pulses(500, 6);
    float[][] before =
        Arrays.stream(signal.millivolts()).map(float[]::clone).toArray(float[][]::new);
    List<Lead> reversed = new ArrayList<>(signal.leads());
    Collections.reverse(reversed);
    float[][] rows = new float[12][];
    for (int i = 0; i < 12; i++) {
      rows[i] = signal.millivolts()[11 - i];
    }
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    List<Beat> beats = extractor.extract(signal).beats();
    List<Beat> again = extractor.extract(new EcgSignal(500, reversed, rows)).beats();
    assertThat(again).hasSameSizeAs(beats);
    for (int b = 0; b < beats.size(); b++) {
      assertThat(again.get(b).window()).isDeepEqualTo(beats.get(b).window());
    }
    assertThat(signal.millivolts()).isDeepEqualTo(before);
  }

  @Test
  void theCapTakesBeatsEvenlyOverTheRecording() {
    BeatExtraction extraction =
        new BeatExtractor(BeatOptions.DEFAULT.withMaxBeatsPerRecord(3)).extract(pulses(500, 20));
    assertThat(extraction.beats()).extracting(Beat::beatIndex).containsExactly(4, 10, 16);
    assertThat(extraction.refusedBeats())
        .containsEntry(BeatRefusal.OVER_CAP, 15)
        .containsEntry(BeatRefusal.EDGE, 2);
  }

  @Test
  void theCapTakesGoodBeatsBeforeMarkedOnes() {
    EcgSignal signal = pulses(500, 20);
    SplittableRandom random = RandomStreams.of(8, "hum");
    // Noise in one lead from 6 s on: beats 0 to 5 are good, those from there on marked.
    for (int i = 3000; i < 10_000; i++) {
      signal.millivolts()[7][i] += (float) (0.3 * random.nextDouble());
    }
    List<Beat> four =
        new BeatExtractor(BeatOptions.DEFAULT.withMaxBeatsPerRecord(4)).extract(signal).beats();
    assertThat(four).extracting(Beat::beatIndex).hasSize(4).allMatch(index -> index < 6);
    List<Beat> eight =
        new BeatExtractor(BeatOptions.DEFAULT.withMaxBeatsPerRecord(8)).extract(signal).beats();
    assertThat(eight).extracting(Beat::beatIndex).hasSize(8).isSorted().contains(1, 2, 3, 4);
    assertThat(eight).extracting(Beat::beatIndex).anyMatch(index -> index > 12);
  }

  /** Where the rate does not reach the band of 40 Hz the leads are resampled before the filters. */
  @ParameterizedTest
  @ValueSource(doubles = {50, 62.5, 71.37, 88.8, 249.89, 333.337, 499.37, 1237.7})
  void oddAndLowRatesGiveTheSameBeats(double fsHz) {
    List<Beat> expected = new BeatExtractor(ALL_BEATS).extract(pulses(500, 10)).beats();
    List<Beat> beats = new BeatExtractor(ALL_BEATS).extract(pulses(fsHz, 10)).beats();
    assertThat(beats).hasSameSizeAs(expected);
    double worst = 0;
    for (int b = 0; b < beats.size(); b++) {
      assertThat(beats.get(b).rSample() / fsHz)
          .isBetween(
              expected.get(b).rSample() / 500.0 - 0.021, expected.get(b).rSample() / 500.0 + 0.021);
      for (int i = 0; i < 640; i++) {
        worst =
            Math.max(worst, Math.abs(beats.get(b).window()[1][i] - expected.get(b).window()[1][i]));
      }
    }
    assertThat(worst).isLessThan(fsHz < 100 ? 0.1 : 0.02);
  }

  @Test
  void shortGapsAreBridgedAndLongOnesRefuseTheirBeats() {
    EcgSignal signal = pulses(500, 10);
    Arrays.fill(signal.millivolts()[3], 2050, 2060, Float.NaN);
    Arrays.fill(signal.millivolts()[3], 3850, 3950, Float.NaN);
    BeatExtraction extraction = new BeatExtractor(ALL_BEATS).extract(signal);
    // The gap from 7.7 to 7.9 s lies in the windows of the beats at 7.3 and 8.3 s (from 7.86 s on).
    assertThat(extraction.refusedBeats())
        .containsEntry(BeatRefusal.INVALID_SAMPLES, 2)
        .containsEntry(BeatRefusal.EDGE, 2);
    assertThat(extraction.beats()).extracting(Beat::beatIndex).containsExactly(1, 2, 3, 4, 5, 6);
    for (Beat beat : extraction.beats()) {
      for (float[] lead : beat.window()) {
        for (float sample : lead) {
          assertThat(sample).isFinite();
        }
      }
    }
  }

  @Test
  void theIntervalAcrossALongGapIsUnknown() {
    EcgSignal signal = pulses(500, 10);
    // After the beat at 2150, before the window of the one at 2650.
    Arrays.fill(signal.millivolts()[0], 2300, 2400, Float.NaN);
    List<Beat> beats = new BeatExtractor(ALL_BEATS).extract(signal).beats();
    assertThat(beats).extracting(Beat::beatIndex).containsExactly(1, 2, 3, 5, 6, 7, 8);
    assertThat(beats.get(3).rSample()).isEqualTo(2650);
    assertThat(beats.get(3).rrBeforeSeconds()).isNaN();
    assertThat(beats.get(4).rrBeforeSeconds()).isEqualTo(1f);
  }

  @Test
  void flatAndImplausibleStretchesRefuseTheirBeats() {
    EcgSignal flat = pulses(500, 10);
    Arrays.fill(flat.millivolts()[7], 2400, 3400, 0.1f);
    assertThat(new BeatExtractor(ALL_BEATS).extract(flat).refusedBeats())
        .containsEntry(BeatRefusal.FLAT_LEAD, 1);

    EcgSignal wild = pulses(500, 10);
    for (int i = 2500; i < 2600; i++) {
      wild.millivolts()[7][i] += (float) (60 * Math.sin(2 * Math.PI * i / 50.0));
    }
    assertThat(new BeatExtractor(ALL_BEATS).extract(wild).refusedBeats())
        .containsKey(BeatRefusal.IMPLAUSIBLE_AMPLITUDE);
  }

  @Test
  void recordingsWithoutBeatsSayWhy() {
    assertRefused(
        new EcgSignal(500, List.of(Lead.I, Lead.II), new float[2][5000]),
        RecordRefusal.MISSING_LEAD,
        "Lead V1 is absent");
    assertRefused(
        new EcgSignal(49, Lead.STANDARD_12, new float[12][490]),
        RecordRefusal.RATE_TOO_LOW,
        "Sampled at 49.0 Hz; R peaks need 50.0 Hz or more");
    assertRefused(pulses(500, 1), RecordRefusal.TOO_SHORT, "Lasts 1.0 s, less than a window");
    EcgSignal missing = pulses(500, 10);
    Arrays.fill(missing.millivolts()[4], Float.NaN);
    assertRefused(missing, RecordRefusal.INVALID_LEAD, "Lead aVL holds no valid sample");
    EcgSignal flat = pulses(500, 10);
    Arrays.fill(flat.millivolts()[11], 0.2f);
    assertRefused(flat, RecordRefusal.FLAT_LEAD, "Lead V6 never moves");
    BeatExtraction noise = new BeatExtractor(ALL_BEATS).extract(noise(500, 10));
    assertThat(noise.refusal()).contains(RecordRefusal.NO_R_PEAKS);
    assertThat(noise.detail())
        .startsWith(
            "Nothing like an R peak in 10.0 s: No stretch has waves that stand out of their"
                + " background like heartbeats: at best ")
        .endsWith(" times are needed");
    assertRefused(
        pulses(500, 2), RecordRefusal.NO_BEATS_KEPT, "2 R peaks found, each refused: {EDGE=2}");
  }

  @Test
  void realRecordingsGiveTheirBeats() {
    EcgSignal signal = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    BeatExtraction extraction = new BeatExtractor(ALL_BEATS).extract(signal);
    // 52 beats in 38.4 s, the last of them too near to the end.
    assertThat(extraction.rPeaks()).isEqualTo(52);
    assertThat(extraction.beats()).hasSize(51);
    assertThat(extraction.refusedBeats()).containsEntry(BeatRefusal.EDGE, 1);
  }

  @Test
  void beatsDoNotDependOnWhereTheRecordingBegins() {
    EcgSignal whole = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    float[][] part = new float[12][];
    for (int lead = 0; lead < 12; lead++) {
      part[lead] = Arrays.copyOfRange(whole.millivolts()[lead], 10_000, 20_000);
    }
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    List<Beat> beats = extractor.extract(whole).beats();
    List<Beat> partBeats = extractor.extract(new EcgSignal(1000, whole.leads(), part)).beats();
    assertThat(partBeats).hasSizeGreaterThan(10);
    for (Beat beat : partBeats) {
      Beat same =
          beats.stream()
              .filter(other -> Math.abs(other.rSample() - 10_000 - beat.rSample()) < 3)
              .findFirst()
              .orElseThrow();
      double squares = 0;
      for (int lead = 0; lead < 12; lead++) {
        for (int i = 0; i < 640; i++) {
          squares += Math.pow(beat.window()[lead][i] - same.window()[lead][i], 2);
        }
      }
      assertThat(Math.sqrt(squares / (12 * 640))).isLessThan(0.03);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data/ptbxl/records100/00000", "data/ptbxl/records500/00000"})
  void tenSecondsOfRealEcgGiveBeats(String folder) throws IOException {
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    List<Path> headers;
    try (Stream<Path> files = Files.list(ReferenceData.require(folder))) {
      headers = files.filter(file -> file.toString().endsWith(".hea")).sorted().limit(60).toList();
    }
    for (Path header : headers) {
      BeatExtraction extraction = extractor.extract(Format16Records.read(header));
      assertThat(extraction.refusal()).as("%s", header).isEmpty();
      assertThat(extraction.beats()).as("%s", header).hasSizeBetween(4, 30);
      // No two R peaks where one is: 200 beats per minute and more are not among these.
      assertThat(extraction.beats())
          .allMatch(beat -> !(beat.rrBeforeSeconds() < 0.2), header.toString());
    }
  }

  @Test
  void refusesBadOptions() {
    assertThatThrownBy(() -> options(500, 640, 640))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window of 640 samples with R at 640: R must lie inside the window");
    CleaningOptions wide =
        new CleaningOptions(
            CleaningOptions.Baseline.NONE,
            PowerLine.NONE,
            CleaningOptions.Denoise.BAND_PASS,
            0.5,
            250);
    assertThatThrownBy(() -> BeatOptions.DEFAULT.withCleaning(wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid band 0.5 to 250.0 Hz: needs 0 < low < high < 250.0 Hz, half the window's"
                + " rate");
    assertThatThrownBy(() -> BeatOptions.DEFAULT.withMaxBeatsPerRecord(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid cap of -1 beats per record: must be positive, or 0 for all");
  }

  @Test
  void missingLimbLeadsAreDerived() {
    EcgSignal whole = Format16Records.read(ReferenceData.require("golden/wfdb/s0010_re.hea"));
    List<Lead> eight = Lead.INDEPENDENT_8;
    float[][] rows =
        eight.stream()
            .map(lead -> whole.millivolts()[whole.leads().indexOf(lead)])
            .toArray(float[][]::new);
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    List<Beat> expected = extractor.extract(whole).beats();
    List<Beat> beats = extractor.extract(new EcgSignal(1000, eight, rows)).beats();
    assertThat(beats).hasSameSizeAs(expected);
    for (int b = 0; b < beats.size(); b++) {
      assertThat(beats.get(b).rSample()).isEqualTo(expected.get(b).rSample());
      for (int lead = 0; lead < 12; lead++) {
        for (int i = 0; i < 640; i++) {
          float difference = beats.get(b).window()[lead][i] - expected.get(b).window()[lead][i];
          assertThat(Math.abs(difference)).isLessThan(2e-3f);
        }
      }
    }
  }

  @Test
  void poorAndCutOffBeatsAreKeptWhereTheyAreWanted() {
    EcgSignal signal = pulses(500, 10);
    Arrays.fill(signal.millivolts()[7], 2400, 3400, 0.1f);
    Arrays.fill(signal.millivolts()[11], Float.NaN);
    BeatExtraction extraction =
        new BeatExtractor(
                ALL_BEATS.withDoubtful(BeatOptions.Doubtful.MARK, BeatOptions.Doubtful.MARK))
            .extract(signal);
    assertThat(extraction.refusedBeats()).isEmpty();
    assertThat(extraction.beats()).hasSize(10);
    assertThat(extraction.beats())
        .extracting(Beat::edge)
        .containsExactly(true, false, false, false, false, false, false, false, false, true);
    assertThat(extraction.beats().get(5).quality().text()).contains("invalid").contains("flat");
    assertThat(extraction.beats().get(5).quality().leadTexts().get(7)).isEqualTo("flat");
    assertThat(extraction.beats().get(5).quality().leadTexts().get(11)).contains("invalid");
    assertThat(extraction.beats().get(2).quality().leadTexts().get(7)).isEqualTo("ok");
    for (Beat beat : extraction.beats()) {
      for (float[] lead : beat.window()) {
        for (float sample : lead) {
          assertThat(sample).isFinite();
        }
      }
    }
  }

  @Test
  void windowsThatFollowTheIntervalPutTheWavesOfAnyRateAtTheSamePlace() {
    BeatOptions relative = ALL_BEATS.withCut(BeatOptions.Cut.RR_RELATIVE, 1);
    Beat slow = new BeatExtractor(relative).extract(rhythm(1.25, 1)).beats().get(3);
    Beat fast = new BeatExtractor(relative).extract(rhythm(0.6, 1)).beats().get(3);
    assertThat(slow.fsHz()).isBetween(640 / 1.25 - 1, 640 / 1.25 + 1);
    assertThat(fast.fsHz()).isBetween(640 / 0.6 - 2, 640 / 0.6 + 2);
    for (Beat beat : List.of(slow, fast)) {
      float[] lead = beat.window()[1];
      int r = 0;
      int t = 330;
      for (int i = 0; i < 640; i++) {
        r = lead[i] > lead[r] ? i : r;
        t = i > 330 && i < 600 && lead[i] > lead[t] ? i : t;
      }
      assertThat(r).isBetween(219, 221);
      // The T wave stands at 0.4 of an interval after R.
      assertThat(t).isBetween(220 + 256 - 6, 220 + 256 + 6);
    }
  }

  @Test
  void extrasystolesAreMarked() {
    EcgSignal signal =
        Format16Records.read(ReferenceData.require("golden/rpeaks/semisynth_clean.hea"));
    double[][] truth = GoldenArrays.csv(ReferenceData.require("golden/rpeaks/semisynth_truth.csv"));
    List<Beat> beats = new BeatExtractor(ALL_BEATS).extract(signal).beats();
    int ectopic = 0;
    for (Beat beat : beats) {
      boolean expected = truth[beat.beatIndex()][1] == 1;
      assertThat(beat.ectopic()).as("beat %d", beat.beatIndex()).isEqualTo(expected);
      ectopic += expected ? 1 : 0;
    }
    assertThat(ectopic).isGreaterThan(5);
  }

  /** Half an hour at 360 Hz in windows of ten minutes with twenty seconds of their neighbours. */
  @ParameterizedTest
  @ValueSource(strings = {"100", "103", "119", "203", "228"})
  void windowsOfALongRecordingGiveTheBeatsOfTheWhole(String record) {
    float[][] two = MitBihRecords.signals(record);
    float[][] rows = new float[12][];
    for (int lead = 0; lead < 12; lead++) {
      rows[lead] = two[lead % 2];
    }
    EcgSignal whole = new EcgSignal(360, Lead.STANDARD_12, rows);
    BeatExtractor extractor = new BeatExtractor(ALL_BEATS);
    List<Beat> expected = extractor.extract(whole).beats();
    int margin = 20 * 360;
    List<Beat> found = new ArrayList<>();
    List<Integer> samples = new ArrayList<>();
    for (int from = 0; from < whole.sampleCount(); from += 600 * 360) {
      int to = Math.min(whole.sampleCount(), from + 600 * 360);
      int first = Math.max(0, from - margin);
      int last = Math.min(whole.sampleCount(), to + margin);
      float[][] part = new float[12][];
      for (int lead = 0; lead < 12; lead++) {
        part[lead] = Arrays.copyOfRange(rows[lead], first, last);
      }
      EcgSignal window = new EcgSignal(360, Lead.STANDARD_12, part);
      for (Beat beat : extractor.extract(window, from - first, to - first).beats()) {
        found.add(beat);
        samples.add(from + beat.rSample());
      }
    }
    for (int i = 1; i < samples.size(); i++) {
      assertThat(samples.get(i) - samples.get(i - 1)).isGreaterThan(60);
    }
    int same = 0;
    for (Beat beat : expected) {
      int at = samples.indexOf(beat.rSample());
      if (at >= 0) {
        float worst = 0;
        for (int i = 0; i < beat.window()[0].length; i++) {
          worst = Math.max(worst, Math.abs(found.get(at).window()[0][i] - beat.window()[0][i]));
        }
        boolean alike =
            found.get(at).ectopic() == beat.ectopic()
                && Float.compare(found.get(at).rrBeforeSeconds(), beat.rrBeforeSeconds()) == 0;
        same += alike && worst < 1e-6f ? 1 : 0;
      }
    }
    System.out.printf(
        "mitdb/%s: %d beats of the whole, %d of its windows, %d of them the same%n",
        record, expected.size(), found.size(), same);
    // Forty beats on either side say what is regular: near a border a window may see it otherwise.
    assertThat(expected.size() - same).isLessThanOrEqualTo(expected.size() / 200);
    assertThat(Math.abs(found.size() - expected.size())).isLessThanOrEqualTo(1);
  }

  @Test
  void aStretchMustLieWithinItsSignal() {
    assertThatThrownBy(() -> new BeatExtractor(ALL_BEATS).extract(pulses(500, 4), 10, 2001))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid stretch 10 to 2001 of 2000 samples");
  }

  private static BeatOptions options(double fsHz, int windowSamples, int samplesBeforeR) {
    BeatOptions d = BeatOptions.DEFAULT;
    return new BeatOptions(
        d.cleaning(),
        new BeatOptions.Window(d.cut(), fsHz, windowSamples, samplesBeforeR, 1),
        8,
        d.maxGapSeconds(),
        d.flatMillivolts(),
        d.maxMillivolts(),
        d.poor(),
        d.beyondEnds());
  }

  /** Beats every {@code rr} seconds, each with a T wave at 0.4 of the interval. */
  private static EcgSignal rhythm(double rr, double amplitude) {
    float[][] rows = new float[12][5000];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < 5000; i++) {
        double phase = i / 500.0 - rr * Math.floor(i / 500.0 / rr);
        double r = Math.exp(-0.5 * Math.pow((phase - 0.3 * rr) / 0.015, 2));
        double t = 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.7 * rr) / (0.05 * rr), 2));
        rows[lead][i] = (float) (amplitude * (0.4 + 0.1 * lead) * (r + t));
      }
    }
    return new EcgSignal(500, Lead.STANDARD_12, rows);
  }

  private static void assertRefused(EcgSignal signal, RecordRefusal refusal, String detail) {
    BeatExtraction extraction = new BeatExtractor(ALL_BEATS).extract(signal);
    assertThat(extraction.refusal()).contains(refusal);
    assertThat(extraction.detail()).isEqualTo(detail);
    assertThat(extraction.beats()).isEmpty();
  }

  /** A pulse each second from 0.3 s on, of another height in each lead, with a slow T wave. */
  private static EcgSignal pulses(double fsHz, int seconds) {
    float[][] rows = new float[12][(int) (seconds * fsHz)];
    for (int lead = 0; lead < 12; lead++) {
      for (int i = 0; i < rows[lead].length; i++) {
        double t = i / fsHz;
        double phase = t - Math.floor(t);
        double r = Math.exp(-0.5 * Math.pow((phase - 0.3) / 0.02, 2));
        double wave = 0.2 * Math.exp(-0.5 * Math.pow((phase - 0.55) / 0.06, 2));
        rows[lead][i] = (float) ((0.4 + 0.1 * lead) * (r + wave));
      }
    }
    return new EcgSignal(fsHz, Lead.STANDARD_12, rows);
  }

  private static EcgSignal noise(double fsHz, int seconds) {
    SplittableRandom random = RandomStreams.of(3, "noise");
    float[][] rows = new float[12][(int) (seconds * fsHz)];
    for (float[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        row[i] = (float) (0.1 * random.nextDouble());
      }
    }
    return new EcgSignal(fsHz, Lead.STANDARD_12, rows);
  }
}
