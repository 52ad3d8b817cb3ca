package org.rtcn.common.nn;

import java.util.Arrays;
import java.util.random.RandomGenerator;

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

  /** The starting values. */
  double[] initial(RandomGenerator random) {
    double[] values = new double[Math.toIntExact(length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = start == Start.CONSTANT ? scale : scale * random.nextGaussian();
    }
    return values;
  }
}
