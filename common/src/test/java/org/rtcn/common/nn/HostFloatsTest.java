package org.rtcn.common.nn;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.GradientUpdater;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * What is done in single precision in the JVM says the same as the native operations in double
 * precision, which the goldens and the gradient checks hold.
 */
class HostFloatsTest {
  private static final Offset<Double> CLOSE = Offset.offset(2e-5);

  private final SplittableRandom random = new SplittableRandom(5);

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  @Test
  void arraysAreReadAndWrittenWhereTheyLie() {
    INDArray whole = Nd4j.zeros(DataType.FLOAT, 4, 3);
    INDArray part = whole.get(NDArrayIndex.interval(1, 3));
    assertThat(HostFloats.serve(part)).isTrue();
    assertThat(HostFloats.serve(part.castTo(DataType.DOUBLE))).isFalse();
    HostFloats.write(new float[] {1, 2, 3, 4, 5, 6}, part);
    assertThat(whole.ravel().toFloatVector()).containsExactly(0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0);
    assertThat(HostFloats.read(part, null)).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void affineMap() {
    // As parameters lie: parts of one long vector.
    INDArray parameters = array(7 + 6 * 5 + 5);
    INDArray x = array(9, 6);
    List<INDArray> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      INDArray flat = parameters.castTo(type).reshape(1, 42);
      INDArray weights =
          flat.get(NDArrayIndex.all(), NDArrayIndex.interval(7, 37)).reshape('c', 6, 5);
      INDArray bias = flat.get(NDArrayIndex.all(), NDArrayIndex.interval(37, 42));
      INDArray y = Nd4j.create(type, 9, 5);
      Linear.forward(x.castTo(type), weights, bias, y);
      results.add(y);
    }
    requireClose("y", results);
  }

  @Test
  void eluOfShiftedRows() {
    // More than one chunk, whole rows of one that does not divide it; far out on both sides.
    INDArray x = array(500, 37).muli(8);
    x.putScalar(0, 80).putScalar(1, -80).putScalar(2, 0);
    INDArray shift = array(500);
    INDArray dy = array(500, 37);
    List<INDArray> plain = new ArrayList<>();
    List<INDArray> shifted = new ArrayList<>();
    List<INDArray> gradients = new ArrayList<>();
    List<INDArray> shiftGradients = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Elu elu = new Elu();
      INDArray y = Nd4j.create(type, 500, 37);
      elu.forward(x.castTo(type), null, y);
      plain.add(y.dup());
      elu.forward(x.castTo(type), shift.castTo(type), y);
      shifted.add(y);
      INDArray dx = Nd4j.create(type, 500, 37);
      INDArray dShift = Nd4j.create(type, 500);
      elu.backward(y, dy.castTo(type), dx, dShift);
      gradients.add(dx);
      shiftGradients.add(dShift);
    }
    assertThat(plain.get(1).getDouble(1)).isCloseTo(-1, CLOSE);
    assertThat(plain.get(1).getDouble(2)).isZero();
    requireClose("y", plain);
    requireClose("y of shifted rows", shifted);
    requireClose("dx", gradients);
    requireClose("dShift", shiftGradients);
  }

  @Test
  void layerNormalisation() {
    INDArray x = array(10, 7);
    INDArray gain = array(7);
    INDArray bias = array(7);
    INDArray dy = array(10, 7);
    List<List<INDArray>> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      LayerNormalisation norm = new LayerNormalisation(new Scratch(type), "norm");
      INDArray y = Nd4j.create(type, 10, 7);
      INDArray dx = Nd4j.create(type, 10, 7);
      INDArray dGain = Nd4j.create(type, 7);
      INDArray dBias = Nd4j.create(type, 7);
      // Twice, as nothing of an earlier batch may stay.
      for (int pass = 0; pass < 2; pass++) {
        norm.forward(x.castTo(type), gain.castTo(type), bias.castTo(type), y);
        norm.backward(dy.castTo(type), gain.castTo(type), dx, dGain, dBias);
      }
      results.add(List.of(y, dx, dGain, dBias));
    }
    requireAllClose(results);
  }

  @Test
  void selfAttention() {
    int tokens = 5;
    int dim = 12;
    int rows = 3 * tokens;
    int three = 3 * dim;
    INDArray x = array(rows, dim);
    INDArray in = array(dim, three).muli(0.3);
    INDArray inBias = array(three);
    INDArray out = array(dim, dim).muli(0.3);
    INDArray outBias = array(dim);
    INDArray dy = array(rows, dim);
    List<List<INDArray>> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      SelfAttention attention = new SelfAttention(new Scratch(type), tokens, dim, 2);
      INDArray y = Nd4j.create(type, rows, dim);
      INDArray dx = Nd4j.create(type, rows, dim);
      INDArray dIn = Nd4j.create(type, dim, three);
      INDArray dInBias = Nd4j.create(type, three);
      INDArray dOut = Nd4j.create(type, dim, dim);
      INDArray dOutBias = Nd4j.create(type, dim);
      for (int pass = 0; pass < 2; pass++) {
        attention.forward(
            x.castTo(type),
            in.castTo(type),
            inBias.castTo(type),
            out.castTo(type),
            outBias.castTo(type),
            y);
        attention.backward(
            x.castTo(type),
            in.castTo(type),
            out.castTo(type),
            dy.castTo(type),
            dx,
            dIn,
            dInBias,
            dOut,
            dOutBias);
      }
      results.add(List.of(y, attention.weights(), dx, dIn, dInBias, dOut, dOutBias));
    }
    requireAllClose(results);
  }

  /** More numbers than fit in one go, and a state of two parts, as DL4J hands it over. */
  @Test
  void adam() {
    int count = 20_001;
    int both = 2 * count;
    INDArray gradients = array(3, count);
    LearningRateSchedule schedule = LearningRateSchedule.cosine(1e-2, 2, 10);
    List<List<INDArray>> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      INDArray state = Nd4j.zeros(type, 1, both);
      GradientUpdater<?> updater = new OnePassAdam(schedule).clone().instantiate(state, true);
      List<INDArray> own = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        INDArray gradient = gradients.getRow(step).castTo(type).dup().reshape(1, count);
        updater.applyUpdater(gradient, step, 0);
        own.add(gradient);
      }
      own.add(state);
      results.add(own);
    }
    requireAllClose(results);
    assertThat(new OnePassAdam(schedule).clone()).isEqualTo(new OnePassAdam(schedule));
  }

  private static void requireAllClose(List<List<INDArray>> results) {
    for (int i = 0; i < results.get(0).size(); i++) {
      requireClose("array " + i, List.of(results.get(0).get(i), results.get(1).get(i)));
    }
  }

  private static void requireClose(String what, List<INDArray> both) {
    double[] host = both.get(0).castTo(DataType.DOUBLE).ravel().toDoubleVector();
    double[] reference = both.get(1).ravel().toDoubleVector();
    assertThat(host).as(what).hasSameSizeAs(reference);
    for (int i = 0; i < host.length; i++) {
      assertThat(host[i]).as("%s, element %d", what, i).isCloseTo(reference[i], CLOSE);
    }
  }

  private INDArray array(long... shape) {
    INDArray made = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < made.length(); i++) {
      made.putScalar(i, random.nextGaussian());
    }
    return made;
  }
}
