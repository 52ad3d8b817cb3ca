package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.rtcn.common.nd4j.Nd4jRuntime;
import org.rtcn.common.optimise.ClippedUpdater;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;
import org.rtcn.common.storage.NamedArrays;

class RtcnTest {
  private static final int BATCH = 4;

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  static RtcnConfig minute(double dropout) {
    return RtcnConfig.builder()
        .channels(2)
        .voices(6)
        .columns(8)
        .classes(3)
        .stemChannels(2)
        .stemStride(1)
        .stageChannels(List.of(3, 4))
        .blocksPerStage(1)
        .encoderLayers(1)
        .modelDim(6)
        .heads(2)
        .feedForward(8)
        .dropout(dropout)
        .learningRate(1e-2)
        .weightDecay(0)
        .labelSmoothing(0)
        .seed(11)
        .build();
  }

  static DataSet examples(RtcnConfig config, DataType type, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    INDArray x = Nd4j.create(type, BATCH, config.channels(), config.voices(), config.columns());
    INDArray y = Nd4j.zeros(type, BATCH, config.classes());
    int size = config.channels() * config.voices() * config.columns();
    for (int i = 0; i < BATCH; i++) {
      int label = i % config.classes();
      for (int j = 0; j < size; j++) {
        x.putScalar(
            (long) i * size + j,
            random.nextGaussian() + (j / config.columns() % 3 == label ? 1 : 0));
      }
      y.putScalar(i, label, 0.5 + label);
    }
    return new DataSet(x, y);
  }

  @Test
  void gradientOfTheWholeNetworkIsThatOfFiniteDifferences() {
    ComputationGraph graph = Rtcn.build(minute(0), new NoOp(), DataType.DOUBLE);
    // Zero biases put dead channels exactly on the kink of ReLU.
    SplittableRandom random = new SplittableRandom(5);
    for (long i = 0; i < graph.numParams(); i++) {
      graph.params().putScalar(i, graph.params().getDouble(i) + 0.05 * random.nextGaussian());
    }
    DataSet examples = examples(minute(0), DataType.DOUBLE, 3);
    graph.setInputs(examples.getFeatures());
    graph.setLabels(examples.getLabels());
    graph.computeGradientAndScore();
    double[] analytic = graph.getFlattenedGradients().dup().data().asDouble();

    double step = 1e-6;
    int wrong = 0;
    for (int i = 0; i < analytic.length; i++) {
      double start = graph.params().getDouble(i);
      graph.params().putScalar(i, start + step);
      double up = graph.score(examples, true);
      graph.params().putScalar(i, start - step);
      double down = graph.score(examples, true);
      graph.params().putScalar(i, start);
      double numeric = (up - down) / (2 * step);
      // DL4J divides by the batch only when it updates.
      if (Math.abs(numeric - analytic[i] / BATCH) > 1e-7) {
        wrong++;
      }
    }
    // Were a layer's gradient doubled, as by DL4J's SameDiff layers, hundreds would be wrong.
    assertThat(wrong).isZero();
    assertThat(analytic).hasSizeGreaterThan(500);
  }

  @Test
  void gradientWithAgeAndSexIsThatOfFiniteDifferences() {
    ComputationGraph graph =
        Rtcn.build(minute(0).told(PatientInput.AGE_SEX), new NoOp(), DataType.DOUBLE);
    SplittableRandom random = new SplittableRandom(5);
    for (long i = 0; i < graph.numParams(); i++) {
      graph.params().putScalar(i, graph.params().getDouble(i) + 0.05 * random.nextGaussian());
    }
    MultiDataSet examples = withPatients(examples(minute(0), DataType.DOUBLE, 3), random);
    graph.setInputs(examples.getFeatures());
    graph.setLabels(examples.getLabels());
    graph.computeGradientAndScore();
    double[] analytic = graph.getFlattenedGradients().dup().data().asDouble();

    double step = 1e-6;
    int wrong = 0;
    for (int i = 0; i < analytic.length; i++) {
      double start = graph.params().getDouble(i);
      graph.params().putScalar(i, start + step);
      double up = graph.score(examples, true);
      graph.params().putScalar(i, start - step);
      double down = graph.score(examples, true);
      graph.params().putScalar(i, start);
      if (Math.abs((up - down) / (2 * step) - analytic[i] / BATCH) > 1e-7) {
        wrong++;
      }
    }
    assertThat(wrong).isZero();
    // Three numbers to each of the six that the head reads, and a bias.
    assertThat(graph.gradient().getGradientFor(Rtcn.PATIENT + "_W").norm2Number().doubleValue())
        .isGreaterThan(1e-3);
    assertThat(graph.numParams() - Rtcn.build(minute(0)).numParams()).isEqualTo(3 * 6 + 6);
  }

