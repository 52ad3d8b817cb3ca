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
        "Lead III is absent");
    assertRefused(
        new EcgSignal(80, Lead.STANDARD_12, new float[12][800]),
        RecordRefusal.RATE_TOO_LOW,
        "Sampled at 80.0 Hz; the band up to 40.0 Hz needs more");
    assertRefused(
        new EcgSignal(333.337, Lead.STANDARD_12, noise(333, 10).millivolts()),
        RecordRefusal.RATE_UNSUPPORTED,
        "Cannot resample from 333.337 to 500.0 Hz: the ratio 500000/333337 is not one of whole"
            + " numbers up to 4096");
    assertRefused(pulses(500, 1), RecordRefusal.TOO_SHORT, "Lasts 1.0 s, less than a window");
    EcgSignal missing = pulses(500, 10);
    Arrays.fill(missing.millivolts()[4], Float.NaN);
    assertRefused(missing, RecordRefusal.INVALID_LEAD, "Lead aVL holds no valid sample");
    EcgSignal flat = pulses(500, 10);
    Arrays.fill(flat.millivolts()[11], 0.2f);
    assertRefused(flat, RecordRefusal.FLAT_LEAD, "Lead V6 never moves");
    assertRefused(noise(500, 10), RecordRefusal.NO_R_PEAKS, "Nothing like an R peak in 10.0 s");
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
    assertThatThrownBy(() -> new BeatOptions(0.5, 40, 50, 500, 640, 640, 8, 0.04, 0.005, 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window of 640 samples with R at 640: R must lie inside the window");
    assertThatThrownBy(() -> new BeatOptions(0.5, 250, 50, 500, 640, 220, 8, 0.04, 0.005, 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid band 0.5 to 250.0 Hz: needs 0 < low < high < 250.0 Hz, half the window's rate");
    assertThatThrownBy(() -> BeatOptions.DEFAULT.withMaxBeatsPerRecord(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid cap of -1 beats per record: must be positive, or 0 for all");
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
