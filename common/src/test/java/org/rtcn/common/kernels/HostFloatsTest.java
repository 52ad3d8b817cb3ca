package org.rtcn.common.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rtcn.common.kernels.Nd4jKernels.wrap;

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
      new Nd4jKernels(type).affine(wrap(x.castTo(type)), wrap(weights), wrap(bias), wrap(y));
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
      Nd4jElu elu = new Nd4jElu();
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
      Kernels.Normalisation norm = new Nd4jKernels(type).normalisation();
      INDArray y = Nd4j.create(type, 10, 7);
      INDArray dx = Nd4j.create(type, 10, 7);
      INDArray dGain = Nd4j.create(type, 7);
      INDArray dBias = Nd4j.create(type, 7);
      // Twice, as nothing of an earlier batch may stay.
      for (int pass = 0; pass < 2; pass++) {
        norm.forward(
            wrap(x.castTo(type)), wrap(gain.castTo(type)), wrap(bias.castTo(type)), wrap(y));
        norm.backward(
            wrap(dy.castTo(type)), wrap(gain.castTo(type)), wrap(dx), wrap(dGain), wrap(dBias));
      }
      results.add(List.of(y, dx, dGain, dBias));
    }
    requireAllClose(results);
  }

  @Test
  void attention() {
    int tokens = 5;
    int dim = 12;
    int rows = 3 * tokens;
    INDArray projected = array(rows, 3L * dim);
    INDArray dJoined = array(rows, dim);
    List<List<INDArray>> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Kernels.Attention attention = new Nd4jKernels(type).attention(tokens, dim, 2);
      INDArray joined = Nd4j.create(type, rows, dim);
      INDArray dProjected = Nd4j.create(type, rows, 3L * dim);
      for (int pass = 0; pass < 2; pass++) {
        attention.forward(wrap(projected.castTo(type)), wrap(joined));
        attention.backward(wrap(dJoined.castTo(type)), wrap(dProjected));
      }
      results.add(List.of(joined, Nd4j.createFromArray(attention.weights()), dProjected));
    }
    requireAllClose(results);
  }

  /**
   * A row of equal values has the variance 0: it becomes the bias, finite both ways. ND4J
   * 1.0.0-M2.1's own layer normalisation gives infinities there.
   */
  @Test
  void aFlatRowThroughLayerNormalisationIsFinite() {
    INDArray x = Nd4j.ones(DataType.FLOAT, 3, 8).muli(0.7f);
    x.putRow(1, array(8));
    INDArray gain = array(8);
    INDArray bias = array(8);
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Kernels.Normalisation norm = new Nd4jKernels(type).normalisation();
      INDArray y = Nd4j.create(type, 3, 8);
      INDArray dx = Nd4j.create(type, 3, 8);
      norm.forward(wrap(x.castTo(type)), wrap(gain.castTo(type)), wrap(bias.castTo(type)), wrap(y));
      norm.backward(
          wrap(array(3, 8).castTo(type)),
          wrap(gain.castTo(type)),
          wrap(dx),
          wrap(Nd4j.create(type, 8)),
          wrap(Nd4j.create(type, 8)));
      for (int c = 0; c < 8; c++) {
        assertThat(y.getDouble(0, c)).isCloseTo(bias.getDouble(c), Offset.offset(1e-4));
        assertThat(dx.getDouble(0, c)).isFinite();
      }
    }
  }

  /**
   * Sums of a million and more floats: ND4J 1.0.0-M2.1 adds them up in one float (its mean of 2^24
   * times 0.1 is 0.1153), so ours go by blocks. OpenBLAS's Euclidean norm, by which gradients are
   * clipped, is exact.
   */
  @Test
  void longSumsKeepTheirSmallNumbers() {
    int count = 1 << 22;
    float[] values = new float[count];
    java.util.Arrays.fill(values, 0.1f);
    assertThat(HostFloats.sum(values, 0, count) / (double) count)
        .isCloseTo(0.1, Offset.offset(1e-7));
    assertThat(HostFloats.dot(values, 0, values, 0, count) / (double) count)
        .isCloseTo(0.01, Offset.offset(1e-8));
    try (INDArray all = Nd4j.createFromArray(values)) {
      assertThat(Math.abs(all.meanNumber().doubleValue() - 0.1))
          .as("should ND4J have learned to add, the blocks can go")
          .isGreaterThan(1e-3);
      assertThat(Nd4j.getBlasWrapper().nrm2(all) / Math.sqrt(count))
          .isCloseTo(0.1, Offset.offset(1e-7));
      INDArray sum = Nd4j.create(DataType.FLOAT, 2);
      new Nd4jKernels(DataType.FLOAT).sumRows(wrap(all.reshape(count / 2, 2)), wrap(sum));
      assertThat(sum.getDouble(1) * 2 / count).isCloseTo(0.1, Offset.offset(2e-5));
    }
  }

  /** More numbers than fit in one go. */
  @Test
  void adam() {
    int count = 20_001;
    INDArray gradients = array(3, count);
    Kernels.Adam constants = new Kernels.Adam(0.9, 0.999, 1e-8);
    List<List<INDArray>> results = new ArrayList<>();
    for (DataType type : List.of(DataType.FLOAT, DataType.DOUBLE)) {
      Kernels kernels = new Nd4jKernels(type);
      Array mean = kernels.zeros(count);
      Array variance = kernels.zeros(count);
      List<INDArray> own = new ArrayList<>();
      for (int step = 0; step < 3; step++) {
        INDArray gradient = gradients.getRow(step).castTo(type).dup();
        kernels.adam(wrap(gradient), mean, variance, 1e-2, step, constants);
        own.add(gradient);
      }
      own.add(Nd4jArray.of(mean));
      own.add(Nd4jArray.of(variance));
      results.add(own);
    }
    requireAllClose(results);
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
