package org.rtcn.common.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.rtcn.common.nd4j.Nd4jRuntime;

/**
 * What ND4J's kernels compute in single precision by loops and products of their own is what ND4J
 * computes in double precision.
 */
class HostKernelsTest {
  private final SplittableRandom random = new SplittableRandom(11);

  @BeforeAll
  static void start() {
    Nd4jRuntime.start();
  }

  /** Odd and even sizes, kernels of one row and of more, with and without bias and {@code dx}. */
  @ParameterizedTest
  @CsvSource({
    "3, 4, 1, 10, 1, 3, 1, true, true",
    "3, 4, 1, 11, 1, 3, 2, true, true",
    "3, 4, 1, 9, 1, 5, 2, true, false",
    "2, 3, 3, 2, 1, 7, 1, true, true",
    "2, 3, 3, 5, 1, 5, 1, true, true",
    "2, 3, 3, 5, 1, 7, 3, true, true",
    "2, 90, 1, 130, 1, 3, 1, true, true",
    "5, 2, 7, 6, 1, 1, 2, false, true",
    "5, 2, 6, 5, 1, 1, 1, false, true",
    "5, 2, 6, 5, 1, 1, 1, true, true",
    "4, 3, 8, 10, 3, 3, 2, true, false",
    "4, 3, 7, 9, 3, 3, 2, true, false",
    "4, 3, 7, 9, 3, 3, 1, true, false",
    "2, 3, 9, 8, 5, 5, 2, false, false",
    "2, 3, 9, 8, 5, 3, 3, true, false",
    "2, 3, 2, 3, 5, 5, 1, true, false"
  })
  void convolution(
      int in,
      int out,
      int height,
      int width,
      int kernelHeight,
      int kernelWidth,
      int stride,
      boolean biased,
      boolean wanted) {
    int batch = 3;
    int rows = (height - 1) / stride + 1;
    int columns = (width - 1) / stride + 1;
    double[] x = numbers(batch * in * height * width);
    double[] weights = numbers(out * in * kernelHeight * kernelWidth);
    double[] bias = numbers(out);
    double[] dy = numbers(batch * out * rows * columns);
    agree(
        kernels -> {
          Array images = array(kernels, x, batch, in, height, width);
          Array w = array(kernels, weights, out, in, kernelHeight, kernelWidth);
          Array b = biased ? array(kernels, bias, out) : null;
          Array y = kernels.uninitialised(batch, out, rows, columns);
          Array dx = kernels.uninitialised(batch, in, height, width);
          Array dW = kernels.uninitialised(out, in, kernelHeight, kernelWidth);
          Array dB = kernels.zeros(out);
          Array slopes = array(kernels, dy, batch, out, rows, columns);
          kernels.conv2d(images, w, b, y, stride);
          // Twice, as nothing of an earlier batch may stay.
          for (int pass = 0; pass < 2; pass++) {
            kernels.conv2dBackward(
                images, w, b, slopes, wanted ? dx : null, dW, biased ? dB : null, stride);
          }
          return wanted ? List.of(y, dW, dB, dx) : List.of(y, dW, dB);
        });
  }

  /** One object of kernels serves layers of several shapes in turn. */
  @Test
  void convolutionsOfSeveralShapesInTurn() {
    double[] x = numbers(2 * 3 * 8 * 8);
    double[] weights = numbers(4 * 3 * 9);
    double[] dy = numbers(2 * 4 * 8 * 8);
    agree(
        kernels -> {
          List<Array> results = new ArrayList<>();
          for (int[] shape : new int[][] {{8, 8, 2}, {8, 6, 1}, {5, 8, 2}, {8, 8, 1}, {8, 8, 2}}) {
            int rows = (shape[0] - 1) / shape[2] + 1;
            int columns = (shape[1] - 1) / shape[2] + 1;
            Array dW = kernels.uninitialised(4, 3, 3, 3);
            kernels.conv2dBackward(
                array(kernels, x, 2, 3, shape[0], shape[1]),
                array(kernels, weights, 4, 3, 3, 3),
                null,
                array(kernels, dy, 2, 4, rows, columns),
                null,
                dW,
                null,
                shape[2]);
            results.add(dW);
          }
          return results;
        });
  }

