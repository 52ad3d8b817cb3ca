package org.rtcn.common.stockwell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rtcn.common.GoldenArrays;
import org.rtcn.common.ReferenceData;
import org.rtcn.common.random.RandomStreams;

class SpectrogramPlanTest {

  @ParameterizedTest
  @CsvSource({
    "640,1,1,48,64",
    "640,2,2,24,32",
    "640,1,1,320,64",
    "640,1,1,320,640",
    "600,1,1,48,60",
    "512,3,5,20,32",
    "15,1,1,7,5",
    "45,1,1,22,9",
    "16,1,1,8,1"
  })
  void equalsTheCellsOfTheFullTable(int n, int first, int step, int count, int columns) {
    float[] signal = signal(n, 1);
    double[] exact = new double[n];
    for (int j = 0; j < n; j++) {
      exact[j] = signal[j];
    }
    double[][] table = new STransform(n).table(exact);
    SpectrogramOptions options = new SpectrogramOptions(500, n, first, step, count, columns);

    double[][] rows = new SpectrogramPlan(options).worker().complexRows(signal);

    double largest = 0;
    double worst = 0;
    for (int v = 0; v < count; v++) {
      double[] full = table[first + v * step];
      for (int c = 0; c < columns; c++) {
        int at = 2 * c * (n / columns);
        largest = Math.max(largest, Math.hypot(full[at], full[at + 1]));
        worst =
            Math.max(
                worst, Math.hypot(rows[v][2 * c] - full[at], rows[v][2 * c + 1] - full[at + 1]));
      }
    }
    assertThat(worst / largest).isLessThan(1e-12);
  }

  @ParameterizedTest
  @CsvSource({"600,0.5,40,LINEAR", "600,0.5,100,LINEAR", "640,1,40,LOGARITHMIC", "45,8,200,LINEAR"})
  void anyVoicesEqualTheFullTable(int n, double lowHz, double highHz, Voices.Scale scale) {
    float[] signal = signal(n, 3);
    double[] exact = new double[n];
    for (int j = 0; j < n; j++) {
      exact[j] = signal[j];
    }
    Voices voices = new Voices(scale, lowHz, highHz, 64);
    int columns = n == 640 ? 64 : n / 5;
    double[][] table = new STransform(n, 500, voices, new GaussianWidth(1.2, 1)).table(exact);
    double[][] rows =
        new SpectrogramPlan(
                new SpectrogramOptions(
                    500,
                    n,
                    voices,
                    columns,
                    SpectrogramOptions.Phase.KEEP,
                    new GaussianWidth(1.2, 1)))
            .worker()
            .complexRows(signal);
    double largest = 0;
    double worst = 0;
    for (int v = 0; v < 64; v++) {
      for (int c = 0; c < columns; c++) {
        int at = 2 * c * (n / columns);
        largest = Math.max(largest, Math.hypot(table[v][at], table[v][at + 1]));
        worst =
            Math.max(
                worst,
                Math.hypot(rows[v][2 * c] - table[v][at], rows[v][2 * c + 1] - table[v][at + 1]));
      }
    }
    assertThat(worst / largest).isLessThan(1e-12);
  }

  @Test
  void columnsBetweenTheSamplesLieOnTheSameFunctionOfTime() {
    // 64 columns of 600 samples: every 16th is a sample's, 150 samples apart.
    float[] signal = signal(600, 4);
    double[] exact = new double[600];
    for (int j = 0; j < 600; j++) {
      exact[j] = signal[j];
    }
    Voices voices = Voices.linear(0.5, 40, 64);
    double[][] table = new STransform(600, 500, voices, GaussianWidth.STANDARD).table(exact);
    double[][] rows =
        new SpectrogramPlan(
                new SpectrogramOptions(
                    500, 600, voices, 64, SpectrogramOptions.Phase.KEEP, GaussianWidth.STANDARD))
            .worker()
            .complexRows(signal);
    for (int v = 0; v < 64; v++) {
      for (int quarter = 0; quarter < 4; quarter++) {
        int at = 2 * 150 * quarter;
        int column = 2 * 16 * quarter;
        assertThat(rows[v][column]).isCloseTo(table[v][at], within(1e-13));
        assertThat(rows[v][column + 1]).isCloseTo(table[v][at + 1], within(1e-13));
      }
    }
  }

