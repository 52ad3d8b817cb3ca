package org.rtcn.jobs.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rtcn.common.error.UserException;
import org.rtcn.jobs.DrawnRun;
import org.rtcn.jobs.run.StageContext;

class RecordPlotSparkTest {
  @TempDir static Path folder;

  private static StageContext context;

  @BeforeAll
  static void ingestAndTransform() {
    DrawnRun drawn =
        new DrawnRun(
            folder, new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8));
    context = drawn.make(2, 1).context(DrawnRun.SETTINGS);
  }

  private static Row record() {
    return RecordPlot.find(context, "test/r01").orElseThrow();
  }

  /** 12 s with an R peak 0.3 s after each second; four of the beats are kept. */
  @Test
  void aRecordingStandsOnPaperWithItsRPeaks() throws IOException {
    Path out = folder.resolve("ecg.svg");
    RecordPlot.write(context, record(), 0, 12, out);
    String svg = Files.readString(out);
    assertThat(svg)
        .contains(">test/r01, IMI, SIMULATED</text>")
        .contains("patient test/p01 · male · 51 years · 500 Hz · 0.0 to 12.0 s")
        .contains("research use only")
        .contains(">25 mm/s · 10 mm/mV</text>");
    // Twelve leads and the rhythm strip.
    assertThat(svg.split("class=\"lead\"", -1)).hasSize(1 + 13);
    assertThat(svg.split("class=\"peak\"", -1)).hasSize(1 + 4);
    // 0.3 s at 25 mm/s, right of margin and calibration pulse, and whole seconds later.
    assertThat(svg).containsPattern("class=\"peak\" d=\"M(20\\.[45]|45\\.[45]|70\\.[45])");
  }

  @Test
  void aStretchOfItIsDrawnAsPng() throws IOException {
    Path out = folder.resolve("ecg.png");
    RecordPlot.write(context, record(), 10, 10, out);
    assertThat(ImageIO.read(out.toFile()).getHeight()).isGreaterThan(300);
  }

  @Test
  void stretchesOutsideAreRefused() {
    assertThatThrownBy(
            () -> RecordPlot.write(context, record(), 12, 10, folder.resolve("none.svg")))
        .isInstanceOf(UserException.class)
        .hasMessage("Invalid stretch of 10.0 s from 12.0 s: test/r01 lasts 12.0 s");
    assertThat(RecordPlot.find(context, "test/r99")).isEmpty();
  }
}