  private static MultiDataSet withPatients(DataSet examples, SplittableRandom random) {
    INDArray patients = Nd4j.create(examples.getFeatures().dataType(), BATCH, 3);
    for (int i = 0; i < BATCH; i++) {
      patients.putScalar(i, 0, random.nextGaussian());
      patients.putScalar(i, 1, i % 2 == 0 ? 1 : -1);
      patients.putScalar(i, 2, i == 3 ? 1 : 0);
    }
    return new MultiDataSet(
        new INDArray[] {examples.getFeatures(), patients}, new INDArray[] {examples.getLabels()});
  }

  /** Before it has learned anything, a network that is told of the patient is one that is not. */
  @Test
  void ageAndSexStartWithoutASay() {
    RtcnConfig config = minute(0);
    DataSet examples = examples(config, DataType.FLOAT, 3);
    MultiDataSet told = withPatients(examples, new SplittableRandom(1));
    assertThat(Rtcn.build(config.told(PatientInput.AGE_SEX)).outputSingle(told.getFeatures()))
        .isEqualTo(Rtcn.build(config).outputSingle(examples.getFeatures()));
    assertThat(
            Rtcn.parts(config.told(PatientInput.AGE_SEX)).stream()
                .mapToLong(Rtcn.Part::parameters)
                .sum())
        .isEqualTo(Rtcn.build(config.told(PatientInput.AGE_SEX)).numParams());
  }

  @Test
  void exampleWeightsScaleTheLoss() {
    ComputationGraph graph = Rtcn.build(minute(0), new NoOp(), DataType.DOUBLE);
    DataSet examples = examples(minute(0), DataType.DOUBLE, 3);
    INDArray probabilities = graph.outputSingle(examples.getFeatures());
    double expected = 0;
    for (int i = 0; i < BATCH; i++) {
      int label = i % 3;
      expected -= (0.5 + label) * Math.log(probabilities.getDouble(i, label)) / BATCH;
    }
    assertThat(graph.score(examples)).isCloseTo(expected, within(1e-9));
  }

  @Test
  void learnsSeparableClasses() {
    RtcnConfig config = minute(0.1);
    ComputationGraph graph = Rtcn.build(config);
    double before = graph.score(examples(config, DataType.FLOAT, 0));
    for (int step = 0; step < 150; step++) {
      graph.fit(examples(config, DataType.FLOAT, step));
    }
    double after = graph.score(examples(config, DataType.FLOAT, 1000));
    assertThat(after).isLessThan(0.3 * before);
  }

  @Test
  void sameSeedSameTraining() {
    assertThat(trained(minute(0.3))).isEqualTo(trained(minute(0.3)));
  }

  private static INDArray trained(RtcnConfig config) {
    ComputationGraph graph = Rtcn.build(config);
    Nd4j.getRandom().setSeed(42);
    for (int step = 0; step < 3; step++) {
      graph.fit(examples(config, DataType.FLOAT, step));
    }
    return graph.params().dup();
  }

