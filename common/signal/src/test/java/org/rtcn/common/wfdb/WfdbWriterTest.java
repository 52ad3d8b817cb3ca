package org.rtcn.common.wfdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.wfdb.WfdbReader.ChecksumPolicy;
import org.rtcn.common.wfdb.WfdbWriter.Signal;

class WfdbWriterTest {

  private static WfdbFiles files(WfdbWriter.Files written) {
    return name -> {
      if (name.equals(written.headerName())) {
        return new ByteArrayInputStream(written.header());
      }
      if (name.equals(written.signalName())) {
        return new ByteArrayInputStream(written.signal());
      }
      throw new FileNotFoundException(name);
    };
  }

  /**
   * Each format, every number of samples that leaves its last bytes partly used, one to three
   * signals, several samples per frame, extremes and missing samples.
   */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 24, 32, 61, 80, 160, 212, 310, 311, 508, 516, 524})
  void writtenRecordsAreReadBackEqual(int code) throws IOException {
    SampleFormat format = SampleFormat.of(code).orElseThrow();
    SplittableRandom random = new SplittableRandom(code);
    for (int frames : new int[] {1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 4095, 4096, 4097, 9001}) {
      for (int count = 1; count <= 3; count++) {
        List<Signal> signals = new ArrayList<>();
        int[] missing = new int[count];
        for (int s = 0; s < count; s++) {
          int perFrame = format.isFlac() ? count : 1 + (frames + s) % 3;
          int[] adu = signal(format, random, frames * perFrame);
          missing[s] = (int) Arrays.stream(adu).filter(v -> v == format.invalidSample()).count();
          signals.add(new Signal("lead " + s, perFrame, 200.5, -7 * s, "uV", adu));
        }
        WfdbWriter.Files written = WfdbWriter.write("r", 62.4725, code, signals, List.of("x: y"));

        WfdbRecord record = WfdbReader.read("r.hea", files(written));

        assertThat(record.frameCount()).isEqualTo(frames);
        assertThat(record.checksumMatches()).contains(true);
        assertThat(record.header().fsHz()).isEqualTo(62.4725);
        assertThat(record.header().comment("x")).contains("y");
        for (int s = 0; s < count; s++) {
          assertThat(record.digital(s)).isEqualTo(signals.get(s).adu());
          assertThat(record.invalidCount(s)).isEqualTo(missing[s]);
          SignalSpec spec = record.header().signals().get(s);
          assertThat(spec.description()).isEqualTo("lead " + s);
          assertThat(spec.gainAduPerUnit()).isEqualTo(200.5);
          assertThat(spec.baseline()).isEqualTo(-7 * s);
          assertThat(spec.units()).isEqualTo("uV");
          assertThat(spec.initialValue()).hasValue(signals.get(s).adu()[0]);
        }
        if (frames > 3) {
          int from = random.nextInt(frames - 1);
          int length = 1 + random.nextInt(frames - from - 1);
          WfdbRecord window =
              WfdbReader.read(
                  record.header(),
                  files(written),
                  ChecksumPolicy.REFUSE,
                  new FrameRange(from, length));
          int perFrame = signals.get(0).samplesPerFrame();
          assertThat(window.digital(0))
              .isEqualTo(
                  Arrays.copyOfRange(
                      signals.get(0).adu(), from * perFrame, (from + length) * perFrame));
        }
      }
    }
  }

  private static int[] signal(SampleFormat format, SplittableRandom random, int length) {
    int[] adu = new int[length];
    int kind = random.nextInt(4);
    int value = format == SampleFormat.FORMAT_8 ? -2000 : 0;
    for (int i = 0; i < length; i++) {
      if (format == SampleFormat.FORMAT_8) {
        value += i == 0 ? 0 : random.nextInt(-128, 128);
        adu[i] = value;
      } else {
        adu[i] =
            switch (random.nextInt(8)) {
              case 0 -> format.invalidSample();
              case 1 -> format.maxSample();
              default ->
                  switch (kind) {
                    case 0 -> format.maxSample();
                    case 1 ->
                        (int) random.nextLong(format.invalidSample() + 1L, format.maxSample() + 1L);
                    default -> (int) (100 * Math.sin(0.02 * i));
                  };
            };
      }
    }
    return adu;
  }

  /** What the WFDB C library wrote comes out byte by byte, apart from its filling. */
  @Test
  void bytesAreThoseOfTheReference() throws IOException {
    Path golden = ReferenceData.require("golden/wfdb");
    WfdbRecord record = WfdbReader.read("binformats.hea", WfdbFiles.in(golden));
    for (int s = 0; s < 10; s++) {
      SignalSpec spec = record.header().signals().get(s);
      byte[] expected = Files.readAllBytes(golden.resolve(spec.fileName()));
      byte[] bytes =
          WfdbWriter.write(
                  "r",
                  200,
                  spec.format(),
                  List.of(new Signal("x", 1, 200, 0, "mV", record.digital(s))),
                  List.of())
              .signal();
      if (spec.format() == 8) {
        // The reference states its initial value as the sample before the first.
        expected[0] = 0;
      }
      int samples = spec.format() == 310 || spec.format() == 311 ? 498 : 499;
      int length = (int) SampleFormat.of(spec.format()).orElseThrow().bytesFor(samples);
      assertThat(Arrays.copyOf(bytes, length))
          .as("format %d", spec.format())
          .isEqualTo(Arrays.copyOf(expected, length));
      assertThat(bytes.length).isLessThanOrEqualTo(expected.length);
    }
  }

  /** Samples that follow each other closely take few bits. */
  @Test
  void flacIsSmall() {
    int[] adu = new int[20_000];
    SplittableRandom random = new SplittableRandom(1);
    Arrays.setAll(adu, i -> (int) (2000 * Math.sin(0.01 * i)) + random.nextInt(5));
    byte[] bytes =
        WfdbWriter.write("r", 500, 516, List.of(new Signal("II", 1, 1000, 0, "mV", adu)), List.of())
            .signal();
    assertThat(bytes.length).isLessThan(2 * adu.length / 3);
    byte[] flat =
        WfdbWriter.write(
                "r", 500, 516, List.of(new Signal("II", 1, 1, 0, "mV", new int[20_000])), List.of())
            .signal();
    assertThat(flat.length).isLessThan(150);
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    assertRefused(16, "Invalid sample 40000 of II: format 16 holds 16 bits", 1, 40_000);
    assertRefused(212, "Invalid sample -2049 of II: format 212 holds 12 bits", -2049);
    assertRefused(310, "Invalid sample 512 of II: format 310 holds 10 bits", 512);
    assertRefused(508, "Invalid sample 128 of II: format 508 holds 8 bits", 128);
    assertRefused(8, "Invalid step 128 of II: format 8 holds steps of -128..127", 1000, 1128);
    assertRefused(8, "Invalid step -2147483648 of II", 0, Integer.MIN_VALUE);
    assertRefused(0, "Invalid signal format 0: it holds no samples; use 16", 1);
    assertRefused(17, "Invalid signal format 17", 1);
    assertRefused(16, "Invalid signals: rows of 0 and 0 frames");
    assertThatThrownBy(() -> WfdbWriter.write("r", 500, 16, List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid signals: a record needs at least one");
    assertThatThrownBy(() -> new Signal("II", 2, 1, 0, "mV", new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3 samples are no whole number of frames of 2");
    assertThatThrownBy(() -> new Signal("II", 1, 1, 0, "m V", new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid units 'm V' of II: must be one word");
    Signal one = new Signal("II", 1, 1, 0, "mV", new int[4]);
    Signal two = new Signal("V1", 2, 1, 0, "mV", new int[8]);
    assertThatThrownBy(() -> WfdbWriter.write("r", 500, 516, List.of(one, two), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("FLAC holds up to 8 of equal samples per frame");
    assertThat(
            new String(
                WfdbWriter.write("r", 500, 212, List.of(one, two), List.of()).header(),
                StandardCharsets.UTF_8))
        .isEqualTo(
            "r 2 500 4\nr.dat 212 1(0)/mV 12 0 0 0 0 II\nr.dat 212x2 1(0)/mV 12 0 0 0 0 V1\n");
  }

  private static void assertRefused(int format, String message, int... adu) {
    assertThatThrownBy(
            () ->
                WfdbWriter.write(
                    "r", 500, format, List.of(new Signal("II", 1, 1, 0, "mV", adu)), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
