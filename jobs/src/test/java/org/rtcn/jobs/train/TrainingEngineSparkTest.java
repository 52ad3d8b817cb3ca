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
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.common.nn.LearningRateSchedule;
import org.rtcn.common.nn.Rtcn;
import org.rtcn.common.nn.RtcnConfig;
import org.rtcn.jobs.SparkTestSession;
import org.rtcn.jobs.train.TrainingOptions.RtcnConfigShape;
import org.rtcn.jobs.train.TrainingOptions.Weighting;

class TrainingEngineSparkTest {
  private static final RtcnConfig CONFIG =
      new RtcnConfig(2, 6, 8, 3, 4, 1, List.of(4, 8), 1, 1, 8, 2, 16, 0.2, 1e-2, 1e-2, 0.1, 11);

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
        updater.equals("sgd") ? new Sgd(0.05) : new Adam(LearningRateSchedule.cosine(1e-2, 4, 40));
    return Rtcn.build(CONFIG, chosen, DataType.FLOAT);
  }

  private INDArray trained(String updater, JavaRDD<Example> examples, TrainingOptions options) {
    ComputationGraph graph = graph(updater);
    new ParameterAveragingEngine().train(graph, examples, options, progress -> {});
    return graph.params().dup();
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
    new LocalEngine().train(local, examples(50), options(1, 2), progress -> {});
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
    int steps = options.stepsPerEpoch(60);
    INDArray mean = null;
    double total = 0;
    for (int worker = 0; worker < 2; worker++) {
      int self = worker;
      List<Example> own = all.stream().filter(example -> Shard.worker(example, 2) == self).toList();
      ComputationGraph graph = graph(updater);
      var batches = new Shard(own, options).batches(0, 0, steps);
      for (int step = 0; batches.hasNext(); step++) {
        Steps.prepare(graph, 5, worker, step);
        graph.fit(batches.next());
      }
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

  @Test
  void learnsAndReportsProgress() {
    ComputationGraph graph = graph("adam");
    List<TrainingProgress> reports = new ArrayList<>();
    new ParameterAveragingEngine()
        .train(graph, spark.parallelize(examples(120), 2), options(2, 5), reports::add);
    TrainingProgress last = reports.get(reports.size() - 1);
    assertThat(last.step()).isEqualTo(last.steps()).isEqualTo(40);
    assertThat(last.epoch()).isEqualTo(5);
    assertThat(last.epochDone()).isTrue();
    assertThat(reports.stream().filter(TrainingProgress::epochDone)).hasSize(5);
    assertThat(last.remainingSeconds()).isZero();
    assertThat(last.loss()).isLessThan(0.7 * reports.get(0).loss());
    assertThat(graph.getConfiguration().getIterationCount()).isEqualTo(40);
  }
}