  @Test
  void configurationSurvivesJson() {
    ComputationGraphConfiguration configuration =
        Rtcn.configuration(
            minute(0.1),
            new ClippedUpdater(new OnePassAdam(LearningRateSchedule.cosine(1e-3, 5, 50)), 1),
            new FocalCrossEntropy(2),
            DataType.FLOAT);
    ComputationGraphConfiguration read =
        ComputationGraphConfiguration.fromJson(configuration.toJson());
    assertThat(read.toJson()).isEqualTo(configuration.toJson());
    ComputationGraph graph = new ComputationGraph(read);
    graph.init();
    assertThat(graph.params()).isEqualTo(Rtcn.build(minute(0.1)).params());
  }

  @Test
  void weightDecayShrinksMatricesButNotBiases() {
    RtcnConfig config =
        RtcnConfig.builder()
            .channels(2)
            .voices(6)
            .columns(8)
            .classes(3)
            .stemChannels(2)
            .stemStride(1)
            .stageChannels(List.of(3, 4))
            .blocksPerStage(1)
            .encoderLayers(1)
            .modelDim(6)
            .heads(2)
            .feedForward(8)
            .dropout(0)
            .learningRate(1e-2)
            .weightDecay(0.5)
            .labelSmoothing(0)
            .seed(11)
            .build();
    ComputationGraph graph = Rtcn.build(config);
    assertThat(graph.calcRegularizationScore(true)).isPositive();
    assertThat(graph.getLayer("encoder1").conf().getLayer().getRegularizationByParam("Wo"))
        .isNotEmpty();
    assertThat(graph.getLayer("encoder1").conf().getLayer().getRegularizationByParam("g1"))
        .isNullOrEmpty();
  }

