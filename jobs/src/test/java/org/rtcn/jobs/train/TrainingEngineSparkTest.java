package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.rtcn.common.averaging.AveragingTrainer;
import org.rtcn.common.averaging.Progress;
import org.rtcn.common.averaging.TrainingListener;
import org.rtcn.common.averaging.TrainingState;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.train.TrainingOptions.RtcnConfigShape;
import org.rtcn.jobs.train.TrainingOptions.Weighting;

class TrainingEngineSparkTest {
  private static final RtcnConfig CONFIG =
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
          .dropout(0.2)
          .learningRate(1e-2)
          .weightDecay(1e-2)
          .labelSmoothing(0.1)
          .seed(11)
          .build();

  private static final ImagePerturbation PERTURBATION =
      new ImagePerturbation(1, 0.1, 0.1, 0.2, 0.1, 0.3);

  private final JavaSparkContext spark =
      JavaSparkContext.fromSparkContext(SparkTestSession.get().sparkContext());

  private static List<Example> examples(int n) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      SplittableRandom random = new SplittableRandom(i);
      int label = i % 3;
      float[] image = new float[2 * 6 * 8];
      for (int j = 0; j < image.length; j++) {
        image[j] = (float) (random.nextGaussian() + (j / 8 % 3 == label ? 1 : 0));
      }
      examples.add(new Example(5, "beat" + i, label, 1 + label, image));
    }
    return examples;
  }

  private static TrainingOptions options(int workers, int epochs) {
    return new TrainingOptions(
        RtcnConfigShape.of(CONFIG, 2), epochs, 8, 3, workers, Weighting.LOSS, PERTURBATION, 5);
  }

  private static ComputationGraph graph(String updater) {
    IUpdater chosen =
        updater.equals("sgd")
            ? new Sgd(0.05)
            : new OnePassAdam(LearningRateSchedule.cosine(1e-2, 4, 40));
    return Rtcn.build(CONFIG, chosen, DataType.FLOAT);
  }

  private INDArray trained(String updater, JavaRDD<Example> examples, TrainingOptions options) {
    ComputationGraph graph = graph(updater);
    train(graph, examples, options, progress -> {});
    return graph.params().dup();
  }

  private static void train(
      ComputationGraph graph,
      JavaRDD<Example> examples,
      TrainingOptions options,
      TrainingListener listener) {
    try (GraphRounds rounds = GraphRounds.deal(graph, examples, options)) {
      train(graph, rounds, examples.count(), options, listener);
    }
  }

  private static void train(
      ComputationGraph graph,
      GraphRounds rounds,
      long examples,
      TrainingOptions options,
      TrainingListener listener) {
    AveragingTrainer.train(
        GraphState.of(graph), options.course(examples), rounds, List.of(listener));
  }

  private static double distance(INDArray a, INDArray b) {
    return a.distance2(b) / a.norm2Number().doubleValue();
  }

  /** Over several rounds and epochs, with dropout, weights, and a schedule. */
  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adam"})
  void oneWorkerIsLocalTraining(String updater) {
    ComputationGraph local = graph(updater);
    INDArray start = local.params().dup();
    LocalEngine.train(local, examples(50), options(1, 2));
    INDArray averaged = trained(updater, spark.parallelize(examples(50), 3), options(1, 2));
    assertThat(distance(averaged, local.params())).isLessThan(1e-6);
    assertThat(distance(start, local.params())).isGreaterThan(1e-2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sgd", "adam"})
  void twoWorkersGiveTheirMean(String updater) {
    TrainingOptions options =
        new TrainingOptions(
            RtcnConfigShape.of(CONFIG, 2), 1, 8, 100, 2, Weighting.DRAWS, PERTURBATION, 5);
    List<Example> all = examples(60);
    int steps = options.course(60).stepsPerEpoch();
    INDArray mean = null;
    double total = 0;
    for (int worker = 0; worker < 2; worker++) {
      int self = worker;
      List<Example> own = all.stream().filter(example -> Shard.worker(example, 2) == self).toList();
      ComputationGraph graph = graph(updater);
      LocalEngine.steps(graph, ShardTest.shard(own, options).batches(0, 0, steps), 5, worker, 0);
      INDArray weighted = graph.params().mul(own.size());
      mean = mean == null ? weighted : mean.add(weighted);
      total += own.size();
    }
    mean.divi(total);
    INDArray averaged = trained(updater, spark.parallelize(all, 3), options);
    assertThat(distance(averaged, mean)).isLessThan(1e-6);
  }

  @Test
  void partitionsOfTheInputDoNotMatter() {
    INDArray one = trained("adam", spark.parallelize(examples(40), 1), options(2, 2));
    List<Example> reversed = new ArrayList<>(examples(40));
    java.util.Collections.reverse(reversed);
    INDArray eight = trained("adam", spark.parallelize(reversed, 8), options(2, 2));
    assertThat(eight).isEqualTo(one);
  }

  @Test
  void workersWithoutExamplesNeitherStallNorCount() {
    List<Example> few = examples(3);
    INDArray averaged = trained("adam", spark.parallelize(few, 2), options(7, 2));
    assertThat(averaged.isNaN().any()).isFalse();
    assertThat(distance(averaged, graph("adam").params())).isBetween(1e-4, 1.0);
    assertThatThrownBy(() -> trained("adam", spark.emptyRDD(), options(2, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot train without examples");
  }

  /** Plain SGD, no dropout, averaging after every step: one big batch, computed by four. */
  @Test
  void workersThatAverageEveryStepAreOneWorkerWithAllTheirBatches() {
    RtcnConfig still =
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
            .dropout(0)
            .learningRate(1e-2)
            .weightDecay(0)
            .labelSmoothing(0.1)
            .seed(11)
            .build();
    int workers = 4;
    TrainingOptions options =
        new TrainingOptions(
            RtcnConfigShape.of(still, 2),
            2,
            4,
            1,
            workers,
            Weighting.LOSS,
            ImagePerturbation.NONE,
            5);
    // Shards of one size, so that every worker counts the same.
    List<List<Example>> shards = new ArrayList<>();
    for (int worker = 0; worker < workers; worker++) {
      int self = worker;
      shards.add(
          examples(400).stream()
              .filter(example -> Shard.worker(example, workers) == self)
              .limit(16)
              .toList());
    }
    List<Example> all = shards.stream().flatMap(List::stream).toList();
    ComputationGraph averaged = Rtcn.build(still, new Sgd(0.05), DataType.FLOAT);
    train(averaged, spark.parallelize(all, 3), options, progress -> {});

    ComputationGraph one = Rtcn.build(still, new Sgd(0.05), DataType.FLOAT);
    INDArray start = one.params().dup();
    for (int epoch = 0; epoch < 2; epoch++) {
      for (int step = 0; step < 4; step++) {
        List<INDArray> images = new ArrayList<>();
        List<INDArray> labels = new ArrayList<>();
        for (List<Example> shard : shards) {
          MultiDataSet batch =
              ShardTest.shard(shard, options).batches(epoch, step, step + 1).next();
          images.add(batch.getFeatures(0));
          labels.add(batch.getLabels(0));
        }
        one.fit(
            new INDArray[] {Nd4j.concat(0, images.toArray(new INDArray[0]))},
            new INDArray[] {Nd4j.concat(0, labels.toArray(new INDArray[0]))});
      }
    }
    assertThat(distance(averaged.params(), one.params())).isLessThan(1e-5);
    assertThat(distance(start, one.params())).isGreaterThan(1e-2);
  }

  @Test
  void sharesSummedInATreeGiveTheSameMean() {
    ComputationGraph tree = graph("adam");
    JavaRDD<Example> data = spark.parallelize(examples(60), 3);
    try (GraphRounds rounds = GraphRounds.deal(tree, data, options(5, 2), 2)) {
      train(tree, rounds, 60, options(5, 2), progress -> {});
    }
    INDArray driver = trained("adam", spark.parallelize(examples(60), 3), options(5, 2));
    assertThat(distance(tree.params(), driver)).isLessThan(1e-6);
  }

  /** Both engines, cut off in the midst of an epoch or at its end. */
  @ParameterizedTest
  @ValueSource(ints = {3, 7, 10})
  void aTrainingThatWasCutOffGoesOnAsIfItHadNotBeen(int cut) {
    TrainingOptions options = options(1, 3);
    JavaRDD<Example> data = spark.parallelize(examples(50), 3);
    INDArray whole = trained("adam", data, options);
    class Cut extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }
    ComputationGraph graph = graph("adam");
    TrainingState[] kept = new TrainingState[1];
    assertThatThrownBy(
            () ->
                train(
                    graph,
                    data,
                    options,
                    progress -> {
                      kept[0] = progress.state();
                      if (progress.step() >= cut) {
                        throw new Cut();
                      }
                    }))
        .isInstanceOf(Cut.class);
    ComputationGraph resumed = graph("adam");
    List<Integer> steps = new ArrayList<>();
    try (GraphRounds rounds = GraphRounds.deal(resumed, data, options)) {
      AveragingTrainer.train(
          kept[0],
          options.course(50),
          rounds,
          List.of((TrainingListener) progress -> steps.add(progress.step())));
    }
    assertThat(resumed.params()).isEqualTo(whole);
    assertThat(steps.get(0)).isGreaterThan(kept[0].step());
    assertThat(steps.get(steps.size() - 1)).isEqualTo(21);
  }

  @Test
  void learnsAndReportsProgress() {
    ComputationGraph graph = graph("adam");
    List<Progress> reports = new ArrayList<>();
    train(graph, spark.parallelize(examples(120), 2), options(2, 5), reports::add);
    Progress last = reports.get(reports.size() - 1);
    assertThat(last.step()).isEqualTo(last.course().steps()).isEqualTo(40);
    assertThat(last.epoch()).isEqualTo(5);
    // Rounds of 3, 3 and 2 steps: none goes beyond its epoch.
    assertThat(reports).hasSize(15).filteredOn(report -> report.step() % 8 == 0).hasSize(5);
    assertThat(last.remainingSeconds()).isZero();
    assertThat(last.loss()).isLessThan(0.7 * reports.get(0).loss());
    assertThat(graph.getConfiguration().getIterationCount()).isEqualTo(40);
  }
}