  @Test
  void geluAndItsSlope() {
    double[] x = numbers(20_001);
    for (int i = 0; i < x.length; i++) {
      x[i] *= 3;
    }
    System.arraycopy(new double[] {0, -0.0, 1e-20, -1e-20, 60, -60, 7, -7, 1e4, -1e4}, 0, x, 0, 10);
    double[] dy = numbers(x.length);
    agree(
        kernels -> {
          Array in = array(kernels, x, x.length);
          Array y = kernels.uninitialised(x.length);
          Array kept = kernels.uninitialised(x.length);
          Array dx = kernels.uninitialised(x.length);
          kernels.gelu(in, y, kept);
          kernels.geluBackward(in, kept, array(kernels, dy, x.length), dx);
          return List.of(y, dx);
        });
  }

  @Test
  void sumsProductsAndRows() {
    // Longer than a piece, and no whole number of pieces; and longer than what is done here.
    for (int rows : new int[] {3, 130, 900}) {
      int columns = 77;
      double[] a = numbers(rows * columns);
      double[] b = numbers(rows * columns);
      double[] row = numbers(columns);
      agree(
          kernels -> {
            Array x = array(kernels, a, rows, columns);
            Array z = array(kernels, b, rows, columns);
            Array sum = kernels.uninitialised(rows, columns);
            Array product = kernels.uninitialised(rows, columns);
            Array gated = kernels.uninitialised(rows, columns);
            Array total = kernels.uninitialised(columns);
            Array positive = kernels.uninitialised(rows, columns);
            kernels.add(x, z, sum);
            kernels.addRow(sum, array(kernels, row, columns));
            kernels.multiply(x, z, product);
            Array difference = kernels.uninitialised(rows, columns);
            kernels.subtract(x, z, difference);
            kernels.scale(difference, 0.3, difference);
            kernels.relu(x, positive);
            kernels.reluBackward(positive, z, gated);
            kernels.sumRows(x, total);
            kernels.add(x, z, x);
            return List.of(sum, product, difference, gated, total, x);
          });
    }
  }

  @Test
  void viewsJoinsAndMeans() {
    double[] a = numbers(3 * 4 * 5 * 6);
    double[] b = numbers(3 * 2 * 5 * 6);
    agree(
        kernels -> {
          Array x = array(kernels, a, 3, 4, 5, 6);
          Array turned = kernels.uninitialised(3, 6, 4, 5);
          kernels.copy(x.permute(0, 3, 1, 2), turned);
          Array swapped = kernels.uninitialised(3, 6, 20);
          kernels.copy(x.reshape(3, 20, 6).permute(0, 2, 1), swapped);
          Array part = kernels.uninitialised(3, 2, 5, 6);
          kernels.copy(x.slice(1, 1, 3), part);
          Array one = kernels.uninitialised(3, 5, 6);
          kernels.copy(x.at(1, 2), one);
          Array joined = kernels.uninitialised(3, 6, 5, 6);
          kernels.joinChannels(x, array(kernels, b, 3, 2, 5, 6), joined);
          Array doubled = kernels.uninitialised(3, 4, 5, 12);
          kernels.doubleWidth(x, doubled);
          Array pairs = kernels.uninitialised(180);
          kernels.sumColumns(x.reshape(180, 2), pairs);
          Array mean = array(kernels, b, 180);
          kernels.follow(mean, array(kernels, a, 180), 0.9);
          return List.of(turned, swapped, part, one, joined, doubled, pairs, mean);
        });
  }

  /** Lengths that are no whole number of pieces; long sums keep their small numbers. */
  @Test
  void squaresAndClipping() {
    Kernels kernels = new Nd4jKernels(DataType.FLOAT);
    for (int count : new int[] {1, 255, 8193, 20_001, 1 << 22}) {
      Array x = kernels.uninitialised(count);
      kernels.fill(x, 0.1);
      Kernels.Total total = kernels.total();
      kernels.addSquares(x, 2, total);
      assertThat(total.value() / count).isCloseTo(0.02, Offset.offset(1e-7));
      kernels.clip(x, 0.01);
      assertThat(kernels.floats(x)[count - 1] * Math.sqrt(count))
          .isCloseTo(0.01, Offset.offset(1e-7));
    }
    double[] mixed = numbers(9_000);
    agree(
        each -> {
          Array x = array(each, mixed, mixed.length);
          each.clip(x, 3);
          return List.of(x);
        });
  }