  @Test
  void equalsTheDefinitionOnARealLead() {
    Path folder = ReferenceData.require("golden/stockwell");
    double[] signal = GoldenArrays.column(folder.resolve("leadII_N600_in.csv"));
    double[] expected = GoldenArrays.complexNpy(folder.resolve("leadII_N600_S_direct.npy"));
    float[] single = new float[600];
    for (int j = 0; j < 600; j++) {
      single[j] = (float) signal[j];
    }
    SpectrogramOptions options = new SpectrogramOptions(1000, 600, 1, 1, 300, 60);
    float[] image = new float[options.valuesPerLead()];

    new SpectrogramPlan(options).worker().magnitude(single, 0, image, 0);

    for (int voice = 1; voice <= 300; voice++) {
      for (int c = 0; c < 60; c++) {
        int at = 2 * (voice * 600 + 10 * c);
        double modulus = Math.hypot(expected[at], expected[at + 1]);
        // The input was rounded to float: 2e-8 of a largest sample of 1 mV.
        assertThat(Math.abs(image[(voice - 1) * 60 + c] - modulus)).isLessThan(5e-8);
      }
    }
  }

  @Test
  void magnitudeAndPhaseGiveTheVoicesOfTheBeat() {
    int origin = 220;
    float[] signal = signal(640, 3);
    SpectrogramPlan.Worker worker = new SpectrogramPlan(SpectrogramOptions.DEFAULT).worker();
    float[] magnitude = new float[48 * 64];
    float[] phase = new float[48 * 64];

    worker.polar(signal, 0, origin, magnitude, phase, 0);

    double[][] rows = worker.complexRows(signal);
    double worst = 0;
    for (int v = 0; v < 48; v++) {
      double turn = 2 * Math.PI * (v + 1) * origin / 640;
      for (int c = 0; c < 64; c++) {
        double re = rows[v][2 * c] * Math.cos(turn) - rows[v][2 * c + 1] * Math.sin(turn);
        double im = rows[v][2 * c] * Math.sin(turn) + rows[v][2 * c + 1] * Math.cos(turn);
        double m = magnitude[v * 64 + c];
        double p = phase[v * 64 + c];
        worst = Math.max(worst, Math.hypot(m * Math.cos(p) - re, m * Math.sin(p) - im));
      }
    }
    assertThat(worst).isLessThan(1e-6);
  }

  @Test
  void aBeatHasTheSamePhaseWhereverItLies() {
    // A wave of one voice, at its crest at the origin: phase 0 there.
    SpectrogramPlan.Worker worker = new SpectrogramPlan(SpectrogramOptions.DEFAULT).worker();
    float[] magnitude = new float[48 * 64];
    float[] phase = new float[48 * 64];
    for (int origin : new int[] {100, 220, 300}) {
      float[] wave = new float[640];
      float[] inverted = new float[640];
      for (int j = 0; j < 640; j++) {
        wave[j] = (float) Math.cos(2 * Math.PI * 10 * (j - origin) / 640);
        inverted[j] = -wave[j];
      }
      worker.polar(wave, 0, origin, magnitude, phase, 0);
      for (int c = 0; c < 64; c++) {
        assertThat(Math.abs(phase[9 * 64 + c])).isLessThan(1e-5f);
      }
      worker.polar(inverted, 0, origin, magnitude, phase, 0);
      for (int c = 0; c < 64; c++) {
        assertThat(Math.abs(phase[9 * 64 + c])).isCloseTo((float) Math.PI, within(1e-5f));
      }
    }
  }

