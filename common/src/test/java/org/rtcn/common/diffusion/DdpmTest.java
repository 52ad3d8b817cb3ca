package org.rtcn.common.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rtcn.common.averaging.Checkpoint;
import org.rtcn.common.averaging.CurveRow;
import org.rtcn.common.averaging.Share;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.averaging.WeightedSum;
import org.rtcn.common.random.RandomStreams;

/**
 * Two clearly different synthetic waveforms are learnt and drawn again. The model is trained once:
 * some ten seconds of one core.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DdpmTest {
  private static final int LEADS = 2;
  private static final int LENGTH = 64;
  private static final List<String> CLASSES = List.of("HC", "IMI");

  private DdpmModel model;
  private List<CurveRow> curve;

  @BeforeAll
  void train() {
    DdpmTrainer trainer = new DdpmTrainer(config(400, 32), CLASSES);
    model = trainer.train(beats("train", 160), "toy");
    curve = trainer.curve().rows();
  }

  @Test
  void beatsTheTrivialPredictorsAtEveryStep() {
    List<DdpmDiagnosis.AtStep> rows = DdpmDiagnosis.of(model, beats("held out", 60), 3);
    assertThat(rows).hasSizeGreaterThanOrEqualTo(8);
    for (DdpmDiagnosis.AtStep row : rows) {
      assertThat(row.model()).as("%s", row).isLessThan(0.9 * Math.min(row.mean(), row.linear()));
    }
  }

  @Test
  void predictsTheNoiseBetterThanAnyTrivialPredictorAndListensToTheClass() {
    for (DdpmDiagnosis.AtStep row : DdpmDiagnosis.of(model, beats("held out", 60), 3)) {
      DdpmDiagnosis.NoiseError noise = row.noise();
      assertThat(noise.model())
          .as("%s", row)
          .isLessThan(noise.sameAsXt())
          .isLessThan(noise.zero())
          .isLessThan(noise.classMean())
          .isLessThan(noise.wrongClass());
      assertThat(noise.wrongClass() - noise.model()).isBetween(noise.gainLow(), noise.gainHigh());
      if (row.t() >= 100) {
        assertThat(noise.gainLow()).as("%s", row).isPositive();
      }
    }
  }

  /** Five beats learnt by heart, each with its patient: nothing but copies comes out. */
  @Test
  void theGateCatchesAMemoriser() {
    List<TrainingBeat> five = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      TrainingBeat beat = beats("five", 10).get(2 * n);
      float[][] rows = beat.millivolts();
      for (int i = 0; i < LENGTH; i++) {
        rows[1][i] += (float) (0.5 * Math.sin(0.3 * (n + 1) * i));
      }
      five.add(new TrainingBeat(beat.beatId(), "patient" + n, "HC", rows));
    }
    DdpmModel memoriser =
        new DdpmTrainer(config(700, 16, BeatNormalisation.Centring.CLASS_BEAT, 0), List.of("HC"))
            .train(five, "five beats");
    assertThat(copies(memoriser, 0, five)).isGreaterThanOrEqualTo(0.7);
    assertThat(copies(model, 0, beats("train", 160))).isLessThanOrEqualTo(0.1);
  }

  private static double copies(DdpmModel model, int classIndex, List<TrainingBeat> training) {
    List<TrainingBeat> each =
        training.stream()
            .map(b -> new TrainingBeat(b.beatId(), b.beatId(), b.label(), b.millivolts()))
            .toList();
    NearestBeats nearest = new NearestBeats(each);
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      float[][][] samples = sampler.sampleBlock(classIndex, 0, 5);
      long copies =
          java.util.Arrays.stream(samples)
              .filter(beat -> nearest.to(beat, CLASSES.get(classIndex)).isCopy(1.0 / 3))
              .count();
      return copies / (double) samples.length;
    }
  }

  @Test
  void zeroTerminalSnrTrainsAndSamples() {
    DdpmConfig config =
        config(
            NoiseSchedule.Kind.COSINE_ZERO_SNR,
            Parameterisation.V,
            40,
            32,
            BeatNormalisation.Centring.CLASS_BEAT,
            8);
    requireLifelike(new DdpmTrainer(config, CLASSES).train(beats("train", 160), "toy"));
  }

  @Test
  void theRightClassHelpsWhereTheNoiseHidesIt() {
    for (DdpmDiagnosis.AtStep row : DdpmDiagnosis.of(model, beats("held out", 60), 3)) {
      if (row.t() >= 130) {
        assertThat(row.model()).as("%s", row).isLessThan(0.7 * row.wrongClass());
      }
    }
  }

  @Test
  void samplesLookLikeTheirOwnClass() {
    requireLifelike(model);
  }

  @Test
  void classCentresAndTheLinearGuessSpareMostOfTheTraining() {
    DdpmConfig config = config(40, 32, BeatNormalisation.Centring.CLASS_BEAT, 8);
    requireLifelike(new DdpmTrainer(config, CLASSES).train(beats("train", 160), "toy"));
  }

  private static void requireLifelike(DdpmModel model) {
    double[][] means = {meanOf("HC"), meanOf("IMI")};
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      for (int k = 0; k < 2; k++) {
        double spread = 0;
        double[] sampleMean = new double[LEADS * LENGTH];
        float[][][] samples = concat(sampler.sampleBlock(k, 0, 9), sampler.sampleBlock(k, 1, 9));
        for (float[][] sample : samples) {
          double own = distance(sample, means[k]);
          double other = distance(sample, means[1 - k]);
          assertThat(own).as("class %d", k).isLessThan(0.8 * other);
          spread += own / samples.length;
          for (int i = 0; i < sampleMean.length; i++) {
            sampleMean[i] += sample[i / LENGTH][i % LENGTH] / samples.length;
          }
        }
        // As diverse as the real ones, and centred where they are.
        double real = spreadOf(CLASSES.get(k), means[k]);
        assertThat(spread).isBetween(0.6 * real, 1.5 * real);
        assertThat(rms(sampleMean, means[k])).isLessThan(0.6 * real);
      }
    }
  }

  /** Both other weightings count noisy steps, where a class shows, for little. */
  @ParameterizedTest
  @EnumSource(value = LossWeighting.class, names = "UNIFORM", mode = EnumSource.Mode.EXCLUDE)
  void everyLossWeightingLeadsToLifelikeBeats(LossWeighting weighting) {
    DdpmConfig config =
        config(
            NoiseSchedule.Kind.COSINE,
            BeatCondition.NONE,
            Parameterisation.V,
            weighting,
            120,
            32,
            BeatNormalisation.Centring.CLASS_BEAT,
            8);
    DdpmTrainer trainer = new DdpmTrainer(config, CLASSES);
    DdpmModel weighted = trainer.train(beats("train", 160), "toy");
    assertThat(weighted.weights()).doesNotContain(Float.NaN);
    assertThat(trainer.curve().last().loss()).isPositive();
    requireLifelike(weighted);
  }

  @Test
  void aBlockIsTheSameWhoeverComputesItAndWhenever() {
    float[][][] first;
    try (DdpmSampler sampler = new DdpmSampler(model)) {
      first = sampler.sampleBlock(1, 3, 42);
    }
    try (DdpmSampler sampler = new DdpmSampler(DdpmModel.fromBytes(model.toBytes()))) {
      sampler.sampleBlock(0, 0, 42);
      assertThat(sampler.sampleBlock(1, 3, 42)).isDeepEqualTo(first);
      assertThat(sampler.sampleBlock(1, 4, 42)).isNotEqualTo(first);
      assertThat(sampler.sampleBlock(1, 3, 43)).isNotEqualTo(first);
      assertThatThrownBy(() -> sampler.sampleBlock(2, 0, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("Invalid block 0 of class 2 of [HC, IMI]");
    }
    // As whoever asks an exhausted iterator again does.
    DdpmSampler closed = new DdpmSampler(model);
    closed.close();
    closed.close();
    assertThat(DdpmSampler.blocksFor(17, model.config())).isEqualTo(2);
    assertThat(DdpmSampler.blocksFor(0, model.config())).isZero();
  }

  @Test
  void theOrderOfTheTrainingBeatsDoesNotMatter() {
    List<TrainingBeat> beats = beats("train", 20);
    DdpmTrainer trainer = new DdpmTrainer(config(12, 8), CLASSES);
    DdpmModel one = trainer.train(beats, "toy");
    Collections.shuffle(beats, new Random(1));
    DdpmModel other = trainer.train(beats, "toy");
    assertThat(other.toBytes()).isEqualTo(one.toBytes());
    assertThat(other.modelId()).isEqualTo(one.modelId()).matches("ddpm-[0-9a-f]{12}");
    assertThat(one.modelId()).isNotEqualTo(model.modelId());
  }

  @Test
  void aTrainingGoesOnElsewhereAsIfItHadNeverStopped() {
    DdpmConfig config = config(6, 8);
    List<TrainingBeat> beats = beats("train", 40);
    DdpmModel start = DdpmTraining.fit(config, CLASSES, beats, "toy");
    TrainingState before = DdpmTraining.before(start);
    try (DdpmTraining training = new DdpmTraining(start, beats);
        DdpmTraining elsewhere =
            new DdpmTraining(DdpmModel.fromBytes(start.toBytes()), beats("train", 40))) {
      Share whole = training.advance(before, 6, 0);
      Checkpoint.Header header = new Checkpoint.Header("f00d", 1, 2, 0.5, List.of(), 0, null);
      Checkpoint halfWay =
          new Checkpoint(header, training.advance(before, 2, 0).end(), new float[0]);
      Checkpoint read = Checkpoint.parse(halfWay.toBytes());
      assertThat(read.header()).isEqualTo(header);
      Share parts = elsewhere.advance(read.state(), 4, 0);
      assertThat(parts.end()).usingRecursiveComparison().isEqualTo(whole.end());
      assertThat(parts.end().step()).isEqualTo(6);
      assertThat(parts.loss()).isPositive();

      // Another worker sees other beats; the mean of all is where they go on.
      Share other = training.advance(before, 6, 1);
      float[] own = whole.end().weights();
      float[] others = other.end().weights();
      assertThat(others).isNotEqualTo(own);
      WeightedSum sum = WeightedSum.ofShares(List.of(other, whole));
      float[] mean = sum.mean().weights();
      for (int i = 0; i < mean.length; i++) {
        assertThat(mean[i]).isEqualTo((float) (((double) own[i] + others[i]) / 2));
      }
      assertThat(sum.loss())
          .isCloseTo((whole.loss() + other.loss()) / 2, Percentage.withPercentage(1e-12));
    }
  }

  /** A bump that is the higher, the longer the RR interval: the samples have learnt it. */
  @Test
  void beatsFollowTheRrIntervalThatTheyAreMadeFor() {
    DdpmConfig config =
        config(
            NoiseSchedule.Kind.COSINE,
            BeatCondition.RR_INTERVAL,
            Parameterisation.V,
            300,
            32,
            BeatNormalisation.Centring.CLASS_BEAT,
            8);
    List<TrainingBeat> beats = new ArrayList<>();
    for (TrainingBeat beat : beats("rr", 160)) {
      SplittableRandom random = RandomStreams.of(12, beat.beatId());
      float rr = (float) (0.5 + 0.7 * random.nextDouble());
      for (int i = 0; i < LENGTH; i++) {
        for (float[] lead : beat.millivolts()) {
          lead[i] =
              (float)
                  (2 * rr * Math.exp(-0.5 * Math.pow((i - 40) / 6.0, 2))
                      + 0.03 * random.nextGaussian());
        }
      }
      beats.add(
          new TrainingBeat(beat.beatId(), beat.patientId(), beat.label(), beat.millivolts(), rr));
    }
    // Nobody told the interval of this one.
    beats.set(
        0, new TrainingBeat("rr/000", beats.get(0).patientId(), "HC", beats.get(0).millivolts()));
    DdpmModel told = new DdpmTrainer(config, CLASSES).train(beats, "toy");
    DdpmModel read = DdpmModel.fromBytes(told.toBytes());
    assertThat(read.toBytes()).isEqualTo(told.toBytes());
    List<Float> known =
        beats.stream()
            .filter(b -> b.label().equals("HC"))
            .map(TrainingBeat::rrSeconds)
            .filter(rr -> !rr.isNaN())
            .toList();
    assertThat(known).hasSize(79);
    double error = 0;
    double spread = 0;
    try (DdpmSampler sampler = new DdpmSampler(read)) {
      float[][][] samples = sampler.sampleBlock(0, 2, 9);
      for (int i = 0; i < samples.length; i++) {
        float rr = sampler.rrSeconds(0, 2 * 16 + i, 9);
        assertThat(known).contains(rr);
        assertThat(sampler.rrSeconds(0, 2 * 16 + i, 9)).isEqualTo(rr);
        error += Math.abs(samples[i][0][40] - 2 * rr) / samples.length;
        spread += Math.abs(1.7 - 2 * rr) / samples.length;
      }
    }
    assertThat(error).isLessThan(0.5 * spread);
    try (DdpmSampler untold = new DdpmSampler(model)) {
      assertThat(untold.rrSeconds(0, 0, 9)).isNaN();
    }
  }

  @Test
  void modelSurvivesItsBytesExactly() {
    DdpmModel read = DdpmModel.fromBytes(model.toBytes());
    assertThat(read.toBytes()).isEqualTo(model.toBytes());
    assertThat(read.weights()).isEqualTo(model.weights());
    assertThat(read.config()).isEqualTo(model.config());
    assertThat(read.classes()).isEqualTo(CLASSES);
    assertThat(read.modelId()).isEqualTo(model.modelId());
    assertThat(read.training().origin()).isEqualTo("toy");
    assertThat(read.training().beatsOfClass()).containsEntry("HC", 80).containsEntry("IMI", 80);
    assertThat(read.training().patientsOfClass()).containsEntry("HC", 8);
    assertThat(read.training().lastLoss()).isEqualTo((float) curve.get(curve.size() - 1).loss());

    byte[] cut = java.util.Arrays.copyOf(model.toBytes(), 1000);
    assertThatThrownBy(() -> DdpmModel.fromBytes(cut))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid rtcn-ddpm/6: it states a header of ");
    byte[] text = "this is no model at all".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> DdpmModel.fromBytes(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid rtcn-ddpm/6: it has 23 bytes");
  }

  @Test
  void progressIsTold() {
    assertThat(curve).extracting(CurveRow::step).startsWith(50, 100).endsWith(400);
    assertThat(curve.get(curve.size() - 1).loss()).isLessThan(curve.get(0).loss());
    assertThat(curve).allSatisfy(row -> assertThat(row.examplesPerSecond()).isPositive());
  }

  @Test
  void badTrainingBeatsAreRefused() {
    DdpmTrainer trainer = new DdpmTrainer(config(2, 2), CLASSES);
    List<TrainingBeat> beats = beats("train", 4);
    beats.get(1).millivolts()[0][3] = Float.NaN;
    assertThatThrownBy(() -> trainer.train(beats, "toy"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid beat train/001: must be 2 leads of 64 finite samples");
    List<TrainingBeat> oneClass =
        beats("train", 4).stream().filter(b -> b.label().equals("HC")).toList();
    assertThatThrownBy(() -> trainer.train(oneClass, "toy"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Cannot train the diffusion model: class IMI has no training beat;"
                + " give it beats or take it off the class list");
    assertThatThrownBy(() -> new DdpmTrainer(config(2, 2), List.of("HC")).train(beats("t", 2), ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid label IMI of beat t/001: must be one of [HC]");
  }

  @Test
  void badSettingsAreRefused() {
    DdpmConfig ok = DdpmConfig.defaults();
    assertThat(ok.length()).isEqualTo(160);
    assertThatThrownBy(() -> config(0, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid training steps 0: must be at least 1");
    assertThatThrownBy(() -> config(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid batch size 0: must be 1 to 4096");
  }

  /** The network has to find out about the classes by itself. */
  private static DdpmConfig config(int trainingSteps, int batchSize) {
    return config(trainingSteps, batchSize, BeatNormalisation.Centring.MEAN_BEAT, 0);
  }

  private static DdpmConfig config(
      int trainingSteps, int batchSize, BeatNormalisation.Centring centring, int rank) {
    return config(
        NoiseSchedule.Kind.COSINE, Parameterisation.V, trainingSteps, batchSize, centring, rank);
  }

  static DdpmConfig config(
      NoiseSchedule.Kind schedule,
      Parameterisation parameterisation,
      int trainingSteps,
      int batchSize) {
    return config(
        schedule,
        parameterisation,
        trainingSteps,
        batchSize,
        BeatNormalisation.Centring.MEAN_BEAT,
        0);
  }

  private static DdpmConfig config(
      NoiseSchedule.Kind schedule,
      Parameterisation parameterisation,
      int trainingSteps,
      int batchSize,
      BeatNormalisation.Centring centring,
      int rank) {
    return config(
        schedule, BeatCondition.NONE, parameterisation, trainingSteps, batchSize, centring, rank);
  }

  private static DdpmConfig config(
      NoiseSchedule.Kind schedule,
      BeatCondition condition,
      Parameterisation parameterisation,
      int trainingSteps,
      int batchSize,
      BeatNormalisation.Centring centring,
      int rank) {
    return config(
        schedule,
        condition,
        parameterisation,
        LossWeighting.UNIFORM,
        trainingSteps,
        batchSize,
        centring,
        rank);
  }

  private static DdpmConfig config(
      NoiseSchedule.Kind schedule,
      BeatCondition condition,
      Parameterisation parameterisation,
      LossWeighting lossWeighting,
      int trainingSteps,
      int batchSize,
      BeatNormalisation.Centring centring,
      int rank) {
    return DdpmConfig.defaults().toBuilder()
        .leads(LEADS)
        .length(LENGTH)
        .shape(new DenoiserShape(4, 32, List.of(1, 2), 0, 1))
        .condition(condition)
        .diffusionSteps(200)
        .schedule(schedule)
        .parameterisation(parameterisation)
        .lossWeighting(lossWeighting)
        .centring(centring)
        .linearRank(rank)
        .learningRate(2e-3)
        .batchSize(batchSize)
        .trainingSteps(trainingSteps)
        .workers(1)
        .averagingFrequency(50)
        .emaDecay(0.98)
        .classDropout(0.1)
        .guidance(1.0)
        .samplerSteps(25)
        .eta(0.0)
        .blockSize(16)
        .seed(1)
        .build();
  }

  /** Class HC: a tall early bump and an upright late one; class IMI: an inverted late one. */
  private static List<TrainingBeat> beats(String name, int count) {
    List<TrainingBeat> beats = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      int k = n % 2;
      SplittableRandom random = RandomStreams.of(11, name, n);
      double amplitude = 1 + 0.2 * random.nextGaussian();
      double centre = 20 + random.nextGaussian();
      double late = (k == 0 ? 0.4 : -0.5) * (1 + 0.2 * random.nextGaussian());
      float[][] rows = new float[LEADS][LENGTH];
      for (int i = 0; i < LENGTH; i++) {
        double first = amplitude * Math.exp(-0.5 * Math.pow((i - centre) / 2.5, 2));
        double second = late * Math.exp(-0.5 * Math.pow((i - centre - 25) / 5, 2));
        rows[0][i] = (float) (first + second + 0.01 * random.nextGaussian());
        rows[1][i] = (float) (-0.5 * first + second + 0.01 * random.nextGaussian());
      }
      beats.add(
          new TrainingBeat(
              String.format("%s/%03d", name, n),
              name + "/p" + n / 20 + CLASSES.get(k),
              CLASSES.get(k),
              rows));
    }
    return beats;
  }

  private static double[] meanOf(String label) {
    double[] mean = new double[LEADS * LENGTH];
    List<TrainingBeat> own =
        beats("train", 160).stream().filter(b -> b.label().equals(label)).toList();
    for (TrainingBeat beat : own) {
      for (int i = 0; i < mean.length; i++) {
        mean[i] += beat.millivolts()[i / LENGTH][i % LENGTH] / own.size();
      }
    }
    return mean;
  }

  private static double spreadOf(String label, double[] mean) {
    return beats("train", 160).stream()
        .filter(b -> b.label().equals(label))
        .mapToDouble(b -> distance(b.millivolts(), mean))
        .average()
        .orElseThrow();
  }

  private static double distance(float[][] beat, double[] mean) {
    double[] flat = new double[mean.length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = beat[i / LENGTH][i % LENGTH];
    }
    return rms(flat, mean);
  }

  private static double rms(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(sum / a.length);
  }

  private static float[][][] concat(float[][][] a, float[][][] b) {
    List<float[][]> all = new ArrayList<>(List.of(a));
    all.addAll(List.of(b));
    return all.toArray(float[][][]::new);
  }
}