  /** In one go what {@code adam} and {@code descend} do one after the other. */
  @Test
  void descentByAdam() {
    int count = 20_001;
    double[] start = numbers(count);
    double[] decays = numbers(count);
    double[][] gradients = {numbers(count), numbers(count), numbers(count)};
    Kernels.Adam constants = new Kernels.Adam(0.9, 0.999, 1e-8);
    agree(
        kernels -> {
          List<Array> results = new ArrayList<>();
          for (boolean decayed : new boolean[] {false, true}) {
            Array weights = array(kernels, start, count);
            Array apart = array(kernels, start, count);
            Array decay = decayed ? array(kernels, decays, count) : null;
            Array mean = kernels.zeros(count);
            Array variance = kernels.zeros(count);
            Array meanApart = kernels.zeros(count);
            Array varianceApart = kernels.zeros(count);
            for (int i = 0; i < gradients.length; i++) {
              Array gradient = array(kernels, gradients[i], count);
              kernels.adamDescend(weights, gradient, mean, variance, decay, 1e-2, i, constants);
              gradient = array(kernels, gradients[i], count);
              kernels.adam(gradient, meanApart, varianceApart, 1e-2, i, constants);
              kernels.descend(apart, gradient, decay, 1e-2);
            }
            assertThat(kernels.doubles(weights)).isEqualTo(kernels.doubles(apart));
            results.addAll(List.of(weights, mean, variance));
          }
          return results;
        });
  }

  @Test
  void tokens() {
    double[] x = numbers(4 * 5 * 6);
    double[] rows = numbers(4 * 6);
    agree(
        kernels -> {
          Array mean = kernels.uninitialised(4, 6);
          Array spread = kernels.uninitialised(4, 5, 6);
          kernels.meanTokens(array(kernels, x, 4, 5, 6), mean);
          kernels.spreadTokens(array(kernels, rows, 4, 6), spread);
          return List.of(mean, spread);
        });
  }

  @Test
  void productsOfMatricesEachWay() {
    double[] a = numbers(7 * 5);
    double[] b = numbers(5 * 9);
    agree(
        kernels -> {
          List<Array> results = new ArrayList<>();
          for (int way = 0; way < 4; way++) {
            boolean ta = way % 2 == 1;
            boolean tb = way / 2 == 1;
            Array z = kernels.uninitialised(7, 9);
            kernels.matmul(
                ta ? array(kernels, a, 5, 7) : array(kernels, a, 7, 5),
                tb ? array(kernels, b, 9, 5) : array(kernels, b, 5, 9),
                z,
                ta,
                tb);
            results.add(z);
          }
          return results;
        });
  }

  /** The share that is kept, the factor, and the same draws for the same seed. */
  @Test
  void dropoutDrawsAsOftenAsItShould() {
    Kernels kernels = new Nd4jKernels(DataType.FLOAT);
    int count = 100_001;
    List<float[]> masks = new ArrayList<>();
    for (long seed : new long[] {3, 3, 4}) {
      kernels.seed(seed);
      Array x = kernels.uninitialised(count);
      kernels.fill(x, 2);
      Array mask = kernels.uninitialised(count);
      kernels.dropout(x, mask, 0.1);
      float[] drawn = kernels.floats(mask);
      float[] kept = kernels.floats(x);
      int ones = 0;
      for (int i = 0; i < count; i++) {
        assertThat(drawn[i]).isIn(0f, (float) (1 / 0.9));
        assertThat(kept[i]).isEqualTo(2 * drawn[i]);
        ones += drawn[i] > 0 ? 1 : 0;
      }
      // Four deviations of a binomial.
      assertThat(ones / (double) count).isCloseTo(0.9, Offset.offset(4 * Math.sqrt(0.09 / count)));
      masks.add(drawn);
    }
    assertThat(masks.get(1)).isEqualTo(masks.get(0));
    assertThat(masks.get(2)).isNotEqualTo(masks.get(0));
  }

  private static void agree(java.util.function.Function<Kernels, List<Array>> work) {
    BiFunction<Kernels, Array, double[]> read = Kernels::doubles;
    Kernels single = new Nd4jKernels(DataType.FLOAT);
    Kernels twice = new Nd4jKernels(DataType.DOUBLE);
    List<Array> ours = work.apply(single);
    List<Array> reference = work.apply(twice);
    for (int r = 0; r < reference.size(); r++) {
      double[] here = read.apply(single, ours.get(r));
      double[] there = read.apply(twice, reference.get(r));
      assertThat(here).as("result %d", r).hasSameSizeAs(there);
      for (int i = 0; i < there.length; i++) {
        assertThat(here[i])
            .as("result %d, element %d", r, i)
            .isCloseTo(there[i], Offset.offset(2e-5 * Math.max(1, Math.abs(there[i]))));
      }
    }
  }

  private static Array array(Kernels kernels, double[] values, long... shape) {
    Array array = kernels.uninitialised(shape);
    int count = Math.toIntExact(array.length());
    kernels.write(values.length == count ? values : java.util.Arrays.copyOf(values, count), array);
    return array;
  }

  private double[] numbers(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