  @Test
  void anglesAreThoseOfTheLibrary() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 100_000; i++) {
      double re = random.nextGaussian() * Math.exp(8 * random.nextGaussian());
      double im = random.nextGaussian();
      assertThat(angle(re, im)).isCloseTo(Math.atan2(im, re), within(1e-7));
    }
    assertThat(angle(0, 0)).isZero();
    assertThat(angle(-1, 0)).isEqualTo(Math.PI);
    assertThat(angle(0, -2)).isEqualTo(-Math.PI / 2);
  }

  @Test
  void anImageHoldsTheLeadsOneAfterTheOther() {
    SpectrogramPlan plan = new SpectrogramPlan(SpectrogramOptions.DEFAULT);
    float[][] leads = {signal(640, 1), signal(640, 2)};
    SpectrogramPlan.Worker worker = plan.worker();

    float[] image = worker.image(leads);

    float[] second = new float[3 + 48 * 64];
    worker.magnitude(leads[1], 0, second, 3);
    assertThat(image).hasSize(2 * 48 * 64);
    for (int i = 0; i < 48 * 64; i++) {
      assertThat(image[48 * 64 + i]).isEqualTo(second[3 + i]);
    }
    assertThat(plan.worker().image(leads)).isEqualTo(image);
  }

  @Test
  void onePlanServesManyThreads() throws Exception {
    SpectrogramPlan plan = new SpectrogramPlan(SpectrogramOptions.DEFAULT);
    List<float[][]> windows = new ArrayList<>();
    List<float[]> expected = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      windows.add(new float[][] {signal(640, i)});
      expected.add(plan.worker().image(windows.get(i)));
    }
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Callable<List<float[]>>> tasks = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        tasks.add(
            () -> {
              SpectrogramPlan.Worker worker = plan.worker();
              return windows.stream().map(worker::image).toList();
            });
      }
      for (Future<List<float[]>> future : pool.invokeAll(tasks)) {
        List<float[]> images = future.get();
        for (int i = 0; i < images.size(); i++) {
          assertThat(images.get(i)).isEqualTo(expected.get(i));
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void bandsBecomeWholeBins() {
    SpectrogramOptions options = SpectrogramOptions.inBand(500, 640, 0.78125, 37.5, 1, 64);
    assertThat(options).isEqualTo(SpectrogramOptions.DEFAULT);
    assertThat(options.voiceHz()).startsWith(0.78125f, 1.5625f).endsWith(37.5f);
    assertThat(options.columnMs(220)).startsWith(-440f, -420f).contains(0f).endsWith(820f);
    assertThat(SpectrogramOptions.inBand(500, 640, 0.1, 40, 2, 32).voiceHz())
        .startsWith(0.78125f, 2.34375f)
        .endsWith(39.84375f)
        .hasSize(26);
  }

  @Test
  void refusesWhatIsNoImage() {
    assertThatThrownBy(() -> new SpectrogramOptions(500, 640, 1, 1, 48, 641))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid number of columns 641: must be 1 or more, and no more than the window's 640"
                + " samples");
    assertThatThrownBy(() -> new SpectrogramOptions(500, 640, 1, 7, 48, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid voices: the last is bin 330, above the Nyquist bin 320; lower voice-count or"
                + " voice-step");
    assertThatThrownBy(() -> SpectrogramOptions.inBand(500, 640, 1.0, 1.2, 1, 64))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Invalid band 1.0 to 1.2 Hz: holds no bin of 0.78125 Hz; widen it or lengthen the"
                + " window");
    SpectrogramPlan.Worker worker = new SpectrogramPlan(SpectrogramOptions.DEFAULT).worker();
    float[][] broken = {signal(640, 1)};
    broken[0][639] = Float.NaN;
    assertThatThrownBy(() -> worker.image(broken))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window: holds samples that are not finite");
    assertThatThrownBy(() -> worker.image(new float[][] {new float[600]}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid window of 600 samples: this plan is for 640");
  }

  private static float[] signal(int n, int seed) {
    SplittableRandom random = RandomStreams.of(11, "signal", seed);
    float[] signal = new float[n];
    for (int j = 0; j < n; j++) {
      signal[j] =
          (float)
              (Math.exp(-0.5 * Math.pow((j - n / 3.0) / (0.02 * n + 1), 2))
                  + 0.2 * random.nextDouble());
    }
    return signal;
  }

  private static double angle(double re, double im) {
    double[] angles = new double[1];
    Angles.of(new double[] {re}, new double[] {im}, angles);
    return angles[0];
  }
}