  @Test
  void wrongConfigurationsAreRefused() {
    assertThatThrownBy(
            () ->
                RtcnConfig.builder()
                    .channels(12)
                    .voices(24)
                    .columns(32)
                    .classes(6)
                    .stemChannels(8)
                    .stemStride(1)
                    .stageChannels(List.of(8))
                    .blocksPerStage(1)
                    .encoderLayers(1)
                    .modelDim(30)
                    .heads(4)
                    .feedForward(60)
                    .dropout(0.1)
                    .learningRate(1e-3)
                    .weightDecay(0)
                    .labelSmoothing(0)
                    .seed(1)
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid heads 4: must divide model-dim 30");
    assertThatThrownBy(() -> NetworkSize.TINY.config(12, 24, 32, 1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid classes 1: must be 2 to 1000");
    assertThatThrownBy(() -> NetworkSize.TINY.config(12, 24, 2_000_000_000, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid columns 2000000000: must be 1 to 16384");
  }

  /** Each size is allowed, their product is not: refused without a byte of native memory. */
  @Test
  void absurdNetworksAreRefusedBeforeTheyAreBuilt() {
    RtcnConfig wide = NetworkSize.BASE.config(16_000, 16_000, 16_000, 6, 1);
    assertThatThrownBy(() -> Rtcn.build(wide))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid network: an image of numbers 4,096,000,000,000");
    RtcnConfig heavy =
        NetworkSize.BASE.config(24, 24, 32, 6, 1).toBuilder()
            .stageChannels(List.of(16_384, 16_384))
            .build();
    assertThatThrownBy(() -> Rtcn.build(heavy))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid network: ");
    RtcnConfig attentive =
        NetworkSize.BASE.config(1, 1, 16_000, 6, 1).toBuilder()
            .stemStride(1)
            .stageChannels(List.of(8))
            .build();
    assertThatThrownBy(() -> Rtcn.build(attentive))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid network: numbers per image after encoder1");
  }

  /** What a model's file is checked against before DL4J takes part is what DL4J then builds. */
  @Test
  void theLayoutIsThatOfTheGraph() {
    for (RtcnConfig config :
        List.of(
            minute(0),
            minute(0).told(PatientInput.AGE_SEX),
            NetworkSize.TINY.config(24, 24, 32, 6, 1),
            NetworkSize.TINY.config(12, 1, 320, 6, 1).told(PatientInput.AGE_SEX),
            NetworkSize.TINY.config(24, 24, 32, 3, 1).toBuilder()
                .stemStride(1)
                .stageChannels(List.of(8, 8, 12))
                .blocksPerStage(2)
                .kernels(List.of(3, 5, 7))
                .encoderLayers(0)
                .build(),
            NetworkSize.TINY.config(12, 9, 11, 3, 1).toBuilder()
                .encoderLayers(3)
                .pooling(Pooling.CLASS_TOKEN)
                .build())) {
      ComputationGraph graph = Rtcn.build(config);
      // By their place in the flat vector, which is not the order of the layers.
      Map<Long, NamedArrays.Spec> built = new TreeMap<>();
      for (org.deeplearning4j.nn.api.Layer layer : graph.getLayers()) {
        String name = layer.conf().getLayer().getLayerName();
        layer
            .paramTable()
            .forEach(
                (key, array) -> {
                  long[] shape = array.shape();
                  if (name.equals(Rtcn.HEAD)) {
                    // DL4J has the head's weights in column order and its bias as a row.
                    shape =
                        key.equals("W")
                            ? new long[] {shape[1], shape[0]}
                            : new long[] {array.length()};
                  }
                  built.put(array.offset(), NamedArrays.Spec.of(name + "/" + key, shape));
                });
      }
      assertThat(RtcnLayout.weights(config)).isEqualTo(List.copyOf(built.values()));
      assertThat(RtcnLayout.length(RtcnLayout.weights(config))).isEqualTo(graph.numParams());
    }
  }

  @Test
  void scheduleWarmsUpThenFalls() {
    LearningRateSchedule schedule = LearningRateSchedule.cosine(1, 4, 104);
    assertThat(schedule.valueAt(0, 0)).isEqualTo(0.25);
    assertThat(schedule.valueAt(3, 0)).isEqualTo(1);
    assertThat(schedule.valueAt(54, 0)).isCloseTo(0.525, within(1e-12));
    assertThat(schedule.valueAt(104, 0)).isCloseTo(0.05, within(1e-12));
    assertThat(schedule.valueAt(1000, 0)).isCloseTo(0.05, within(1e-12));
    assertThatThrownBy(() -> LearningRateSchedule.cosine(1, 5, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Invalid schedule: warm-up of 5 iterations in 5");
  }

  @Test
  void partsAddUpToTheNetwork() {
    for (NetworkSize size : List.of(NetworkSize.TINY, NetworkSize.SMALL)) {
      RtcnConfig config = size.config(24, 24, 32, 3, 1);
      ComputationGraph graph = Rtcn.build(config);
      assertThat(Rtcn.parts(config).stream().mapToLong(Rtcn.Part::parameters).sum())
          .isEqualTo(graph.numParams());
      assertThat(Rtcn.parts(config).stream().mapToDouble(Rtcn.Part::megaflops).sum())
          .isCloseTo(Rtcn.trainingFlops(config) / 3e6, within(1e-9));
    }
  }

  @Test
  void severalScalesAndAClassTokenLearn() {
    RtcnConfig config =
        RtcnConfig.builder()
            .channels(2)
            .voices(6)
            .columns(8)
            .classes(3)
            .stemChannels(4)
            .stemStride(1)
            .stageChannels(List.of(4, 8))
            .blocksPerStage(1)
            .encoderLayers(1)
            .modelDim(8)
            .heads(2)
            .feedForward(16)
            .dropout(0.1)
            .learningRate(1e-2)
            .weightDecay(0)
            .labelSmoothing(0)
            .seed(11)
            .kernels(List.of(3, 5))
            .pooling(Pooling.CLASS_TOKEN)
            .patientInput(PatientInput.NONE)
            .build();
    ComputationGraph graph = Rtcn.build(config);
    double first = 0;
    for (int step = 0; step < 60; step++) {
      graph.fit(examples(config, DataType.FLOAT, 5));
      first = step == 0 ? graph.score() : first;
    }
    assertThat(graph.score()).isLessThan(0.3 * first);
  }
}
