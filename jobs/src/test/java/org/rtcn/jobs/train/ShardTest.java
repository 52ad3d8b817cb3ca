package org.rtcn.jobs.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.rtcn.common.nn.ImagePerturbation;
import org.rtcn.jobs.train.TrainingOptions.RtcnConfigShape;
import org.rtcn.jobs.train.TrainingOptions.Weighting;

class ShardTest {
  private static final TrainingOptions OPTIONS =
      new TrainingOptions(
          new RtcnConfigShape(1, 1, 1, 2, 2, 0.2, 0),
          3,
          4,
          5,
          1,
          Weighting.LOSS,
          ImagePerturbation.NONE,
          7);

  private static Shard shard(int n) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      examples.add(new Example(7, "b" + i, i % 2, 3, new float[] {i, -i}));
    }
    return shard(examples, OPTIONS);
  }

  /** Its file stays open until the JVM ends; it has no name any more. */
  static Shard shard(List<Example> examples, TrainingOptions options) {
    return new Shard(ShardFile.write(examples.iterator()), options);
  }

  private static List<Float> seen(Shard shard, int epoch, int from, int to) {
    List<Float> seen = new ArrayList<>();
    Iterator<MultiDataSet> batches = shard.batches(epoch, from, to);
    while (batches.hasNext()) {
      INDArray x = batches.next().getFeatures(0);
      for (int i = 0; i < x.size(0); i++) {
        seen.add(x.getFloat(i, 0, 0, 0));
      }
    }
    return seen;
  }

  @Test
  void anEpochSeesEveryExampleAndFillsItsLastBatch() {
    Shard shard = shard(10);
    List<Float> seen = seen(shard, 0, 0, OPTIONS.course(10).stepsPerEpoch());
    assertThat(seen).hasSize(12);
    TreeMap<Float, Integer> counts = new TreeMap<>();
    seen.forEach(value -> counts.merge(value, 1, Integer::sum));
    assertThat(counts).hasSize(10);
    assertThat(seen.subList(10, 12)).isEqualTo(seen.subList(0, 2));
    assertThat(seen(shard, 1, 0, 3)).isNotEqualTo(seen);
    assertThat(seen(shard, 0, 1, 2)).isEqualTo(seen.subList(4, 8));
  }

  @Test
  void labelRowsAreSmoothedAndSumToTheWeight() {
    INDArray labels = shard(10).batches(0, 0, 1).next().getLabels(0);
    for (int i = 0; i < 4; i++) {
      assertThat(labels.getRow(i).sumNumber().doubleValue()).isCloseTo(3, within(1e-6));
      assertThat(labels.getRow(i).maxNumber().doubleValue()).isCloseTo(2.7, within(1e-6));
    }
  }

  @Test
  void perturbationFollowsFromEpochAndExample() {
    TrainingOptions perturbing =
        new TrainingOptions(
            OPTIONS.network(),
            3,
            4,
            5,
            1,
            Weighting.LOSS,
            new ImagePerturbation(0, 1, 0.5, 0, 0, 0.5),
            7);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      examples.add(new Example(7, "b" + i, i % 2, 3, new float[] {i, -i}));
    }
    Shard shard = shard(examples, perturbing);
    List<Example> reversed = new ArrayList<>(examples);
    java.util.Collections.reverse(reversed);
    MultiDataSet batch = shard.batches(1, 0, 1).next();
    MultiDataSet again = shard(reversed, perturbing).batches(1, 0, 1).next();
    MultiDataSet later = shard.batches(2, 0, 1).next();
    assertThat(again.getFeatures(0)).isEqualTo(batch.getFeatures(0));
    assertThat(again.getLabels(0)).isEqualTo(batch.getLabels(0));
    assertThat(later.getFeatures(0)).isNotEqualTo(batch.getFeatures(0));
    // Mixed labels still carry the weight.
    assertThat(batch.getLabels(0).sumNumber().doubleValue()).isCloseTo(12, within(1e-5));
  }

  @Test
  void drawnBalanceShowsAnExampleAsOftenAsItWeighs() {
    TrainingOptions drawing =
        new TrainingOptions(
            OPTIONS.network(), 3, 4, 5, 1, Weighting.DRAWS, ImagePerturbation.NONE, 7);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      examples.add(new Example(7, "b" + i, i % 2, i == 0 ? 10.5f : 0.5f, new float[] {i, 0}));
    }
    Shard shard = shard(examples, drawing);
    TreeMap<Float, Integer> counts = new TreeMap<>();
    for (int epoch = 0; epoch < 200; epoch++) {
      seen(shard, epoch, 0, 5).forEach(value -> counts.merge(value, 1, Integer::sum));
    }
    double share = counts.get(0f) / (200.0 * 20);
    assertThat(share).isCloseTo(10.5 / 20, within(0.03));
    assertThat(counts).hasSize(20);
    assertThat(shard.batches(0, 0, 1).next().getLabels(0).sumNumber().doubleValue())
        .isCloseTo(4, within(1e-5));
  }

  @Test
  void anEmptyShardHasNoBatches() {
    assertThat(shard(0).isEmpty()).isTrue();
    assertThat(shard(0).batches(0, 0, 4).hasNext()).isFalse();
  }

  @Test
  void wrongOptionsAreRefused() {
    assertThatThrownBy(
            () ->
                new TrainingOptions(
                    new RtcnConfigShape(1, 1, 1, 2, 2, 0, 0),
                    0,
                    4,
                    5,
                    1,
                    Weighting.LOSS,
                    ImagePerturbation.NONE,
                    7))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Invalid epochs 0: must be positive");
  }
}
