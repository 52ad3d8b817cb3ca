package org.rtcn.common.nn;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A parameter of a block.
 *
 * @param name unique within its block
 * @param kind whether weight decay applies
 * @param start how it is first filled
 * @param scale the standard deviation ({@link Start#NORMAL}) or the value ({@link Start#CONSTANT})
 * @param shape in C order
 */
@SuppressWarnings("ArrayRecordComponent")
record Parameter(String name, Kind kind, Start start, double scale, long[] shape) {
  enum Kind {
    /** Weight decay applies. */
    WEIGHT,
    /** Biases and gains: no decay. */
    BIAS
  }

  enum Start {
    NORMAL,
    CONSTANT
  }

  static Parameter weight(String name, double standardDeviation, long... shape) {
    return new Parameter(name, Kind.WEIGHT, Start.NORMAL, standardDeviation, shape);
  }

  static Parameter bias(String name, double value, long... shape) {
    return new Parameter(name, Kind.BIAS, Start.CONSTANT, value, shape);
  }

  long length() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Fills {@code view} with the starting values. */
  void initialise(INDArray view, RandomGenerator random) {
    if (start == Start.CONSTANT) {
      view.assign(scale);
      return;
    }
    double[] values = new double[Math.toIntExact(length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * random.nextGaussian();
    }
    view.assign(Nd4j.create(values, shape, 'c').castTo(view.dataType()));
  }
}
