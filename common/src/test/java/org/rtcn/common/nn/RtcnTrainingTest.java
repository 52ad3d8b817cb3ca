package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.rtcn.common.kernels.Kernels;
import org.rtcn.common.optimise.ClippedUpdater;
import org.rtcn.common.optimise.LearningRateSchedule;
import org.rtcn.common.optimise.OnePassAdam;

/** Steps without DL4J are DL4J's steps. */
class RtcnTrainingTest {
  private static final int STEPS = 6;
  private static final int BATCH = 4;

  /** A multi-scale network that is told of the patient; clipping, decay and a schedule at work. */
  @ParameterizedTest
  @MethodSource("org.rtcn.common.kernels.TestKernels#inDoublePrecision")
  void stepsAreThoseOfDl4j(Kernels kernels) {
    for (ILossFunction loss : List.of(new WeightedCrossEntropy(), new FocalCrossEntropy(2))) {
      ComputationGraph theirs = graph(loss);
      ComputationGraph ours = graph(loss);
      RtcnConfig config = config();
      SplittableRandom random = new SplittableRandom(3);
      double sum = 0;
      try (RtcnTraining training = new RtcnTraining(ours, kernels)) {
        training.load(ours);
        for (int step = 0; step < STEPS; step++) {
          INDArray x = normal(random, BATCH, config.channels(), config.voices(), config.columns());
          INDArray told = normal(random, BATCH, config.patientInput().numbers());
          INDArray labels = Nd4j.zeros(DataType.DOUBLE, BATCH, config.classes());
          for (int i = 0; i < BATCH; i++) {
            labels.putScalar(i, random.nextInt(config.classes()), 0.5 + random.nextDouble());
          }
          double decay = theirs.calcRegularizationScore(true);
          theirs.fit(new INDArray[] {x, told}, new INDArray[] {labels});
          sum += theirs.score() - decay;
          training.step(x, told, labels, step, 1);
        }
        training.store(ours);
        // DL4J's score has the head's decay in it, at a rate that has moved on when it is asked
        // for.
        assertThat(training.meanLoss()).isCloseTo(sum / STEPS, within(1e-3));
      }
      requireEqual(theirs.params(), ours.params(), 1e-7);
      requireEqual(
          theirs.getUpdater().getStateViewArray(), ours.getUpdater().getStateViewArray(), 1e-7);
    }
  }

  private static RtcnConfig config() {
    return NetworkSize.TINY.config(3, 6, 9, 4, 1).toBuilder()
        .kernels(List.of(3, 5))
        .pooling(Pooling.CLASS_TOKEN)
        .build()
        .toBuilder()
        .dropout(0)
        .learningRate(1e-3)
        .weightDecay(1e-2)
        .labelSmoothing(0)
        .build()
        .told(PatientInput.AGE_SEX);
  }

  private static ComputationGraph graph(ILossFunction loss) {
    return Rtcn.build(
        config(),
        new ClippedUpdater(new OnePassAdam(LearningRateSchedule.cosine(1e-2, 2, STEPS)), 0.5),
        loss,
        DataType.DOUBLE);
  }

  private static void requireEqual(INDArray expected, INDArray found, double tolerance) {
    assertThat(found.length()).isEqualTo(expected.length());
    assertThat(
            found
                .reshape(found.length())
                .sub(expected.reshape(expected.length()))
                .amaxNumber()
                .doubleValue())
        .isLessThan(tolerance);
  }

  private static INDArray normal(SplittableRandom random, long... shape) {
    INDArray array = Nd4j.create(DataType.DOUBLE, shape);
    double[] values = new double[Math.toIntExact(array.length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    return Nd4j.create(values, shape, 'c');
  }
}
